"""How one output value was worked out: what it reads, what that is multiplied by, and step by step the rest.

All numbers are in float64: what single precision rounds away is not shown as if it were there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from core.layers.sight import Indices, Mask, Moved, Sight
from core.layers.values import Array

Cell: TypeAlias = tuple[int, ...]
"""Which value of an output: (row, column, channel) of an image, (feature,) of a row of features; all from 0."""

MOST_TERMS = 20
"""A longer sum is written with its largest terms and what the others add up to."""

Operation: TypeAlias = Literal[
    "sum", "product", "quotient", "largest", "root of sum", "power", "exp of sum", "function", "copy"
]
"""What a step does with its terms; a quotient and a power have two. What a function is says its formula."""


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """Input values that an output value reads, as they lie: one channel of a window, or a row of features.

    Attributes
    ----------
    name : str
        "channel 6", "features"; `{0}` stands for the layer of port 0. Channels and features are counted from 1.
    port : int
        Which input they are of.
    cells : array of int, (…, 3) or (…, 1)
        Where each lies in that input. In the padding the indices lie beyond its borders.
    values : array, (…)
    slopes : array, (…)
        What the output changes by, for each unit that one of them changes by.
    factors : array, (…), or None
        What they are multiplied by where they are terms of a sum.
    inside : array of bool, (…)
        False in the padding.
    weight : str
        The name of the weight that the factors are; "" where they aren't learned.
    weight_cells : array of int, (…, axes of the weight), or None
        Where in it each factor lies.
    winner : tuple of int or None
        Which of them is the largest, the first of equals, where that is what the output is.
    """

    name: str
    port: int
    cells: Indices
    values: Array
    slopes: Array
    factors: Array | None
    inside: Mask
    weight: str = ""
    weight_cells: Indices | None = None
    winner: tuple[int, ...] | None = None

    @property
    def products(self) -> Array:
        """The values times their factors."""
        if self.factors is None:
            return self.values
        with np.errstate(all="ignore"):
            return self.values * self.factors

    @property
    def total(self) -> float:
        """The sum of the products."""
        return float(self.products.sum())

    def largest(self, most: int = MOST_TERMS) -> list[tuple[int, ...]]:
        """Return the places of the largest products, whatever their sign, largest first."""
        order = np.argsort(-np.abs(self.products), axis=None, kind="stable")[:most]
        return [tuple(map(int, place)) for place in zip(*np.unravel_index(order, self.values.shape), strict=True)]

    def cell(self, place: tuple[int, ...]) -> Cell:
        """Return the input's cell at a place of the patch."""
        return tuple(map(int, self.cells[place]))


@dataclass(frozen=True, slots=True)
class Term:
    """A number in a step.

    Attributes
    ----------
    name : str
        "bias", "channel 6", "x̂"; `{0}` stands for the layer of port 0.
    factors : tuple of float
        What it is the product of, where that is worth showing.
    source : (port, cell) or None
        The input value that it comes from alone.
    patch : int or None
        Which of the patches it is the sum of.
    is_given : bool
        Whether it is a setting or a count, which is written as it stands.
    """

    name: str
    value: float
    factors: tuple[float, ...] = ()
    source: tuple[int, Cell] | None = None
    patch: int | None = None
    is_given: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the working: an operation on some terms, and what comes out.

    Attributes
    ----------
    name : str
        What comes out: "μ", "x̂", "y" for the value itself. Later steps have it as a term of that name.
    formula : str
        The line in letters, where it says more than its numbers.
    """

    operation: Operation
    name: str
    terms: tuple[Term, ...]
    result: float
    formula: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """What a value changes by for each unit that some numbers of a weight change by.

    Attributes
    ----------
    cells : array of int, (…, axes of the weight)
    slopes : array, (…)
    """

    weight: str
    cells: Indices
    slopes: Array


@dataclass(frozen=True, slots=True, eq=False)
class Workings:
    """How one output value was worked out.

    Attributes
    ----------
    steps : tuple of Step
        The last one's result is the value.
    patches : tuple of Patch
    learned : tuple of Learned
        What the weights have to do with it, kernels aside: those are the patches' factors.
    """

    steps: tuple[Step, ...]
    patches: tuple[Patch, ...] = ()
    learned: tuple[Learned, ...] = field(default=())

    @property
    def result(self) -> float:
        """The value."""
        return self.steps[-1].result


def as_pixels(x: Array) -> Array:
    """View features as an image of one pixel."""
    return x if x.ndim == 3 else x[None, None]


def as_place(at: Cell) -> tuple[int, int, int]:
    """Return a feature's place in an image of one pixel.

    >>> as_place((4,)), as_place((1, 2, 0))
    ((0, 0, 4), (1, 2, 0))
    """
    row, column, channel = (0, 0, *at) if len(at) == 1 else at
    return row, column, channel


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """All that an output value reads of one input: (rows, columns, channels), with zeros in the padding.

    Attributes
    ----------
    cells : array of int, (rows, columns, channels, axes of the input)
    """

    port: int
    values: Array
    cells: Indices
    inside: Mask

    @classmethod
    def read(cls, x: Array, sight: Sight | Moved, at: Cell, port: int = 0) -> Block:
        """Read what the value at a cell sees of an input, (H, W, C) or (C,)."""
        image = as_pixels(x)
        axes = sight.read_by(as_place(at))
        cells = np.stack(np.meshgrid(*axes, indexing="ij"), -1)
        inside = np.logical_and.reduce((cells >= 0) & (cells < image.shape), -1)
        near = [np.clip(axis, 0, n - 1) for axis, n in zip(axes, image.shape, strict=True)]
        values = np.where(inside, image[np.ix_(*near)].astype(np.float64), 0)
        return cls(port, values, cells[..., 3 - x.ndim :], inside)

    def patches(
        self,
        slopes: Array | float,
        factors: Array | float | None = None,
        weight: str = "",
        weight_cells: Indices | None = None,
    ) -> tuple[Patch, ...]:
        """Divide it into a patch for each channel; where it has one pixel only, all channels are one.

        Parameters
        ----------
        slopes, factors : array, (rows, columns, channels), or float
        weight_cells : array of int, (rows, columns, channels, axes of the weight), optional
        """
        shape = self.values.shape
        slopes = np.broadcast_to(np.asarray(slopes, np.float64), shape)
        if factors is not None:
            factors = np.broadcast_to(np.asarray(factors, np.float64), shape)
        if not self.values.size:
            return ()

        def patch(name: str, part: tuple[slice | int, ...]) -> Patch:
            return Patch(
                name,
                self.port,
                self.cells[part],
                self.values[part],
                slopes[part],
                None if factors is None else factors[part],
                self.inside[part],
                weight,
                None if weight_cells is None else weight_cells[part],
            )

        if shape[:2] == (1, 1):
            many, one = ("channels", "channel") if self.cells.shape[-1] == 3 else ("features", "feature")
            first = f"{one} {self.cells[0, 0, 0, -1] + 1}"
            return (patch(first if shape[2] == 1 else many, (0, 0)),)
        everywhere = slice(None)
        return tuple(
            patch(f"channel {channel + 1}", (everywhere, everywhere, place))
            for place, channel in enumerate(self.cells[0, 0, :, -1].tolist())
        )
