"""Where columns, and the maps in them, stand."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt

from PySide6.QtCore import QPointF, QRectF

from core.shapes import Shape
from designer.views.inside.columns import Column

MOST_MAPS = 16
"""If a layer has more, only the strongest are shown."""
MOST_CELLS = 512
"""Values of a layer of features that are shown; the strongest, if there are more."""
HEAD_PX, FOOT_PX, MARGIN_PX = 44, 16, 16
LEAST_LANE_PX, LEAST_OF_MANY_PX = 150, 98
ROOMY_LANES, MOST_OF_MANY = 2, 6
"""Where there are more lanes, they are lower, and fewer maps are shown."""
_LEAST_GAP, _MOST_GAP = 16, 64
_MAP_GAP, _MOST_MAP, _PICTURE_PX = 4, 56, 168
_LEAST_NAME, _MOST_NAME = 44, 104
_BAR_PX, _BAR_CELL = 20, 2
_CLASSES_PX = 124


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a column is.

    Attributes
    ----------
    column : Column
    rect : QRectF
        All of it, with its heading.
    cells : tuple of QRectF
        Of each map that is shown, from top to bottom; of features one for all of them.
    grid : (int, int)
        Values in each of them, downwards and to the right.
    """

    column: Column
    rect: QRectF
    cells: tuple[QRectF, ...]
    grid: tuple[int, int]

    @property
    def shown(self) -> int:
        """How many maps, or values, there is room for."""
        return self.grid[0] * self.grid[1] if self.column.form == "bar" else len(self.cells)

    @property
    def step(self) -> int:
        """Of how many rows and columns of a map there is room for one pixel."""
        return max(1, int(self.grid[0] // (2 * self.cells[0].height()))) if self.cells else 1

    def at(self, point: QPointF) -> tuple[int, int, int] | None:
        """Return which map is at a point, and the row and column in it."""
        for place, cell in enumerate(self.cells):
            if cell.contains(point):
                rows, columns = self.grid
                row = int((point.y() - cell.top()) / cell.height() * rows)
                column = int((point.x() - cell.left()) / cell.width() * columns)
                return place, min(row, rows - 1), min(column, columns - 1)
        return None

    def box(self, place: int, top: float, left: float, bottom: float, right: float) -> QRectF:
        """Return where values of a map are, the last row and column excluded; beyond its border, too."""
        cell, (rows, columns) = self.cells[place], self.grid
        high, wide = cell.height() / rows, cell.width() / columns
        return QRectF(cell.left() + left * wide, cell.top() + top * high, (right - left) * wide, (bottom - top) * high)


class Arrangement:
    """Columns from left to right, in lanes where the network branches.

    Attributes
    ----------
    spots : mapping of str to Spot
        By the ids of columns, from left to right.
    width, height : float
        Of all of them.
    """

    def __init__(
        self,
        columns: Sequence[Column] = (),
        widths: Mapping[str, float] | None = None,
        room: tuple[int, int] = (0, 0),
        *,
        is_tight: bool = False,
    ) -> None:
        widths = widths or {}
        n_lanes = max((column.place.n_lanes for column in columns if column.place.lane is not None), default=1)
        least = LEAST_OF_MANY_PX if is_tight or n_lanes > ROOMY_LANES else LEAST_LANE_PX
        self.height = max(float(room[1]), n_lanes * least + 2.0)
        by_place: dict[int, list[Column]] = {}
        for column in columns:
            by_place.setdefault(column.place.column, []).append(column)
        sized: list[tuple[float, list[tuple[Column, float, _Cells]]]] = []
        for place in sorted(by_place):
            row = [(column, *self._lane(column)) for column in by_place[place]]
            cells = [(column, top, _cells(column, high)) for column, top, high in row]
            name = {c.id: min(max(widths.get(c.id, 0), _LEAST_NAME), _MOST_NAME) for c, _, _ in cells}
            sized.append((max(max(name[c.id], found.width) for c, _, found in cells), cells))
        wanted = sum(width for width, _ in sized)
        spare = room[0] - wanted - 2 * MARGIN_PX
        gap = min(max(spare / max(1, len(sized) - 1), _LEAST_GAP), _MOST_GAP)
        used = wanted + gap * max(0, len(sized) - 1)
        left = max(float(MARGIN_PX), (room[0] - used) / 2)
        self.spots: dict[str, Spot] = {}
        self._lefts: list[float] = []
        self._rights: list[float] = []
        for width, cells in sized:
            for column, top, found in cells:
                self.spots[column.id] = _spot(column, found, QRectF(left, top, width, self._lane(column)[1] + HEAD_PX))
            self._lefts.append(left)
            self._rights.append(left + width)
            left += width + gap
        self.width = left - gap + MARGIN_PX if sized else 0.0

    def _lane(self, column: Column) -> tuple[float, float]:
        """Return where a column begins, and how much room there is below its heading."""
        if column.place.lane is None:
            return 0.0, self.height - HEAD_PX
        share = self.height / column.place.n_lanes
        return column.place.lane * share, share - HEAD_PX

    def between(self, left: float, right: float) -> Iterator[Spot]:
        """Yield what is to be seen between two places."""
        first, last = bisect_left(self._rights, left), bisect_right(self._lefts, right)
        wanted = set(self._lefts[first:last])
        yield from (spot for spot in self.spots.values() if spot.rect.left() in wanted)

    def apart(self, spot: Spot) -> list[Spot]:
        """Return the columns that feed one, unless it is simply the one before it."""
        found = [self.spots[source] for source in spot.column.sources if source in self.spots]
        here = spot.column.place
        is_plain = len(found) == 1 and here.lane is None and found[0].column.place.lane is None
        return [] if is_plain and found[0].column.place.column == here.column - 1 else found

    def at(self, point: QPointF) -> Spot | None:
        """Return the column at a point."""
        return next((spot for spot in self.spots.values() if spot.rect.contains(point)), None)


@dataclass(frozen=True, slots=True)
class _Cells:
    """Rows and columns of maps of one size, and what they need."""

    n: int
    rows: int
    size: tuple[float, float]
    grid: tuple[int, int]

    @property
    def columns(self) -> int:
        return ceil(self.n / self.rows) if self.n else 0

    @property
    def width(self) -> float:
        return self.columns * (self.size[1] + _MAP_GAP) - _MAP_GAP if self.n else 0.0

    @property
    def height(self) -> float:
        return self.rows * (self.size[0] + _MAP_GAP) - _MAP_GAP if self.n else 0.0


def _spot(column: Column, found: _Cells, rect: QRectF) -> Spot:
    left = rect.center().x() - found.width / 2
    high = rect.height() - HEAD_PX - FOOT_PX
    top = rect.top() + HEAD_PX + max(0.0, (high - found.height) / 2)
    (tall, wide) = found.size
    cells = tuple(
        QRectF(
            round(left + place // found.rows * (wide + _MAP_GAP)),
            round(top + place % found.rows * (tall + _MAP_GAP)),
            wide,
            tall,
        )
        for place in range(found.n)
    )
    return Spot(column, rect, cells, found.grid)


def _cells(column: Column, high: float) -> _Cells:
    """Arrange the maps of a column in so much height."""
    shape, room = column.shape, max(24.0, high - FOOT_PX)
    if column.form == "picture" and shape is not None:
        return _Cells(1, 1, _size(shape, min(room, _PICTURE_PX)), (shape[0], shape[1]))
    if column.form == "maps" and shape is not None:
        is_roomy = column.place.lane is None or column.place.n_lanes <= ROOMY_LANES
        n = min(shape[2], MOST_MAPS if is_roomy else MOST_OF_MANY)
        rows = next(rows for rows in _numbers_of_rows(n) if rows == 1 or _most(room, rows) >= min(_MOST_MAP, 40))
        return _Cells(n, rows, _size(shape, min(_MOST_MAP, _most(room, rows))), (shape[0], shape[1]))
    if column.form == "bar" and shape is not None:
        return _bar(min(shape[-1], MOST_CELLS), room)
    if column.form == "classes" and shape is not None:
        return _Cells(1, 1, (min(room, 26.0 * shape[-1]), _CLASSES_PX), (shape[-1], 1))
    return _Cells(0, 1, (0.0, 0.0), (1, 1))


def _numbers_of_rows(n: int) -> Iterator[int]:
    """Yield how many maps could stand above one another, most first."""
    yield from dict.fromkeys(ceil(n / columns) for columns in range(1, n + 1))


def _most(room: float, rows: int) -> float:
    return (room + _MAP_GAP) / rows - _MAP_GAP


def _size(shape: Shape, most: float) -> tuple[float, float]:
    """Return height and width of a map of which neither is longer; small ones are enlarged by a whole number."""
    longest = max(shape[0], shape[1])
    scale = float(most // longest) if longest <= most else most / longest
    return max(1.0, round(shape[0] * scale)), max(1.0, round(shape[1] * scale))


def _bar(n: int, room: float) -> _Cells:
    """Arrange values one above the other, side by side where there are many."""
    most_rows = max(1, int(room // _BAR_CELL))
    columns = ceil(n / most_rows)
    rows = ceil(n / columns)
    cell = min(room / rows, 40.0 if n <= 16 else sqrt(room))
    width = max(_BAR_PX, 6.0 * columns)
    return _Cells(1, 1, (max(float(rows), int(cell) * rows if cell >= 1 else room), width), (rows, columns))
