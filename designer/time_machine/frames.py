"""Small pictures of a layer's filters at the moments of a run, read from its ticks when they are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from math import ceil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtGui import QImage

from designer import theme
from designer.theme.colormaps import colourise, symmetric_limit, weights
from designer.training.runs.shelf import Shelf
from designer.views.kernel_sheet import Filmed, colour_cells

MOST_KEPT = 512
"""Frames that are remembered; a film has at most as many as there are ticks, 128."""
MOST_SCALE = 8

Tiles = NDArray[np.floating]


class Frames(QObject):
    """Has the filters of one layer read, and draws what has been read."""

    changed = Signal()
    """There are more frames, or other ones."""

    def __init__(self, shelf: Shelf, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shelf = shelf
        self._ticks: Mapping[int, Path] = {}
        self._known: dict[tuple[Path, QSize], Tiles] = {}
        self._asked: set[tuple[Path, QSize]] = set()
        self._limit = 0.0
        self.filmed: Filmed | None = None

    def film(self, filmed: Filmed | None) -> None:
        """Look at the filters of a layer; None where there are none to be looked at."""
        if filmed != self.filmed:
            self.filmed = filmed
            self._forget()

    def follow(self, ticks: Mapping[int, Path]) -> None:
        """Take note which moments there are."""
        if ticks.keys() != self._ticks.keys() or ticks != self._ticks:
            if not ticks or next(iter(ticks.values())).parent != next(iter(self._ticks.values()), Path()).parent:
                self._forget()
            self._ticks = ticks

    def at(self, step: int, room: QSize) -> QImage | None:
        """Return the picture of a moment within some room; None where it is still to come, or cannot be read."""
        path, filmed = self._ticks.get(step), self.filmed
        if path is None or filmed is None:
            return None
        key = (path, QSize(room))
        tiles = self._known.get(key)
        if tiles is not None:
            return drawn(tiles, filmed, room, self._limit)
        if key not in self._asked:
            self._asked.add(key)
            pick = partial(tiles_of, filmed=filmed, room=(room.width(), room.height()))
            self._shelf.read_array(path, filmed.name, filmed.shape, pick, partial(self._take, filmed, key))
        return None

    def _take(self, filmed: Filmed, key: tuple[Path, QSize], tiles: Tiles) -> None:
        if filmed != self.filmed:
            return
        while len(self._known) >= MOST_KEPT:
            oldest = next(iter(self._known))
            del self._known[oldest]
            self._asked.discard(oldest)
        self._known[key] = tiles
        self._limit = max(self._limit, symmetric_limit(tiles))
        self.changed.emit()

    def _forget(self) -> None:
        self._known, self._asked, self._limit = {}, set(), 0.0
        self.changed.emit()


def placed(n: int, high: int, wide: int, room: tuple[int, int]) -> tuple[int, int, int]:
    """Return in how many rows and columns filters stand in some room, and how many pixels a weight has.

    Parameters
    ----------
    n : int
        Filters; without room for all, the first are shown.
    high, wide : int
        Of a filter; between two of them is a pixel.
    room : (int, int)
        Its width and height in pixels.

    Examples
    --------
    >>> placed(6, 5, 5, (46, 30)), placed(512, 3, 3, (46, 30))
    ((2, 3, 2), (7, 11, 1))
    """
    for scale in range(MOST_SCALE, 0, -1):
        columns, rows = (room[0] + 1) // (scale * wide + 1), (room[1] + 1) // (scale * high + 1)
        if columns * rows >= n or (scale == 1 and columns and rows):
            columns = min(columns, ceil(n / ceil(n / columns)))
            return min(rows, ceil(n / columns)), columns, scale
    return 1, 1, 1


def tiles_of(kernel: Tiles, *, filmed: Filmed, room: tuple[int, int]) -> Tiles:
    """Pick of a kernel what there is room for.

    Returns
    -------
    array, (n, H, W) or (n, H, W, 3)
        The first filters, of each the first channel, or all three where these are colours; a matrix is one such.
    """
    if not filmed.is_bank:
        matrix = kernel.reshape(-1, kernel.shape[-1])
        matrix = matrix if matrix.shape[1] >= matrix.shape[0] else matrix.T
        steps = [max(1, ceil(size / most)) for size, most in zip(matrix.shape, (room[1], room[0]), strict=True)]
        return matrix[:: steps[0], :: steps[1]][None].astype(np.float32)
    filters = kernel.reshape(filmed.form).transpose(3, 0, 1, 2)  # (F, F, C, K) -> (K, F, F, C)
    step = max(1, ceil(max(filters.shape[1] / room[1], filters.shape[2] / room[0])))
    filters = filters[:, ::step, ::step]
    rows, columns, _ = placed(len(filters), filters.shape[1], filters.shape[2], room)
    shown = filters[: rows * columns]
    return np.ascontiguousarray(shown if filmed.in_colour else shown[..., 0], np.float32)


def drawn(tiles: Tiles, filmed: Filmed, room: QSize, limit: float) -> QImage:
    """Colour filters, and put them side by side; between them nothing is drawn."""
    n, high, wide = tiles.shape[:3]
    rows, columns, scale = placed(n, high, wide, (room.width(), room.height()))
    if filmed.in_colour:
        coloured = colour_cells(tiles.transpose(1, 2, 3, 0), limit or 1.0)
    else:
        coloured = colourise(tiles, weights(theme.current()), -limit, limit)
    high, wide = high * scale, wide * scale
    pixels = np.zeros((rows * (high + 1) - 1, columns * (wide + 1) - 1, 4), np.uint8)
    for place, cell in enumerate(coloured[: rows * columns]):
        top, left = (place // columns) * (high + 1), (place % columns) * (wide + 1)
        pixels[top : top + high, left : left + wide] = cell.repeat(scale, axis=0).repeat(scale, axis=1)
    image = QImage(pixels.data, pixels.shape[1], pixels.shape[0], 4 * pixels.shape[1], QImage.Format.Format_RGBA8888)
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)  # which is also a copy
