"""Fully connected layers, with the ReLU behind them."""

from __future__ import annotations

from functools import partial
from math import prod

import numpy as np

from core.engine.kernels.columns import spans_of
from core.engine.kernels.elementwise import pass_positive
from core.engine.kernels.kernel import Binding, Kernel, Setting, as_mask, as_zeros
from core.engine.lanes import run_side_by_side
from core.engine.program import Node
from core.layers.kind import Array


class DenseKernel(Kernel):
    """`Y = Wᵀ·X + b`, and `max(·, 0)` of it where a ReLU follows.

    With D the gradient of `Wᵀ·X + b`: `dW = X·Dᵀ`, `db = Σₙ D`, `dX = W·D`.
    """

    pattern = "one product"

    def __init__(self, nodes: tuple[Node, ...], setting: Setting) -> None:
        super().__init__(nodes, setting)
        self.rectifies = len(nodes) > 1
        (features,), (units,) = nodes[0].inputs[0], nodes[0].shape
        self.n_lanes = min(setting.lanes(features * units), features)
        # Every lane but the first adds up its features in the scratch.
        self.sum_parts = [self.reserve(units * setting.batch) for _ in range(self.n_lanes - 1)]
        if self.rectifies:
            self.n_zeros = units * setting.batch
        if setting.backward:
            self.ones = np.ones((setting.batch, 1), setting.dtype)
        if setting.backward and self.rectifies:
            n_values = prod(nodes[0].shape) * setting.batch
            self.d_part, self.mask_part = self.reserve(n_values), self.reserve_mask(n_values)

    def bind(self, arrays: Binding) -> None:
        (self.x,), (self.dx,), self.y, weights = arrays.xs, arrays.dxs, arrays.y, arrays.weights[0]
        self.kernel = weights.values["kernel"]  # (C, units)
        self.turned = self.kernel.T
        self.bias = weights.values["bias"][:, None] if "bias" in weights.values else None
        self.dkernel = weights.gradients.get("kernel")
        self.dbias = weights.gradients["bias"][:, None] if "bias" in weights.gradients else None
        self.zeros = as_zeros(arrays.zeros, self.y.shape if self.rectifies else (0,))
        self.sums = [self.y, *(arrays.scratch[part].reshape(self.y.shape) for part in self.sum_parts)]
        spans = spans_of(len(self.x), -(-len(self.x) // self.n_lanes))
        self.lanes = [
            partial(np.matmul, self.turned[:, span], self.x[span], out=out)  # (units, C) · (C, N)
            for span, out in zip(spans, self.sums, strict=False)
        ]
        if arrays.dy is not None:
            self.dy = arrays.dy
            if self.rectifies:
                self.d = arrays.scratch[self.d_part].reshape(self.y.shape)
                self.mask = as_mask(arrays.scratch[self.mask_part], self.y.shape)

    def forward(self) -> None:
        run_side_by_side(self.lanes)
        for summed in self.sums[1 : len(self.lanes)]:
            np.add(self.y, summed, out=self.y)
        if self.bias is not None:
            np.add(self.y, self.bias, out=self.y)
        if self.rectifies:
            np.maximum(self.y, self.zeros, out=self.y)

    def backward(self) -> None:
        d = self._through_relu()
        if self.dkernel is not None:
            np.matmul(self.x, d.T, out=self.dkernel)  # (C, N) · (N, units)
        if self.dbias is not None:
            np.matmul(d, self.ones, out=self.dbias)  # (units, N) · (N, 1), faster than a sum
        if self.dx is not None:
            np.matmul(self.kernel, d, out=self.dx)  # (C, units) · (units, N)

    def _through_relu(self) -> Array:
        if not self.rectifies:
            return self.dy
        pass_positive(self.dy, self.y, self.mask, self.d)
        return self.d
