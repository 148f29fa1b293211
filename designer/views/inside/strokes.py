"""A drawing as strokes of a pen, and the picture that they make."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QTransform

from core.io.datasets.drawings import Placing, extent_of
from core.shapes import Shape

FINE = 4
"""Pixels along the side of one of the picture's: what is painted finer is averaged."""
MOST_FINE_PX = 256


@dataclass(frozen=True, slots=True)
class Stroke:
    """What the pen did between pressing and lifting it.

    Attributes
    ----------
    points : tuple of (float, float)
        x and y, in shares of the picture's width and height.
    width : float
        Of the pen, as a share of the picture's width.
    erases : bool
    """

    points: tuple[tuple[float, float], ...]
    width: float
    erases: bool = False

    def on_to(self, x: float, y: float) -> Stroke:
        """Return the stroke drawn further."""
        return Stroke((*self.points, (x, y)), self.width, self.erases)


class Drawing:
    """Strokes, and the pictures that they make.

    Attributes
    ----------
    strokes : list of Stroke
        The oldest first.
    shape : shape
        (H, W, C) of the pictures.
    """

    def __init__(self) -> None:
        self.strokes: list[Stroke] = []
        self.shape: Shape = (28, 28, 1)
        self._fine: tuple[tuple[object, ...], NDArray[np.float32]] | None = None

    def picture(self, placing: Placing | None = None) -> NDArray[np.float32]:
        """Return the picture (H, W, 1) from 0 to 1: bright strokes on a dark ground.

        Parameters
        ----------
        placing : Placing, optional
            How what is drawn is enlarged and moved; by default it stays where it is.
        """
        key = (self.shape, *self.strokes)
        if self._fine is None or self._fine[0] != key:
            self._fine = (key, painted(self.strokes, self.shape))
        fine = self._fine[1]
        if placing is not None and (extent := extent_of(fine)) is not None:
            factor, down, right = placing.moved(extent)
            fine = painted(self.strokes, self.shape, QTransform(factor, 0, 0, factor, right, down))
        high, wide = self.shape[:2]
        k = fine.shape[0] // high
        return fine.reshape(high, k, wide, k).mean(axis=(1, 3), dtype=np.float32)[..., None]


def painted(strokes: Iterable[Stroke], shape: Shape, move: QTransform | None = None) -> NDArray[np.float32]:
    """Paint strokes, moved where asked for, several times as fine as a picture of a shape: (k·H, k·W, 1)."""
    high, wide = shape[:2]
    k = max(1, min(FINE, MOST_FINE_PX // max(high, wide)))
    image = QImage(wide * k, high * k, QImage.Format.Format_Grayscale8)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setTransform((move or QTransform()) * QTransform.fromScale(wide * k, high * k))
    for stroke in strokes:
        colour = QColor(Qt.GlobalColor.black if stroke.erases else Qt.GlobalColor.white)
        pen = QPen(colour, stroke.width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        points = [QPointF(*point) for point in stroke.points]
        if len(points) == 1:
            painter.drawPoint(points[0])
            continue
        path = QPainterPath(points[0])
        for point in points[1:]:
            path.lineTo(point)
        painter.drawPath(path)
    painter.end()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(high * k, image.bytesPerLine())
    return (rows[:, : wide * k, None] / np.float32(255)).astype(np.float32)
