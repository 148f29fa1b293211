"""Text on the canvas: as text, or as outlines where a picture could not bring its font along."""

from __future__ import annotations

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPaintEngine, QPainter, QPainterPath


def write(painter: QPainter, at: QPointF, text: str) -> None:
    """Write with the painter's font and pen, `at` being where the base line begins."""
    if painter.paintEngine().type() is QPaintEngine.Type.SVG:  # Qt names the font there, and embeds nothing
        path = QPainterPath()
        path.addText(at, painter.font(), text)
        painter.fillPath(path, painter.pen().brush())
    else:
        painter.drawText(at, text)
