"""Layers made into a block, and a block back into its layers, as the canvas shows them."""

from __future__ import annotations

from collections.abc import Mapping

from core.graph.arrange import arrange
from core.graph.edits import move_layers
from core.graph.folding import fold, unfold
from core.graph.values import Document, Position
from designer.canvas.drawing.node_content import spoken
from designer.canvas.drawing.sizes import boxes_of, rect_of
from designer.session import Drawn


def make_block(session: Drawn, shown: Mapping[str, Position]) -> None:
    """Fold the selected layers into a block, as one step.

    Parameters
    ----------
    session : Drawn
    shown : mapping of str to (x, y)
        Where layers are shown that the document gives no place.

    Raises
    ------
    EditError
        If they cannot be one.
    """
    selection = session.selection
    found = fold(move_layers(session.document, shown), selection)
    session.edit(f"make a block of {spoken(selection)}", found.document, select=found.layers, carry=found.weights)


def unfold_block(session: Drawn, use: str, shown: Mapping[str, Position]) -> None:
    """Draw the layers of a block in its place, as one step; where they would cover others, all are arranged.

    Raises
    ------
    EditError
        If it cannot be unfolded.
    """
    found = unfold(move_layers(session.document, shown), use)
    document = _uncovered(session, found.document, found.layers)
    session.edit(f"unfold {use}", document, select=found.layers, carry=found.weights)


def _uncovered(session: Drawn, document: Document, layers: tuple[str, ...]) -> Document:
    boxes = boxes_of(document, session.preview(document))
    rects = {id: rect_of(place, boxes[id]) for id, place in document.layout.positions.items() if id in boxes}
    new = set(layers)
    placed = new <= rects.keys()
    if placed and not any(rects[id].intersects(rect) for id in new for other, rect in rects.items() if other != id):
        return document
    inputs = {layer.id: layer.inputs for layer in document.graph.layers}
    return move_layers(document, arrange(inputs, boxes, document.layout.direction))
