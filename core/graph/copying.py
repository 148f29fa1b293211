"""Copies of layers: taken out as a small document, and put into another document or the same one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from core.graph.edits import fresh_id
from core.graph.flatten import used_blocks
from core.graph.layouts import NoteKey, layout_at, notes_by_key, routes_named, shifted, with_layout_at
from core.graph.names import can_be_name, free_name
from core.graph.values import (
    BLOCK_KIND,
    Block,
    BlockUse,
    Document,
    Graph,
    Layer,
    Layout,
    Position,
    layers_by_id,
    make_spec,
)
from core.graph.wiring import owner


def copied(document: Document, ids: Iterable[str], notes: Collection[NoteKey] = ()) -> Document:
    """Take copies of layers and notes out, with the blocks that they use and the routes of the wires between them.

    Layers still name what feeds them from outside.
    """
    graph, chosen = document.graph, set(ids)
    layers = tuple(layer for layer in graph.layers if layer.id in chosen)
    used = used_blocks(replace(graph, layers=layers))
    blocks = {name: block for name, block in graph.blocks.items() if name in used}
    starts = tuple(f"{name}/" for name in blocks)
    positions = {
        id: at for id, at in document.layout.positions.items() if id in chosen or (starts and id.startswith(starts))
    }
    routes = {key: way for key, way in document.layout.routes.items() if starts and key.startswith(starts)}
    routes |= routes_named(document.layout.routes, {id: id for id in chosen})
    taken = {key: note for key, note in notes_by_key(document.layout).items() if key in notes or note.block in used}
    frames, cards = (
        tuple(note for (among, _), note in taken.items() if among == wanted) for wanted in ("frames", "cards")
    )
    layout = Layout(positions, routes, frames, cards, direction=document.layout.direction)
    return Document(Graph(layers, None, blocks), layout)


def without_outside(copies: Document) -> Document:
    """Return copies without the wires from layers that were not copied with them."""
    ours = layers_by_id(copies.graph)
    layers = tuple(
        replace(layer, inputs=tuple(reference for reference in layer.inputs if owner(reference, ours) in ours))
        for layer in copies.graph.layers
    )
    return copies if layers == copies.graph.layers else replace(copies, graph=replace(copies.graph, layers=layers))


def pasted(document: Document, copies: Document, shift: Position = (0.0, 0.0)) -> tuple[Document, tuple[str, ...]]:
    """Put copies of layers and notes in, layers under free names, notes in front of those that are there.

    Wires among them stay. A wire from outside stays where the document has a layer of that name; others are left out.
    Blocks that the document lacks, or has in another form, come too.

    Parameters
    ----------
    copies : Document
        As `copied` returns it, or any other in which data flows in the same direction.
    shift : (x, y)
        How far from the originals they stand.

    Returns
    -------
    document : Document
    ids : tuple of str
        What the copies are called.
    """
    graph = document.graph
    names = _layer_names(graph, copies.graph.layers)
    blocks = _block_names(graph.blocks, copies.graph.blocks)
    theirs, ours = layers_by_id(copies.graph), layers_by_id(graph)

    def source(reference: str) -> str | None:
        id = owner(reference, theirs)
        if id in theirs:
            return names[id] + reference.removeprefix(id)
        return reference if owner(reference, ours) in ours else None

    layers = list(graph.layers)
    for layer in copies.graph.layers:
        inputs = tuple(fed_by for reference in layer.inputs if (fed_by := source(reference)) is not None)
        unread = {key: value for key, value in layer.unread.items() if key != "id"}
        layers.append(replace(_using(layer, blocks), id=names[layer.id], inputs=inputs, unread=unread))
    added = {
        blocks[name]: replace(block, layers=tuple(_using(layer, blocks) for layer in block.layers))
        for name, block in copies.graph.blocks.items()
        if blocks[name] not in graph.blocks
    }
    after = replace(graph, layers=tuple(layers), blocks={**graph.blocks, **added} if added else graph.blocks)
    inside = {name: ours for name, ours in blocks.items() if ours in added}
    layout = _with_copies(document.layout, _named(shifted(copies.layout, shift), names), copies.layout, inside)
    return replace(document, graph=after, layout=layout), tuple(names.values())


def _named(layout: Layout, names: Mapping[str, str]) -> Layout:
    """Return what is drawn of copies outside their blocks, under other names."""
    frames, cards = (tuple(note for note in notes if not note.block) for notes in (layout.frames, layout.cards))
    positions = {names[id]: at for id, at in layout.positions.items() if id in names}
    return Layout(positions, routes_named(layout.routes, names), frames, cards)


def _with_copies(layout: Layout, outside: Layout, theirs: Layout, blocks: Mapping[str, str]) -> Layout:
    """Add what is drawn of copies: outside blocks, and inside those that came along, under their new names."""
    layout = replace(
        layout,
        positions={**layout.positions, **outside.positions},
        routes={**layout.routes, **outside.routes},
        frames=(*layout.frames, *outside.frames),
        cards=(*layout.cards, *outside.cards),
    )
    for name, ours in blocks.items():
        layout = with_layout_at(layout, ours, layout_at(theirs, name))
    return layout


def _layer_names(graph: Graph, layers: Iterable[Layer]) -> dict[str, str]:
    """Find a free name for every copy: its own, or the next number of its kind."""
    taken = list(graph.layers)
    ids = {layer.id for layer in taken}
    names: dict[str, str] = {}
    for layer in layers:
        own = layer.id not in ids and can_be_name(layer.id)
        name = layer.id if own else fresh_id(Graph(tuple(taken)), layer.kind or "layer")
        names[layer.id] = name
        ids.add(name)
        taken.append(replace(layer, id=name))
    return names


def _block_names(ours: Mapping[str, Block], theirs: Mapping[str, Block]) -> dict[str, str]:
    """Find a name for each block: its own, unless another block here has it."""
    names: dict[str, str] = {}
    for name, block in theirs.items():
        same = ours.get(name) == block
        names[name] = name if same or name not in ours else free_name(name, {*ours, *theirs, *names.values()})
    return names


def _using(layer: Layer, blocks: Mapping[str, str]) -> Layer:
    """Let a use of a block refer to it by its new name."""
    if not isinstance(layer.spec, BlockUse) or blocks.get(layer.spec.block, layer.spec.block) == layer.spec.block:
        return layer
    spec, _ = make_spec(BLOCK_KIND, layer.spec.config() | {"block": blocks[layer.spec.block]})
    return replace(layer, spec=spec)
