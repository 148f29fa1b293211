"""Adding a layer where the user is working: after what is selected, wired in and placed, as one step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.analysis.report import Report
from core.graph.arrange import LONGEST
from core.graph.copying import pasted
from core.graph.edits import add_layer, connect, fresh_id, insert_layer, move_layers, set_outputs, takes_input
from core.graph.values import Block, BlockUse, Document, Graph, LayoutDirection, Position, layers_by_id
from core.graph.wiring import source_id
from core.layers import KINDS
from designer.canvas.commands.auto_layout import drawn_like
from designer.canvas.drawing.keep_places import keep_places
from designer.canvas.drawing.placing import make_room, next_in_chain, place_all, snapped
from designer.canvas.drawing.sizes import boxes_of
from designer.session import Drawn

ROOM = 160.0
"""About the side of a card, with some space."""
SHORTEST_ROW = 4 * ROOM
"""However near one looks, a row goes on so far."""


def row_room(sight: tuple[float, float] | None, direction: LayoutDirection) -> float:
    """Return how long a row may be where so much of the drawing is visible; never longer than rows are arranged.

    >>> row_room((900, 600), "right"), row_room((900, 600), "down"), row_room((300, 200), "right")
    (900, 640.0, 640.0)
    >>> row_room(None, "right")
    1080
    """
    longest = LONGEST[direction]
    if sight is None:
        return longest
    return max(SHORTEST_ROW, min(longest, sight[direction == "down"]))


def add_after_selection(session: Drawn, kind: str) -> str:
    """Add a layer of a kind after the last selected layer (or else the last output), and select it.

    What the layer before it fed, the new one feeds from then on.

    Returns
    -------
    str
        The new layer's id.
    """
    document, id = added_after(session.document, session.report, session.selection, kind)
    document = keep_places(session.document, session.report, document)
    placed = _placed(document, session.preview(document), id, session.whole.sight)
    session.edit(f"add {id}", placed, select=[id])
    return id


def add_block_after_selection(session: Drawn, copies: Document) -> str:
    """Draw the use of a block that a small document holds, after the last selected layer, and select it.

    Where one layer is selected and the block has one input and one output, the block feeds what that layer fed.

    Returns
    -------
    str
        The id of the use.
    """
    document, id = block_added(session, copies)
    placed = _placed(document, session.preview(document), id, session.whole.sight)
    session.edit(f"add {id}", placed, select=[id])
    return id


def block_added(session: Drawn, copies: Document) -> tuple[Document, str]:
    """Return the document with the use of a block after the last selected layer, without a place, and the use's id."""
    before = keep_places(session.document, session.report, session.document)
    document, (id,) = pasted(before, _unwired(drawn_like(copies, before), {}))
    use = layers_by_id(document.graph)[id].spec
    block = document.graph.blocks[use.block] if isinstance(use, BlockUse) else Block()
    if len(session.selection) == 1 and len(block.inputs) == 1 == len(block.outputs):
        document = _wired_in(document, session.selection[0], id)
    return document, id


def add_block_at(session: Drawn, copies: Document, at: Position, kept: Mapping[str, Position]) -> str:
    """Draw the use of a block that a small document holds at a place, and select it.

    Parameters
    ----------
    kept : mapping of str to (x, y)
        Places of layers that the document doesn't hold, so that they stay.

    Returns
    -------
    str
        The id of the use.
    """
    (use,) = copies.graph.layers
    before = move_layers(session.document, kept)
    document, (id,) = pasted(before, _unwired(drawn_like(copies, before), {use.id: snapped(*at)}))
    session.edit(f"add {id}", document, select=[id])
    return id


def add_network_at(session: Drawn, network: Document, at: Position, kept: Mapping[str, Position]) -> None:
    """Draw the layers of a whole document with their upper left corner at a place, and select them.

    Where they would cover other layers, they go below everything that is there.

    Parameters
    ----------
    kept : mapping of str to (x, y)
        Places of layers that the document doesn't hold, so that they stay.
    """
    before = move_layers(session.document, kept)
    network = drawn_like(network, before)
    taken, places = (
        [place for id, place in document.layout.positions.items() if "/" not in id] for document in (before, network)
    )
    xs, ys = zip(*places, strict=True)
    x, y = snapped(*at)
    end_x, end_y = x + max(xs) - min(xs) + ROOM, y + max(ys) - min(ys) + ROOM
    if any(x - ROOM < a < end_x and y - ROOM < b < end_y for a, b in taken):
        y = max(b for _, b in taken) + ROOM
    document, ids = pasted(before, network, (x - min(xs), y - min(ys)))
    session.edit(f"add {network.name}", document, select=ids)


def _unwired(copies: Document, places: Mapping[str, Position]) -> Document:
    """Return copies without the wires and places that they had where they were kept; within blocks they stay."""
    layers = tuple(replace(layer, inputs=()) for layer in copies.graph.layers)
    inside = {id: at for id, at in copies.layout.positions.items() if "/" in id}
    layout = replace(copies.layout, positions={**inside, **places})
    return replace(copies, graph=replace(copies.graph, layers=layers), layout=layout)


def _wired_in(document: Document, before: str, id: str) -> Document:
    """Let a layer feed another, which feeds all that the first one fed."""
    wires = _wires_from(document.graph, before)
    document = connect(document, before, id, 0)
    for fed, port in wires:
        document = connect(document, id, fed, port)
    return document


def added_after(document: Document, report: Report, selection: Sequence[str], kind: str) -> tuple[Document, str]:
    """Return the document with a layer of a kind after the selection, without a place, and the layer's id."""
    before = selection[-1] if selection else _last_output(report)
    if before is None or not takes_input(kind):
        return add_layer(document, kind)
    least = KINDS[kind].n_inputs[0]
    if len(selection) >= least > 1:
        document, id = add_layer(document, kind)
        for port, source in enumerate(selection):
            document = connect(document, source, id, port)
        return document, id
    return _inserted(document, before, kind)


def _inserted(document: Document, before: str, kind: str) -> tuple[Document, str]:
    """Put a layer on every wire that leaves another."""
    wires = _wires_from(document.graph, before)
    outputs = document.graph.outputs
    id = fresh_id(document.graph, kind)
    if not wires:
        document, _ = add_layer(document, kind, source=before, id=id)
    else:
        (fed, port), *others = wires
        document = insert_layer(document, kind, before=fed, port=port, id=id)
        for fed, port in others:
            document = connect(document, id, fed, port)
    if outputs is not None and before in outputs:
        document = set_outputs(document, tuple(id if output == before else output for output in outputs))
    return document, id


def _wires_from(graph: Graph, source: str) -> list[tuple[str, int]]:
    """Return layer and port of every wire that leaves a layer."""
    return [
        (layer.id, port)
        for layer in graph.layers
        for port, reference in enumerate(layer.inputs)
        if source_id(reference) == source
    ]


def _last_output(report: Report) -> str | None:
    """Return the layer of the drawn graph that the last output belongs to, or else the last layer."""
    if report.outputs:
        return source_id(report.outputs[-1])
    layers = report.document.graph.layers
    return layers[-1].id if layers else None


def _placed(document: Document, report: Report, id: str, sight: tuple[float, float] | None) -> Document:
    """Give the new layer a place on its wire, where others make room; the first layer needs no place.

    At the end of a chain it goes on in the row, which turns where it would leave what is visible.
    """
    positions = document.layout.positions
    if not positions:
        return document
    boxes = boxes_of(document, report)
    places = place_all(document.graph, document.layout, boxes)
    layer = next(layer for layer in document.graph.layers if layer.id == id)
    source = source_id(layer.inputs[0]) if layer.inputs else None
    fed = next((fed for fed, _ in _wires_from(document.graph, id)), None)
    wish, direction = places.pop(id), document.layout.direction
    if source in places and fed is None:
        sources = {layer.id: source_id(layer.inputs[0]) for layer in document.graph.layers if layer.inputs}
        wish = next_in_chain(id, source, sources, boxes, places, row_room(sight, direction), direction)
    moved = make_room(id, wish, boxes, places, source, fed, direction)
    return move_layers(document, {name: place for name, place in moved.items() if positions.get(name) != place})
