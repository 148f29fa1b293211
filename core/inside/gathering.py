"""Where the gradient of a cell comes from: all cells that read it, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.engine.program import Node
from core.errors import NetworkError
from core.inside.arithmetic import place_words
from core.inside.backwards import aim_words, gradient_of
from core.inside.looking import Look
from core.inside.printing import added_up, number
from core.inside.regions import Region, fed_by
from core.layers import Context
from core.layers.workings import Cell
from core.text import counted, listing


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What a cell's gradient gets from one layer that reads it.

    Attributes
    ----------
    layer : str
    region : Region
        The cells of that layer which read the cell.
    value : float
        The sum of what they hand on to it.
    text : str
        The same, printed: the parts add up to the gradient.
    """

    layer: str
    region: Region
    value: float
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """How a cell's gradient comes about.

    Attributes
    ----------
    gradient : float
        As the engine computed it.
    text : str
        The same, printed.
    parts : tuple of Part
        One for each layer that reads the cell; none where the aim is the cell itself.
    sentence : str
    """

    layer: str
    cell: Cell
    gradient: float
    text: str
    parts: tuple[Part, ...]
    sentence: str


@np.errstate(all="ignore")  # what is not finite is shown as it is
def gather(look: Look, layer: str, cell: Cell) -> Gathered:
    """Write out where a cell's gradient comes from, `∂ℓ/∂x = Σ ∂ℓ/∂y·∂y/∂x` over all y that read x.

    Parameters are those of `core.inside.arithmetic.work_out`; the look has an aim and all layers that read this one.

    Raises
    ------
    NetworkError
        If there is no such layer or cell, no gradient of it, or the look leaves a reader out.

    Examples
    --------
    >>> from core.engine.network import Network
    >>> from core.inside.looking import Place, look_inside
    >>> from core.io.templates import load_template
    >>> sample = np.linspace(0, 1, 784).reshape(28, 28, 1)
    >>> look = look_inside(Network(load_template("lenet5"), seed=1), sample, Place("fc3", (4,)))
    >>> [(part.layer, part.region.n_cells) for part in gather(look, "pool1", (6, 6, 2)).parts]
    [('conv2', 400)]
    """
    gradient = gradient_of(look, layer, cell)
    fed, node = fed_by(look.program, layer, cell), look.program.by_id[layer]
    readers = [
        reader
        for reader in look.program.nodes
        if node.index in reader.sources and reader.id in look.gradients and reader.id in fed
    ]
    values = [_handed_back(look, reader, node, cell) for reader in readers]
    texts, text = added_up(values, sum(values)) if readers else ([], number(gradient))
    parts = tuple(
        Part(reader.id, fed[reader.id], value, text) for reader, value, text in zip(readers, values, texts, strict=True)
    )
    said = [f"{part.text} from {counted(part.region.n_cells, 'cell')} of {part.layer}" for part in parts]
    sentence = f"The gradient of {aim_words(look)} with respect to {layer}, {place_words(cell)}, is {text}"
    return Gathered(layer, cell, gradient, text, parts, f"{sentence}: {listing(said)}." if said else f"{sentence}.")


def _handed_back(look: Look, reader: Node, node: Node, cell: Cell) -> float:
    """Return what a layer hands back to a cell that it reads, by all of its ports."""
    sources = [look.program.nodes[source].id for source in reader.sources]
    names = {name: f"{reader.id}/{name}" for name in reader.weights}
    missing = [id for id in sources if id not in look.outputs] + [n for n in names.values() if n not in look.weights]
    if missing:
        raise NetworkError(
            f"This look at the network leaves out {listing(missing)}. Take one that has {reader.id} in it."
        )
    weights, ctx = {name: look.weights[full] for name, full in names.items()}, Context()
    reader.kind.forward(tuple(look.outputs[source][None] for source in sources), weights, ctx)
    dxs, _ = reader.kind.backward(look.gradients[reader.id][None], weights, ctx)
    return float(sum(dx[0, *cell] for dx, source in zip(dxs, reader.sources, strict=True) if source == node.index))
