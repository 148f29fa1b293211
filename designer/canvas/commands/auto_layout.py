"""Documents laid out anew, as the canvas draws them: sizes of cards, frames around layers, insides of blocks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from core.analysis.check import check
from core.analysis.opened import opened
from core.analysis.report import Report
from core.graph.arrange import arrange
from core.graph.edits import move_layers
from core.graph.layouts import layout_at, set_direction, set_route, with_layout_at
from core.graph.opening import block_at, place_of, places_above, put_back
from core.graph.values import Document, LayoutDirection
from designer.canvas.commands.note_places import frames_moved, notes_aside
from designer.canvas.drawing.node_content import NodeContents
from designer.canvas.drawing.placing import place_all
from designer.canvas.drawing.sizes import box_of, rects_of


def laid_out(document: Document, report: Report, direction: LayoutDirection) -> Document:
    """Lay out what is drawn outside of blocks; wires run by themselves.

    Frames go along with what lies in them, and notes go out of the way. Where the direction stays, so does as much as
    can of what is above what, and of where rows end.
    """
    layers, layout = document.graph.layers, document.layout
    contents = NodeContents().update(document, report)
    boxes = {id: box_of(content, layout.direction) for id, content in contents.items()}
    shown = place_all(document.graph, layout, boxes)
    before, now = rects_of(shown, boxes), shown if direction == layout.direction else None
    document = set_direction(document, direction)
    boxes = {id: box_of(content, direction) for id, content in contents.items()}
    places = arrange({layer.id: layer.inputs for layer in layers}, boxes, direction, now=now)
    after = rects_of(places, boxes)
    document = notes_aside(frames_moved(move_layers(document, places), before, after), before, after)
    for layer in layers if layout.routes else ():
        for source in layer.inputs:
            document = set_route(document, layer.id, source, ())
    return document


def all_laid_out(document: Document, report: Report, direction: LayoutDirection) -> Document:
    """Lay out a document and the insides of its blocks; those that the report knows nothing of lose their places."""
    after, places = laid_out(document, report, direction), _places_of_blocks(report)
    for name in document.graph.blocks:
        if name in places:
            inside = opened(report, places[name])
            after = put_back(after, places[name], inside.document, laid_out(inside.document, inside, direction))
        else:
            bare = replace(layout_at(after.layout, name), positions={}, routes={})
            after = replace(after, layout=with_layout_at(after.layout, name, bare))
    return after


def drawn_like(copies: Document, document: Document) -> Document:
    """Return copies as they are drawn where data flows as it does in another document."""
    direction = document.layout.direction
    return copies if copies.layout.direction == direction else all_laid_out(copies, check(copies), direction)


def _places_of_blocks(report: Report) -> dict[str, str]:
    """Return one place of each block that is used."""
    places: Iterable[str] = dict.fromkeys(place for id in report.layers for place in places_above(place_of(id)))
    named = ((block_at(report.document.graph, place), place) for place in places)
    return {name: place for name, place in named if name is not None}
