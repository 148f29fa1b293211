"""Pools of any windows, overlapping or not: across each row first, then down, a few channels at a time."""

from __future__ import annotations

from abc import abstractmethod
from math import prod
from typing import NamedTuple, cast

import numpy as np

from core.engine.kernels.columns import read_of, spans_of
from core.engine.kernels.kernel import Binding, Kernel, Setting, as_mask
from core.engine.program import Node
from core.layers.kind import Array
from core.layers.pooling import AvgPool2D, Pool
from core.windows import Axis

GROUP_VALUES = 64 * 1024
"""So many input values are pooled at once, or one channel: with what is computed of them they stay in the cache."""


class Tap(NamedTuple):
    """One pixel of the window along an axis: which places read inside the image there, and what they read."""

    number: int
    places: tuple[slice, ...]
    pixels: tuple[slice, ...]


class SlidingPoolKernel(Kernel):
    """Pools are functions of rows, then of columns of what came out; both ways a window's pixels are taken in turn."""

    def __init__(self, nodes: tuple[Node, ...], setting: Setting) -> None:
        super().__init__(nodes, setting)
        self.window = cast(Pool, nodes[0].kind).window(nodes[0].inputs[0])
        high, wide, channels = nodes[0].inputs[0]
        self.channels = channels
        self.at_once = min(channels, max(1, GROUP_VALUES // (high * wide * setting.batch)))
        self.across_shape = (channels, high, self.window.wide.out, setting.batch)
        self.down_shape = (channels, self.window.high.out, self.window.wide.out, setting.batch)
        self.between_part = self.reserve(self.at_once * prod(self.across_shape[1:]))
        # Along rows the third axis moves, (C, H, W, N), down columns the second.
        every = slice(None)
        self.across = [Tap(n, (every, every, out), (every, every, read)) for n, out, read in _taps(self.window.wide)]
        self.down = [Tap(n, (every, out), (every, read)) for n, out, read in _taps(self.window.high)]

    def bind(self, arrays: Binding) -> None:
        between = arrays.scratch[self.between_part]
        self.groups = []
        for span in spans_of(self.channels, self.at_once):
            n = (span.stop - span.start) * prod(self.across_shape[1:])
            shape = (span.stop - span.start, *self.across_shape[1:])
            self.groups.append(_Group(span, arrays.xs[0][span], between[:n].reshape(shape), arrays.y[span]))
        self.dx, self.dy = arrays.dxs[0], arrays.dy
        self.arrays = arrays

    def forward(self) -> None:
        for group in self.groups:
            self.pool(self.across, group.x, group.between, "across", group.span)
            self.pool(self.down, group.between, group.y, "down", group.span)
            self.finish(group.y)

    def backward(self) -> None:
        if self.dx is None or self.dy is None:
            return
        for group in self.groups:
            dx = self.dx[group.span]
            self.spread(self.down, self.prepared(self.dy[group.span]), group.between, "down", group.span)
            self.spread(self.across, group.between, dx, "across", group.span)

    @abstractmethod
    def pool(self, taps: list[Tap], x: Array, y: Array, way: str, span: slice) -> None:
        """Pool along one axis."""

    @abstractmethod
    def spread(self, taps: list[Tap], dy: Array, dx: Array, way: str, span: slice) -> None:
        """Lead the gradient back along one axis."""

    def finish(self, y: Array) -> None:
        """Do what is left once both axes are pooled."""

    def prepared(self, dy: Array) -> Array:
        """Give the gradient before `finish`."""
        return dy


class _Group(NamedTuple):
    """Some channels."""

    span: slice
    x: Array
    between: Array
    y: Array


class SlidingMaxKernel(SlidingPoolKernel):
    """Maxima of rows, then of columns; where a gradient will come, which pixel won is kept, for both.

    A later pixel wins only if it is larger, so that the first of equal ones wins, row by row, as the definition wants.
    """

    pattern = "maxima across, then down"

    def __init__(self, nodes: tuple[Node, ...], setting: Setting) -> None:
        super().__init__(nodes, setting)
        if setting.backward:
            n = self.at_once * max(prod(self.across_shape[1:]), prod(self.down_shape[1:]))
            self.larger_part, self.place_part = self.reserve_mask(n), self.reserve_mask(n)
            self.share_part = self.reserve(n)
            self.kept["across"], self.kept["down"] = (self.across_shape, np.uint8), (self.down_shape, np.uint8)

    @classmethod
    def suits(cls, nodes: tuple[Node, ...]) -> bool:
        """Tell whether a window's places can be counted in a byte."""
        axes = cast(Pool, nodes[0].kind).window(nodes[0].inputs[0]).axes
        return max(axis.f for axis in axes) <= 255

    def pool(self, taps: list[Tap], x: Array, y: Array, way: str, span: slice) -> None:
        y.fill(-np.inf)
        if not self.setting.backward:
            for _, places, pixels in taps:
                np.maximum(y[places], x[pixels], out=y[places])
            return
        winner = self.arrays.kept[way][span]
        winner.fill(0)
        for number, places, pixels in taps:
            part, pixel = y[places], x[pixels]
            if number:
                larger, place = self._flags(self.larger_part, part), self._flags(self.place_part, part).view(np.uint8)
                np.greater(pixel, part, out=larger)
                np.multiply(larger.view(np.uint8), np.uint8(number), out=place)
                np.maximum(winner[places], place, out=winner[places])
            np.maximum(part, pixel, out=part)

    def spread(self, taps: list[Tap], dy: Array, dx: Array, way: str, span: slice) -> None:
        winner = self.arrays.kept[way][span]
        dx.fill(0)
        for number, places, pixels in taps:
            won = self._flags(self.larger_part, dy[places])
            share = self.arrays.scratch[self.share_part][: won.size].reshape(won.shape)
            np.equal(winner[places], number, out=won)
            np.multiply(dy[places], won, out=share)
            np.add(dx[pixels], share, out=dx[pixels])

    def _flags(self, part: slice, like: Array) -> Array:
        return as_mask(self.arrays.scratch[part], like.shape)


class SlidingMeanKernel(SlidingPoolKernel):
    """Sums of rows, then of columns, over the number of values in each window."""

    pattern = "sums across, then down"

    def __init__(self, nodes: tuple[Node, ...], setting: Setting) -> None:
        super().__init__(nodes, setting)
        counts = cast(AvgPool2D, nodes[0].kind).counts(self.window)  # (H', W', 1)
        self.shares = (1 / counts).astype(setting.dtype)[None]
        if setting.backward:
            self.shared_part = self.reserve(self.at_once * prod(self.down_shape[1:]))

    def pool(self, taps: list[Tap], x: Array, y: Array, way: str, span: slice) -> None:
        y.fill(0)
        for _, places, pixels in taps:
            np.add(y[places], x[pixels], out=y[places])

    def finish(self, y: Array) -> None:
        np.multiply(y, self.shares, out=y)

    def prepared(self, dy: Array) -> Array:
        shared = self.arrays.scratch[self.shared_part][: dy.size].reshape(dy.shape)
        return np.multiply(dy, self.shares, out=shared)

    def spread(self, taps: list[Tap], dy: Array, dx: Array, way: str, span: slice) -> None:
        dx.fill(0)
        for _, places, pixels in taps:
            np.add(dx[pixels], dy[places], out=dx[pixels])


class GlobalMeanKernel(Kernel):
    """`y = Σ x/(H·W)`, as a product with a row of 1/(H·W); every pixel gets the same share of the gradient."""

    pattern = "a product with ones"

    def __init__(self, nodes: tuple[Node, ...], setting: Setting) -> None:
        super().__init__(nodes, setting)
        self.high, self.wide, self.channels = nodes[0].inputs[0]
        self.sums_part = self.reserve(self.channels * self.high * setting.batch)

    def bind(self, arrays: Binding) -> None:
        self.x, self.dx, self.y = arrays.xs[0], arrays.dxs[0], arrays.y
        self.row = np.full((1, self.wide), 1 / (self.high * self.wide), self.setting.dtype)
        # (C, H, 1, N): rows first, whose pixels lie side by side whatever margins there are
        self.sums = arrays.scratch[self.sums_part].reshape(self.channels, self.high, 1, -1)
        self.column = np.ones((1, self.high), self.setting.dtype)
        self.share = np.asarray(1 / (self.high * self.wide), self.setting.dtype)
        if arrays.dy is not None:
            self.dy = arrays.dy[:, None, None]

    def forward(self) -> None:
        np.matmul(self.row, self.x, out=self.sums)  # (1, W) · (C, H, W, N)
        np.matmul(self.column, self.sums[:, :, 0], out=self.y[:, None])  # (1, H) · (C, H, N)

    def backward(self) -> None:
        if self.dx is not None:
            np.multiply(self.dy, self.share, out=self.dx)


def _taps(axis: Axis) -> list[tuple[int, slice, slice]]:
    found = ((tap, *read_of(axis, tap, slice(0, axis.out))) for tap in range(axis.f))
    return [(tap, places, pixels) for tap, places, pixels in found if places.stop > places.start]
