"""Which cells of other layers a cell depends on, and which depend on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.analysis.receptive_field import Box
from core.engine.program import Node, Program
from core.errors import NetworkError
from core.layers import Kind
from core.layers.sight import AnySight, Mask, as_image
from core.layers.workings import Cell, as_place
from core.shapes import Shape
from core.text import nearest_name, shape_text


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """Cells of one layer.

    Attributes
    ----------
    mask : array of bool, (H, W, C) or (C,)
        Which they are; read-only.
    beyond : (above, below, left, right)
        How many rows and columns of padding are read besides. Zero for what is fed.
    """

    mask: Mask
    beyond: tuple[int, int, int, int] = (0, 0, 0, 0)

    @property
    def n_cells(self) -> int:
        """How many cells these are, padding left out."""
        return int(np.count_nonzero(self.mask))

    @property
    def inside(self) -> Box:
        """The smallest box around the cells, over all channels; a row of features is one row of pixels.

        Empty, `Box(0, 0, 0, 0)`, where only padding is read.
        """
        pixels = np.logical_or.reduce(self.mask, -1) if self.mask.ndim == 3 else self.mask[None]
        rows, columns = np.flatnonzero(pixels.any(1)), np.flatnonzero(pixels.any(0))
        if not rows.size:
            return Box(0, 0, 0, 0)
        return Box(int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)

    @property
    def frame(self) -> Box:
        """The same box with the padding that is read; it reaches beyond the layer's borders there."""
        box, (above, below, left, right) = self.inside, self.beyond
        high, wide = self.mask.shape[:2] if self.mask.ndim == 3 else (1, self.mask.size)
        return Box(
            -above if above else box.top,
            -left if left else box.left,
            high + below if below else box.bottom,
            wide + right if right else box.right,
        )

    @property
    def is_box(self) -> bool:
        """Whether every pixel of the box is among the cells, in the same channels."""
        box, channels = self.inside, self.channels
        pixels = self.mask if self.mask.ndim == 3 else self.mask[None, :, None]
        if self.mask.ndim == 1:
            return box.right - box.left == self.n_cells
        return bool(pixels[box.top : box.bottom, box.left : box.right, channels].all())

    @property
    def channels(self) -> list[int]:
        """The channels, or features, that have any of the cells, from 0."""
        present = self.mask.any((0, 1)) if self.mask.ndim == 3 else self.mask
        return [int(channel) for channel in np.flatnonzero(present)]


def seen_by(program: Program, layer: str, cell: Cell) -> dict[str, Region]:
    """Return the receptive field of a cell in every layer before it, and the cell itself in its own.

    Those are the cells that may change it: through strides, dilation, padding, merges (the union of all paths),
    up-sampling, transposed convolutions and pools. A pool sees its whole window, whichever value of it wins. How large
    the fields are agrees with Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks",
    Distill 2019, where those formulas apply.

    Parameters
    ----------
    program : Program
    layer : str
        In the flattened graph.
    cell : (row, column, channel) or (feature,)
        From 0.

    Raises
    ------
    NetworkError
        If there is no such layer or cell.

    Examples
    --------
    >>> from core.engine.program import compile_program
    >>> from core.io.templates import load_template
    >>> seen = seen_by(compile_program(load_template("lenet5")), "conv2", (2, 3, 5))
    >>> seen["pool1"].inside, seen["conv1"].inside
    (Box(top=2, left=3, bottom=7, right=8), Box(top=4, left=6, bottom=14, right=16))
    """
    nodes, start = program.nodes, node_of(program, layer, cell)
    masks = {start.index: _one(start.shape, cell)}
    beyond = dict.fromkeys(range(len(nodes)), (0, 0, 0, 0))
    for node in reversed(nodes[: start.index + 1]):
        mask = masks.get(node.index)
        if mask is None:
            continue
        for source, sight in zip(node.sources, _sights(node.kind, node.inputs), strict=True):
            _join(masks, source, sight.back(mask))
            beyond[source] = tuple(map(max, beyond[source], sight.beyond(mask)))  # type: ignore[assignment]
    return {
        node.id: Region(_spread(masks[node.index], node.shape), beyond[node.index])
        for node in nodes[: start.index + 1]
        if node.index in masks and (masks[node.index].any() or any(beyond[node.index]))
    }


def fed_by(program: Program, layer: str, cell: Cell) -> dict[str, Region]:
    """Return the cells of every later layer that a cell may change, and the cell itself in its own.

    Parameters and errors are those of `seen_by`.

    Examples
    --------
    >>> from core.engine.program import compile_program
    >>> from core.io.templates import load_template
    >>> fed = fed_by(compile_program(load_template("lenet5")), "input", (0, 0, 0))
    >>> fed["conv1"].inside, fed["fc3"].n_cells
    (Box(top=0, left=0, bottom=3, right=3), 10)
    """
    start = node_of(program, layer, cell)
    masks = {start.index: _one(start.shape, cell)}
    for node in program.nodes[start.index + 1 :]:
        if masks.keys().isdisjoint(node.sources):
            continue
        for source, sight in zip(node.sources, _sights(node.kind, node.inputs), strict=True):
            if source in masks:
                _join(masks, node.index, sight.forth(masks[source]))
    return {
        program.nodes[index].id: Region(_spread(mask, program.nodes[index].shape))
        for index, mask in masks.items()
        if mask.any()
    }


def node_of(program: Program, layer: str, cell: Cell | None = None) -> Node:
    """Return the node of a layer, which has a cell if one is given.

    Raises
    ------
    NetworkError
    """
    node = program.by_id.get(layer)
    if node is None:
        near = nearest_name(layer, program.by_id)
        raise NetworkError(f"The network has no layer {layer}." + (f" Did you mean {near}?" if near else ""))
    if cell is not None and not _has(node.shape, cell):
        last = tuple(n - 1 for n in node.shape)
        raise NetworkError(
            f"{layer} gives {shape_text(node.shape)} and has no cell {_listed(cell)}: the last is {_listed(last)}, "
            "counted from 0."
        )
    return node


def _has(shape: Shape, cell: Cell) -> bool:
    return len(cell) == len(shape) and all(0 <= place < n for place, n in zip(cell, shape, strict=True))


def _listed(cell: Cell) -> str:
    return f"({', '.join(map(str, cell))})"


@lru_cache(maxsize=512)
def _sights(kind: Kind, inputs: tuple[Shape, ...]) -> tuple[AnySight, ...]:
    return kind.sights(inputs)


def _one(shape: Shape, cell: Cell) -> Mask:
    mask = np.zeros(as_image(shape), bool)
    mask[as_place(cell)] = True
    return mask


def _join(masks: dict[int, Mask], index: int, mask: Mask) -> None:
    masks[index] = masks[index] | mask if index in masks else mask


def _spread(mask: Mask, shape: Shape) -> Mask:
    """View a mask with axes of length 1 as one of all cells."""
    whole = np.broadcast_to(mask, as_image(shape))
    return whole if len(shape) == 3 else whole[0, 0]
