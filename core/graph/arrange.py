"""Automatic layout: layers in columns along the flow of data, folded into rows that run back and forth (pure Python).

The method is Sugiyama's: rank the layers by their longest path from an entrance, run long wires through invisible
stand-ins, order each column so that few wires cross, and shift layers up and down until wires run straight. What
does not fit a row then continues in the next, in the opposite direction, so that no wire crosses the whole picture.
Where data flows down, the same is done with across and down exchanged.

Source: Sugiyama, Tagawa and Toda, “Methods for Visual Understanding of Hierarchical System Structures”, IEEE SMC 1981.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from itertools import pairwise
from math import ceil, floor, sqrt
from typing import NamedTuple

from core.graph.layering import BRANCH_GAP, WIRE_GAP, Box, Net
from core.graph.transposing import transposed_boxes, transposed_places
from core.graph.values import LayoutDirection, Position
from core.graph.wiring import source_id, topological_order

GRID = 8
"""Everything is placed on multiples of this many pixels."""
ROW_GAP = 56
"""Free space between two rows; wires that pass over layers run in it."""
PART_GAP = 88
"""Free space between parts that no wire connects."""
LONGEST: Mapping[LayoutDirection, float] = {"right": 1080, "down": 720}
"""The longest rows and columns: what can be seen at once, and read, on a canvas of the usual size."""
SHORTEST = 0.1
"""A rest shorter than this share of a row does not begin a new one; it stays where it is."""
ASPECT = 1.8
"""Width : height of large pictures, about that of a canvas."""


def arrange(
    inputs: Mapping[str, Sequence[str]],
    boxes: Mapping[str, Box],
    direction: LayoutDirection = "right",
    *,
    now: Mapping[str, Position] | None = None,
    longest: float | None = None,
) -> dict[str, Position]:
    """Find a place for every layer; equal arguments give equal places.

    Parameters
    ----------
    inputs : mapping of str to sequence of str
        The sources of each layer. Sources that are not layers are ignored, and so is one wire of each cycle.
    boxes : mapping of str to Box
        The size of each layer.
    direction : {"right", "down"}
        Where data flows, to begin with.
    now : mapping of str to (x, y), optional
        Where layers stand, if the picture is to stay as it is where possible: what is above what, and where rows end.
    longest : float, optional
        How long a row may be in pixels, or how high a column where data flows down; by default as `LONGEST` says. Large
        graphs get longer ones, so that the picture is about `ASPECT` wide.

    Returns
    -------
    dict of str to (x, y)
        Top left corners, from (0, 0) on, in multiples of `GRID`.

    Examples
    --------
    >>> box = Box(152, 136, 40)
    >>> arrange({"input": [], "conv1": ["input"]}, {"input": box, "conv1": box})
    {'input': (0.0, 0.0), 'conv1': (216.0, 0.0)}
    """
    if direction == "down":
        place, shape = transposed_places(now or {}), _Shape(longest or LONGEST["down"], 1 / ASPECT)
        return transposed_places(_arranged(inputs, transposed_boxes(boxes), place, shape))
    return _arranged(inputs, boxes, now or {}, _Shape(longest or LONGEST["right"], ASPECT))


class _Shape(NamedTuple):
    """How long a row may be, and how wide the picture is for its height where rows must be longer."""

    width: float
    aspect: float


def _arranged(
    inputs: Mapping[str, Sequence[str]], boxes: Mapping[str, Box], now: Mapping[str, Position], shape: _Shape
) -> dict[str, Position]:
    sources = _forward(inputs)
    parts = _parts(sources)
    lone = [part[0] for part in parts if len(part) == 1]
    y, placed = 0.0, dict[str, Position]()
    for part in parts:
        if len(part) > 1:
            y = _put(placed, _part_places(part, sources, boxes, now, shape), boxes, y)
    if lone:
        _put(placed, _shelves(lone, boxes, shape.width), boxes, y)
    return {id: placed[id] for id in inputs}


def _put(placed: dict[str, Position], places: Mapping[str, Position], boxes: Mapping[str, Box], y: float) -> float:
    """Move a part's picture to x = 0 and below `y`; return where the next part begins."""
    left = min(x for x, _ in places.values())
    top = min(y for _, y in places.values())
    for id, (x_own, y_own) in places.items():
        placed[id] = (_snapped(x_own - left), _snapped(y_own - top + y))
    return max(placed[id][1] + boxes[id].height for id in places) + PART_GAP


def _snapped(value: float) -> float:
    """Return the nearest multiple of `GRID`; halves all go up, so that what was on one line stays on one."""
    return float(floor(value / GRID + 0.5) * GRID)


def _forward(inputs: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return each layer's sources, layers in an order in which sources come first; wires against it are left out."""
    known = {id: [source for s in sources if (source := source_id(s)) in inputs] for id, sources in inputs.items()}
    ordered, rest = topological_order(known)
    if not rest:
        return {id: known[id] for id in ordered}
    done = set(ordered)
    forward = {id: known[id] for id in ordered}
    for id in rest:
        forward[id] = [source for source in known[id] if source in done]
        done.add(id)
    return forward


def _parts(sources: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Split the graph into parts that no wire connects, each in topological order."""
    joined: dict[str, list[str]] = {id: list(own) for id, own in sources.items()}
    for id, own in sources.items():
        for source in own:
            joined[source].append(id)
    part_of: dict[str, int] = {}
    n = 0
    for start in sources:
        if start in part_of:
            continue
        part_of[start], frontier = n, [start]
        while frontier:
            for other in joined[frontier.pop()]:
                if other not in part_of:
                    part_of[other] = n
                    frontier.append(other)
        n += 1
    parts: list[list[str]] = [[] for _ in range(n)]
    for id in sources:
        parts[part_of[id]].append(id)
    return parts


def _shelves(ids: Iterable[str], boxes: Mapping[str, Box], width: float) -> dict[str, Position]:
    """Put layers without wires side by side, in rows."""
    places: dict[str, Position] = {}
    x = y = lowest = 0.0
    for id in ids:
        box = boxes[id]
        if x > 0 and x + box.width > width:
            x, y = 0.0, lowest + ROW_GAP
        places[id] = (x, y)
        x += box.width + max(box.gap, BRANCH_GAP)
        lowest = max(lowest, y + box.height)
    return places


def _part_places(
    part: Sequence[str],
    sources: Mapping[str, Sequence[str]],
    boxes: Mapping[str, Box],
    now: Mapping[str, Position],
    shape: _Shape,
) -> dict[str, Position]:
    net = Net(part, sources, boxes)
    net.keep_order({id: now[id][1] + boxes[id].line for id in part if id in now})
    net.reduce_crossings()
    net.straighten()
    return _fold(net, shape, _turns(net, now))


def _turns(net: Net, now: Mapping[str, Position]) -> set[int]:
    """Return the columns at which a row begins now: they stand below or above the one before."""
    spans: list[tuple[float, float] | None] = []
    for column in net.columns:
        known = [(net.boxes[v], now[net.names[v]][0]) for v in column if v < len(net.names) and net.names[v] in now]
        spans.append((min(x for _, x in known), max(x + box.width for box, x in known)) if known else None)
    return {r for r, (a, b) in enumerate(pairwise(spans), 1) if a and b and a[0] < b[1] and b[0] < a[1]}


def _fold(net: Net, shape: _Shape, turns: Set[int]) -> dict[str, Position]:
    """Lay the columns out in rows that run back and forth, cut where all wires come from one layer."""
    boxes, columns = net.boxes, net.columns
    widths = [max(boxes[v].width for v in column) for column in columns]
    gaps = [max(boxes[v].gap for v in column) for column in columns]
    x = [0.0]
    for r in range(1, len(columns)):
        x.append(x[-1] + widths[r - 1] + min(gaps[r - 1], gaps[r]))
    rows = _rows(net, x, widths, gaps, shape, turns)
    places: dict[str, Position] = {}
    turn, rightwards, top = 0.0, True, 0.0
    for first, end in rows:
        inside = [v for r in range(first, end) for v in columns[r]]
        base = top - min(net.y[v] - boxes[v].line for v in inside)
        for r in range(first, end):
            start = x[r] - x[first]
            left = turn + start if rightwards else turn - start - widths[r]
            for v in columns[r]:
                if v < len(net.names):
                    middle = left + (widths[r] - boxes[v].width) / 2
                    places[net.names[v]] = (middle, base + net.y[v] - boxes[v].line)
        turn += (x[end - 1] + widths[end - 1] - x[first]) * (1 if rightwards else -1)
        rightwards = not rightwards
        top = max(base + net.y[v] - boxes[v].line + boxes[v].height for v in inside) + ROW_GAP
    return places


def _rows(
    net: Net, x: list[float], widths: list[float], gaps: list[float], shape: _Shape, turns: Set[int]
) -> list[tuple[int, int]]:
    """Return the first column and the end of each row; rows are about equally long and, if possible, not too long.

    Where the picture turns now, it still turns, up to the first row that would be too long or very short.
    """
    n, length = len(x), x[-1] + widths[-1]
    tall = max(net.y[v] - b.line + b.height for v, b in enumerate(net.boxes))
    tall -= min(net.y[v] - b.line for v, b in enumerate(net.boxes))
    width = max(shape.width, sqrt(shape.aspect * length * (tall + ROW_GAP)))
    rows, first = [], 0
    for r in sorted(turns & {r for r, _ in net.cuts}):
        extent, rest = x[r - 1] + widths[r - 1] - x[first], x[-1] + widths[-1] - x[first]
        if rest <= width or not width / 3 <= extent <= width:
            break
        rows.append((first, r))
        first = r
    while x[-1] + widths[-1] - x[first] > width:
        rest = x[-1] + widths[-1] - x[first]
        target = rest / ceil(rest / width)
        best, least = 0, float("inf")
        for r, n_wires in net.cuts:
            extent = x[r - 1] + widths[r - 1] - x[first]
            left = rest - extent - min(gaps[r - 1], gaps[r])
            if r <= first or (best and extent > width) or extent < target / 2 or left < SHORTEST * width:
                continue
            # It is best if a single wire turns around, and if what sits on its wire stays beside its neighbours.
            cost = abs(extent - target) + width * (0.15 * (n_wires > 1) + 0.4 * (min(gaps[r - 1], gaps[r]) < WIRE_GAP))
            if cost < least:
                best, least = r, cost
        if not best:
            break
        rows.append((first, best))
        first = best
    return [*rows, (first, n)]
