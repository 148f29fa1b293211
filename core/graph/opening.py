"""A block opened: one of its copies drawn as a separate document, and put back when it has been edited.

A place is what the names of all layers in a copy begin with: `stage1/2/`, or within it `stage1/2/branch/1/`; the
place of the whole document is "".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from core.errors import EditError
from core.graph.layouts import layout_at, with_block_renamed, with_layout_at
from core.graph.names import can_be_name, composed, name_refusal
from core.graph.values import (
    BLOCK_KIND,
    Block,
    BlockUse,
    Document,
    Graph,
    Layer,
    Position,
    layers_by_id,
    make_spec,
)
from core.graph.wiring import owner
from core.layers import KINDS
from core.shapes import Shape
from core.text import listing

ENTRANCE_KIND = next(name for name, kind in KINDS.items() if not kind.n_inputs[1])
"""The kind of layers that nothing feeds: the inputs of an opened block are drawn as such."""


def place_of(id: str) -> str:
    """Return the place that a layer of the flattened graph, or a use of a block, is drawn at.

    >>> place_of("conv1"), place_of("stage1/2/conv1"), place_of("stage1/2/branch/1/conv")
    ('', 'stage1/2/', 'stage1/2/branch/1/')
    """
    return "/".join([*id.split("/")[:-1], ""])


def drawn_at(place: str, id: str) -> str | None:
    """Return what stands for a layer of the flattened graph at a place, or None where the layer is elsewhere.

    >>> drawn_at("", "stage1/2/conv1"), drawn_at("stage1/2/", "stage1/2/conv1"), drawn_at("stage1/1/", "stage1/2/conv1")
    ('stage1', 'stage1/2/conv1', None)
    """
    return place + id.removeprefix(place).partition("/")[0] if id.startswith(place) else None


def places_above(place: str) -> list[str]:
    """Return the places that a place lies in, from the whole document to itself.

    >>> places_above("stage1/2/branch/1/")
    ['', 'stage1/2/', 'stage1/2/branch/1/']
    """
    steps = place.split("/")
    return ["/".join([*steps[:n], ""]) if n else "" for n in range(0, len(steps), 2)]


def block_at(graph: Graph, place: str) -> str | None:
    """Return the name of the block that a place is a copy of, or None where there is no such place."""
    whole: Graph | Block = graph
    name = None
    steps = place.split("/")[:-1]
    for id, copy in zip(steps[::2], steps[1::2], strict=False):
        use = next((layer for layer in whole.layers if layer.id == id), None)
        if use is None or not isinstance(use.spec, BlockUse) or use.spec.block not in graph.blocks:
            return None
        if not copy.isdigit() or not 1 <= int(copy) <= use.spec.repeat:
            return None
        name = use.spec.block
        whole = graph.blocks[name]
    return name


def ids_at(graph: Graph, place: str) -> list[str]:
    """Name what is drawn at a place: layers, and the inputs of a block."""
    name = block_at(graph, place)
    if name is None:
        return [] if place else [layer.id for layer in graph.layers]
    block = graph.blocks[name]
    return [*block.inputs, *(layer.id for layer in block.layers)]


def layers_at(graph: Graph, place: str) -> tuple[Layer, ...]:
    """Return the layers at a place, with the names that they have there."""
    name = block_at(graph, place)
    if name is None:
        return () if place else graph.layers
    return graph.blocks[name].layers


def positions_at(document: Document, place: str) -> dict[str, Position]:
    """Return where layers stand at a place; those of a block are kept under its name: `residual/conv1`."""
    name = block_at(document.graph, place)
    if name is None:
        return {} if place else dict(document.layout.positions)
    return dict(layout_at(document.layout, name).positions)


def open_block(document: Document, place: str, entering: Mapping[str, Shape | None]) -> Document:
    """Draw a copy of a block as a document: its inputs are drawn as Input layers.

    Parameters
    ----------
    document : Document
    place : str
    entering : mapping of str to shape or None
        What reaches the inputs of this copy; None where that is unknown.

    Raises
    ------
    EditError
        If there is no such place.
    """
    name, block = _block(document, place)
    entrances = tuple(_entrance(input, entering.get(input)) for input in block.inputs)
    graph = Graph((*entrances, *block.layers), block.outputs, document.graph.blocks)
    return replace(document, graph=graph, layout=layout_at(document.layout, name))


def put_back(document: Document, place: str, before: Document, after: Document) -> Document:
    """Apply to the document what was edited in an opened block; all copies follow.

    Parameters
    ----------
    document : Document
    place : str
    before, after : Document
        The opened block, before and after the edit.

    Raises
    ------
    EditError
        If the block would lose or gain an input or an output.
    """
    name, block = _block(document, place)
    layout = with_layout_at(document.layout, name, after.layout)
    graph = document.graph
    if after.graph is not before.graph:
        edited = _edited(name, block, before.graph, after.graph)
        # What is no longer used inside may be used outside the block.
        changed = replace(graph, blocks={**graph.blocks, **after.graph.blocks, name: edited})
        if changed != graph:
            graph = _with_outputs(changed, name, dict(zip(block.outputs, edited.outputs, strict=True)))
    return replace(after, graph=graph, layout=layout)


def rename_block(document: Document, name: str, to: str) -> Document:
    """Rename a block, wherever it is used.

    Raises
    ------
    EditError
        If the name is taken or cannot be one, or there is no such block.
    """
    graph = document.graph
    to = composed(to)
    if to == name:
        return document
    if name not in graph.blocks:
        raise EditError(f"There is no block called {name}.")
    if not can_be_name(to):
        raise EditError(name_refusal(to))
    if to in graph.blocks:
        raise EditError(f"There is already a block called {to}: choose another name.")

    def renamed(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
        return tuple(
            replace(layer, spec=make_spec(BLOCK_KIND, layer.spec.config() | {"block": to})[0])
            if isinstance(layer.spec, BlockUse) and layer.spec.block == name
            else layer
            for layer in layers
        )

    blocks = {
        to if key == name else key: replace(block, layers=renamed(block.layers)) for key, block in graph.blocks.items()
    }
    graph = replace(graph, layers=renamed(graph.layers), blocks=blocks)
    return replace(document, graph=graph, layout=with_block_renamed(document.layout, name, to))


def _block(document: Document, place: str) -> tuple[str, Block]:
    name = block_at(document.graph, place)
    if name is None:
        raise EditError(f"There is no copy of a block called {place.rstrip('/')}.")
    return name, document.graph.blocks[name]


def _entrance(name: str, shape: Shape | None) -> Layer:
    spec, _ = make_spec(ENTRANCE_KIND, {} if shape is None else {"shape": shape})
    return Layer(name, spec)


def _edited(name: str, block: Block, before: Graph, after: Graph) -> Block:
    drawn, now = layers_by_id(before), layers_by_id(after)
    own = {layer.id for layer in block.layers}
    entrances = [layer for layer in after.layers if layer.kind == ENTRANCE_KIND and layer.id not in own]
    if len(entrances) < len(block.inputs):
        lost = [id for id in block.inputs if id not in now]
        raise EditError(f"{listing(lost)} is where data enters the block {name}, so it must stay.")
    if len(entrances) > len(block.inputs):
        raise EditError(f"Samples enter the network outside the block {name}: draw an Input there.")
    for layer, input in zip(entrances, block.inputs, strict=True):
        if layer.spec != drawn[input].spec:
            raise EditError(f"{input} has the shape of what feeds the block {name}: change it there.")
        if layer.inputs:
            raise EditError(f"{input} is fed from outside the block {name}.")
    inputs = tuple(layer.id for layer in entrances)
    outputs = after.outputs or ()
    if len(outputs) != len(block.outputs) or any(owner(end, now) in inputs for end in outputs):
        raise EditError(f"{listing(block.outputs)} is what the block {name} gives, so it must stay.")
    layers = tuple(layer for layer in after.layers if layer not in entrances)
    return replace(block, inputs=inputs, layers=layers, outputs=outputs)


def _with_outputs(graph: Graph, name: str, outputs: Mapping[str, str]) -> Graph:
    """Let what reads an output of a block, as in `stage1/add`, follow when the output is renamed."""
    if all(old == new for old, new in outputs.items()):
        return graph

    def followed(layers: tuple[Layer, ...], references: tuple[str, ...]) -> tuple[str, ...]:
        uses = {layer.id for layer in layers if isinstance(layer.spec, BlockUse) and layer.spec.block == name}
        renamed = []
        for reference in references:
            use, slash, output = reference.partition("/")
            renamed.append(f"{use}/{outputs[output]}" if slash and use in uses and output in outputs else reference)
        return tuple(renamed)

    def rewired(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
        fed = [(layer, followed(layers, layer.inputs)) for layer in layers]
        return tuple(layer if inputs == layer.inputs else replace(layer, inputs=inputs) for layer, inputs in fed)

    blocks = {
        key: replace(block, layers=rewired(block.layers), outputs=followed(block.layers, block.outputs))
        for key, block in graph.blocks.items()
    }
    ends = graph.outputs
    return Graph(rewired(graph.layers), None if ends is None else followed(graph.layers, ends), blocks)
