"""Edits of a layer inside a block: the block is edited as a separate graph, and with it all of its copies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from core.errors import EditError
from core.graph.values import BlockUse, Document, Graph, layers_by_id
from core.graph.wiring import owner, source_id
from core.text import listing


def copy_prefix(document: Document, id: str) -> str | None:
    """Return the prefix of all layer names in a copy: `stage1/2/` for `stage1/2/conv1`; None outside blocks."""
    layers = layers_by_id(document.graph)
    use = layers.get(source_id(id))
    if id in layers or use is None or not isinstance(use.spec, BlockUse):
        return None
    copy = id.removeprefix(f"{use.id}/").partition("/")[0]
    prefix = f"{use.id}/{copy}/"
    return prefix if id.startswith(prefix) else None


def edit_block(document: Document, prefix: str, edit: Callable[[Document], Document]) -> Document:
    """Carry out an edit on the graph of a block, in which layers have the names that they have in the block.

    Raises
    ------
    EditError
        If the block is missing, or would lose an output.
    """
    use = layers_by_id(document.graph)[source_id(prefix)]
    name = use.spec.block if isinstance(use.spec, BlockUse) else ""
    block = document.graph.blocks.get(name)
    if block is None:
        raise EditError(f"There is no block for {use.id}.")
    before = Graph(block.layers, block.outputs, document.graph.blocks)
    after = edit(Document(before)).graph
    outputs, ids = after.outputs or (), {layer.id for layer in after.layers}
    if len(outputs) != len(block.outputs) or any(owner(output, ids) in block.inputs for output in outputs):
        raise EditError(f"The block {name} would lose an output: {listing(block.outputs)}.")
    taken = ids.intersection(block.inputs)
    if taken:
        raise EditError(f"{taken.pop()} is already an input of the block {name}: choose another name.")
    edited = replace(block, layers=after.layers, outputs=outputs)
    graph = replace(document.graph, blocks=dict(after.blocks) | {name: edited})
    return replace(document, graph=graph)
