"""Across and down exchanged: where data flows down, places and boxes are computed as if it flowed to the right."""

from __future__ import annotations

from collections.abc import Mapping

from core.graph.layering import Box
from core.graph.values import Position


def transposed_places(places: Mapping[str, Position]) -> dict[str, Position]:
    """Return the places that are as far down as these are across, and vice versa.

    >>> transposed_places({"a": (1, 2)})
    {'a': (2, 1)}
    """
    return {id: (y, x) for id, (x, y) in places.items()}


def transposed_boxes(boxes: Mapping[str, Box]) -> dict[str, Box]:
    """Return boxes that are as high as these are wide, and vice versa.

    >>> transposed_boxes({"a": Box(10, 20, line=5)})
    {'a': Box(width=20, height=10, line=5, gap=64)}
    """
    return {id: Box(height, width, line, gap) for id, (width, height, line, gap) in boxes.items()}
