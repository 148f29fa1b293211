"""Layers folded into a block, and a block unfolded into its layers: the same network, drawn in another way."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from statistics import median_low
from typing import TypeVar

from core.errors import EditError
from core.graph.edits import fresh_id, takes_input
from core.graph.flatten import used_blocks
from core.graph.layouts import layout_at, routes_named, shifted, without_blocks_drawn
from core.graph.names import free_name, numbered_name
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
from core.graph.wiring import consumers, owner
from core.text import listing

Value = TypeVar("Value")

COPIES_APART = 200.0
"""Pixels between the last layer of a copy and the first of the next."""


@dataclass(frozen=True, slots=True)
class Redrawn:
    """The same network, drawn in another way.

    Attributes
    ----------
    document : Document
    layers : tuple of str
        What is new: the use of a block, or the layers that it stood for.
    names : mapping of str to str
        The new name of each layer of the flattened graph that has one.
    """

    document: Document
    layers: tuple[str, ...]
    names: Mapping[str, str]

    def weights(self, weights: Mapping[str, Value]) -> dict[str, Value]:
        """Rename a network's weights as in the new drawing."""
        return renamed(weights, self.names)


def renamed(weights: Mapping[str, Value], names: Mapping[str, str]) -> dict[str, Value]:
    """Rename weights whose layer, or the block that it is in, has a new name.

    >>> renamed({"conv1/kernel": 1, "stage1/1/fc/bias": 2}, {"conv1": "block1/1/conv1", "stage1/1": "stage2/1"})
    {'block1/1/conv1/kernel': 1, 'stage2/1/fc/bias': 2}
    """

    def name_of(name: str) -> str:
        owner, slash, rest = name.rpartition("/")
        while owner:
            if owner in names:
                return f"{names[owner]}{slash}{rest}"
            owner, _, inner = owner.rpartition("/")
            rest = f"{inner}/{rest}"
        return name

    return {name_of(name): value for name, value in weights.items()}


# --- Folding ----------------------------------------------------------------------------------------------------------


def fold(document: Document, ids: Iterable[str], name: str | None = None) -> Redrawn:
    """Fold layers into a block that is used in their place.

    The block's inputs are what feeds the layers from outside; its outputs are the layers that something outside
    reads, or that nothing reads.

    Parameters
    ----------
    ids : iterable of str
        Layers of the drawn graph.
    name : str, optional
        Of the block; by default `block1` or the next free number.

    Raises
    ------
    EditError
        If these layers cannot be a block.
    """
    graph = document.graph
    index = layers_by_id(graph)
    chosen = [layer for layer in graph.layers if layer.id in set(ids)]
    refusal = why_not_fold(graph, [layer.id for layer in chosen])
    if refusal is not None:
        raise EditError(refusal)
    folded = {layer.id for layer in chosen}
    feeding = [s for layer in chosen for s in layer.inputs if owner(s, index) not in folded]
    inputs = dict(zip(dict.fromkeys(feeding), _input_names(len(set(feeding)), folded), strict=True))
    outputs = _outputs(graph, folded)
    name = free_name(name or numbered_name("block", graph.blocks), graph.blocks, joint="")
    use = fresh_id(graph, BLOCK_KIND)
    spec, _ = make_spec(BLOCK_KIND, {"block": name})

    def outside(reference: str) -> str:
        if owner(reference, index) not in folded:
            return reference
        return use if len(outputs) == 1 else f"{use}/{reference}"

    inner = tuple(replace(layer, inputs=tuple(inputs.get(s, s) for s in layer.inputs)) for layer in chosen)
    layers: list[Layer] = []
    for layer in graph.layers:
        if layer is chosen[0]:
            layers.append(Layer(use, spec, tuple(inputs)))
        if layer.id not in folded:
            layers.append(_fed(layer, tuple(map(outside, layer.inputs))))
    ends = graph.outputs
    if ends is None and len(outputs) > 1 and (open_ends := _open_ends(graph)) & set(outputs):
        ends = tuple(layer.id for layer in graph.layers if layer.id in open_ends)
    after = Graph(
        tuple(layers),
        None if ends is None else tuple(map(outside, ends)),
        {**graph.blocks, name: Block(tuple(inputs.values()), inner, outputs)},
    )
    positions = dict(document.layout.positions)
    places = {id: positions.pop(id) for id in folded if id in positions}
    if places:
        positions[use] = _middle(places.values())
        positions |= {f"{name}/{id}": place for id, place in places.items()}
    routes = dict(document.layout.routes)
    routes |= {f"{name}/{key}": way for key, way in routes_named(routes, {id: id for id in folded}).items()}
    layout = replace(document.layout, positions=positions, routes=routes)
    return Redrawn(
        replace(document, graph=after, layout=layout), (use,), {layer.id: f"{use}/1/{layer.id}" for layer in chosen}
    )


def why_not_fold(graph: Graph, ids: Collection[str]) -> str | None:
    """Say why layers cannot be a block, or None where they can."""
    index = layers_by_id(graph)
    folded = {id for id in ids if id in index}
    if not folded:
        return "Select the layers that are to become a block."
    entrances = [id for id in index if id in folded and not takes_input(index[id].kind)]
    if entrances:
        return f"{entrances[0]} is where samples enter the network: a block is fed from outside. Leave it out."
    between = _between(graph, folded)
    if between:
        one = len(between) == 1
        return (
            f"{listing(between)} {'lies' if one else 'lie'} on a path that leaves these layers and comes back, so data "
            f"would go in a circle. Select {'it' if one else 'them'} too."
        )
    if not _outputs(graph, folded):
        return "Nothing comes out of these layers: each of them only feeds others among them."
    return None


def _between(graph: Graph, folded: Collection[str]) -> list[str]:
    """Find the layers outside that lie on paths from folded layers to folded layers."""
    feeds = {source: set(fed) for source, fed in consumers(graph.layers).items()}
    fed_by: dict[str, set[str]] = {}
    for source, fed in feeds.items():
        for id in fed:
            fed_by.setdefault(id, set()).add(source)
    after, before = _reached(folded, feeds), _reached(folded, fed_by)
    return [layer.id for layer in graph.layers if layer.id in after & before and layer.id not in folded]


def _reached(start: Collection[str], ways: Mapping[str, set[str]]) -> set[str]:
    """Follow wires from some layers, outside them, as far as they lead."""
    seen: set[str] = set()
    frontier = [id for begin in start for id in ways.get(begin, ()) if id not in start]
    while frontier:
        id = frontier.pop()
        if id not in seen:
            seen.add(id)
            frontier.extend(ways.get(id, ()))
    return seen


def _outputs(graph: Graph, folded: Collection[str]) -> tuple[str, ...]:
    """Return the references from outside to some layers, and those of the layers that nothing reads."""
    index = layers_by_id(graph)
    read = {s: None for layer in graph.layers if layer.id not in folded for s in layer.inputs}
    read |= dict.fromkeys(graph.outputs or ())
    open_ends = _open_ends(graph)
    outputs = []
    for layer in graph.layers:
        if layer.id in folded:
            seen = [reference for reference in read if owner(reference, index) == layer.id]
            outputs += seen or ([layer.id] if layer.id in open_ends else [])
    return tuple(dict.fromkeys(outputs))


def _open_ends(graph: Graph) -> set[str]:
    """Find the layers that no other reads."""
    return {layer.id for layer in graph.layers} - consumers(graph.layers).keys()


def _input_names(n: int, taken: Collection[str]) -> list[str]:
    names = ["x"] if n == 1 else [f"x{number}" for number in range(1, n + 1)]
    return [free_name(name, taken) for name in names]


# --- Unfolding --------------------------------------------------------------------------------------------------------


def unfold(document: Document, use: str) -> Redrawn:
    """Draw the layers that a use of a block stands for in its place; a block that is no longer used goes too.

    A layer keeps its name if that is free and there is one copy; otherwise the use's name and the number of the copy
    come before it: `stage1_2_conv1`.

    Raises
    ------
    EditError
        If it does not use a block of the document, or one that cannot be unfolded.
    """
    graph = document.graph
    folded = layers_by_id(graph).get(use)
    if folded is None or not isinstance(folded.spec, BlockUse):
        raise EditError(f"{use} is not a block.")
    name, repeat = folded.spec.block, folded.spec.repeat
    block = graph.blocks.get(name)
    if block is None:
        raise EditError(f"There is no block called {name} to unfold {use} into.")
    if not block.outputs:
        raise EditError(f"The block {name} has no output, so nothing could take the place of {use}.")
    if repeat > 1 and (len(block.inputs) != 1 or len(block.outputs) != 1):
        raise EditError(f"{use} repeats a block with several inputs or outputs: what feeds the next is not clear.")
    taken = {layer.id for layer in graph.layers} - {use}
    layers: list[Layer] = []
    names: dict[str, str] = {}
    feeding: tuple[str, ...] = folded.inputs
    for copy in range(1, repeat + 1):
        own: dict[str, str] = {}
        for layer in block.layers:
            wish = layer.id if repeat == 1 else f"{use}_{copy}_{layer.id}"
            own[layer.id] = free_name(wish if wish not in taken else f"{use}_{layer.id}", taken)
            taken.add(own[layer.id])
        resolve = _resolver(own, dict(zip(block.inputs, feeding, strict=False)))
        for layer in block.layers:
            inputs = tuple(s for s in map(resolve, layer.inputs) if s is not None)
            trainable = layer.trainable and folded.trainable
            rule = layer.initializer or folded.initializer
            layers.append(replace(layer, id=own[layer.id], inputs=inputs, trainable=trainable, initializer=rule))
            names[f"{use}/{copy}/{layer.id}"] = own[layer.id]
        feeding = tuple(s for s in map(resolve, block.outputs) if s is not None)
    ends = {use: feeding[0]} | {f"{use}/{out}": end for out, end in zip(block.outputs, feeding, strict=False)}

    def outside(reference: str) -> str:
        return ends.get(reference, reference)

    drawn: list[Layer] = []
    for layer in graph.layers:
        own_layers = layers if layer is folded else [layer]
        drawn += [_fed(other, tuple(map(outside, other.inputs))) for other in own_layers]
    after = Graph(tuple(drawn), None if graph.outputs is None else tuple(map(outside, graph.outputs)), graph.blocks)
    layout = _unfolded_layout(document.layout, name, use, names)
    unfolded = without_blocks_left(document, replace(document, graph=after, layout=layout))
    return Redrawn(unfolded, tuple(layer.id for layer in layers), names)


def without_blocks_left(before: Document, after: Document) -> Document:
    """Drop the blocks whose last use an edit has removed; those that were unused before stay."""
    if after.graph is before.graph or not before.graph.blocks:
        return after
    left = (used_blocks(before.graph) - used_blocks(after.graph)) & after.graph.blocks.keys()
    if not left:
        return after
    blocks = {name: block for name, block in after.graph.blocks.items() if name not in left}
    graph = replace(after.graph, blocks=blocks)
    return replace(after, graph=graph, layout=without_blocks_drawn(after.layout, left))


def _resolver(own: Mapping[str, str], feeding: Mapping[str, str]) -> Callable[[str], str | None]:
    """Return the function that resolves a block's own references in one of its copies, to None for an open input."""

    def resolve(reference: str) -> str | None:
        id = owner(reference, own)
        if id in own:
            return own[id] + reference.removeprefix(id)
        return feeding.get(reference)

    return resolve


def _unfolded_layout(layout: Layout, block: str, use: str, names: Mapping[str, str]) -> Layout:
    """Lay layers out as they stand in the block, from where its use stood; copies follow each other.

    The routes of the wires between them, and the notes in the block, come along with each copy.
    """
    positions, routes, frames, cards = dict(layout.positions), dict(layout.routes), layout.frames, layout.cards
    corner = positions.pop(use, None)
    drawn = layout_at(layout, block)
    inside = {path: positions.get(f"{block}/{path.rpartition('/')[2]}") for path in names}
    known = [place for place in inside.values() if place is not None]
    if corner is not None and len(known) == len(inside):
        left, top = (min(side) for side in zip(*known, strict=True))
        step = max(x for x, _ in known) - left + COPIES_APART
        for copy in {path.rpartition("/")[0]: None for path in names}:
            shift = corner[0] - left + step * (int(copy.rpartition("/")[2]) - 1), corner[1] - top
            own = {path.rpartition("/")[2]: name for path, name in names.items() if path.rpartition("/")[0] == copy}
            placed = shifted(drawn, shift)
            positions |= {name: placed.positions[id] for id, name in own.items()}
            routes |= routes_named(placed.routes, own)
            frames, cards = (*frames, *placed.frames), (*cards, *placed.cards)
    return replace(layout, positions=positions, routes=routes, frames=frames, cards=cards)


# --- Names and places -------------------------------------------------------------------------------------------------


def _fed(layer: Layer, inputs: tuple[str, ...]) -> Layer:
    return layer if inputs == layer.inputs else replace(layer, inputs=inputs)


def _middle(places: Iterable[Position]) -> Position:
    """Return where the block for some layers stands: in the middle of their row, as high as most of them."""
    xs, ys = zip(*places, strict=True)
    return (min(xs) + max(xs)) / 2, median_low(ys)
