"""Which layers stand together, and which so far off that no sight has room for all."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping
from math import floor

from PySide6.QtCore import QRectF

FAR = 4096
"""Layers nearer than this stand together; between groups nothing is for at least as far."""


def groups(rects: Mapping[str, QRectF]) -> list[list[str]]:
    """Return the names of what stands together, the largest group first, in the order given within each.

    >>> near, far = QRectF(0, 0, 150, 100), QRectF(90_000, 0, 150, 100)
    >>> groups({"conv1": near, "fc": far, "relu1": near})
    [['conv1', 'relu1'], ['fc']]
    """
    inside = defaultdict[tuple[int, int], list[str]](list)
    for name, rect in rects.items():
        centre = rect.center()
        inside[floor(centre.x() / FAR), floor(centre.y() / FAR)].append(name)
    rank = {name: place for place, name in enumerate(rects)}
    found = []
    waiting = set(inside)
    while waiting:
        reached = deque([waiting.pop()])
        names: list[str] = []
        while reached:
            column, row = reached.popleft()
            names += inside[column, row]
            beside = {(column + dx, row + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)} & waiting
            waiting -= beside
            reached += beside
        found.append(sorted(names, key=rank.__getitem__))
    return sorted(found, key=lambda names: (-len(names), rank[names[0]]))
