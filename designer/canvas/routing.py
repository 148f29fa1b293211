"""The course of a wire: a gentle curve, around the end of a row, or over what stands in its way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from math import hypot, log2

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath, QTransform

from core.graph.values import LayoutDirection

LONG = 72
"""From this distance on, a wire may have something in its way."""
_CLEARANCE = 14
_LANE = 8
_RAMP = 36
"""Within this distance of its ends a wire comes to its level beside what is in its way."""
_RAMP_DOWN = 12
"""The same where data flows down: a pill may be that near, and is wider than high."""

_FLIP = QTransform(0, 1, 1, 0, 0, 0)
"""Exchanges across and down: courses are found for data that flows to the right."""

Obstacles = Callable[[QRectF], Sequence[QRectF]]
"""Gives the rectangles of the layers that touch a rectangle."""


def course(
    start: QPointF,
    leaving: int,
    end: QPointF,
    entering: int,
    obstacles: Obstacles | None = None,
    *,
    direction: LayoutDirection = "right",
) -> QPainterPath:
    """Draw a wire from an output to an input.

    Parameters
    ----------
    start, end : QPointF
    leaving, entering : {1, −1}
        On which side of its layer the output and the input lie: 1 is the right one, or the lower one.
    obstacles : callable, optional
        Asked only for wires that are long enough to have something in their way.
    direction : {"right", "down"}
        Where data flows in the drawing.
    """
    if direction == "right":
        return _course(start, leaving, end, entering, obstacles, _RAMP)
    seen = None if obstacles is None else partial(_flipped, obstacles)
    return _FLIP.map(_course(_FLIP.map(start), leaving, _FLIP.map(end), entering, seen, _RAMP_DOWN))


def _course(
    start: QPointF, leaving: int, end: QPointF, entering: int, obstacles: Obstacles | None, ramp: float
) -> QPainterPath:
    ahead = (end.x() - start.x()) * leaving
    if leaving == entering:
        return _around(start, end, leaving, obstacles, ramp)
    if ahead < 0:
        return _curve(start, leaving, end, entering, 48 + min(-ahead, 480) / 4)
    direct = _curve(start, leaving, end, entering, max(ahead / 2, min(ahead, 24)))
    if obstacles is None or ahead < LONG:
        return direct
    return _over(start, end, leaving, direct, obstacles, ramp) or direct


def through(
    start: QPointF,
    leaving: int,
    end: QPointF,
    entering: int,
    points: Sequence[tuple[float, float]],
    *,
    direction: LayoutDirection = "right",
) -> QPainterPath:
    """Draw a wire that passes points, as a smooth curve that leaves and enters in the direction of the drawing.

    Between two points it is a cubic curve whose direction at a point is that from the one before to the one behind.
    """
    if direction == "down":
        flipped = [(y, x) for x, y in points]
        return _FLIP.map(through(_FLIP.map(start), leaving, _FLIP.map(end), entering, flipped))
    way = [start, *(QPointF(*point) for point in points), end]
    first, last = way[1] - way[0], way[-1] - way[-2]
    level = [QPointF(leaving * max(24.0, _length(first)), 0), QPointF(-entering * max(24.0, _length(last)), 0)]
    slopes = [level[0], *((behind - before) / 2 for before, behind in zip(way, way[2:], strict=False)), level[1]]
    path = QPainterPath(start)
    for i, (here, there) in enumerate(pairwise(way)):
        reach = _length(there - here) / 3  # no direction pulls further than the leg is long
        path.cubicTo(here + _reaching(slopes[i], reach), there - _reaching(slopes[i + 1], reach), there)
    return path


def _flipped(obstacles: Obstacles, rect: QRectF) -> list[QRectF]:
    """Give what touches a rectangle, both with across and down exchanged."""
    return [_FLIP.mapRect(found) for found in obstacles(_FLIP.mapRect(rect))]


def _length(vector: QPointF) -> float:
    return hypot(vector.x(), vector.y())


def _reaching(vector: QPointF, length: float) -> QPointF:
    return vector * (length / max(_length(vector), 1e-9))


def _curve(start: QPointF, leaving: int, end: QPointF, entering: int, reach: float) -> QPainterPath:
    path = QPainterPath(start)
    path.cubicTo(start.x() + leaving * reach, start.y(), end.x() + entering * reach, end.y(), end.x(), end.y())
    return path


def _around(start: QPointF, end: QPointF, side: int, obstacles: Obstacles | None, ramp: float) -> QPainterPath:
    """Leave and enter on the same side: the wire turns around the end of the longer row.

    An end far behind the other is not reached in the curve, which would pass below the other's card, but in a straight
    line, beside what stands there.
    """
    outermost = max(start.x() * side, end.x() * side)
    reach = side * (outermost + min(max(0.32 * abs(end.y() - start.y()), 28), 72))
    first, last = (
        QPointF(outermost * side, _level(point, outermost * side, other.y() < point.y(), obstacles))
        if outermost - point.x() * side > _RAMP
        else point
        for point, other in ((start, end), (end, start))
    )
    bend = side * ramp * 0.7
    path = QPainterPath(start)
    if first.y() != start.y():
        a = start.x() + side * ramp
        path.cubicTo(start.x() + bend, start.y(), a - bend, first.y(), a, first.y())
    if first != start:
        path.lineTo(first)
    path.cubicTo(reach, first.y(), reach, last.y(), last.x(), last.y())
    if last.y() != end.y():
        b = end.x() + side * ramp
        path.lineTo(b, last.y())
        path.cubicTo(b - bend, last.y(), end.x() + bend, end.y(), end.x(), end.y())
    elif last != end:
        path.lineTo(end)
    return path


def _level(point: QPointF, outermost: float, above: bool, obstacles: Obstacles | None) -> float:
    """Give on which level a wire can run from a point to the end of its row, over or below what is in its way."""
    left, right = sorted((point.x(), outermost))
    corridor = QRectF(left + 12, point.y() - 2, right - left - 24, 4)
    hit = obstacles(corridor) if obstacles is not None and corridor.width() > 0 else ()
    if not hit:
        return point.y()
    lane = _lane(right - left)
    return min(r.top() for r in hit) - lane if above else max(r.bottom() for r in hit) + lane


def _lane(length: float) -> float:
    """Give how far from what is in its way a wire of a length passes: longer ones pass further away."""
    return _CLEARANCE + _LANE * max(0, min(3, int(log2(length / 200 + 1))))


def _over(
    start: QPointF, end: QPointF, side: int, direct: QPainterPath, obstacles: Obstacles, ramp: float
) -> QPainterPath | None:
    """Pass over what stands in the way, or below it where that is shorter; longer wires pass further away."""
    corridor = direct.boundingRect().adjusted(12, -2, -12, 2)
    line = [direct.pointAtPercent(i / 24) for i in range(1, 24)]
    hit = [rect for rect in obstacles(corridor) if any(rect.contains(point) for point in line)]
    if not hit:
        return None
    # What stands beside those in the way is in the way of a detour as well.
    corridor = QRectF(corridor.left(), min(r.top() for r in hit), corridor.width(), 1)
    top = min(r.top() for r in [*hit, *obstacles(corridor)])
    bottom = max(r.bottom() for r in hit)
    lane = _lane(corridor.width())
    above = start.y() + end.y() - 2 * top <= 2 * bottom - start.y() - end.y()
    y = top - lane if above else bottom + lane
    a, b = start.x() + side * ramp, end.x() - side * ramp
    bend = side * ramp * 0.7
    path = QPainterPath(start)
    path.cubicTo(start.x() + bend, start.y(), a - bend, y, a, y)
    path.lineTo(b, y)
    path.cubicTo(b + bend, y, end.x() - bend, end.y(), end.x(), end.y())
    return path


def distance(path: QPainterPath, point: QPointF) -> float:
    """Give how far a point is from a wire."""
    nearest = float("inf")
    px, py = point.x(), point.y()
    for polygon in path.toSubpathPolygons():
        points = [(p.x(), p.y()) for p in polygon.toList()]
        for (ax, ay), (bx, by) in pairwise(points):
            dx, dy = bx - ax, by - ay
            length = dx * dx + dy * dy
            t = 0.0 if length == 0 else max(0.0, min(1.0, ((px - ax) * dx + (py - ay) * dy) / length))
            nearest = min(nearest, (px - ax - t * dx) ** 2 + (py - ay - t * dy) ** 2)
    return nearest**0.5
