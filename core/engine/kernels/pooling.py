"""Pools of 2×2 pixels that don't overlap: the commonest, and the only ones that need no index of their maximum."""

from __future__ import annotations

from math import prod

import numpy as np

from core.engine.kernels.kernel import Binding, Kernel, Setting
from core.engine.program import Node
from core.layers.pooling import MaxPool2D
from core.layers.values import Array


class PairMaxima:
    """2×2 maxima in two stages: across each row's pairs, then down.

    In either stage the later of two equal values loses, so that the first maximum, row by row, wins as the definition
    wants. Two arrays of flags say which won, and lead the gradient back.

    Parameters
    ----------
    x : array, (C, 2·H', 2·W', N)
    y : array, (C, H', W', N)
    between, share : array, (C, 2·H', W', N)
        For the values between the stages, and for a part of their gradient; `share` is only used backwards.
    right, below : array of bool, (C, 2·H', W', N) and (C, H', W', N), or None
        Which of each pair is larger; None where no gradient will come back.
    """

    def __init__(
        self, x: Array, y: Array, between: Array, share: Array, right: Array | None, below: Array | None
    ) -> None:
        self.columns = x[:, :, 0::2], x[:, :, 1::2]
        self.rows = between[:, 0::2], between[:, 1::2]
        self.between, self.share, self.y = between, share, y
        self.right, self.below = right, below

    def forward(self) -> None:
        """Compute `y`."""
        for pair, larger, flags in ((self.columns, self.between, self.right), (self.rows, self.y, self.below)):
            np.maximum(*pair, out=larger)
            if flags is not None:
                np.greater(larger, pair[0], out=flags)  # `larger` has no gaps, which the second of the pair has

    def backward(self, dy: Array) -> None:
        """Lead a gradient back to where the maxima were: it overwrites `between`, `share` and `x`."""
        if self.right is None or self.below is None:
            raise ValueError("no gradient was to come back")
        (above, below), (left, right) = self.rows, self.columns
        np.multiply(dy, self.below, out=below)
        np.subtract(dy, below, out=above)
        # As between rows; but columns have gaps between them, and what is read twice had better have none.
        np.multiply(self.between, self.right, out=self.share)
        np.copyto(right, self.share)
        np.subtract(self.between, self.share, out=left)


class MaxPoolKernel(Kernel):
    """2×2 maxima; rows and columns that no window reads get no gradient."""

    pattern = "pairs across, then down"

    def __init__(self, nodes: tuple[Node, ...], setting: Setting) -> None:
        super().__init__(nodes, setting)
        high, wide, channels = nodes[0].shape
        self.between_shape = (channels, 2 * high, wide, setting.batch)
        n_between = prod(self.between_shape)
        self.between_part = self.reserve(n_between)
        self.share_part = self.reserve(n_between if self.derives else 0)
        if self.derives:
            self.kept["right"] = (self.between_shape, np.bool_)
            self.kept["below"] = ((channels, high, wide, setting.batch), np.bool_)

    @classmethod
    def suits(cls, nodes: tuple[Node, ...]) -> bool:
        """Tell whether windows of 2×2 lie side by side from the first pixel on."""
        return pairs_up(nodes[0])

    def bind(self, arrays: Binding) -> None:
        (x,), (dx,) = arrays.xs, arrays.dxs
        between = arrays.scratch[self.between_part].reshape(self.between_shape)
        share = between if arrays.dy is None else arrays.scratch[self.share_part].reshape(self.between_shape)
        right, below = arrays.kept.get("right"), arrays.kept.get("below")
        _, high, wide, _ = arrays.y.shape
        read = np.s_[:, : 2 * high, : 2 * wide]
        self.maxima = PairMaxima(x[read], arrays.y, between, share, right, below)
        self.dx = dx
        if dx is not None and arrays.dy is not None:
            self.dy = arrays.dy
            self.derivatives = PairMaxima(dx[read], arrays.dy, between, share, right, below)
            self.unread = [dx[:, 2 * high :], dx[:, : 2 * high, 2 * wide :]]

    def forward(self) -> None:
        self.maxima.forward()

    def backward(self) -> None:
        if self.dx is not None:
            self.derivatives.backward(self.dy)
            for margin in self.unread:
                margin.fill(0)


def pairs_up(node: Node) -> bool:
    """Tell whether a layer takes maxima of 2×2 pixels side by side, without padding."""
    if not isinstance(node.kind, MaxPool2D):
        return False
    return all(
        (axis.f, axis.stride, axis.dilation, axis.before, axis.after, axis.overhang) == (2, 2, 1, 0, 0, 0)
        for axis in node.kind.window(node.inputs[0]).axes
    )
