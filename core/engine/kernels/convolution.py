"""Convolution as matrix products over a few output rows at a time, with the ReLU and the pool behind it."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, prod

import numpy as np
from numpy.lib.stride_tricks import as_strided

from core.engine.kernels.kernel import Binding, Kernel, Margins, Setting, as_mask
from core.engine.kernels.pooling import pairs_up
from core.engine.kernels.tails import TAILS, TailArrays
from core.engine.program import Node
from core.layers.activation import ReLU
from core.layers.convolution import Conv2D
from core.layers.kind import Array
from core.windows import Axis, Window

CHUNK_BYTES = 768 * 1024
"""What one chunk of rows may take: half of a core's second-level cache or less, so that nothing leaves it between."""


class ConvolutionKernel(Kernel):
    """`Y = Mᵀ·columns`, where M holds the kernel's rows and, as its last, the bias.

    The columns of a chunk of output rows are what each filter sees, (F·F·C + 1, rows·W'·N): a copy out of the padded
    input, with a last row of ones that meets the bias. They are made small enough to stay in the cache, where the
    product and what follows it (`tails`) find them.

    Backwards, with D the gradient of Y: `dM = columns·Dᵀ`, and `Mᵀ`'s transpose gives `dcolumns = M·D`, which are added
    back to the pixels that they were copied from.
    """

    pattern = "columns of rows in cache"

    def __init__(self, nodes: tuple[Node, ...], setting: Setting) -> None:
        super().__init__(nodes, setting)
        node = nodes[0]
        self.window = window_of(node)
        high, wide = self.window.axes
        self.margins = (Margins(high.before, high.after, wide.before, wide.after),)
        self.n_taps = high.f * wide.f
        self.has_bias = "bias" in node.weights
        self.depth = self.n_taps * node.inputs[0][2]  # F·F·C
        self.filters = node.shape[2]
        self.pools = any(pairs_up(node) for node in nodes[1:])
        self.rectifies = any(isinstance(node.kind, ReLU) for node in nodes[1:])
        self.rows = self._rows_per_chunk()
        n_pixels = self.rows * wide.out * setting.batch
        self.columns_part = self.reserve((self.depth + self.has_bias) * n_pixels)
        self.product_part = self.reserve(self.filters * n_pixels)
        self.between_part = self.reserve(self.filters * n_pixels // 2 if self.pools else 0)
        if setting.backward:
            self.share_part = self.reserve((self.depth + self.has_bias) * self.filters)
            self.passed_part = self.reserve(self.filters * n_pixels // 4 if self.pools and self.rectifies else 0)
            self.mask_part = self.reserve_mask(self.filters * n_pixels if self.rectifies else 0)
            if self.pools:
                halved = (self.filters, high.out, wide.out // 2, setting.batch)
                self.kept["right"] = (halved, np.bool_)
                self.kept["below"] = ((self.filters, high.out // 2, *halved[2:]), np.bool_)

    @classmethod
    def suits(cls, nodes: tuple[Node, ...]) -> bool:
        """Tell whether filters see all channels, and a pool that follows is 2×2 and reads every pixel."""
        first, *behind = nodes
        if not isinstance(first.kind, Conv2D) or first.kind.groups > 1:
            return False
        others = [node for node in behind if not isinstance(node.kind, ReLU)]
        return all(pairs_up(node) and not any(side % 2 for side in node.inputs[0][:2]) for node in others)

    def _rows_per_chunk(self) -> int:
        """Cut the output into as few equal chunks as the cache allows; a chunk that is pooled has pairs of rows."""
        high, wide = self.window.axes
        row_bytes = wide.out * self.setting.batch * (self.depth + self.filters) * self.setting.dtype.itemsize
        unit = 2 if self.pools else 1
        most = max(1, CHUNK_BYTES // (row_bytes * unit))
        units = ceil(high.out / unit)
        return unit * ceil(units / ceil(units / most))

    def bind(self, arrays: Binding) -> None:
        (self.x,), (self.dx,) = arrays.xs, arrays.dxs
        self.arrays, self.weights = arrays, arrays.weights[0]
        self.chunks = [
            _Chunk(self, first, min(first + self.rows, self.window.high.out))
            for first in range(0, self.window.high.out, self.rows)
        ]

    def forward(self) -> None:
        for chunk in self.chunks:
            chunk.forward()

    def backward(self) -> None:
        if self.dx is not None:
            self.dx.fill(0)
        for chunk in self.chunks:
            chunk.backward()


class _Chunk:
    """The output rows from `first` to before `last`, and all views that computing them needs."""

    def __init__(self, kernel: ConvolutionKernel, first: int, last: int) -> None:
        arrays, setting = kernel.arrays, kernel.setting
        high, wide = kernel.window.axes
        channels, batch = len(kernel.x), setting.batch
        n_pixels = (last - first) * wide.out * batch
        columns = arrays.scratch[kernel.columns_part][: (kernel.depth + kernel.has_bias) * n_pixels]
        self.columns = columns.reshape(-1, n_pixels)  # (F·F·C + 1, rows·W'·N)
        self.ones = self.columns[kernel.depth :]
        # (F·F·C, rows·W'·N) -> (F, F, C, rows, W', N), what the filters see
        self.seen = self.columns[: kernel.depth].reshape(high.f, wide.f, channels, last - first, wide.out, batch)
        self.source = _windows(kernel.x, kernel.window)[:, :, :, first:last]
        self.turned = kernel.weights.matrix.T  # (K, F·F·C + 1)
        self.tail = TAILS[kernel.rectifies, kernel.pools](self._tail_arrays(kernel, first, last))
        if arrays.dy is not None:
            self.rows_of_kernel = kernel.weights.matrix[: kernel.depth]  # (F·F·C, K)
            self.dmatrix = kernel.weights.dmatrix
            self.share = arrays.scratch[kernel.share_part].reshape(-1, kernel.filters)
            self.begins = first == 0
            self.dcolumns = self.columns[: kernel.depth]
            self.scattered = [] if kernel.dx is None else list(_taps(kernel.dx, self.seen, kernel.window, first, last))

    def _tail_arrays(self, kernel: ConvolutionKernel, first: int, last: int) -> TailArrays:
        arrays, fewer = kernel.arrays, 2 if kernel.pools else 1
        wide, batch = kernel.window.wide.out, kernel.setting.batch
        before = (kernel.filters, last - first, wide, batch)
        halved = (kernel.filters, last - first, wide // 2, batch)
        after = np.s_[:, first // fewer : last // fewer]
        y = arrays.y[after]
        right, below = arrays.kept.get("right"), arrays.kept.get("below")
        scratch = arrays.scratch
        derives = arrays.dy is not None
        return TailArrays(
            y=y,
            dy=None if arrays.dy is None else arrays.dy[after],
            product=scratch[kernel.product_part][: prod(before)].reshape(before),
            between=scratch[kernel.between_part][: prod(halved)].reshape(halved) if kernel.pools else scratch[:0],
            right=None if right is None else right[:, first:last],
            below=None if below is None else below[after],
            passed=scratch[kernel.passed_part][: y.size].reshape(y.shape)
            if derives and kernel.pools and kernel.rectifies
            else scratch[:0],
            mask=as_mask(scratch[kernel.mask_part], y.shape) if derives and kernel.rectifies else scratch[:0],
        )

    def forward(self) -> None:
        self._see()
        np.matmul(self.turned, self.columns, out=self.tail.product)
        self.tail.forward()

    def _see(self) -> None:
        np.copyto(self.seen, self.source)
        self.ones.fill(1)

    def backward(self) -> None:
        self.tail.backward()
        d = self.tail.d  # (K, rows·W'·N)
        if self.dmatrix is not None:
            self._see()
            if self.begins:
                np.matmul(self.columns, d.T, out=self.dmatrix)
            else:
                np.matmul(self.columns, d.T, out=self.share)
                np.add(self.dmatrix, self.share, out=self.dmatrix)
        if self.scattered:
            np.matmul(self.rows_of_kernel, d, out=self.dcolumns)
            for pixels, share in self.scattered:
                np.add(pixels, share, out=pixels)


def window_of(node: Node) -> Window:
    """Lay a layer's filter over its input."""
    if not isinstance(node.kind, Conv2D):
        raise TypeError(f"{node.id} slides no filter")
    return node.kind.window(node.inputs[0])


def _windows(padded: Array, window: Window) -> Array:
    """View what each filter sees: (C, H + 2P, W + 2P, N) -> (F, F, C, H', W', N)."""
    channels, _, _, batch = padded.shape
    c, h, w, n = padded.strides
    high, wide = window.axes
    shape = (high.f, wide.f, channels, high.out, wide.out, batch)
    strides = (h * high.dilation, w * wide.dilation, c, h * high.stride, w * wide.stride, n)
    return as_strided(padded, shape, strides, writeable=False)


def _taps(dx: Array, dseen: Array, window: Window, first: int, last: int) -> Iterator[tuple[Array, Array]]:
    """Give, for each pixel of the filter, the pixels of the image that it read, and its share of their gradient.

    dx is (C, H, W, N), dseen (F, F, C, rows, W', N); what was read of the padding is left out.
    """
    for i in range(window.high.f):
        rows, read_rows = _read(window.high, i, first, last)
        for j in range(window.wide.f):
            columns, read_columns = _read(window.wide, j, 0, window.wide.out)
            share = dseen[i, j, :, rows, columns]
            if share.size:
                yield dx[:, read_rows, read_columns], share


def _read(axis: Axis, tap: int, first: int, last: int) -> tuple[slice, slice]:
    """Give which of the places from first to last read inside the image, counted from `first`, and what they read."""
    shift = tap * axis.dilation - axis.before
    begin = max(first, ceil(-shift / axis.stride))
    end = max(begin, min(last, (axis.n - 1 - shift) // axis.stride + 1))
    start = begin * axis.stride + shift
    return slice(begin - first, end - first), slice(start, start + (end - begin - 1) * axis.stride + 1, axis.stride)
