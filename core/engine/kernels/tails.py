"""What is done to rows of a product while they are in the cache: nothing, ReLU, 2×2 pooling, or both."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from core.engine.kernels.elementwise import pass_positive
from core.engine.kernels.pooling import PairMaxima
from core.layers.kind import Array


@dataclass(frozen=True, slots=True)
class TailArrays:
    """The arrays of a tail, for some rows.

    Attributes
    ----------
    y, dy : array, (K, rows, W, N)
        Its output and the gradient of that; `dy` is None where none will come.
    product : array, (K, rows, W, N)
        A part of the scratch: what the rows are before the tail, and later the gradient of that.
    between : array, (K, rows, W/2, N)
        A part of the scratch for pooling.
    right, below : array of bool or None
        Flags of pooling.
    passed, mask : array, shaped like y
        Parts of the scratch for the gradient behind ReLU.
    """

    y: Array
    dy: Array | None
    product: Array
    between: Array
    right: Array | None
    below: Array | None
    passed: Array
    mask: Array


class Tail(ABC):
    """What follows a product, for some rows.

    Attributes
    ----------
    product : array, (K, rows·W·N)
        Where the product goes.
    d : array, (K, rows·W·N)
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
        direct = as_matrix(arrays.y)
        self.product = flat(arrays.product) if direct is None else direct
        self.copy = (arrays.y, arrays.product) if direct is None else None
        if arrays.dy is not None:
            matrix = as_matrix(arrays.dy)
            self.d = flat(arrays.product) if matrix is None else matrix
            self.dcopy = (arrays.product, arrays.dy) if matrix is None else None

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
        self.product = self.d = flat(arrays.product)

    def forward(self) -> None:
        np.maximum(self.arrays.product, 0, out=self.arrays.y)

    def backward(self) -> None:
        arrays = self.arrays
        if arrays.dy is not None:
            pass_positive(arrays.dy, arrays.y, arrays.mask, arrays.product)


class Pooled(Tail):
    """2×2 maxima follow."""

    def __init__(self, arrays: TailArrays) -> None:
        self.arrays = arrays
        self.product = self.d = flat(arrays.product)
        self.maxima = PairMaxima(arrays.product, arrays.y, arrays.between, arrays.right, arrays.below)

    def forward(self) -> None:
        self.maxima.forward()

    def backward(self) -> None:
        if self.arrays.dy is not None:
            self.maxima.backward(self.arrays.dy)


class RectifiedPooled(Pooled):
    """ReLU and 2×2 maxima follow, in either order: ReLU after pooling is the same on a quarter of the values."""

    def forward(self) -> None:
        self.maxima.forward()
        np.maximum(self.arrays.y, 0, out=self.arrays.y)

    def backward(self) -> None:
        arrays = self.arrays
        if arrays.dy is not None:
            pass_positive(arrays.dy, arrays.y, arrays.mask, arrays.passed)
            self.maxima.backward(arrays.passed)


TAILS: dict[tuple[bool, bool], type[Tail]] = {
    (False, False): Plain,
    (True, False): Rectified,
    (False, True): Pooled,
    (True, True): RectifiedPooled,
}
"""The tail by whether ReLU and whether pooling follows."""


def flat(rows: Array) -> Array:
    """View contiguous rows as a matrix: (K, rows, W, N) -> (K, rows·W·N)."""
    return rows.reshape(len(rows), -1)


def as_matrix(rows: Array) -> Array | None:
    """View rows as a matrix, (K, rows, W, N) -> (K, rows·W·N), or None where margins lie between them."""
    _, _, wide, batch = rows.shape
    _, row_step, pixel_step, sample_step = rows.strides
    gapless = sample_step == rows.itemsize and pixel_step == batch * sample_step and row_step == wide * pixel_step
    return flat(rows) if gapless else None
