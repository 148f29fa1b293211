"""Many small images as one: where they are, and the pixels of the whole. Pure NumPy."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

EVEN_VALUES = 12
"""With at most this many values a side, all get the same number of pixels: the eye can tell 2 pixels from 3."""
EVEN_FACTOR = 4
"""So do values of at least this many pixels."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Cells in rows and columns, row by row; sizes in pixels of the screen.

    Attributes
    ----------
    n : int
        How many cells there are; the last row may be incomplete.
    high, wide : int
        Values of one cell.
    cell_high, cell_wide : int
        Pixels of one cell.
    """

    n: int
    rows: int
    columns: int
    high: int
    wide: int
    cell_high: int
    cell_wide: int
    gap: int

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the whole."""
        return (
            self.rows * (self.cell_high + self.gap) - self.gap,
            self.columns * (self.cell_wide + self.gap) - self.gap,
        )

    def find(self, x: float, y: float) -> tuple[int, int, int] | None:
        """Return the cell, and the row and column of the value, at a pixel; None between cells and outside."""
        row, top = divmod(int(y), self.cell_high + self.gap)
        column, left = divmod(int(x), self.cell_wide + self.gap)
        cell = row * self.columns + column
        inside = 0 <= top < self.cell_high and 0 <= left < self.cell_wide and 0 <= row < self.rows
        if x < 0 or y < 0 or not inside or not 0 <= column < self.columns or cell >= self.n:
            return None
        return cell, top * self.high // self.cell_high, left * self.wide // self.cell_wide

    def place(self, cell: int) -> tuple[int, int]:
        """Return the left and top pixel of a cell."""
        row, column = divmod(cell, self.columns)
        return column * (self.cell_wide + self.gap), row * (self.cell_high + self.gap)

    def frame(self, cell: int, row: int, column: int) -> tuple[int, int, int, int]:
        """Return left, top, width and height in pixels of a value, at least one pixel large."""
        x, y = self.place(cell)
        left, right = (ceil(at * self.cell_wide / self.wide) for at in (column, column + 1))
        top, bottom = (ceil(at * self.cell_high / self.high) for at in (row, row + 1))
        return x + left, y + top, max(1, right - left), max(1, bottom - top)


def arrange(
    n: int,
    high: int,
    wide: int,
    room: tuple[int, int],
    *,
    columns: int | None = None,
    gap: int = 2,
    least: int = 12,
    most: int = 160,
) -> Arrangement:
    """Make cells as large as the room allows; if even the smallest do not fit, the whole is taller than the room.

    Parameters
    ----------
    n, high, wide : int
        Cells, and the values of one.
    room : (height, width)
        In pixels.
    columns : int, optional
        By default as many as give the largest cells.
    least, most : int
        Limits of a cell's longer side, in pixels. Where values are few or large, all are equally large.

    Examples
    --------
    >>> arrange(6, 5, 5, (40, 300)).columns, arrange(6, 5, 5, (40, 300)).cell_wide
    (6, 40)
    """
    longer = max(high, wide)
    room_high, room_wide = max(1, room[0]), max(1, room[1])

    def scale(c: int) -> float:
        rows = ceil(n / c)
        return min((room_wide - gap * (c - 1)) / (c * wide), (room_high - gap * (rows - 1)) / (rows * high))

    if columns is None:
        widest = max(1, min(n, (room_wide + gap) // (max(1, least * wide // longer) + gap)))
        chosen = max(range(1, widest + 1), key=lambda c: (min(scale(c), most / longer), -ceil(n / c)))
        factor = scale(chosen)
        if factor * longer < least:  # then it fills the width and scrolls
            chosen, factor = widest, least / longer
    else:
        chosen, factor = columns, max(scale(columns), least / longer)
    factor = min(factor, most / longer)
    if factor >= 1 and (longer <= EVEN_VALUES or factor >= EVEN_FACTOR):
        factor = float(int(factor))
    cell = (max(1, int(high * factor)), max(1, int(wide * factor)))
    return Arrangement(n, ceil(n / chosen), chosen, high, wide, *cell, gap)


def shrink(cells: NDArray[np.generic], arrangement: Arrangement) -> NDArray[np.generic]:
    """Leave out values that have no pixel, so that they need not be coloured: (n, H, W, …) -> (n, H', W', …)."""
    if arrangement.cell_high < arrangement.high:
        cells = cells[:, np.arange(arrangement.cell_high) * arrangement.high // arrangement.cell_high]
    if arrangement.cell_wide < arrangement.wide:
        cells = cells[:, :, np.arange(arrangement.cell_wide) * arrangement.wide // arrangement.cell_wide]
    return cells


def compose(cells: Pixels, arrangement: Arrangement) -> Pixels:
    """Put coloured cells together.

    Parameters
    ----------
    cells : array of uint8, (n, H, W, 4)
        As `shrink` leaves them.

    Returns
    -------
    array of uint8, (height, width, 4)
        Transparent between the cells.
    """
    n, high, wide = cells.shape[:3]
    rows, columns = arrangement.rows, arrangement.columns
    padded = np.zeros((rows * columns, high, wide), np.uint32)
    padded[:n] = cells.view(np.uint32)[..., 0]
    together = padded.reshape(rows, columns, high, wide).swapaxes(1, 2).reshape(rows * high, columns * wide)
    sheet = np.zeros((rows * high + 1, columns * wide + 1), np.uint32)  # the last row and column are the gaps
    sheet[:-1, :-1] = together
    at_y = _places(rows, high, arrangement.cell_high, arrangement.gap)
    at_x = _places(columns, wide, arrangement.cell_wide, arrangement.gap)
    whole = sheet.take(at_y, axis=0).take(at_x, axis=1)
    return whole.view(np.uint8).reshape(*whole.shape, 4)


def _places(n: int, values: int, pixels: int, gap: int) -> NDArray[np.intp]:
    """Return the value that each pixel along an axis shows; the index after the last stands for a gap."""
    cell = np.full(pixels + gap, n * values)
    cell[:pixels] = np.arange(pixels) * values // pixels
    places = np.tile(cell, (n, 1))
    places[:, :pixels] += values * np.arange(n)[:, None]
    return places.ravel()[: n * (pixels + gap) - gap]
