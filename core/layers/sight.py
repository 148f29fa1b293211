"""Which input values an output value reads: axis by axis where it can be told so, place by place elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.layers.values import Array
from core.shapes import Shape, count
from core.sliding_windows import Axis, Window

Indices: TypeAlias = NDArray[np.int64]
Mask: TypeAlias = NDArray[np.bool_]
"""Values of an image, (H, W, C); an axis of length 1 says the same of all places along it. Features are one pixel."""

NOWHERE = -(2**40)
"""Stands for a place where nothing is read, not even padding."""


@dataclass(frozen=True, slots=True, eq=False)
class Along:
    """Which of `n` places along an axis of the input each of `out` places of the output reads.

    Attributes
    ----------
    places : array of int, (out, reads), or None
        Below 0 and from n on lies the padding; `NOWHERE` fills up where some read less. None: each reads all.
    is_same : bool
        Whether each reads the place that it has itself.
    """

    n: int
    out: int
    places: Indices | None = None
    is_same: bool = False

    def read_by(self, place: int) -> Indices:
        """Return the places that one place of the output reads, padding included."""
        if self.is_same:
            return np.array([place])
        if self.places is None:
            return np.arange(self.n)
        read = self.places[place]
        return read[read != NOWHERE]

    def matrix(self) -> Mask:
        """Return which place of the output reads which of the input, (out, n)."""
        matrix = np.zeros((self.out, self.n), bool)
        if self.places is None:
            matrix[:] = True
        else:
            inside = (self.places >= 0) & (self.places < self.n)
            matrix[np.nonzero(inside)[0], self.places[inside]] = True
        return matrix

    def turned_round(self) -> Along:
        """Return which places of the output read each of the input, as if those read them."""
        if self.is_same or self.places is None:
            return Along(self.out, self.n, self.places, self.is_same)
        read, by = np.nonzero(self.matrix().T)
        counts = np.bincount(read, minlength=self.n)
        firsts = np.cumsum(counts) - counts
        places = np.full((self.n, max(1, int(counts.max()))), NOWHERE)
        places[read, np.arange(len(read)) - firsts[read]] = by
        return Along(self.out, self.n, places)

    def back(self, mask: Mask, axis: int) -> Mask:
        """Return what of the input some of the output read."""
        return mask if self.is_same else self.turned_round().forth(mask, axis)

    def forth(self, mask: Mask, axis: int) -> Mask:
        """Return what of the output reads some of the input."""
        if self.is_same:
            return mask
        if self.places is None:
            return np.logical_or.reduce(mask, axis, keepdims=True)
        inside = (self.places >= 0) & (self.places < self.n)
        lines = np.moveaxis(mask, axis, 0)
        if len(lines) == 1:
            along = inside.any(1)
            return mask if along.all() else mask & along.reshape([-1 if side == axis else 1 for side in range(3)])
        carried = np.zeros((self.out, *lines.shape[1:]), bool)
        for column, flags in zip(self.places.T, inside.T, strict=True):
            np.logical_or(carried, lines[np.where(flags, column, 0)] & flags[:, None, None], out=carried)
        return np.moveaxis(carried, 0, axis)

    def beyond(self, flags: Mask) -> tuple[int, int]:
        """Return how far into the padding some places of the output read, before and after; of (out,) or (1,) flags."""
        if self.places is None or self.is_same:
            return 0, 0
        read = self.places[np.broadcast_to(flags, self.out)]
        read = read[read != NOWHERE]
        if not read.size:
            return 0, 0
        return max(0, -int(read.min())), max(0, int(read.max()) - self.n + 1)


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """What the values of an output read of one input: the rows, columns and channels, each told by itself."""

    rows: Along
    columns: Along
    channels: Along

    @property
    def axes(self) -> tuple[Along, Along, Along]:
        """All three."""
        return (self.rows, self.columns, self.channels)

    def back(self, mask: Mask) -> Mask:
        """Return what of the input some of the output read."""
        for axis, along in sorted(enumerate(self.axes), key=lambda each: each[1].places is not None):
            mask = along.back(mask, axis)
        return mask

    def forth(self, mask: Mask) -> Mask:
        """Return what of the output reads some of the input."""
        for axis, along in sorted(enumerate(self.axes), key=lambda each: each[1].places is not None):
            mask = along.forth(mask, axis)
        return mask

    def beyond(self, mask: Mask) -> tuple[int, int, int, int]:
        """Return how many rows and columns of padding some of the output read: above, below, left and right."""
        rows, columns = (np.logical_or.reduce(mask, others) for others in ((1, 2), (0, 2)))
        return *self.rows.beyond(rows), *self.columns.beyond(columns)

    def read_by(self, at: tuple[int, int, int]) -> tuple[Indices, Indices, Indices]:
        """Return the rows, columns and channels that one value reads, padding included."""
        rows, columns, channels = (along.read_by(place) for along, place in zip(self.axes, at, strict=True))
        return rows, columns, channels


@dataclass(frozen=True, slots=True, eq=False)
class Moved:
    """What the values of an output are that were only moved: each is one of the input, and each is there once.

    Attributes
    ----------
    came_from : array of int, (H', W', C')
        The place of each in the input laid out flat.
    image : (H, W, C)
        The input's shape.
    """

    came_from: Indices
    image: Shape

    def back(self, mask: Mask) -> Mask:
        """Return what of the input some of the output read."""
        flat = np.zeros(count(self.image), bool)
        flat[self.came_from[np.broadcast_to(mask, self.came_from.shape)]] = True
        return flat.reshape(self.image)

    def forth(self, mask: Mask) -> Mask:
        """Return what of the output reads some of the input."""
        return np.broadcast_to(mask, self.image).reshape(-1)[self.came_from]

    def beyond(self, mask: Mask) -> tuple[int, int, int, int]:
        """Return that nothing is padded."""
        return 0, 0, 0, 0

    def read_by(self, at: tuple[int, int, int]) -> tuple[Indices, Indices, Indices]:
        """Return the row, the column and the channel that one value comes from."""
        row, column, channel = np.unravel_index(self.came_from[at], self.image)
        return np.array([row]), np.array([column]), np.array([channel])


AnySight: TypeAlias = Sight | Moved


def as_image(shape: Shape) -> tuple[int, int, int]:
    """Return features as an image of one pixel.

    >>> as_image((5,)), as_image((4, 3, 2))
    ((1, 1, 5), (4, 3, 2))
    """
    high, wide, channels = (1, 1, *shape) if len(shape) == 1 else shape
    return high, wide, channels


def same(n: int) -> Along:
    """Return an axis along which each place reads its own."""
    return Along(n, n, np.arange(n)[:, None], is_same=True)


def everything(n: int, out: int) -> Along:
    """Return an axis along which each place reads all."""
    return Along(n, out)


def listed(n: int, places: Array) -> Along:
    """Return an axis along which each place reads those listed for it, (out, reads)."""
    return Along(n, len(places), places)


def uneven(n: int, reads: Sequence[Sequence[int] | range]) -> Along:
    """Return an axis along which some places read more than others."""
    longest = max(map(len, reads))
    return listed(n, np.array([[*each, *(NOWHERE,) * (longest - len(each))] for each in reads]).reshape(-1, longest))


def slid(axis: Axis) -> Along:
    """Return an axis along which a window slides."""
    first = axis.stride * np.arange(axis.out)[:, None] - axis.before
    return listed(axis.n, first + axis.dilation * np.arange(axis.f))


def slid_over(window: Window, channels: Along) -> Sight:
    """Return what a sliding window reads."""
    return Sight(slid(window.high), slid(window.wide), channels)


def in_groups(channels: int, out: int, groups: int) -> Along:
    """Return channels of which every output reads those of its own group."""
    if groups == 1:
        return everything(channels, out)
    depth = channels // groups
    return listed(channels, (np.arange(out) * groups // out * depth)[:, None] + np.arange(depth))


def shifted(n: int, out: int, before: int, *, pads: bool = False) -> Along:
    """Return an axis in whose output the input begins after so many places; below 0 where some are cut off.

    Parameters
    ----------
    pads : bool
        Whether what stands around the input is its padding; else nothing is read there.
    """
    places = np.arange(out)[:, None] - before
    return listed(n, places if pads else np.where((places >= 0) & (places < n), places, NOWHERE))


def place_by_place(shape: Shape) -> Sight:
    """Return that every value reads the one in its own place."""
    high, wide, channels = as_image(shape)
    return Sight(same(high), same(wide), same(channels))


def whole(shape: Shape, out: Shape) -> Sight:
    """Return that every value reads all others."""
    high, wide, channels = map(everything, as_image(shape), as_image(out))
    return Sight(high, wide, channels)


def all_channels(shape: Shape) -> Sight:
    """Return that every value reads all channels of its own place."""
    high, wide, channels = as_image(shape)
    return Sight(same(high), same(wide), everything(channels, channels))


def crossed(*axes: Iterable[int]) -> Indices:
    """Return the indices of all combinations, (…, axes).

    >>> crossed(range(2), [5]).tolist()
    [[[0, 5]], [[1, 5]]]
    """
    listed = [np.fromiter(axis, np.int64) for axis in axes]
    return np.stack(np.meshgrid(*listed, indexing="ij"), -1)
