"""Lines along which layers stand: what is moved is drawn to them, and they show while it stands on one."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from PySide6.QtCore import QRectF

from core.graph.layering import Box
from core.graph.values import LayoutDirection, Position
from designer.canvas.drawing.node import Node
from designer.canvas.drawing.placing import snapped
from designer.canvas.drawing.routing import TRANSPOSE

OVERHANG = 16
"""How far a guide reaches beyond what it joins."""


class Guides:
    """The lines of the layers that stay where they are.

    The lines on which wires run attract their like, and in the direction of the wires both edges and middles do.
    """

    def __init__(self, others: Iterable[Node], direction: LayoutDirection = "right") -> None:
        self._down = direction == "down"
        self._rects = [(TRANSPOSE.mapRect(node.rect) if self._down else node.rect, node.box.line) for node in others]
        self._upright = sorted({x for rect, _ in self._rects for x in (rect.left(), rect.center().x(), rect.right())})
        self._level = sorted({rect.top() + line for rect, line in self._rects})

    def attract(self, box: Box, wish: Position, reach: float) -> tuple[Position, list[QRectF]]:
        """Return the place that a layer is drawn to, and the lines it then stands on, as rectangles without area."""
        if not self._down:
            return self._attract(box, wish, reach)
        (y, x), lines = self._attract(box._replace(width=box.height, height=box.width), (wish[1], wish[0]), reach)
        return (x, y), [TRANSPOSE.mapRect(line) for line in lines]

    def _attract(self, box: Box, wish: Position, reach: float) -> tuple[Position, list[QRectF]]:
        x, y = snapped(*wish)
        lines = []
        upright = _nearest(self._upright, [wish[0] + part for part in (0, box.width / 2, box.width)], reach)
        if upright is not None:
            x = wish[0] + upright[1] - upright[0]
        level = _nearest(self._level, [wish[1] + box.line], reach)
        if level is not None:
            y = level[1] - box.line
        own = QRectF(x, y, box.width, box.height)
        if upright is not None:
            at = upright[1]
            on = [rect for rect, _ in self._rects if at in (rect.left(), rect.center().x(), rect.right())]
            top, bottom = min(r.top() for r in [own, *on]), max(r.bottom() for r in [own, *on])
            lines.append(QRectF(at, top - OVERHANG, 0, bottom - top + 2 * OVERHANG))
        if level is not None:
            on = [rect for rect, line in self._rects if rect.top() + line == level[1]]
            left, right = min(r.left() for r in [own, *on]), max(r.right() for r in [own, *on])
            lines.append(QRectF(left - OVERHANG, level[1], right - left + 2 * OVERHANG, 0))
        return (x, y), lines


def _nearest(lines: Sequence[float], wishes: Iterable[float], reach: float) -> tuple[float, float] | None:
    """Return the wish and the line that are nearest to each other, if within reach."""
    best: tuple[float, float, float] | None = None
    for wish in wishes:
        i = bisect_left(lines, wish)
        for line in lines[max(0, i - 1) : i + 1]:
            away = abs(line - wish)
            if away <= reach and (best is None or away < best[0]):
                best = (away, wish, line)
    return None if best is None else best[1:]
