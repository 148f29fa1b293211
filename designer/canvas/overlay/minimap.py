"""The whole drawing, small: where one is, and a way to go elsewhere."""

from __future__ import annotations

from collections import defaultdict

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from designer import theme
from designer.canvas.drawing.paper import Paper
from designer.canvas.drawing.scene import Scene

SIZE = QSize(160, 92)
_PAD = 6


class Minimap(QWidget):
    """Layers in the colours of their families, and a frame around what is visible, which can be dragged."""

    def __init__(self, drawing: Scene, view: Paper, parent: QWidget) -> None:
        super().__init__(parent)
        self._drawing = drawing
        self._view = view
        self._picture: QPixmap | None = None
        self._bounds = QRectF()
        self._hold = QPointF()
        self.setFixedSize(SIZE)
        self.setAccessibleName("Minimap")
        self.setToolTip("Drag the frame to move over the drawing")
        view.looked.connect(self.update)

    def refresh(self) -> None:
        """Draw the layers anew."""
        self._picture = None
        self.update()

    def _scale(self) -> tuple[float, QPointF]:
        """Return the scale, and where the drawing's origin lies."""
        inner = QRectF(self.rect()).adjusted(_PAD, _PAD, -_PAD, -_PAD)
        wide, high = max(self._bounds.width(), 1.0), max(self._bounds.height(), 1.0)
        scale = min(inner.width() / wide, inner.height() / high, 0.16)
        used = QPointF(wide * scale, high * scale)
        corner = inner.topLeft() + QPointF((inner.width() - used.x()) / 2, (inner.height() - used.y()) / 2)
        return scale, corner - self._bounds.topLeft() * scale

    def _frame(self) -> QRectF:
        """Return the visible part, on the map; at its border where it lies beyond."""
        scale, origin = self._scale()
        rect = self._view.visible_rect()
        frame = QRectF(rect.topLeft() * scale + origin, rect.size() * scale)
        return frame.intersected(QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._picture is None or self._picture.devicePixelRatio() != self.devicePixelRatio():
            self._picture = self._painted()
        made = theme.current()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = QColor(made.accent)
        veil.setAlphaF(0.08)
        painter.setBrush(veil)
        painter.setPen(QPen(QColor(made.accent), 1))
        painter.drawRect(self._frame())
        painter.end()

    def _painted(self) -> QPixmap:
        made, ratio = theme.current(), self.devicePixelRatio()
        self._bounds = self._drawing.bounds()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(made.panel)
        ground.setAlphaF(0.94)
        painter.setBrush(ground)
        painter.setPen(QColor(made.line))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        scale, origin = self._scale()
        painter.setPen(Qt.PenStyle.NoPen)
        for item in self._drawing.notes.items.values():
            painter.setBrush(item.ground())
            painter.drawRect(QRectF(item.rect.topLeft() * scale + origin, item.rect.size() * scale))
        groups = defaultdict[str, list[QRectF]](list)
        for node in self._drawing.nodes.values():
            rect = QRectF(node.rect.topLeft() * scale + origin, node.rect.size() * scale)
            wrong = node.content.verdict == "error"
            groups[made.error if wrong else made.families[node.content.family]].append(_visible(rect))
        for colour, rects in groups.items():
            painter.setBrush(QColor(colour))
            painter.drawRects(rects)
        painter.end()
        return picture

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at, frame = event.position(), self._frame()
        self._hold = at - frame.center() if frame.contains(at) else QPointF()
        self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            scale, origin = self._scale()
            self._view.centerOn((event.position() - self._hold - origin) / scale)


def _visible(rect: QRectF) -> QRectF:
    """A layer is never drawn smaller than a pixel and a half."""
    return QRectF(rect.left(), rect.top(), max(rect.width(), 1.5), max(rect.height(), 1.5))
