"""Convolutions with 1×1 filters: products of the pixels as they lie, without columns."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from math import ceil
from typing import NamedTuple

import numpy as np

from core.engine.kernels.columns import rows_at_once, spans_of, window_of
from core.engine.kernels.ending import Ending
from core.engine.kernels.kernel import Binding, Kernel, Setting
from core.engine.kernels.tails import Tail, flat, gapless
from core.engine.lanes import run_side_by_side
from core.engine.program import Node
from core.layers.convolution import Conv2D
from core.layers.kind import Array


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
        if setting.backward:
            self.dx_part = self.reserve(self.channels * n_pixels)
            self.share_part = self.reserve(self.channels * self.filters)
            self.sums_part = self.reserve(self.filters)
            self.ones = np.ones(n_pixels, setting.dtype)

    @classmethod
    def suits(cls, nodes: tuple[Node, ...]) -> bool:
        """Tell whether the filters are single pixels that see all channels everywhere."""
        first, *behind = nodes
        if not isinstance(first.kind, Conv2D) or first.kind.groups > 1:
            return False
        axes = window_of(first).axes
        return all((axis.f, axis.stride, axis.before, axis.after) == (1, 1, 0, 0) for axis in axes) and Ending.suits(
            tuple(behind)
        )

    def bind(self, arrays: Binding) -> None:
        weights = arrays.weights[0]
        self.kernel = weights.values["kernel"].reshape(self.channels, self.filters)
        self.turned = self.kernel.T
        self.bias = weights.values["bias"][:, None] if "bias" in weights.values else None
        gradients = weights.gradients
        self.dkernel = gradients["kernel"].reshape(self.kernel.shape) if "kernel" in gradients else None
        self.dbias = gradients.get("bias")
        self.chunks = [
            self._chunk(arrays, number % self.n_lanes, span)
            for number, span in enumerate(spans_of(self.high, self.rows))
        ]
        self.lanes = [partial(self._compute, self.chunks[lane :: self.n_lanes]) for lane in range(self.n_lanes)]
        if arrays.dy is not None:
            self.share = arrays.scratch[self.share_part].reshape(self.kernel.shape)
            self.sums = arrays.scratch[self.sums_part]

    def _chunk(self, arrays: Binding, lane: int, span: slice) -> _Rows:
        x, dx = arrays.xs[0][:, span], None if arrays.dxs[0] is None else arrays.dxs[0][:, span]
        own_x = arrays.scratch[self.x_parts[lane]][: x.size].reshape(x.shape)
        dx_rows = dx
        if dx is not None and not gapless(dx):
            dx_rows = arrays.scratch[self.dx_part][: dx.size].reshape(dx.shape)
        tail = self.endings[lane].tail(arrays, slice(0, self.filters), span, arrays.dy)
        return _Rows(x, x if gapless(x) else own_x, dx, dx_rows, tail)

    def forward(self) -> None:
        run_side_by_side(self.lanes)

    def _compute(self, chunks: Iterable[_Rows]) -> None:
        for x, x_rows, _, _, tail in chunks:
            if x_rows is not x:
                np.copyto(x_rows, x)
            product = flat(tail.product)
            np.matmul(self.turned, flat(x_rows), out=product)  # (K, C) · (C, rows·W·N)
            if self.bias is not None:
                np.add(product, self.bias, out=product)
            tail.forward()

    def backward(self) -> None:
        for number, (x, x_rows, dx, dx_rows, tail) in enumerate(self.chunks):
            tail.backward()
            d = flat(tail.d)  # (K, rows·W·N)
            if self.dkernel is not None:
                if x_rows is not x:
                    np.copyto(x_rows, x)
                np.matmul(flat(x_rows), d.T, out=self.share if number else self.dkernel)
                if number:
                    np.add(self.dkernel, self.share, out=self.dkernel)
            if self.dbias is not None:
                np.matmul(d, self.ones[: d.shape[1]], out=self.sums if number else self.dbias)
                if number:
                    np.add(self.dbias, self.sums, out=self.dbias)
            if dx is not None and dx_rows is not None:
                np.matmul(self.kernel, d, out=flat(dx_rows))  # (C, K) · (K, rows·W·N)
                if dx_rows is not dx:
                    np.copyto(dx, dx_rows)


class _Rows(NamedTuple):
    """Some rows of pixels: x and dx are (C, rows, W, N), with gaps or without; their rows have none."""

    x: Array
    x_rows: Array
    dx: Array | None
    dx_rows: Array | None
    tail: Tail
