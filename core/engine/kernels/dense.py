"""Fully connected layers, with the ReLU after them."""

from __future__ import annotations

from functools import partial
from math import prod

import numpy as np

from core.engine.kernels.columns import spans_of
from core.engine.kernels.elementwise import pass_positive
from core.engine.kernels.kernel import Binding, Kernel, Phase, Setting, as_mask, as_zeros
from core.engine.lanes import run_side_by_side
from core.engine.program import Node


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
        if self.derives:
            self.ones = np.ones((setting.batch, 1), setting.dtype)
        if self.derives and self.rectifies:
            n_values = prod(nodes[0].shape) * setting.batch
            self.d_part, self.mask_part = self.reserve(n_values), self.reserve_mask(n_values)

    def bind(self, arrays: Binding) -> None:
        (x,), (dx,), y, weights = arrays.xs, arrays.dxs, arrays.y, arrays.weights[0]
        kernel, bias = weights.values["kernel"], weights.values.get("bias")  # (C, units)
        sums = [y, *(arrays.scratch[part].reshape(y.shape) for part in self.sum_parts)]
        spans = spans_of(len(x), -(-len(x) // self.n_lanes))
        lanes = [
            partial(np.matmul, kernel.T[:, span], x[span], out=out)  # (units, C) · (C, N)
            for span, out in zip(spans, sums, strict=False)
        ]
        self.forwards: list[Phase] = [partial(run_side_by_side, lanes)] if len(lanes) > 1 else [*lanes]
        self.forwards += [partial(np.add, y, summed, out=y) for summed in sums[1 : len(lanes)]]
        if bias is not None:
            self.forwards.append(partial(np.add, y, bias[:, None], out=y))
        zeros = as_zeros(arrays.zeros, y.shape if self.rectifies else (0,))
        if self.rectifies:
            self.forwards.append(partial(np.maximum, y, zeros, out=y))
        self.backwards: list[Phase] = []
        if arrays.dy is None:
            return
        d = arrays.dy
        if self.rectifies:
            d, mask = arrays.scratch[self.d_part].reshape(y.shape), as_mask(arrays.scratch[self.mask_part], y.shape)
            self.backwards.append(partial(pass_positive, arrays.dy, y, mask, d))
        if "kernel" in weights.gradients:
            self.backwards.append(partial(np.matmul, x, d.T, out=weights.gradients["kernel"]))  # (C, N) · (N, units)
        if "bias" in weights.gradients:  # (units, N) · (N, 1) is faster than a sum
            self.backwards.append(partial(np.matmul, d, self.ones, out=weights.gradients["bias"][:, None]))
        if dx is not None:
            self.backwards.append(partial(np.matmul, kernel, d, out=dx))  # (C, units) · (units, N)

    def forward(self) -> None:
        for call in self.forwards:
            call()

    def backward(self) -> None:
        for call in self.backwards:
            call()
