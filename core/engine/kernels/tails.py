"""What is done to a part of a product while it is in the cache: nothing, ReLU, 2×2 pooling, a sum, or two of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from core.engine.kernels.elementwise import pass_positive
from core.engine.kernels.pooling import PairMaxima
from core.layers.activation import ReLU
from core.layers.kind import Kind
from core.layers.merge import Add
from core.layers.pooling import MaxPool2D
from core.layers.values import Array


@dataclass(frozen=True, slots=True)
class TailArrays:
    """The arrays of a tail, for some channels and rows.

    Attributes
    ----------
    y, dy : array, (K, rows, W, N)
        Its output and the gradient of that; `dy` is None where none will come.
    product : array, (K, rows, W, N)
        A part of the scratch: what the rows are before the tail.
    d : array, (K, rows, W, N)
        Where the gradient of that goes; where it is the same part of the scratch, it may as well stay where it is.
    between, share : array, (K, rows, W/2, N)
        Parts of the scratch for pooling.
    right, below : array of bool or None
        Flags of pooling.
    zeros : array, (rows, W, N)
        As many as a channel of the output has values, for ReLU.
    passed, mask : array, shaped like y
        Parts of the scratch for the gradient after ReLU.
    added : array, (K, rows, W, N)
        What is added to the product; empty where nothing is.
    dadded : array or None
        Where its gradient goes, if anybody asks.
    """

    y: Array
    dy: Array | None
    product: Array
    d: Array
    between: Array
    share: Array
    right: Array | None
    below: Array | None
    zeros: Array
    passed: Array
    mask: Array
    added: Array
    dadded: Array | None


class Tail(ABC):
    """What follows a product, for some channels and rows.

    Attributes
    ----------
    product : array, (K, rows, W, N)
        Where the product goes; its rows lie there without gaps.
    d : array, (K, rows, W, N)
        Where `backward` leaves the gradient of the product.
    """

    product: Array
    d: Array

    @abstractmethod
    def __init__(self, arrays: TailArrays) -> None: ...

    @abstractmethod
    def forward(self) -> None:
        """Turn the product into the output."""

    @abstractmethod
    def backward(self) -> None:
        """Turn the gradient of the output into that of the product."""


class Plain(Tail):
    """Nothing follows: the product is written where the output goes, if rows lie there without gaps."""

    def __init__(self, arrays: TailArrays) -> None:
        self.product = arrays.y if gapless(arrays.y) else arrays.product
        self.copy = None if self.product is arrays.y else (arrays.y, arrays.product)
        if arrays.dy is not None:
            self.d = arrays.dy if arrays.d is arrays.product and gapless(arrays.dy) else arrays.d
            self.dcopy = None if self.d is arrays.dy else (arrays.d, arrays.dy)

    def forward(self) -> None:
        if self.copy is not None:
            np.copyto(*self.copy)

    def backward(self) -> None:
        if self.dcopy is not None:
            np.copyto(*self.dcopy)


class Rectified(Tail):
    """ReLU follows."""

    def __init__(self, arrays: TailArrays) -> None:
        self.arrays = arrays
        self.product, self.d = arrays.product, arrays.d

    def forward(self) -> None:
        np.maximum(self.arrays.product, self.arrays.zeros, out=self.arrays.y)

    def backward(self) -> None:
        arrays = self.arrays
        if arrays.dy is not None:
            pass_positive(arrays.dy, arrays.y, arrays.mask, arrays.d)


class Pooled(Tail):
    """2×2 maxima follow."""

    def __init__(self, arrays: TailArrays) -> None:
        self.arrays = arrays
        self.product, self.d = arrays.product, arrays.d
        self.maxima, self.derivatives = (
            PairMaxima(image, arrays.y, arrays.between, arrays.share, arrays.right, arrays.below)
            for image in (self.product, self.d)
        )

    def forward(self) -> None:
        self.maxima.forward()

    def backward(self) -> None:
        if self.arrays.dy is not None:
            self.derivatives.backward(self.arrays.dy)


class RectifiedPooled(Pooled):
    """ReLU and 2×2 maxima follow, in either order: ReLU after pooling is the same on a quarter of the values."""

    def forward(self) -> None:
        self.maxima.forward()
        np.maximum(self.arrays.y, self.arrays.zeros, out=self.arrays.y)

    def backward(self) -> None:
        arrays = self.arrays
        if arrays.dy is not None:
            pass_positive(arrays.dy, arrays.y, arrays.mask, arrays.passed)
            self.derivatives.backward(arrays.passed)


class Added(Plain):
    """The sum with what another path computed follows."""

    def __init__(self, arrays: TailArrays) -> None:
        super().__init__(arrays)
        self.sum = (self.product, arrays.added, arrays.y)
        self.dadded, self.dy = arrays.dadded, arrays.dy

    def forward(self) -> None:
        product, added, y = self.sum
        np.add(product, added, out=y)

    def backward(self) -> None:
        super().backward()
        if self.dadded is not None and self.dy is not None:
            np.copyto(self.dadded, self.dy)


class AddedRectified(Rectified):
    """The sum with what another path computed follows, and ReLU after it: the end of a residual block."""

    def forward(self) -> None:
        arrays = self.arrays
        np.add(arrays.product, arrays.added, out=arrays.product)
        super().forward()

    def backward(self) -> None:
        super().backward()
        if self.arrays.dadded is not None:
            np.copyto(self.arrays.dadded, self.arrays.d)


TAILS: dict[tuple[type[Kind], ...], type[Tail]] = {
    (ReLU, MaxPool2D): RectifiedPooled,
    (MaxPool2D, ReLU): RectifiedPooled,
    (MaxPool2D,): Pooled,
    (Add, ReLU): AddedRectified,
    (Add,): Added,
    (ReLU,): Rectified,
    (): Plain,
}
"""The tail by the kinds that follow, the longest before those that begin like it."""


def flat(rows: Array) -> Array:
    """View rows without gaps as a matrix: (K, rows, W, N) -> (K, rows·W·N)."""
    return rows.reshape(len(rows), -1)


def gapless_rows(rows: Array, scratch: Array) -> Array:
    """Return rows where they lie, or a part of the scratch that is as large where margins lie between them."""
    return rows if gapless(rows) else scratch[: rows.size].reshape(rows.shape)


def gapless(rows: Array) -> bool:
    """Tell whether no margins lie between the rows of each channel."""
    _, _, wide, batch = rows.shape
    _, row_step, pixel_step, sample_step = rows.strides
    return sample_step == rows.itemsize and pixel_step == batch * sample_step and row_step == wide * pixel_step
