"""Where layers stand that the document gives no place, and how room is made for one that comes between others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite

from PySide6.QtCore import QRectF

from core.graph.arrange import GRID, ROW_GAP, arrange
from core.graph.layering import BRANCH_GAP, Box
from core.graph.transposing import transposed_boxes, transposed_places
from core.graph.values import FARTHEST, Graph, Layer, Layout, LayoutDirection, Position
from core.graph.wiring import consumers, source_id

MOST_SEARCHED = 8
"""For more cards than these together the nearest free place is not searched: they go below everything."""


def place_all(graph: Graph, layout: Layout, boxes: Mapping[str, Box]) -> dict[str, Position]:
    """Return a place for every layer, as a function of its arguments alone.

    Layers stand where the document says. If it says nothing of any layer, all are arranged; otherwise those it says
    nothing of stand on the wire they were put into, where there is room, or else beside what feeds them.
    """
    layers = {layer.id: layer for layer in graph.layers}
    known = {id: _within(*layout.positions[id]) for id in layers if id in layout.positions}
    if len(known) == len(layers):
        return known
    if not known:
        return arrange({id: layer.inputs for id, layer in layers.items()}, boxes, layout.direction)
    if layout.direction == "down":
        return transposed_places(_all_beside(layers, transposed_places(known), transposed_boxes(boxes)))
    return _all_beside(layers, known, boxes)


def _all_beside(
    layers: Mapping[str, Layer], places: Mapping[str, Position], boxes: Mapping[str, Box]
) -> dict[str, Position]:
    known, feeds = dict(places), consumers(layers.values())
    waiting = [layer for id, layer in layers.items() if id not in known]
    while waiting:
        # First those next to a layer that has a place, so that chains of new layers line up.
        layer = next((layer for layer in waiting if _neighbours(layer, feeds, known)), waiting[0])
        waiting.remove(layer)
        known[layer.id] = _beside(layer, feeds, known, boxes)
    return known


def snapped(x: float, y: float) -> Position:
    """Return the nearest place on the grid."""
    return float(round(x / GRID) * GRID), float(round(y / GRID) * GRID)


def free_place(wish: Position, box: Box, taken: Mapping[str, Position], boxes: Mapping[str, Box]) -> Position:
    """Return the place nearest to a wish where a layer overlaps no other."""
    rects = [(x, y, x + boxes[id].width, y + boxes[id].height) for id, (x, y) in taken.items()]
    for place in _rings(wish):
        left, top = place
        right, bottom = left + box.width, top + box.height
        if not any(a < right and left < c and b < bottom and top < d for a, b, c, d in rects):
            return place
    return wish


def free_move(own: Sequence[QRectF], taken: Sequence[QRectF]) -> Position:
    """Return the shortest move after which none of some cards covers one of the others; far away it is not searched.

    >>> free_move([QRectF(0, 0, 152, 136)], [QRectF(0, 0, 152, 136)])
    (0, 144)
    """
    if not own:
        return 0, 0
    around = QRectF()
    for rect in own:
        around = around.united(rect)
    if len(own) <= MOST_SEARCHED or not any(rect.intersects(other) for rect in own for other in taken):
        for dx, dy in _rings((0, 0)):
            there = around.translated(dx, dy)
            near = [rect for rect in taken if rect.intersects(there)]
            if not any(rect.translated(dx, dy).intersects(other) for rect in own for other in near):
                return dx, dy
    return 0, snapped(0, max(rect.bottom() for rect in taken) + BRANCH_GAP - around.top())[1]


def make_room(
    id: str,
    wish: Position,
    boxes: Mapping[str, Box],
    places: Mapping[str, Position],
    source: str | None,
    fed: str | None,
    direction: LayoutDirection = "right",
) -> dict[str, Position]:
    """Put a layer on the wire between two others and move those ahead on, as far as it needs.

    Returns
    -------
    dict of str to (x, y)
        New places: of the layer, and of all that had to move.
    """
    if direction == "down":
        found = make_room(id, (wish[1], wish[0]), transposed_boxes(boxes), transposed_places(places), source, fed)
        return transposed_places(found)
    if source is None or fed is None:
        return {id: wish}
    box, before, after = boxes[id], boxes[source], boxes[fed]
    (x_from, y_from), (x_to, y_to) = places[source], places[fed]
    same_row = abs(y_from + before.line - y_to - after.line) < GRID
    if not same_row:
        return {id: free_place(wish, box, places, boxes)}
    way = 1 if x_to >= x_from else -1
    gap_before, gap_after = min(before.gap, box.gap), min(box.gap, after.gap)
    x = x_from + before.width + gap_before if way > 0 else x_from - gap_before - box.width
    free = (x_to - x_from - before.width) if way > 0 else (x_from - x_to - after.width)
    need = gap_before + box.width + gap_after - free
    place = (x, y_from + before.line - box.line)
    if need <= 0:
        middle = (
            x_from + before.width + (free - box.width) / 2 if way > 0 else x_to + after.width + (free - box.width) / 2
        )
        return {id: (snapped(middle, 0)[0], place[1])}
    top, bottom = place[1], place[1] + max(box.height, after.height)
    moved = {
        other: (ox + way * need, oy)
        for other, (ox, oy) in places.items()
        if (ox - x_to) * way >= 0 and oy < bottom and top < oy + boxes[other].height
    }
    return {id: place} | moved


def next_in_chain(
    id: str,
    source: str,
    sources: Mapping[str, str],
    boxes: Mapping[str, Box],
    places: Mapping[str, Position],
    room: float,
    direction: LayoutDirection = "right",
) -> Position:
    """Return the place of a layer at the end of a chain: on in its row, or where that has no room, turning below it.

    Parameters
    ----------
    source : str
        The layer that it comes after.
    sources : mapping of str to str
        The first source of every layer that has one.
    room : float
        How long a row may be, or a column where data flows down.
    """
    if direction == "down":
        along = next_in_chain(id, source, sources, transposed_boxes(boxes), transposed_places(places), room)
        return along[1], along[0]
    row, way = _row(source, sources, boxes, places)
    box, last = boxes[id], boxes[source]
    x, y = places[source]
    line = y + last.line
    gap = min(last.gap, box.gap)
    wish = (x + last.width + gap if way > 0 else x - gap - box.width, line - box.line)
    lefts = [wish[0], *(places[other][0] for other in row)]
    rights = [wish[0] + box.width, *(places[other][0] + boxes[other].width for other in row)]
    if max(rights) - min(lefts) > room:
        bottom = max(places[other][1] + boxes[other].height for other in row)
        deepest = max(boxes[other].line for other in row)
        wish = (x if way < 0 else x + last.width - box.width, bottom + ROW_GAP + deepest - box.line)
    return free_place(wish, box, places, boxes)


def _row(
    last: str, sources: Mapping[str, str], boxes: Mapping[str, Box], places: Mapping[str, Position]
) -> tuple[list[str], int]:
    """Return the row that a chain ends in, its last layer first, and whether it runs to the right (1) or left (-1)."""
    rows, before, seen = [[last]], sources.get(last, ""), {last}
    while before in places and before not in seen:
        seen.add(before)
        after = rows[-1][-1]
        if abs(places[before][1] + boxes[before].line - places[after][1] - boxes[after].line) < GRID:
            rows[-1].append(before)
        elif len(rows[-1]) > 1:
            break
        else:
            rows.append([before])
        before = sources.get(before, "")
    way = 1
    for row, above in zip(reversed(rows), [None, *reversed(rows[1:])], strict=True):
        if len(row) > 1:
            way = _way(row[-1], row[0], places)
        elif above is not None:
            (here, _), (there, _) = places[row[0]], places[above[0]]
            turns = here < there + boxes[above[0]].width and there < here + boxes[row[0]].width
            way = -way if turns else _way(above[0], row[0], places)
    return rows[0], way


def _way(source: str, layer: str, places: Mapping[str, Position]) -> int:
    return 1 if places[layer][0] >= places[source][0] else -1


def _within(x: float, y: float) -> Position:
    if not (isfinite(x) and isfinite(y)):
        return 0.0, 0.0
    return max(-FARTHEST, min(FARTHEST, float(x))), max(-FARTHEST, min(FARTHEST, float(y)))


def _neighbours(layer: Layer, feeds: Mapping[str, list[str]], known: Mapping[str, Position]) -> list[str]:
    return [id for id in [*map(source_id, layer.inputs), *feeds.get(layer.id, ())] if id in known]


def _beside(
    layer: Layer, feeds: Mapping[str, list[str]], known: Mapping[str, Position], boxes: Mapping[str, Box]
) -> Position:
    box = boxes[layer.id]
    source = next((id for id in map(source_id, layer.inputs) if id in known), None)
    fed = next((id for id in feeds.get(layer.id, ()) if id in known), None)
    if source is not None and fed is not None:
        x = (known[source][0] + boxes[source].width / 2 + known[fed][0] + boxes[fed].width / 2 - box.width) / 2
        if x < known[source][0]:  # the row runs to the left
            between = known[source][0] - known[fed][0] - boxes[fed].width
            x = known[fed][0] + boxes[fed].width + (between - box.width) / 2
        else:
            between = known[fed][0] - known[source][0] - boxes[source].width
            x = known[source][0] + boxes[source].width + (between - box.width) / 2
        wish = snapped(x, known[source][1] + boxes[source].line - box.line)
    elif source is not None:
        beside = known[source][0] + boxes[source].width + min(boxes[source].gap, box.gap)
        wish = (beside, known[source][1] + boxes[source].line - box.line)
    elif fed is not None:
        wish = (known[fed][0] - min(boxes[fed].gap, box.gap) - box.width, known[fed][1] + boxes[fed].line - box.line)
    else:
        lowest = max(y + boxes[id].height for id, (_, y) in known.items())
        wish = (min(x for x, _ in known.values()), lowest + BRANCH_GAP)
    return free_place(wish, box, known, boxes)


def _rings(wish: Position) -> Iterator[Position]:
    """Go through places ever farther from a wish; first below, then above, then to the sides."""
    x, y = wish
    yield wish
    step = 2 * GRID
    for n in range(1, 60):
        for dx, dy in ((0, n), (0, -n), *((i, n) for i in range(1, n + 1)), *((n, i) for i in range(n - 1, -1, -1))):
            yield x + dx * step, y + dy * step
