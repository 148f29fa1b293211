"""How much of the variance of samples their first directions keep, with a line that chooses how many."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.preprocessing.directions import kept_share
from designer import theme
from designer.pictures import Keeping, Numbers, table_of

LEFT_PX, RIGHT_PX, TOP_PX, BOTTOM_PX = 40, 12, 8, 20
LEAST_LOG = 1e-6
"""Variances below this share of the largest stand at the bottom."""
PAGE = 10


class SpectrumPlot(QWidget):
    """Draws the share that is kept (0 to 100 %) and each variance on a log axis, over the number of components.

    The line is dragged, or moved by arrow keys and Page Up and Page Down.
    """

    moving = Signal(int)
    """The line is dragged to so many components; nothing is decided yet."""
    chosen = Signal(int)
    """So many components are chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._variances: NDArray[np.floating] = np.zeros(0)
        self._kept: NDArray[np.floating] = np.zeros(0)
        self._n = 0
        self._is_on = False
        self._before = 0
        self._dragging = False
        self.setFont(theme.font(11))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("PCA spectrum")
        Keeping(self, "PCA spectrum", self._numbers)
        theme.changed.connect(self.update)

    @property
    def n(self) -> int:
        """How many components the line chooses."""
        return self._n

    @property
    def text(self) -> str:
        """What stands beside the line: "147 of 784 keep 95.0 %"."""
        if not len(self._kept):
            return ""
        return f"{self._n:,} of {len(self._kept):,} keep {self._kept[self._n - 1]:.1%}".replace("%", " %")

    def show_spectrum(self, variances: NDArray[np.floating], n: int, *, is_on: bool) -> None:
        """Show other variances, largest first, and so many components; a line that is dragged stays where it is."""
        if variances is not self._variances:
            self._variances, self._kept = variances, kept_share(variances)
        self._is_on = is_on
        if not self._dragging:
            self._n = max(1, min(n, len(variances)))
        self.setAccessibleDescription(self.text)
        self.update()

    def _numbers(self) -> Numbers | None:
        shares = zip(self._variances.tolist(), self._kept.tolist(), strict=True)
        return table_of(("components", "variance", "kept"), [(n, *each) for n, each in enumerate(shares, 1)])

    def clear(self) -> None:
        """Show nothing."""
        self._variances = self._kept = np.zeros(0)
        self._dragging = False
        self.setAccessibleDescription("")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(300, 150)

    def minimumSizeHint(self) -> QSize:
        return QSize(220, 96)

    def x_of(self, n: int) -> float:
        """Return where so many components stand."""
        return LEFT_PX + (self.width() - LEFT_PX - RIGHT_PX) * n / max(1, len(self._kept))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and len(self._kept):
            self._dragging, self._before = True, self._n
            self._move(self._at(event))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragging:
            self._move(self._at(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._dragging and event.button() == Qt.MouseButton.LeftButton:
            self._dragging = False
            self.chosen.emit(self._n)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_PageDown: -PAGE,
            Qt.Key.Key_PageUp: PAGE,
        }
        if event.key() == Qt.Key.Key_Escape and self._dragging:
            self._dragging = False
            self._move(self._before)
        elif event.key() in steps and len(self._kept):
            self._move(self._n + steps[Qt.Key(event.key())])
            self.chosen.emit(self._n)
        else:
            super().keyPressEvent(event)

    def _at(self, event: QMouseEvent) -> int:
        wide = max(1, self.width() - LEFT_PX - RIGHT_PX)
        return round((event.position().x() - LEFT_PX) / wide * len(self._kept))

    def _move(self, n: int) -> None:
        n = max(1, min(n, len(self._kept)))
        if n != self._n:
            self._n = n
            self.setAccessibleDescription(self.text)
            self.moving.emit(n)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        look = theme.current()
        painter.setFont(self.font())
        top, bottom = float(TOP_PX), float(self.height() - BOTTOM_PX)
        painter.setPen(QColor(look.muted))
        if not len(self._kept):
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "No spectrum yet")
            painter.end()
            return
        for share in (0.0, 0.5, 1.0):
            y = bottom - (bottom - top) * share
            painter.setPen(QColor(look.muted))
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, y - 8, LEFT_PX - 6, 16), right, f"{share:.0%}".replace("%", " %"))
            painter.setPen(QColor(look.line))
            painter.drawLine(LEFT_PX, round(y), self.width() - RIGHT_PX, round(y))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        largest = float(self._variances[0]) or 1.0
        logs = np.log10(np.maximum(self._variances / largest, LEAST_LOG)) / -np.log10(LEAST_LOG) + 1
        painter.setPen(QPen(QColor(look.muted), 1.2))
        painter.drawPolyline(self._line(logs, top, bottom))
        painter.setPen(QPen(QColor(look.accent), 2))
        painter.drawPolyline(self._line(self._kept, top, bottom))
        x = self.x_of(self._n)
        painter.setPen(QPen(QColor(look.accent), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x, top), QPointF(x, bottom))
        painter.setBrush(QColor(look.accent))
        y = bottom - (bottom - top) * float(self._kept[self._n - 1])
        painter.drawEllipse(QPointF(x, y), 4, 4)
        self._paint_words(painter, look, x, top, bottom)
        painter.end()

    def _paint_words(self, painter: QPainter, look: theme.Theme, x: float, top: float, bottom: float) -> None:
        painter.setPen(QColor(look.text if self._is_on else look.muted))
        words = self.text if self._is_on else f"{self.text}; PCA is off"
        wide = painter.fontMetrics().horizontalAdvance(words) + 4
        left = x + 8 if x + 8 + wide <= self.width() else max(float(LEFT_PX), x - 8 - wide)
        middle = (top + bottom) / 2
        key = "grey: each variance (log)"
        key_wide = painter.fontMetrics().horizontalAdvance(key) + 4
        ground = QColor(look.panel)
        ground.setAlphaF(0.85)  # lines pass behind the words
        painter.fillRect(QRectF(left - 2, middle - 22, max(wide, key_wide), 36), ground)
        painter.drawText(QRectF(left, middle - 22, wide, 16), Qt.AlignmentFlag.AlignLeft, words)
        painter.setPen(QColor(look.muted))
        painter.drawText(QRectF(left, middle - 4, key_wide, 16), Qt.AlignmentFlag.AlignLeft, key)
        total = f"{len(self._kept):,}"
        painter.drawText(QRectF(LEFT_PX, bottom + 4, 40, 14), Qt.AlignmentFlag.AlignLeft, "0")
        ends = QRectF(self.width() - RIGHT_PX - 80, bottom + 4, 80, 14)
        painter.drawText(ends, Qt.AlignmentFlag.AlignRight, total)

    def _line(self, shares: NDArray[np.floating], top: float, bottom: float) -> QPolygonF:
        """Draw shares from 0 to 1, a point for each pixel at most."""
        n = len(shares)
        most = max(2, self.width())
        chosen = np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(int))
        points = [QPointF(self.x_of(i + 1), bottom - (bottom - top) * float(shares[i])) for i in chosen.tolist()]
        return QPolygonF(points)
