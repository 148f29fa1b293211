"""Points of a plane, each a sample, marked by its class."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from designer import theme
from designer.pictures import is_vector
from designer.views.class_marks import draw_mark

MARGIN_PX = 14
NEAR_PX = 8.0


class Scatter(QWidget):
    """Draws the points; those that are taken for another class are ringed. A click or the arrow keys choose one."""

    chosen = Signal(int)
    """Carries the number of the point that is chosen."""
    hovered = Signal(object)
    """Carries the number of the point under the mouse, or None."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._at: NDArray[np.float64] = np.zeros((0, 2))
        self._labels: NDArray[np.int64] = np.zeros(0, np.int64)
        self._is_wrong: NDArray[np.bool_] = np.zeros(0, np.bool_)
        self._marks: QPixmap | None = None
        self._opacity = 1.0
        self.choice: int | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Embedding")
        theme.changed.connect(self._forget_marks)

    def show_points(self, at: NDArray[np.float64], labels: NDArray[np.int64], is_wrong: NDArray[np.bool_]) -> None:
        """Show other points (n, 2)."""
        self._at, self._labels, self._is_wrong = at, labels, is_wrong
        self.choice = None
        self._forget_marks()

    def set_old(self, is_old: bool) -> None:
        """Show them dimmed."""
        self._opacity = 0.45 if is_old else 1.0
        self.update()

    def choose(self, number: int) -> None:
        """Choose a point."""
        self.choice = number
        self.update()
        self.chosen.emit(number)

    @property
    def places(self) -> NDArray[np.float64]:
        """Where the points are drawn, (n, 2); both axes have the same scale."""
        if not len(self._at):
            return self._at
        low, high = self._at.min(axis=0), self._at.max(axis=0)
        room = np.array([self.width() - 2 * MARGIN_PX, self.height() - 2 * MARGIN_PX], np.float64)
        span = np.maximum(high - low, 1e-12)
        scale = max(float((room / span).min()), 0.0)
        middle = np.array([self.width(), self.height()]) / 2
        return (self._at - (low + high) / 2) * [scale, -scale] + middle

    def near(self, at: QPointF) -> int | None:
        """Return the number of the point next to a place, if there is one."""
        if not len(self._at):
            return None
        away = np.hypot(*(self.places - [at.x(), at.y()]).T)
        number = int(away.argmin())
        return number if away[number] <= NEAR_PX else None

    def sizeHint(self) -> QSize:
        return QSize(480, 400)

    def minimumSizeHint(self) -> QSize:
        return QSize(180, 100)

    def _forget_marks(self) -> None:
        self._marks = None
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._marks = None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and (number := self.near(event.position())) is not None:
            self.choose(number)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.hovered.emit(self.near(event.position()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ways = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, -1),
            Qt.Key.Key_Down: (0, 1),
        }
        way = ways.get(Qt.Key(event.key()))
        if way is None or not len(self._at):
            return super().keyPressEvent(event)
        if self.choice is None:
            return self.choose(0)
        away = self.places - self.places[self.choice]
        along = away @ np.array(way, np.float64)
        reach = np.hypot(*away.T)
        ahead = along > 0.5 * reach  # within sixty degrees of the way
        ahead[self.choice] = False
        if ahead.any():
            self.choose(int(np.where(ahead, reach, np.inf).argmin()))
        return None

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setOpacity(self._opacity)
        if is_vector(painter):
            self._paint_marks(painter)
        else:
            if self._marks is None:
                self._marks = self._drawn_marks()
            painter.drawPixmap(0, 0, self._marks)
        painter.setOpacity(1)
        if self.choice is not None:
            x, y = self.places[self.choice]
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(theme.current().text), 2))
            painter.drawEllipse(QPointF(x, y), 8, 8)
        painter.end()

    def _drawn_marks(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        marks = QPixmap(self.size() * ratio)
        marks.setDevicePixelRatio(ratio)
        painter = QPainter(marks)
        self._paint_marks(painter)
        painter.end()
        return marks

    def _paint_marks(self, painter: QPainter) -> None:
        look = theme.current()
        painter.fillRect(self.rect(), QColor(look.canvas))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(look.line))
        painter.drawRect(QRectF(0.5, 0.5, self.width() - 1, self.height() - 1))
        radius = 3.5 if len(self._at) <= 1000 else 2.5
        for (x, y), label in zip(self.places, self._labels.tolist(), strict=True):
            draw_mark(painter, QPointF(x, y), label, hollow=False, radius=radius)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(look.error), 1.5))
        for x, y in self.places[self._is_wrong]:
            painter.drawEllipse(QPointF(x, y), radius + 2.5, radius + 2.5)
