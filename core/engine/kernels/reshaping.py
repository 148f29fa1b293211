"""Layers that only lay values out anew."""

from __future__ import annotations

import numpy as np

from core.engine.kernels.kernel import Binding, Kernel, as_image


class FlattenKernel(Kernel):
    """Copies (C, H, W, N) to (H·W·C, N): features come in the order of the files, row by row."""

    pattern = "one copy"

    def bind(self, arrays: Binding) -> None:
        (self.x,), (dx,) = (as_image(x) for x in arrays.xs), arrays.dxs
        # (H·W·C, N) -> (H, W, C, N) -> (C, H, W, N)
        channels, high, wide, batch = self.x.shape
        self.y = arrays.y.reshape(high, wide, channels, batch).transpose(2, 0, 1, 3)
        self.dx = None if dx is None else as_image(dx)
        if arrays.dy is not None:
            self.dy = arrays.dy.reshape(high, wide, channels, batch).transpose(2, 0, 1, 3)

    def forward(self) -> None:
        np.copyto(self.y, self.x)

    def backward(self) -> None:
        if self.dx is not None:
            np.copyto(self.dx, self.dy)
