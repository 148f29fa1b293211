"""Which layers are near a place: Qt's own index is slow while many items are new."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from math import floor

from PySide6.QtCore import QRectF

SIDE = 256

Range = tuple[int, int, int, int]


class Cells:
    """Keeps names by the square cells of the drawing that their rectangles touch."""

    def __init__(self) -> None:
        self._inside: defaultdict[tuple[int, int], set[str]] = defaultdict(set)
        self._ranges: dict[str, Range] = {}

    def put(self, name: str, rect: QRectF) -> None:
        """Say where something is now."""
        reach = _range(rect)
        old = self._ranges.get(name)
        if old == reach:
            return
        if old is not None:
            self.remove(name)
        self._ranges[name] = reach
        for cell in _cells(reach):
            self._inside[cell].add(name)

    def remove(self, name: str) -> None:
        """Say that something is no more."""
        reach = self._ranges.pop(name, None)
        if reach is None:
            return
        for cell in _cells(reach):
            self._inside[cell].discard(name)
            if not self._inside[cell]:
                del self._inside[cell]

    def near(self, rect: QRectF) -> set[str]:
        """Return everything in the cells that a rectangle touches."""
        reach = _range(rect)
        if (reach[1] - reach[0] + 1) * (reach[3] - reach[2] + 1) > len(self._inside):
            return set(self._ranges)
        return set[str]().union(*(self._inside[cell] for cell in _cells(reach) if cell in self._inside))


def _range(rect: QRectF) -> Range:
    return (
        floor(rect.left() / SIDE),
        floor(rect.right() / SIDE),
        floor(rect.top() / SIDE),
        floor(rect.bottom() / SIDE),
    )


def _cells(reach: Range) -> Iterator[tuple[int, int]]:
    for x in range(reach[0], reach[1] + 1):
        for y in range(reach[2], reach[3] + 1):
            yield x, y
