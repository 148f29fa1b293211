"""The ways back through a convolution: what the filters saw is scattered again, or the gradient is convolved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from math import prod
from typing import ClassVar, NamedTuple, Protocol

import numpy as np
from numpy.lib.stride_tricks import as_strided

from core.engine.kernels.columns import (
    Columns,
    grouped,
    matrices,
    read_of,
    rows_at_once,
    single,
    spans_of,
    stays_in_cache,
)
from core.engine.kernels.convolution_forward import ForwardConvolution
from core.engine.kernels.kernel import Binding, Margins, Phase, margin_views
from core.engine.kernels.products import Summed, product
from core.engine.kernels.tails import Tail, flat, gapless_rows
from core.layers.values import Array
from core.sliding_windows import Window

FEWEST_CHANNELS = 12
"""Convolving D is a product of as many rows, and slow with fewer: measured with AVX2, 8 take longer than scattering."""

MOST_MORE_PIXELS = 1.3
"""How many times as many pixels as outputs there may be: convolving D computes one column for every pixel."""


class WayBack(Protocol):
    """How the gradients of a convolution are computed from D, that of its product."""

    name: ClassVar[str]

    def __init__(self, kernel: ForwardConvolution) -> None: ...

    @staticmethod
    def pays(kernel: ForwardConvolution) -> bool:
        """Tell whether this way is possible and, by shapes alone, cheaper than those that come after it."""

    def bind(self, arrays: Binding) -> None:
        """Take the arrays."""

    def run(self) -> None:
        """Compute the gradients."""


class Scattering:
    """`dM = columns·Dᵀ`, and `dcolumns = M·D`, which are added back to the pixels that they were copied from."""

    name: ClassVar = "scattering"

    def __init__(self, kernel: ForwardConvolution) -> None:
        self.kernel = kernel
        self.dx: Array | None = None
        self.share_part = kernel.reserve((kernel.depth + kernel.has_bias) * kernel.filters)

    @staticmethod
    def pays(kernel: ForwardConvolution) -> bool:
        return True

    def bind(self, arrays: Binding) -> None:
        kernel, self.dx = self.kernel, arrays.dxs[0]
        groups, dmatrix = kernel.groups, kernel.weights.dmatrix
        # (F·F·C/groups, K) -> (groups, F·F·C/groups, K/groups)
        total = None if dmatrix is None else single(grouped(dmatrix, 1, groups))
        share = arrays.scratch[self.share_part]
        self.chunks: list[_Places] = []
        for columns, span in zip(kernel.columns, kernel.spans, strict=True):
            tail = kernel.ending.tail(arrays, slice(0, kernel.filters), span, arrays.dy)
            d, seen = matrices(tail.d, groups), single(columns.matrix)
            sum_up = None if total is None else Summed(seen, d, total, share, span.start == 0).run
            derive = None if self.dx is None else self.deriving(self.dx, columns, tail.d, span)
            self.chunks.append(_Places(tail, columns, sum_up, derive))

    def deriving(self, dx: Array, columns: Columns, d: Array, span: slice) -> Phase:
        """Prepare what D of some output rows, (K, rows, W', N), adds to dx."""
        groups, matrix = self.kernel.groups, self.kernel.weights.matrix[: self.kernel.depth]
        multiply = product(single(grouped(matrix, 1, groups)), matrices(d, groups), single(columns.seen))
        return partial(_add_up, multiply, list(_taps(grouped(dx, 0, groups), columns.taps, self.kernel.window, span)))

    def run(self) -> None:
        if self.dx is not None:
            self.dx.fill(0)
        for tail, columns, sum_up, derive in self.chunks:
            tail.backward()
            if sum_up is not None:
                columns.see()
                sum_up()
            if derive is not None:
                derive()


class _Places(NamedTuple):
    """Some output rows: how their gradient becomes D, a share of the kernel's gradient, and of that of the pixels."""

    tail: Tail
    columns: Columns
    sum_up: Phase | None
    derive: Phase | None


def _add_up(multiply: Phase, taps: list[tuple[Array, Array]]) -> None:
    """Add what each pixel of the filter read: pairs of pixels of dx and of their share in what is multiplied."""
    multiply()
    for pixels, share in taps:
        np.add(pixels, share, out=pixels)


class ScatteringAcross(Scattering):
    """Scattering along rows only: down columns the products themselves add up.

    With as many rows of D one below the other as the filter is high, (F·K, W'·N), `dlines = Wᵗ·rows` gives for a row of
    the image what its pixels get at each column of the filter, (F·C, W'·N): F additions instead of F·F. Groups of
    channels are apart in both.
    """

    name: ClassVar = "scattering across"

    def __init__(self, kernel: ForwardConvolution) -> None:
        super().__init__(kernel)
        groups, batch = kernel.groups, kernel.setting.batch
        self.high, self.wide = _turned(kernel.window).high, kernel.window.wide
        n_rows = self.high.before + self.high.n + self.high.after
        self.d_shape = (groups, n_rows, kernel.filters // groups, self.wide.out, batch)
        line = (groups, self.wide.f, kernel.channels // groups, self.wide.out, batch)
        self.rows = rows_at_once(self.high.out, prod(line) * kernel.setting.dtype.itemsize)
        self.lines_shape = (self.rows, *line)
        self.d_part, self.lines_part = kernel.reserve(prod(self.d_shape)), kernel.reserve(prod(self.lines_shape))
        self.turned_part = kernel.reserve(kernel.depth * kernel.filters)

    @staticmethod
    def pays(kernel: ForwardConvolution) -> bool:
        high, wide = kernel.window.axes
        n_lines = high.n * wide.f * kernel.channels + (high.out + 2 * high.f) * kernel.filters
        n_bytes = n_lines * wide.out * kernel.setting.batch * kernel.setting.dtype.itemsize
        return (
            kernel.nodes[0].sources[0] in kernel.setting.carriers
            and (high.stride, high.dilation) == (1, 1)
            and 1 < high.f > max(high.before, high.after)
            and (kernel.groups > 1 or kernel.channels < FEWEST_CHANNELS or stays_in_cache(n_bytes))
        )

    def bind(self, arrays: Binding) -> None:
        kernel, high, scratch = self.kernel, self.high, arrays.scratch
        self.d = scratch[self.d_part].reshape(self.d_shape)
        super().bind(arrays)
        edges = self.d[:, : high.before], self.d[:, high.before + high.n :]
        self.edges = [edge for edge in edges if edge.size]
        # (groups, F, F, C/groups, K/groups) -> (groups, F, C/groups, F, K/groups): the filter's columns before its rows
        taps = grouped(kernel.weights.values["kernel"], 3, kernel.groups)
        self.upside_down = taps[:, ::-1].transpose(0, 2, 3, 1, 4)
        self.turned = scratch[self.turned_part].reshape(self.upside_down.shape)
        self.lines = [] if self.dx is None else [self._lines(arrays, self.dx, s) for s in spans_of(high.out, self.rows)]

    def _lines(self, arrays: Binding, dx: Array, span: slice) -> Phase:
        """Prepare the gradient of some rows of the image."""
        groups, (_, _, filters, wide, batch) = self.kernel.groups, self.d_shape
        group, row, step, _, _ = self.d.strides
        n_rows, depth = span.stop - span.start, self.high.f * filters
        # (rows, groups, F·K/groups, W'·N), each of which overlaps with the next
        d = as_strided(
            self.d[:, span.start :], (n_rows, groups, depth, wide * batch), (row, group, step, self.d.itemsize)
        )
        shape = n_rows, *self.lines_shape[1:]
        lines = arrays.scratch[self.lines_part][: prod(shape)]
        turned, out = self.turned.reshape(groups, -1, depth), lines.reshape(n_rows, groups, -1, wide * batch)
        multiply = product(single(turned), d[:, 0], out[:, 0]) if groups == 1 else product(turned, d, out)
        pixels = grouped(dx, 0, groups)[:, :, span]  # (groups, C/groups, rows, W, N)
        shares = lines.reshape(shape).transpose(2, 1, 3, 0, 4, 5)  # (F, groups, C/groups, rows, W', N)
        taps = []
        for j, share in enumerate(shares):
            columns, read = read_of(self.wide, j, slice(0, wide))
            taps.append((pixels[:, :, :, read], share[:, :, :, columns]))
        return partial(_add_up, multiply, taps)

    def deriving(self, dx: Array, columns: Columns, d: Array, span: slice) -> Phase:
        rows = self.d[:, self.high.before :][:, span]
        return partial(np.copyto, rows, grouped(d, 0, self.kernel.groups).swapaxes(1, 2))

    def run(self) -> None:
        super().run()
        if self.lines:
            for edge in self.edges:
                edge.fill(0)
            np.copyto(self.turned, self.upside_down)
            for line in self.lines:
                line()


class Correlation:
    """`dX` is D, padded, convolved with the kernel turned upside down, its channels and filters exchanged.

    The columns of D, (F·F·K, rows·W·N), give both gradients: `dX = Wᵗ·columns` and, tap by tap, `dW = columns·Xᵀ`. So
    one copy out of D stands for the copy out of X and the scattering.
    """

    name: ClassVar = "correlation"

    def __init__(self, kernel: ForwardConvolution) -> None:
        self.kernel, setting = kernel, kernel.setting
        self.window = _turned(kernel.window)
        high, wide = self.window.axes
        self.margins = Margins(high.before, high.after, wide.before, wide.after)
        depth = high.f * wide.f * kernel.filters  # F·F·K
        row_values = wide.out * setting.batch * (depth + 2 * kernel.channels)
        self.rows = rows_at_once(high.out, row_values * setting.dtype.itemsize)
        n_pixels = self.rows * wide.out * setting.batch
        self.is_dy = not kernel.ending.kinds  # D is then the gradient of the output, and lies where that is
        if self.is_dy:
            kernel.dy_margins = self.margins
        sides = (axis.n + axis.before + axis.after for axis in self.window.axes)
        self.d_shape = (kernel.filters, *sides, setting.batch)
        self.d_part = kernel.reserve(0 if self.is_dy else prod(self.d_shape))
        self.columns_part = kernel.reserve(depth * n_pixels)
        self.x_part, self.dx_part = (kernel.reserve(kernel.channels * n_pixels) for _ in range(2))
        self.turned_part, self.total_part, self.share_part = (kernel.reserve(depth * kernel.channels) for _ in range(3))
        self.sums_part = kernel.reserve(kernel.filters * high.n)
        self.ones = np.ones(wide.n * setting.batch, setting.dtype)

    @staticmethod
    def pays(kernel: ForwardConvolution) -> bool:
        axes = kernel.window.axes
        n_pixels, n_places = prod(axis.n for axis in axes), prod(axis.out for axis in axes)
        return (
            kernel.groups == 1
            and all(axis.stride == 1 and max(axis.before, axis.after) < axis.span for axis in axes)
            and kernel.channels >= FEWEST_CHANNELS
            and n_pixels <= MOST_MORE_PIXELS * n_places
        )

    def bind(self, arrays: Binding) -> None:
        kernel, scratch, weights = self.kernel, arrays.scratch, self.kernel.weights
        high, wide = self.window.axes
        padded = arrays.dy if self.is_dy else scratch[self.d_part].reshape(self.d_shape)
        if padded is None:
            raise ValueError("the way back begins with a gradient")
        d = padded[:, high.before : high.before + high.n, wide.before : wide.before + wide.n]
        self.edges: list[Array] = []
        self.tails: list[Tail] = []
        if not self.is_dy:
            self.edges = list(margin_views(padded, self.margins))
            every = slice(0, kernel.filters)
            self.tails = [kernel.ending.tail(arrays, every, span, arrays.dy, d[:, span]) for span in kernel.spans]
        self.dkernel, self.dbias = weights.gradients.get("kernel"), weights.gradients.get("bias")
        self.d_rows = d.reshape(kernel.filters, high.n, -1)  # (K, H', W'·N)
        self.row_sums = scratch[self.sums_part].reshape(kernel.filters, high.n)
        # (F, F, C, K) -> (C, F, F, K), the last tap first
        self.upside_down = weights.values["kernel"][::-1, ::-1].transpose(2, 0, 1, 3)
        self.turned = scratch[self.turned_part].reshape(kernel.channels, -1)
        self.turned_taps = self.turned.reshape(self.upside_down.shape)
        self.total = scratch[self.total_part].reshape(-1, kernel.channels)
        # (F·F·K, C) -> (F, F, C, K), the last tap first
        by_taps = self.total.reshape(high.f, wide.f, kernel.filters, kernel.channels)
        self.total_taps = by_taps[::-1, ::-1].transpose(0, 1, 3, 2)
        self.chunks = [self._chunk(arrays, padded, span) for span in spans_of(high.out, self.rows)]

    def _chunk(self, arrays: Binding, padded: Array, span: slice) -> _Pixels:
        scratch = arrays.scratch
        top, bottom, left, right = self.kernel.margins[0]
        _, high, wide, _ = arrays.xs[0].shape
        x = arrays.xs[0][:, top : high - bottom, left : wide - right][:, span]
        dx = None if arrays.dxs[0] is None else arrays.dxs[0][:, span]
        columns = Columns(padded, self.window, span, scratch[self.columns_part], ones=False)
        seen, total, share = single(columns.seen), self.total, scratch[self.share_part]
        x_rows = gapless_rows(x, scratch[self.x_part])
        dx_rows = None if dx is None else gapless_rows(dx, scratch[self.dx_part])
        return _Pixels(
            columns,
            entering=None if x_rows is x else (x_rows, x),
            sum_up=None if self.dkernel is None else Summed(seen, flat(x_rows), total, share, span.start == 0).run,
            spread=None if dx_rows is None else product(self.turned, seen, flat(dx_rows)),
            leaving=None if dx is None or dx_rows is None or dx_rows is dx else (dx, dx_rows),
        )

    def run(self) -> None:
        for edge in self.edges:
            edge.fill(0)
        for tail in self.tails:
            tail.backward()
        np.copyto(self.turned_taps, self.upside_down)
        for columns, entering, sum_up, spread, leaving in self.chunks:
            columns.see()
            if sum_up is not None:
                if entering is not None:
                    np.copyto(*entering)
                sum_up()
            if spread is not None:
                spread()
            if leaving is not None:
                np.copyto(*leaving)
        if self.dkernel is not None:
            np.copyto(self.dkernel, self.total_taps)
        if self.dbias is not None:
            np.matmul(self.d_rows, self.ones, out=self.row_sums)
            np.add.reduce(self.row_sums, axis=1, out=self.dbias)


class _Pixels(NamedTuple):
    """Some rows of pixels, and what is done with them.

    Attributes
    ----------
    entering, leaving : pair of array, (C, rows, W, N), or None
        Copies, where the rows of x or dx have gaps between them: what is multiplied has none.
    sum_up : callable or None
        Adds `columns·Xᵀ`, (F·F·K, C), to the total, where the kernel learns.
    spread : callable or None
        Computes dx, (C, rows·W·N), where anybody asks.
    """

    columns: Columns
    entering: tuple[Array, Array] | None
    sum_up: Phase | None
    spread: Phase | None
    leaving: tuple[Array, Array] | None


def _turned(window: Window) -> Window:
    """Return the window that slides over D: at every pixel of X it sees all outputs that the pixel had a share in."""
    high, wide = (
        replace(axis, n=axis.out, before=axis.span - 1 - axis.before, after=axis.span - 1 - axis.after)
        for axis in window.axes
    )
    return Window((high.n, wide.n, 0), high, wide)


def _taps(dx: Array, dtaps: Array, window: Window, span: slice) -> Iterator[tuple[Array, Array]]:
    """Yield, for each pixel of the filter, the pixels of the image that it read, and its share of their gradient.

    dx is (groups, C/groups, H, W, N), dtaps (groups, F, F, C/groups, rows, W', N); what was read of the padding is left
    out.
    """
    for i in range(window.high.f):
        rows, read_rows = read_of(window.high, i, span)
        for j in range(window.wide.f):
            columns, read_columns = read_of(window.wide, j, slice(0, window.wide.out))
            share = dtaps[:, i, j, :, rows, columns]
            if share.size:
                yield single(dx[:, :, read_rows, read_columns]), single(share)
