"""What filters see, side by side as columns: the matrices that convolutions are products of."""

from __future__ import annotations

from math import ceil

import numpy as np
from numpy.lib.stride_tricks import as_strided

from core.engine.program import Node
from core.layers.convolution import Conv2D
from core.layers.values import Array
from core.sliding_windows import Axis, Window

CHUNK_BYTES = 1024 * 1024
"""What one chunk of rows may take: half of a second-level cache of 2 MB, so that nothing leaves it between.

Measured, smaller chunks gain nothing on a processor with less cache either, and small layers lose by having more.
"""

KERNELS_PER_CHUNK = 3
"""How many times as large as the kernel a chunk may be at least: the kernel is packed anew for every chunk."""


class Columns:
    """What the filters see at some output rows.

    Parameters
    ----------
    x : array, (C, H + 2P, W + 2P, N)
    window : Window
    span : slice
        The output rows.
    scratch : array, (n,)
        Where they are copied to.
    ones : bool
        Whether a row of ones is below them, to meet a bias.
    groups : int
        How many groups of channels there are, each seen by filters of its own.

    Attributes
    ----------
    matrix : array, (groups, F·F·C/groups, rows·W'·N), or one row more in each
        With the ones.
    seen : array, (groups, F·F·C/groups, rows·W'·N)
        Without them.
    taps : array, (groups, F, F, C/groups, rows, W', N)
        The same.
    """

    def __init__(self, x: Array, window: Window, span: slice, scratch: Array, ones: bool, groups: int = 1) -> None:
        high, wide = window.axes
        channels, _, _, batch = x.shape
        rows, depth = span.stop - span.start, high.f * wide.f * channels // groups
        n_pixels = rows * wide.out * batch
        self.matrix = scratch[: groups * (depth + ones) * n_pixels].reshape(groups, -1, n_pixels)
        self.seen, self._ones = self.matrix[:, :depth], self.matrix[:, depth:]
        tap_shape = (channels // groups, rows, wide.out, batch)
        strides = self.matrix.strides[0], *np.empty((high.f, wide.f, *tap_shape), x.dtype).strides
        self.taps = as_strided(self.matrix, (groups, high.f, wide.f, *tap_shape), strides)
        self._copy = single(self.taps), single(grouped(windows(x, window)[:, :, :, span], 2, groups))

    def see(self) -> None:
        """Copy them out of the input."""
        np.copyto(*self._copy)
        self._ones.fill(1)


def window_of(node: Node) -> Window:
    """Lay a layer's filter over its input."""
    if not isinstance(node.kind, Conv2D):
        raise TypeError(f"{node.id} slides no filter")
    return node.kind.window(node.inputs[0])


def groups_of(node: Node) -> int:
    """Return how many groups of channels a convolution has."""
    return node.kind.groups if isinstance(node.kind, Conv2D) else 1


def rows_at_once(n_rows: int, row_bytes: int, unit: int = 1, beside: int = 0, at_most: int | None = None) -> int:
    """Cut rows into as few equal chunks as the cache allows, each of a multiple of some rows.

    Parameters
    ----------
    unit : int
        Of how many rows chunks are multiples.
    beside : int
        The bytes of the kernel, which every chunk reads: chunks are larger than that.
    at_most : int, optional
        How many rows chunks have at most, if that is a unit.
    """
    fitting = max(CHUNK_BYTES, KERNELS_PER_CHUNK * beside) // row_bytes
    most = max(1, min(fitting, at_most or fitting) // unit)
    units = ceil(n_rows / unit)
    return unit * ceil(units / ceil(units / most))


def stays_in_cache(n_bytes: int) -> bool:
    """Tell whether so much stays in the cache from one step of a kernel to the next."""
    return n_bytes <= CHUNK_BYTES


def spans_of(n: int, at_once: int) -> list[slice]:
    """Cut a length into pieces.

    >>> spans_of(5, 2)
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    return [slice(first, min(first + at_once, n)) for first in range(0, n, at_once)]


def grouped(array: Array, axis: int, groups: int) -> Array:
    """View an axis of channels in groups, which come first: (…, C, …) -> (groups, …, C/groups, …)."""
    shape = (*array.shape[:axis], groups, array.shape[axis] // groups, *array.shape[axis + 1 :])
    c = array.strides[axis]
    strides = (*array.strides[:axis], c * shape[axis + 1], *array.strides[axis:])
    return np.moveaxis(as_strided(array, shape, strides), axis, 0)


def single(stack: Array) -> Array:
    """View the only one of a stack without the stack, which is faster to compute with; else the stack."""
    return stack[0] if len(stack) == 1 else stack


def matrices(rows: Array, groups: int) -> Array:
    """View rows of channels as a matrix for each group: (K, rows, W, N) -> (groups, K/groups, rows·W·N), or the one."""
    return single(grouped(rows.reshape(len(rows), -1), 0, groups))


def windows(padded: Array, window: Window) -> Array:
    """View what each filter sees: (C, H + 2P, W + 2P, N) -> (F, F, C, H', W', N)."""
    channels, _, _, batch = padded.shape
    c, h, w, n = padded.strides
    high, wide = window.axes
    shape = (high.f, wide.f, channels, high.out, wide.out, batch)
    strides = (h * high.dilation, w * wide.dilation, c, h * high.stride, w * wide.stride, n)
    return as_strided(padded, shape, strides, writeable=False)


def read_of(axis: Axis, tap: int, span: slice) -> tuple[slice, slice]:
    """Return which of some places read inside the image, counted from the first of them, and what they read."""
    shift = tap * axis.dilation - axis.before
    begin = max(span.start, ceil(-shift / axis.stride))
    end = max(begin, min(span.stop, (axis.n - 1 - shift) // axis.stride + 1))
    start = begin * axis.stride + shift
    last = start + (end - begin - 1) * axis.stride + 1
    return slice(begin - span.start, end - span.start), slice(start, last, axis.stride)
