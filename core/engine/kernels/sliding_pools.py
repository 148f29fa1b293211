"""Pools of any windows, overlapping or not: along one axis, then along the other, a few channels at a time."""

from __future__ import annotations

from abc import abstractmethod
from math import prod
from typing import Literal, NamedTuple, TypeAlias, cast

import numpy as np

from core.engine.kernels.columns import read_of, spans_of
from core.engine.kernels.kernel import Binding, Kernel, Setting, as_mask
from core.engine.program import Node
from core.layers.pooling import AvgPool2D, Pool
from core.layers.values import Array
from core.sliding_windows import Axis

GROUP_VALUES = 64 * 1024
"""So many input values are pooled at once, or one channel: with what is computed of them they stay in the cache."""


class Tap(NamedTuple):
    """One pixel of the window along an axis: which places read inside the image there, and what they read."""

    number: int
    places: tuple[slice, ...]
    pixels: tuple[slice, ...]


Way: TypeAlias = Literal["across", "down"]


class SlidingPoolKernel(Kernel):
    """Pools are functions of rows, then of columns of what came out; both ways a window's pixels are taken in turn.

    Down first is faster, where the order is free: whole rows are then read as they lie, and less is left to skip about
    in.
    """

    ways: tuple[Way, Way] = ("down", "across")

    def __init__(self, nodes: tuple[Node, ...], setting: Setting) -> None:
        super().__init__(nodes, setting)
        self.window = cast(Pool, nodes[0].kind).window(nodes[0].inputs[0])
        high, wide, channels = nodes[0].inputs[0]
        self.channels = channels
        self.at_once = min(channels, max(1, GROUP_VALUES // (high * wide * setting.batch)))
        pooled = self.window.high.out, self.window.wide.out
        between = (high, pooled[1]) if self.ways[0] == "across" else (pooled[0], wide)
        self.between_shape = (channels, *between, setting.batch)
        self.pooled_shape = (channels, *pooled, setting.batch)
        self.between_part = self.reserve(self.at_once * prod(self.between_shape[1:]))
        # Along rows the third axis moves, (C, H, W, N), down columns the second.
        every = slice(None)
        self.taps: dict[Way, list[Tap]] = {
            "across": [Tap(n, (every, every, out), (every, every, read)) for n, out, read in _taps(self.window.wide)],
            "down": [Tap(n, (every, out), (every, read)) for n, out, read in _taps(self.window.high)],
        }
        outs: dict[Way, int] = {"across": pooled[1], "down": pooled[0]}
        self.begun = {way: _begin(taps, outs[way]) for way, taps in self.taps.items()}

    def bind(self, arrays: Binding) -> None:
        between = arrays.scratch[self.between_part]
        self.groups = []
        for span in spans_of(self.channels, self.at_once):
            shape = (span.stop - span.start, *self.between_shape[1:])
            part = between[: prod(shape)].reshape(shape)
            self.groups.append(_Group(span, arrays.xs[0][span], part, arrays.y[span]))
        self.dx, self.dy = arrays.dxs[0], arrays.dy
        self.arrays = arrays

    def forward(self) -> None:
        first, second = self.ways
        for group in self.groups:
            self.pool(first, group.x, group.between, group.span)
            self.pool(second, group.between, group.y, group.span)
            self.finish(group.y)

    def backward(self) -> None:
        if self.dx is None or self.dy is None:
            return
        first, second = self.ways
        for group in self.groups:
            self.spread(second, self.prepared(self.dy[group.span]), group.between, group.span)
            self.spread(first, group.between, self.dx[group.span], group.span)

    @abstractmethod
    def pool(self, way: Way, x: Array, y: Array, span: slice) -> None:
        """Pool along one axis."""

    @abstractmethod
    def spread(self, way: Way, dy: Array, dx: Array, span: slice) -> None:
        """Lead the gradient back along one axis."""

    def combine(self, function: np.ufunc, way: Way, x: Array, y: Array, nothing: float) -> None:
        """Combine the pixels of each window along one axis; what reads the padding alone becomes `nothing`.

        Two pixels that all windows have, if there are any, save a pass that fills and one that combines.
        """
        first, others = self.begun[way]
        if first:
            function(*(x[tap.pixels] for tap in first), out=y)
        else:
            y.fill(nothing)
        for tap in others:
            function(y[tap.places], x[tap.pixels], out=y[tap.places])

    def finish(self, y: Array) -> None:
        """Do what is left once both axes are pooled."""

    def prepared(self, dy: Array) -> Array:
        """Return the gradient before `finish`."""
        return dy


class _Group(NamedTuple):
    """Some channels."""

    span: slice
    x: Array
    between: Array
    y: Array


class SlidingMaxKernel(SlidingPoolKernel):
    """Maxima along both axes; where a gradient will come, which pixel won is kept, for both.

    A later pixel wins only if it is larger, so that the first of equal ones wins, row by row, as the definition wants:
    for that rows come first.
    """

    pattern = "maxima along each axis"

    def __init__(self, nodes: tuple[Node, ...], setting: Setting) -> None:
        if setting.derives(nodes):
            self.ways = ("across", "down")
        super().__init__(nodes, setting)
        if self.derives:
            n = self.at_once * max(prod(self.between_shape[1:]), prod(self.pooled_shape[1:]))
            self.larger_part, self.place_part = self.reserve_mask(n), self.reserve_mask(n)
            self.share_part = self.reserve(n)
            self.kept["across"], self.kept["down"] = (self.between_shape, np.uint8), (self.pooled_shape, np.uint8)

    @classmethod
    def suits(cls, nodes: tuple[Node, ...]) -> bool:
        """Tell whether a window's places can be counted in a byte."""
        axes = cast(Pool, nodes[0].kind).window(nodes[0].inputs[0]).axes
        return max(axis.f for axis in axes) <= 255

    def pool(self, way: Way, x: Array, y: Array, span: slice) -> None:
        if not self.derives:
            self.combine(np.maximum, way, x, y, -np.inf)
            return
        y.fill(-np.inf)
        winner = self.arrays.kept[way][span]
        winner.fill(0)
        for number, places, pixels in self.taps[way]:
            part, pixel = y[places], x[pixels]
            if number:
                larger, place = self._flags(self.larger_part, part), self._flags(self.place_part, part).view(np.uint8)
                np.greater(pixel, part, out=larger)
                np.multiply(larger.view(np.uint8), np.uint8(number), out=place)
                np.maximum(winner[places], place, out=winner[places])
            np.maximum(part, pixel, out=part)

    def spread(self, way: Way, dy: Array, dx: Array, span: slice) -> None:
        winner = self.arrays.kept[way][span]
        dx.fill(0)
        for number, places, pixels in self.taps[way]:
            won = self._flags(self.larger_part, dy[places])
            share = self.arrays.scratch[self.share_part][: won.size].reshape(won.shape)
            np.equal(winner[places], number, out=won)
            np.multiply(dy[places], won, out=share)
            np.add(dx[pixels], share, out=dx[pixels])

    def _flags(self, part: slice, like: Array) -> Array:
        return as_mask(self.arrays.scratch[part], like.shape)


class SlidingMeanKernel(SlidingPoolKernel):
    """Sums along both axes, over the number of values in each window."""

    pattern = "sums along each axis"

    def __init__(self, nodes: tuple[Node, ...], setting: Setting) -> None:
        super().__init__(nodes, setting)
        counts = cast(AvgPool2D, nodes[0].kind).counts(self.window)  # (H', W', 1)
        self.shares = (1 / counts).astype(setting.dtype)[None]
        if self.derives:
            self.shared_part = self.reserve(self.at_once * prod(self.pooled_shape[1:]))

    def pool(self, way: Way, x: Array, y: Array, span: slice) -> None:
        self.combine(np.add, way, x, y, 0)

    def finish(self, y: Array) -> None:
        np.multiply(y, self.shares, out=y)

    def prepared(self, dy: Array) -> Array:
        shared = self.arrays.scratch[self.shared_part][: dy.size].reshape(dy.shape)
        return np.multiply(dy, self.shares, out=shared)

    def spread(self, way: Way, dy: Array, dx: Array, span: slice) -> None:
        dx.fill(0)
        for _, places, pixels in self.taps[way]:
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


def _begin(taps: list[Tap], out: int) -> tuple[list[Tap], list[Tap]]:
    """Divide taps into two that read inside the image at every place, or none, and the others."""
    first = [tap for tap in taps if tap.places[-1] == slice(0, out)][:2]
    return (first, [tap for tap in taps if tap not in first]) if len(first) == 2 else ([], taps)


def _taps(axis: Axis) -> list[tuple[int, slice, slice]]:
    ranges = ((tap, *read_of(axis, tap, slice(0, axis.out))) for tap in range(axis.f))
    return [(tap, places, pixels) for tap, places, pixels in ranges if places.stop > places.start]
