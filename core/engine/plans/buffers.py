"""Where values lie in memory: places with margins, packed so that they share it when they are not needed together."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator, Sequence
from math import prod

import numpy as np

from core.engine.kernels.kernel import NO_MARGINS, Margins, margin_views
from core.layers.values import Array
from core.shapes import Shape

ALIGNMENT = 16
"""Places start at multiples of so many values: a cache line of float32."""


class Place:
    """Where a value of a plan lies, and from which step of a pass to which.

    Images lie as (C, H, W, N) with margins of zeros as wide as any kernel asks for, features as (C, N).

    Attributes
    ----------
    first, last : float
        The steps that write it first and read it last.
    offset : int
        Where it starts, in values; set by `pack`.
    """

    def __init__(self, shape: Shape, batch: int, first: float, last: float) -> None:
        self.shape, self.batch = shape, batch
        self.first, self.last = first, last
        self.margins = NO_MARGINS
        self.offset = 0
        self._array: Array = np.empty(0)

    def widen(self, margins: Margins) -> None:
        """Make room for margins that a kernel asks for."""
        self.margins = Margins(*map(max, self.margins, margins))

    def live(self, step: float) -> None:
        """Lengthen its life to a step."""
        self.first, self.last = min(self.first, step), max(self.last, step)

    @property
    def extent(self) -> tuple[int, ...]:
        """The shape of its memory, margins included."""
        *image, channels = self.shape
        top, bottom, left, right = self.margins
        size = (image[0] + top + bottom, image[1] + left + right) if image else ()
        return (channels, *size, self.batch)

    @property
    def size(self) -> int:
        """How many values it takes, with those up to where the next place may start."""
        return -(-prod(self.extent) // ALIGNMENT) * ALIGNMENT

    @property
    def end(self) -> int:
        """Where the next place may start."""
        return self.offset + self.size

    def attach(self, memory: Array) -> None:
        """Take its part of the memory."""
        self._array = memory[self.offset : self.offset + prod(self.extent)].reshape(self.extent)

    def view(self, margins: Margins = NO_MARGINS) -> Array:
        """View the value, with some of the margins around it."""
        if self._array.ndim == 2:
            return self._array
        top, bottom, left, right = (have - want for have, want in zip(self.margins, margins, strict=True))
        _, high, wide, _ = self._array.shape
        return self._array[:, top : high - bottom, left : wide - right]

    def margin_views(self) -> Iterator[Array]:
        """View the margins."""
        return margin_views(self._array, self.margins) if self.margins != NO_MARGINS else iter(())

    def overlaps(self, other: Place) -> bool:
        """Tell whether both lie in the same memory."""
        return self.offset < other.end and other.offset < self.end


def pack(places: Sequence[Place]) -> int:
    """Set the offset of every place, and return how many values all of them take.

    The largest are placed first, each as low as those that it meets leave room.
    """
    taken: list[tuple[int, int, float, float]] = []  # start, end, first and last step; in the order of their starts
    for place in sorted(places, key=lambda place: place.size, reverse=True):
        start, size = 0, place.size
        for other_start, other_end, first, last in taken:
            if other_start >= start + size:
                break
            if first <= place.last and place.first <= last and start < other_end:
                start = other_end
        place.offset = start
        insort(taken, (start, start + size, place.first, place.last))
    return max((end for _, end, _, _ in taken), default=0)
