"""The card that follows a palette entry over the canvas and says what dropping it would give."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from core.graph.values import LayoutDirection
from designer.canvas.drawing.canvas_style import canvas_style
from designer.canvas.drawing.painting import paint_sign
from designer.canvas.drawing.sizes import CARD_WIDTH, LINE, LOW, MARGIN, PORT_RADIUS

_PAD = 14
_LINE_HEIGHT = 16
_WIDEST = 232
_FLAGS = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)


class Ghost(QGraphicsItem):
    """A dashed card with a title and a few lines; red, with a sign, where dropping leads to an error."""

    def __init__(self) -> None:
        super().__init__()
        self.title = ""
        self.text = ""
        self.refused = False
        self.port_side = -1
        self.direction: LayoutDirection = "right"
        self._rect = QRectF(0, 0, CARD_WIDTH, LOW)
        self.setZValue(5)
        self.hide()

    def set_words(self, title: str, lines: Sequence[str], *, refused: bool, port_side: int) -> None:
        """Say something; the card grows with the text. `port_side` is as `Node.in_side`, or 0 for no port."""
        text = "\n".join(lines)
        if (title, text, refused, port_side) == (self.title, self.text, self.refused, self.port_side):
            return
        self.title, self.text, self.refused, self.port_side = title, text, refused, port_side
        metrics = QFontMetricsF(canvas_style().small_font)
        wide = max([metrics.horizontalAdvance(line) for line in lines] or [0.0])
        width = min(max(wide + 2 * _PAD + 4, CARD_WIDTH), _WIDEST)
        room = QRectF(0, 0, width - 2 * _PAD, 1000)
        needed = metrics.boundingRect(room, _FLAGS, text).height()
        self.prepareGeometryChange()
        self._rect = QRectF(0, 0, width, max(LOW, 36 + needed + 12))
        self.update()

    def in_point(self) -> QPointF:
        """Return where a wire would enter, in the scene."""
        return self.pos() + self._port()

    def _port(self) -> QPointF:
        if self.direction == "down":
            return QPointF(self._rect.width() / 2, self._rect.height() if self.port_side > 0 else 0)
        return QPointF(self._rect.width() if self.port_side > 0 else 0, LINE)

    @property
    def width(self) -> float:
        """How wide its text makes it."""
        return self._rect.width()

    @property
    def height(self) -> float:
        """How high its text makes it."""
        return self._rect.height()

    def boundingRect(self) -> QRectF:
        return self._rect.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        style = canvas_style()
        painter.setPen(style.refused if self.refused else style.ghost)
        painter.setBrush(style.refused_fill if self.refused else style.ghost_fill)
        painter.drawRoundedRect(self._rect, 5, 5)
        painter.setFont(style.name_font)
        painter.setPen(style.error_text if self.refused else style.title)
        painter.drawText(QPointF(_PAD, 24), self.title)
        if self.refused:
            paint_sign(painter, QPointF(self._rect.width() - 18, 19), "error", style)
        painter.setFont(style.small_font)
        painter.setPen(style.text)
        painter.drawText(self._rect.adjusted(_PAD, 34, -_PAD + 2, 0), _FLAGS, self.text)
        if self.port_side:
            painter.setPen(style.port_legal)
            painter.setBrush(style.port_fill)
            painter.drawEllipse(self._port(), PORT_RADIUS, PORT_RADIUS)
