"""A part of an image on the canvas: as it is, or cut out and enlarged for a format that can do neither."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPaintEngine, QPainter

_ENLARGED = 4


def draw_part(painter: QPainter, where: QRectF, image: QImage, part: QRectF) -> None:
    """Draw a part of an image into a rectangle, its pixels as squares."""
    if painter.paintEngine().type() is QPaintEngine.Type.SVG:  # Qt writes the whole image there, and viewers blur it
        size = (where.size() * _ENLARGED).toSize()
        square = image.copy(part.toRect()).scaled(size, mode=Qt.TransformationMode.FastTransformation)
        painter.drawImage(where, square)
    else:
        painter.drawImage(where, image, part)
