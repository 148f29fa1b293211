"""The course of a wire: a gentle curve, around the end of a row, or over what stands in its way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import pairwise
from math import hypot, log2
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath, QTransform

from core.graph.values import LayoutDirection

LONG = 72
"""From this distance on, a wire may have something in its way."""
_CLEARANCE = 14
_LANE = 8
_RAMP = 36
"""Within this distance of its ends a wire comes to its lane beside what is in its way."""
_STEEPEST = 4
"""The same where what is in the way stands at the port: no more of the wire is hidden behind it."""

TRANSPOSE = QTransform(0, 1, 1, 0, 0, 0)
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
        return _course(start, leaving, end, entering, obstacles)
    seen = None if obstacles is None else partial(_transposed, obstacles)
    return TRANSPOSE.map(_course(TRANSPOSE.map(start), leaving, TRANSPOSE.map(end), entering, seen))


def _course(start: QPointF, leaving: int, end: QPointF, entering: int, obstacles: Obstacles | None) -> QPainterPath:
    ahead = (end.x() - start.x()) * leaving
    if leaving == entering:
        return _around(start, end, leaving, obstacles)
    if ahead < 0:
        return _curve(start, leaving, end, entering, 48 + min(-ahead, 480) / 4)
    direct = _curve(start, leaving, end, entering, max(ahead / 2, min(ahead, 24)))
    if obstacles is None or ahead < LONG:
        return direct
    return _over(start, end, leaving, direct, obstacles) or direct


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

    Between two points it is a cubic curve whose direction at a point is that from the one before to the one after.
    """
    if direction == "down":
        transposed = [(y, x) for x, y in points]
        return TRANSPOSE.map(through(TRANSPOSE.map(start), leaving, TRANSPOSE.map(end), entering, transposed))
    way = [start, *(QPointF(*point) for point in points), end]
    first, last = way[1] - way[0], way[-1] - way[-2]
    level = [QPointF(leaving * max(24.0, _length(first)), 0), QPointF(-entering * max(24.0, _length(last)), 0)]
    slopes = [level[0], *((after - before) / 2 for before, after in zip(way, way[2:], strict=False)), level[1]]
    path = QPainterPath(start)
    for i, (here, there) in enumerate(pairwise(way)):
        reach = _length(there - here) / 3  # no direction pulls further than the leg is long
        path.cubicTo(here + _reaching(slopes[i], reach), there - _reaching(slopes[i + 1], reach), there)
    return path


def _transposed(obstacles: Obstacles, rect: QRectF) -> list[QRectF]:
    """Return what touches a rectangle, both with across and down exchanged."""
    return [TRANSPOSE.mapRect(found) for found in obstacles(TRANSPOSE.mapRect(rect))]


def _length(vector: QPointF) -> float:
    return hypot(vector.x(), vector.y())


def _reaching(vector: QPointF, length: float) -> QPointF:
    return vector * (length / max(_length(vector), 1e-9))


def _curve(start: QPointF, leaving: int, end: QPointF, entering: int, reach: float) -> QPainterPath:
    path = QPainterPath(start)
    path.cubicTo(start.x() + leaving * reach, start.y(), end.x() + entering * reach, end.y(), end.x(), end.y())
    return path


def _around(start: QPointF, end: QPointF, side: int, obstacles: Obstacles | None) -> QPainterPath:
    """Leave and enter on the same side: the wire turns around the end of the longer row.

    An end far behind the other is not reached in the curve, which would pass below the other's card, but in a straight
    line, beside what stands there.
    """
    outermost = max(start.x() * side, end.x() * side)
    reach = side * (outermost + min(max(0.32 * abs(end.y() - start.y()), 28), 72))
    path, last = QPainterPath(start), end
    hit: Sequence[QRectF] = ()
    if outermost - start.x() * side > _RAMP:
        found = _beside(start, outermost * side, end.y() < start.y(), obstacles)
        _to_lane(path, start, side, found)
        path.lineTo(outermost * side, found.y)
    if outermost - end.x() * side > _RAMP:
        found = _beside(end, outermost * side, start.y() < end.y(), obstacles)
        last, hit = QPointF(outermost * side, found.y), found.hit
    path.cubicTo(reach, path.currentPosition().y(), reach, last.y(), last.x(), last.y())
    if last != end:
        _from_lane(path, end, side, _Lane(last.y(), hit))
    return path


def _over(start: QPointF, end: QPointF, side: int, direct: QPainterPath, obstacles: Obstacles) -> QPainterPath | None:
    """Pass over what stands in the way, or below it where that is shorter."""
    corridor = direct.boundingRect().adjusted(12, -2, -12, 2)
    line = [direct.pointAtPercent(i / 24) for i in range(1, 24)]
    hit = [rect for rect in obstacles(corridor) if any(rect.contains(point) for point in line)]
    if not hit:
        return None
    # What stands beside those in the way is in the way of a detour as well.
    corridor = QRectF(corridor.left(), min(r.top() for r in hit), corridor.width(), 1)
    top = min(r.top() for r in [*hit, *obstacles(corridor)])
    bottom = max(r.bottom() for r in hit)
    above = start.y() + end.y() - 2 * top <= 2 * bottom - start.y() - end.y()
    clearance = _clearance(corridor.width())
    lane = _Lane(top - clearance if above else bottom + clearance, hit)
    path = QPainterPath(start)
    _to_lane(path, start, side, lane)
    _from_lane(path, end, -side, lane)
    return path


class _Lane(NamedTuple):
    """A level on which a wire runs beside what is in its way."""

    y: float
    hit: Sequence[QRectF]


def _beside(point: QPointF, outermost: float, above: bool, obstacles: Obstacles | None) -> _Lane:
    """Find the lane from a point to the end of its row; the point's own level, where nothing is in the way."""
    left, right = sorted((point.x(), outermost))
    corridor = QRectF(left + 12, point.y() - 2, right - left - 24, 4)
    hit = obstacles(corridor) if obstacles is not None and corridor.width() > 0 else ()
    if not hit:
        return _Lane(point.y(), hit)
    clearance = _clearance(right - left)
    return _Lane(min(r.top() for r in hit) - clearance if above else max(r.bottom() for r in hit) + clearance, hit)


def _clearance(length: float) -> float:
    """Return how far from what is in its way a wire of a length passes: longer ones pass further away."""
    return _CLEARANCE + _LANE * max(0, min(3, int(log2(length / 200 + 1))))


def _to_lane(path: QPainterPath, start: QPointF, side: int, lane: _Lane) -> None:
    """Draw on from a port that lies on a side of its layer, up or down to a lane."""
    if lane.hit:
        ramp = side * _ramp(start, side, lane.hit)
        path.cubicTo(start.x() + 0.7 * ramp, start.y(), start.x() + 0.3 * ramp, lane.y, start.x() + ramp, lane.y)


def _from_lane(path: QPainterPath, end: QPointF, side: int, lane: _Lane) -> None:
    """Draw on along a lane, and from it to a port that lies on a side of its layer."""
    if lane.hit:
        ramp = side * _ramp(end, side, lane.hit)
        path.lineTo(end.x() + ramp, lane.y)
        path.cubicTo(end.x() + 0.3 * ramp, lane.y, end.x() + 0.7 * ramp, end.y(), end.x(), end.y())
    else:
        path.lineTo(end)


def _ramp(port: QPointF, side: int, hit: Iterable[QRectF]) -> float:
    """Return within which distance a wire must have come to its lane: before the nearest of what is in its way."""
    free = min((r.left() - port.x()) if side > 0 else (port.x() - r.right()) for r in hit)
    return max(_STEEPEST, min(_RAMP, free))


def distance(path: QPainterPath, point: QPointF) -> float:
    """Return how far a point is from a wire."""
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
