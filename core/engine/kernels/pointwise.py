"""Convolutions with 1×1 filters: products of the pixels as they lie, without columns."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from math import ceil
from typing import NamedTuple

import numpy as np

from core.engine.kernels.columns import rows_at_once, spans_of, window_of
from core.engine.kernels.ending import Ending
from core.engine.kernels.kernel import Binding, Kernel, Phase, Setting
from core.engine.kernels.products import Summed, product
from core.engine.kernels.tails import Tail, flat, gapless_rows
from core.engine.lanes import run_side_by_side
from core.engine.program import Node
from core.layers.convolution import Conv2D
from core.layers.values import Array


class PointwiseKernel(Kernel):
    """`Y = Wᵀ·X + b` over a few rows of pixels at a time, and what follows it while it is in the cache.

    With D the gradient of Y: `dW = X·Dᵀ`, `db = Σ D`, `dX = W·D`.
    """

    pattern = "rows of pixels in cache"

    def __init__(self, nodes: tuple[Node, ...], setting: Setting) -> None:
        super().__init__(nodes, setting)
        high, wide, self.channels = nodes[0].inputs[0]
        self.filters, self.high = nodes[0].shape[2], high
        pairs = len(nodes[-1].shape) == 3 and high == 2 * nodes[-1].shape[0]
        self.n_lanes = setting.lanes(high * wide * self.channels * self.filters)
        self.rows = rows_at_once(
            ceil(high / self.n_lanes),
            wide * setting.batch * (self.channels + self.filters) * setting.dtype.itemsize,
            unit=2 if pairs else 1,
            beside=self.channels * self.filters * setting.dtype.itemsize,
        )
        n_pixels = self.rows * wide * setting.batch
        # Every lane has its own scratch.
        self.endings = [Ending(self, self.filters, self.rows) for _ in range(self.n_lanes)]
        self.x_parts = [self.reserve(self.channels * n_pixels) for _ in range(self.n_lanes)]
        if self.derives:
            self.dx_part = self.reserve(self.channels * n_pixels)
            self.share_part = self.reserve(self.channels * self.filters)
            self.sums_part = self.reserve(self.filters)
            self.ones = np.ones(n_pixels, setting.dtype)

    @classmethod
    def suits(cls, nodes: tuple[Node, ...]) -> bool:
        """Tell whether the filters are single pixels that see all channels everywhere."""
        first, *following = nodes
        if not isinstance(first.kind, Conv2D) or first.kind.groups > 1:
            return False
        axes = window_of(first).axes
        return all((axis.f, axis.stride, axis.before, axis.after) == (1, 1, 0, 0) for axis in axes) and Ending.suits(
            tuple(following)
        )

    def bind(self, arrays: Binding) -> None:
        weights = arrays.weights[0]
        self.kernel = weights.values["kernel"].reshape(self.channels, self.filters)
        self.turned = self.kernel.T
        self.bias = weights.values["bias"][:, None] if "bias" in weights.values else None
        gradients = weights.gradients
        self.dkernel = gradients["kernel"].reshape(self.kernel.shape) if "kernel" in gradients else None
        self.dbias = gradients.get("bias")
        spans = spans_of(self.high, self.rows)
        self.chunks = [self._chunk(arrays, number % self.n_lanes, span) for number, span in enumerate(spans)]
        self.lanes = [partial(self._compute, self.chunks[lane :: self.n_lanes]) for lane in range(self.n_lanes)]
        if arrays.dy is not None:
            self.backs = [self._back(arrays, *chunk) for chunk in zip(self.chunks, spans, strict=True)]
            self.sums = arrays.scratch[self.sums_part]

    def _chunk(self, arrays: Binding, lane: int, span: slice) -> _Rows:
        x = arrays.xs[0][:, span]
        x_rows = gapless_rows(x, arrays.scratch[self.x_parts[lane]])
        tail = self.endings[lane].tail(arrays, slice(0, self.filters), span, arrays.dy)
        out = flat(tail.product)
        return _Rows(
            tail,
            entering=None if x_rows is x else (x_rows, x),
            x=flat(x_rows),
            multiply=product(self.turned, flat(x_rows), out),
            product=out,
        )

    def _back(self, arrays: Binding, rows: _Rows, span: slice) -> _Back:
        dx, d = None if arrays.dxs[0] is None else arrays.dxs[0][:, span], flat(rows.tail.d)
        share = arrays.scratch[self.share_part]
        dx_rows = None if dx is None else gapless_rows(dx, arrays.scratch[self.dx_part])
        return _Back(
            d,
            sum_up=None if self.dkernel is None else Summed(rows.x, d, self.dkernel, share, span.start == 0).run,
            spread=None if dx_rows is None else product(self.kernel, d, flat(dx_rows)),
            leaving=None if dx is None or dx_rows is None or dx_rows is dx else (dx, dx_rows),
        )

    def forward(self) -> None:
        run_side_by_side(self.lanes)

    def _compute(self, chunks: Iterable[_Rows]) -> None:
        for rows in chunks:
            if rows.entering is not None:
                np.copyto(*rows.entering)
            rows.multiply()
            if self.bias is not None:
                np.add(rows.product, self.bias, out=rows.product)
            rows.tail.forward()

    def backward(self) -> None:
        for number, (rows, (d, sum_up, spread, leaving)) in enumerate(zip(self.chunks, self.backs, strict=True)):
            rows.tail.backward()
            if sum_up is not None:
                if rows.entering is not None:
                    np.copyto(*rows.entering)
                sum_up()
            if self.dbias is not None:
                np.matmul(d, self.ones[: d.shape[1]], out=self.sums if number else self.dbias)
                if number:
                    np.add(self.dbias, self.sums, out=self.dbias)
            if spread is not None:
                spread()
            if leaving is not None:
                np.copyto(*leaving)


class _Rows(NamedTuple):
    """Some rows of pixels, and what is done with them.

    Attributes
    ----------
    entering : pair of array, (C, rows, W, N), or None
        A copy, where the rows of x have gaps between them: what is multiplied has none.
    x : array, (C, rows·W·N)
    multiply : callable
        Computes `product`, (K, rows·W·N).
    """

    tail: Tail
    entering: tuple[Array, Array] | None
    x: Array
    multiply: Phase
    product: Array


class _Back(NamedTuple):
    """The way back through some rows.

    Attributes
    ----------
    d : array, (K, rows·W·N)
    sum_up : callable or None
        Adds `X·Dᵀ` to the kernel's gradient, where the kernel learns.
    spread : callable or None
        Computes `dX = W·D`, where anybody asks.
    leaving : pair of array, (C, rows, W, N), or None
        A copy, where the rows of dx have gaps between them.
    """

    d: Array
    sum_up: Phase | None
    spread: Phase | None
    leaving: tuple[Array, Array] | None
