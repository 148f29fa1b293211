"""Layers put in line, or at equal distances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from core.graph.layering import Box
from core.graph.values import LayoutDirection, Position

Side: TypeAlias = Literal["left", "centre", "right", "top", "wires", "bottom"]
Direction: TypeAlias = Literal["across", "down"]


def aligned(
    places: Mapping[str, Position], boxes: Mapping[str, Box], side: Side, direction: LayoutDirection = "right"
) -> dict[str, Position]:
    """Return where layers stand with one of their sides in line with the outermost, or their wires or centres in line.

    >>> aligned({"a": (0, 0), "b": (50, 9)}, {"a": Box(10, 10, 5, 0), "b": Box(30, 10, 5, 0)}, "right")
    {'a': (70.0, 0), 'b': (50.0, 9)}
    """
    axis = 0 if side in ("left", "centre", "right") or (side == "wires" and direction == "down") else 1
    offsets = {id: _offset(boxes[id], side) for id in places}
    lines = [place[axis] + offsets[id] for id, place in places.items()]
    if side in ("left", "top"):
        line = min(lines)
    elif side in ("right", "bottom"):
        line = max(lines)
    else:
        line = (min(lines) + max(lines)) / 2
    return {id: _moved(place, axis, line - offsets[id]) for id, place in places.items()}


def _offset(box: Box, side: Side) -> float:
    """Return how far from a layer's corner the line is that is aligned."""
    offsets = {"centre": box.width / 2, "right": box.width, "wires": box.line, "bottom": box.height}
    return float(offsets.get(side, 0.0))


def distributed(places: Mapping[str, Position], boxes: Mapping[str, Box], direction: Direction) -> dict[str, Position]:
    """Return where layers stand with equal gaps between them; the first and the last stay.

    >>> boxes = dict.fromkeys("abc", Box(10, 10, 5, 0))
    >>> distributed({"a": (0, 0), "b": (15, 3), "c": (60, 0)}, boxes, "across")
    {'a': (0.0, 0), 'b': (30.0, 3), 'c': (60.0, 0)}
    """
    axis = 0 if direction == "across" else 1
    order = sorted(places, key=lambda id: places[id][axis])
    taken = sum(_size(boxes[id], axis) for id in order)
    whole = places[order[-1]][axis] + _size(boxes[order[-1]], axis) - places[order[0]][axis]
    gap = (whole - taken) / max(1, len(order) - 1)
    found: dict[str, Position] = {}
    at = float(places[order[0]][axis])
    for id in order:
        found[id] = _moved(places[id], axis, at)
        at += _size(boxes[id], axis) + gap
    return {id: found[id] for id in places}


def _size(box: Box, axis: int) -> float:
    return (box.width, box.height)[axis]


def _moved(place: Position, axis: int, to: float) -> Position:
    return (to, place[1]) if axis == 0 else (place[0], to)
