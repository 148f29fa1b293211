"""Layers that bring several paths together."""

from __future__ import annotations

from typing import cast

import numpy as np

from core.engine.kernels.kernel import Binding, Kernel
from core.layers.merge import Concat
from core.layers.values import Array


class AddKernel(Kernel):
    """`y = x₀ + x₁ + …`; every input gets the whole gradient."""

    pattern = "sums in place"

    def bind(self, arrays: Binding) -> None:
        self.first, self.second, *self.rest = arrays.xs
        self.y, self.dxs = arrays.y, [dx for dx in arrays.dxs if dx is not None]
        if arrays.dy is not None:
            self.dy = arrays.dy

    def forward(self) -> None:
        np.add(self.first, self.second, out=self.y)
        for x in self.rest:
            np.add(self.y, x, out=self.y)

    def backward(self) -> None:
        for dx in self.dxs:
            np.copyto(dx, self.dy)


class ConcatKernel(Kernel):
    """Copies its inputs side by side, and their gradients back."""

    pattern = "copies side by side"

    def bind(self, arrays: Binding) -> None:
        self.copies = list(zip(arrays.xs, self._parts(arrays.y), strict=True))
        self.shares = []
        if arrays.dy is not None:
            shares = zip(arrays.dxs, self._parts(arrays.dy), strict=True)
            self.shares = [(dx, share) for dx, share in shares if dx is not None]

    def _parts(self, whole: Array) -> list[Array]:
        """View each input's part of the output."""
        (node,) = self.nodes
        axis = cast(Concat, node.kind).axis % len(node.shape)
        ends = np.cumsum([shape[axis] for shape in node.inputs])
        inner = 0 if axis == len(node.shape) - 1 else axis + 1  # channels lie outermost inside the engine
        return np.split(whole, ends[:-1], inner)

    def forward(self) -> None:
        for x, part in self.copies:
            np.copyto(part, x)

    def backward(self) -> None:
        for dx, part in self.shares:
            np.copyto(dx, part)
