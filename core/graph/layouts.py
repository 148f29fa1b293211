"""The part of a document that is only drawn: notes and the routes of wires, inside and outside blocks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Literal, TypeAlias

from core.graph.values import Document, Graph, Layout, LayoutDirection, Note, Position
from core.graph.wiring import owner

NoteKey: TypeAlias = tuple[Literal["frames", "cards"], int]
"""Which list of the layout a note is in, and where."""

Way: TypeAlias = tuple[Position, ...]
"""The points that a wire passes through."""

_FED_BY = "<-"


def route_key(layer: str, source: str) -> str:
    """Name the wire from a source into a layer.

    >>> route_key("fc1", "stage1/add")
    'fc1<-stage1/add'
    """
    return f"{layer}{_FED_BY}{source}"


# --- Edits ------------------------------------------------------------------------------------------------------------


def set_route(document: Document, layer: str, source: str, points: Iterable[Position]) -> Document:
    """Lead a wire through points, or straight where there are none."""
    key = route_key(layer, source)
    routes = {other: way for other, way in document.layout.routes.items() if other != key}
    way = tuple(points)
    return _drawn(document, replace(document.layout, routes=routes | ({key: way} if way else {})))


def set_direction(document: Document, direction: LayoutDirection) -> Document:
    """Let data flow in a direction; layers stay where they are."""
    if document.layout.direction == direction and "direction" not in document.layout.unread:
        return document
    unread = {key: value for key, value in document.layout.unread.items() if key != "direction"}
    return _drawn(document, replace(document.layout, direction=direction, unread=unread))


def add_note(document: Document, among: Literal["frames", "cards"], note: Note) -> tuple[Document, NoteKey]:
    """Draw a note above the others; return the document and the note's key."""
    notes = _notes(document.layout, among)
    return _with_notes(document, among, (*notes, note)), (among, len(notes))


def change_notes(document: Document, changed: Mapping[NoteKey, Note]) -> Document:
    """Replace some notes."""
    for among in {key[0] for key in changed}:
        notes = enumerate(_notes(document.layout, among))
        document = _with_notes(document, among, tuple(changed.get((among, i), note) for i, note in notes))
    return document


def remove_notes(document: Document, keys: Collection[NoteKey]) -> Document:
    """Remove notes."""
    for among in {key[0] for key in keys}:
        notes = enumerate(_notes(document.layout, among))
        document = _with_notes(document, among, tuple(note for i, note in notes if (among, i) not in keys))
    return document


def notes_by_key(layout: Layout) -> dict[NoteKey, Note]:
    """Index all notes of a layout; frames, which are drawn behind everything, come first."""
    frames: dict[NoteKey, Note] = {("frames", i): note for i, note in enumerate(layout.frames)}
    return frames | {("cards", i): note for i, note in enumerate(layout.cards)}


def _notes(layout: Layout, among: Literal["frames", "cards"]) -> tuple[Note, ...]:
    return layout.frames if among == "frames" else layout.cards


def _with_notes(document: Document, among: Literal["frames", "cards"], notes: tuple[Note, ...]) -> Document:
    layout = document.layout
    return _drawn(document, replace(layout, frames=notes) if among == "frames" else replace(layout, cards=notes))


def _drawn(document: Document, layout: Layout) -> Document:
    """Replace a document's layout, and one that could not be read with it."""
    return replace(document, layout=layout, unread={k: v for k, v in document.unread.items() if k != "layout"})


# --- Blocks and names -------------------------------------------------------------------------------------------------


def layout_at(layout: Layout, block: str) -> Layout:
    """Return what is drawn inside a block, or, for "", what is drawn of the whole document."""
    start = f"{block}/"
    positions, routes = layout.positions, layout.routes
    if block:
        positions = {id.removeprefix(start): at for id, at in positions.items() if id.startswith(start)}
        routes = {key.removeprefix(start): way for key, way in routes.items() if key.startswith(start)}
    frames, cards = (
        tuple(replace(note, block="") for note in notes if note.block == block)
        for notes in (layout.frames, layout.cards)
    )
    return replace(layout, positions=positions, routes=routes, frames=frames, cards=cards)


def with_layout_at(layout: Layout, block: str, inside: Layout) -> Layout:
    """Put back what is drawn inside a block, replacing what was drawn there."""
    start = f"{block}/"
    positions = {id: at for id, at in layout.positions.items() if not id.startswith(start)}
    routes = {key: way for key, way in layout.routes.items() if not key.startswith(start)}
    after = Layout(
        positions | {start + id: at for id, at in inside.positions.items()},
        routes | {start + key: way for key, way in inside.routes.items()},
        _put_back(layout.frames, block, inside.frames),
        _put_back(layout.cards, block, inside.cards),
        inside.unread,
        inside.direction,
    )
    return layout if after == layout else after


def _put_back(notes: tuple[Note, ...], block: str, inside: tuple[Note, ...]) -> tuple[Note, ...]:
    outside = tuple(note for note in notes if note.block != block)
    return (*outside, *(replace(note, block=block) for note in inside))


def shifted(layout: Layout, by: Position) -> Layout:
    """Move everything that is drawn outside blocks."""

    def moved(at: Position) -> Position:
        return at[0] + by[0], at[1] + by[1]

    frames, cards = (
        tuple(note if note.block else replace(note, at=moved(note.at)) for note in notes)
        for notes in (layout.frames, layout.cards)
    )
    positions = {id: at if "/" in id else moved(at) for id, at in layout.positions.items()}
    routes = {
        key: way if "/" in key.partition(_FED_BY)[0] else tuple(map(moved, way)) for key, way in layout.routes.items()
    }
    return replace(layout, positions=positions, routes=routes, frames=frames, cards=cards)


def routes_named(routes: Mapping[str, Way], names: Mapping[str, str]) -> dict[str, Way]:
    """Return the routes of wires between layers that have new names, under those; other routes are left out."""
    named = {}
    for key, way in routes.items():
        fed, _, source = key.partition(_FED_BY)
        id = owner(source, names)
        if fed in names and id in names:
            named[route_key(names[fed], names[id] + source.removeprefix(id))] = way
    return named


def with_block_renamed(layout: Layout, block: str, to: str) -> Layout:
    """Rename what is drawn in a block after the block's new name."""
    start = f"{block}/"

    def named(key: str) -> str:
        return f"{to}/{key.removeprefix(start)}" if key.startswith(start) else key

    frames, cards = (
        tuple(replace(note, block=to) if note.block == block else note for note in notes)
        for notes in (layout.frames, layout.cards)
    )
    positions = {named(id): at for id, at in layout.positions.items()}
    return replace(
        layout,
        positions=positions,
        routes={named(key): way for key, way in layout.routes.items()},
        frames=frames,
        cards=cards,
    )


def without_blocks_drawn(layout: Layout, blocks: Collection[str]) -> Layout:
    """Drop what is drawn in blocks that are gone."""
    frames, cards = (
        tuple(note for note in notes if note.block not in blocks) for notes in (layout.frames, layout.cards)
    )
    positions = {id: at for id, at in layout.positions.items() if "/" not in id or id.split("/")[0] not in blocks}
    return replace(layout, positions=positions, frames=frames, cards=cards)


def with_layer_renamed(layout: Layout, layer: str, to: str, renamed: Callable[[str], str]) -> Layout:
    """Rename a layer of the whole document; `renamed` returns the new form of references to it."""
    routes = {}
    for key, way in layout.routes.items():
        fed, _, source = key.partition(_FED_BY)
        routes[key if "/" in fed else route_key(to if fed == layer else fed, renamed(source))] = way
    positions = {to if id == layer else id: at for id, at in layout.positions.items()}
    return replace(layout, positions=positions, routes=routes)


def without_routes_left(before: Document, after: Document) -> Document:
    """Drop the routes of wires that an edit has removed."""
    if after.graph is before.graph or not after.layout.routes:
        return after
    left = after.layout.routes.keys() & _wires(before.graph) - _wires(after.graph)
    if not left:
        return after
    routes = {key: way for key, way in after.layout.routes.items() if key not in left}
    return replace(after, layout=replace(after.layout, routes=routes))


def _wires(graph: Graph) -> set[str]:
    inside = [(f"{name}/", block.layers) for name, block in graph.blocks.items()]
    return {
        route_key(start + layer.id, source)
        for start, layers in [("", graph.layers), *inside]
        for layer in layers
        for source in layer.inputs
    }
