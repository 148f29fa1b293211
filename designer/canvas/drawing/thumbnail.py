"""The pictures of a layer's maps on its card: made from the newest array when, and only when, they are painted."""

from __future__ import annotations

from functools import cache
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from designer.canvas.drawing.canvas_style import CanvasStyle
from designer.canvas.drawing.draw_image import draw_part
from designer.theme.colormaps import ACTIVATIONS, Table, colourise

Array = NDArray[Any]

MOST_MAPS = 8
MOST_BARS = 32
"""Rows of more features than these are drawn as strips of coloured cells."""
MOST_PIXELS = 48
"""Larger maps are thinned out: no cell is drawn larger."""
GAP = 4


class Thumbnail:
    """What is known of a layer's newest output, for one sample, and its picture as far as it has been made."""

    def __init__(self) -> None:
        self.values: Array | None = None
        self._picture: QImage | None = None
        self._made_for: tuple[Array | None, str] = (None, "")

    def set_values(self, values: Array | None) -> bool:
        """Take the newest output, (H, W, C) or (C,); says whether it is another."""
        if values is self.values:
            return False
        self.values = values
        return True

    def paint_maps(
        self, painter: QPainter, area: QRectF, n_channels: int, style: CanvasStyle, *, coloured: bool
    ) -> None:
        """Draw up to eight maps side by side, or where they will be.

        Parameters
        ----------
        painter : QPainter
        area : QRectF
        n_channels : int
            How many there are, as long as there are no values.
        style : Look
        coloured : bool
            Whether three channels are red, green and blue.
        """
        values = self.values if self.values is not None and self.values.ndim == 3 else None
        n_channels = n_channels if values is None else values.shape[2]
        as_one = coloured and n_channels == 3
        n = 1 if as_one else min(n_channels, MOST_MAPS)
        cells = grid(area, n)
        if values is None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(style.cell)
            painter.drawRects(cells)
            return
        if self._made_for[0] is not values:
            self._picture = _image(_in_colour(values) if as_one else _stacked(values[:, :, :n]))
            self._made_for = (values, "")
        picture = self._picture
        if picture is None:
            return
        high = picture.height() / n
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        for i, cell in enumerate(cells):
            draw_part(painter, cell, picture, QRectF(0, i * high, picture.width(), high))

    def paint_features(self, painter: QPainter, area: QRectF, colour: QColor, style: CanvasStyle) -> None:
        """Draw a row of features: bars around zero, or two strips of cells where they are many."""
        values = self.values if self.values is not None and self.values.ndim == 1 else None
        if values is None or not values.size:
            return
        if values.size > MOST_BARS:
            if self._made_for[0] is not values or self._made_for[1] != style.name + colour.name():
                self._picture = _image(_strips(values, _fading(style.card.color().name(), colour.name())))
                self._made_for = (values, style.name + colour.name())
            if self._picture is not None:
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
                draw_part(painter, area, self._picture, QRectF(self._picture.rect()))
            return
        zero, bars = _bars(values, area)
        painter.setPen(style.edge)
        painter.drawLine(QPointF(area.left(), zero), QPointF(area.right(), zero))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRects(bars)


@cache
def _columns(width: float, height: float, n: int) -> int:
    """Return how many cells side by side make n square cells largest."""
    return max(range(1, n + 1), key=lambda c: min(width / c, height / ceil(n / c)))


def grid(area: QRectF, n: int) -> list[QRectF]:
    """Return n square cells, as large as fit, in the middle of an area."""
    if n < 1:
        return []
    columns = _columns(area.width(), area.height(), n)
    rows = ceil(n / columns)
    side = min((area.width() - GAP * (columns - 1)) / columns, (area.height() - GAP * (rows - 1)) / rows, MOST_PIXELS)
    side = float(int(side))
    left = area.center().x() - (columns * side + GAP * (columns - 1)) / 2
    top = area.center().y() - (rows * side + GAP * (rows - 1)) / 2
    step = side + GAP
    return [QRectF(round(left) + i % columns * step, round(top) + i // columns * step, side, side) for i in range(n)]


def _thinned(maps: Array) -> Array:
    step = max(1, ceil(max(maps.shape[:2]) / MOST_PIXELS))
    return maps[::step, ::step]


def _stacked(maps: Array) -> NDArray[np.uint8]:
    """(H, W, C) -> (C·H, W, RGBA), each layer on a scale of its own."""
    maps = _thinned(maps)
    finite = maps[np.isfinite(maps)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    high_px, wide_px, channels = maps.shape
    column = np.ascontiguousarray(maps.transpose(2, 0, 1)).reshape(channels * high_px, wide_px)
    return colourise(column, ACTIVATIONS, min(low, 0.0), high)


def _in_colour(image: Array) -> NDArray[np.uint8]:
    """(H, W, 3) in [0, 1] -> (H, W, RGBA)."""
    image = _thinned(image)
    pixels = np.full((*image.shape[:2], 4), 255, np.uint8)
    pixels[:, :, :3] = np.clip(np.nan_to_num(image) * 255, 0, 255)
    return pixels


def _strips(values: Array, table: Table) -> NDArray[np.uint8]:
    """(C,) -> (2, ⌈C/2⌉, RGBA) by magnitude; more features than pixels are thinned out."""
    values = np.abs(np.nan_to_num(values))
    values = values[:: max(1, ceil(values.size / (4 * MOST_PIXELS)))]
    if values.size % 2:
        values = np.append(values, 0)
    return colourise(values.reshape(2, -1), table, 0.0, float(values.max()))


@cache
def _fading(ground: str, colour: str) -> Table:
    """256 colours from the card's ground to a family's colour."""
    ends = np.asarray([QColor(ground).getRgb(), QColor(colour).getRgb()], np.float64)
    return np.linspace(ends[0], ends[1], 256).round().astype(np.uint8)


def _bars(values: Array, area: QRectF) -> tuple[float, list[QRectF]]:
    """Return where zero is, and a bar for each value."""
    numbers = np.nan_to_num(np.asarray(values, np.float64), posinf=0, neginf=0)
    low, high = min(0.0, float(numbers.min())), max(0.0, float(numbers.max()))
    scale = area.height() / ((high - low) or 1.0)
    zero = area.bottom() + low * scale
    step = area.width() / numbers.size
    bars = [
        QRectF(area.left() + i * step + step * 0.15, zero - max(number, 0) * scale, step * 0.7, abs(number) * scale)
        for i, number in enumerate(numbers.tolist())
    ]
    return zero, bars


def _image(pixels: NDArray[np.uint8]) -> QImage:
    """Return an image with pixels of its own."""
    high, wide = pixels.shape[:2]
    shared = QImage(pixels.data, wide, high, wide * 4, QImage.Format.Format_RGBA8888)
    return shared.convertToFormat(QImage.Format.Format_RGB32)
