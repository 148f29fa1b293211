"""What is drawn stays where it is when an edit changes the graph of a document that says nothing of places."""

from __future__ import annotations

from core.analysis.report import Report
from core.graph.edits import move_layers
from core.graph.values import Document
from designer.canvas.drawing.placing import place_all
from designer.canvas.drawing.sizes import boxes_of


def keep_places(before: Document, report: Report, after: Document) -> Document:
    """Write into the outcome of an edit where layers were shown before it; a renamed layer keeps its place.

    Where they are shown follows from the document, and would be another place in another graph. Edits that leave the
    graph alone write nothing, so a document is not marked by being trained or renamed.

    Parameters
    ----------
    before : Document
    report : Report
        Of `before`.
    after : Document
    """
    if after.graph is before.graph:
        return after
    shown_as = {layer.id: layer.id for layer in before.graph.layers}
    if len(before.graph.layers) == len(after.graph.layers):
        pairs = zip(before.graph.layers, after.graph.layers, strict=True)
        shown_as |= {new.id: old.id for old, new in pairs if new.id not in shown_as and new.spec is old.spec}
    known = after.layout.positions
    missing = [layer.id for layer in after.graph.layers if layer.id not in known and layer.id in shown_as]
    if not missing:
        return after
    shown = place_all(before.graph, before.layout, boxes_of(before, report))
    return move_layers(after, {id: shown[shown_as[id]] for id in missing})
