"""The norm of what is inside a layer, batch by batch."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, log10

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from designer import theme
from designer.views.statistics.measured import figure
from designer.views.statistics.ridges import AXIS_PX, TOP_PX, ticks

WIDE = 30
"""Norms that differ by such a factor are drawn on a logarithmic axis."""
LEFT_PX, RIGHT_PX = 52, 12


class NormLine(QWidget):
    """Draws norms over steps; the tooltip says the one below the mouse."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._norms: list[tuple[int, float]] = []
        self._what = ""
        self.marked: int | None = None
        self.pinned: int | None = None
        self.setFont(theme.font(11))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Norm over time")
        theme.changed.connect(self.update)

    def show_norms(self, norms: Sequence[tuple[int, float]], what: str) -> None:
        """Draw norms by step; those that are no numbers are left out."""
        self._norms, self._what = [(step, norm) for step, norm in norms if isfinite(norm)], what
        last = f": {figure(self._norms[-1][1])} at batch {self._norms[-1][0]:,}" if self._norms else ""
        self.setAccessibleDescription(f"norm of the {what}{last}")
        self.update()

    def mark(self, step: int | None) -> None:
        """Draw a line at a step; None for none."""
        self.marked = step
        self.update()

    def pin(self, step: int | None) -> None:
        """Draw a line at a second step as A, and the marked one as B."""
        self.pinned = step
        self.update()

    @property
    def is_log(self) -> bool:
        """Whether the axis is logarithmic."""
        norms = [norm for _, norm in self._norms]
        return bool(norms) and min(norms) > 0 and max(norms) > WIDE * min(norms)

    def sizeHint(self) -> QSize:
        return QSize(240, 260)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 90)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            x = event.pos().x()
            nearest = min(self._norms, key=lambda one: abs(self._x(one[0]) - x), default=None)
            text = "" if nearest is None else f"batch {nearest[0]:,}: norm of the {self._what} {figure(nearest[1])}"
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._norms:
            return
        painter, look = QPainter(self), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        to = log10 if self.is_log else float
        heights = [to(norm) for _, norm in self._norms]
        low, high = min(heights), max(heights)
        apart = (high - low) * 0.08 or abs(low) * 0.1 or 1.0
        low, high = low - apart, high + apart
        bottom = float(self.height() - AXIS_PX)
        scale = (bottom - TOP_PX) / (high - low)
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        for value in ticks(low, high, 4):
            y = bottom - (value - low) * scale
            painter.setPen(QPen(QColor(look.line), 1))
            painter.drawLine(QPointF(LEFT_PX, y), QPointF(self.width() - RIGHT_PX, y))
            painter.setPen(QColor(look.muted))
            painter.drawText(QRectF(0, y - 8, LEFT_PX - 6, 16), right, figure(10**value if self.is_log else value))
        painter.setPen(QColor(look.muted))
        axis = ", log scale" if self.is_log else ""
        painter.drawText(QRectF(8, 4, self.width() - 16, 16), Qt.AlignmentFlag.AlignVCenter, f"norm{axis}")
        first, last = self._norms[0][0], self._norms[-1][0]
        foot = QRectF(LEFT_PX, bottom + 3, self.width() - LEFT_PX - RIGHT_PX, 15)
        painter.drawText(foot, Qt.AlignmentFlag.AlignLeft, f"{first:,}")
        painter.drawText(foot, Qt.AlignmentFlag.AlignRight, f"{last:,}" if last > first else "")
        painter.drawText(foot.translated(0, 15), Qt.AlignmentFlag.AlignCenter, "batch")
        points = [
            QPointF(self._x(step), bottom - (height - low) * scale)
            for (step, _), height in zip(self._norms, heights, strict=True)
        ]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # a noisy line would take long
        painter.setPen(QPen(QColor(look.accent), 1))
        painter.drawPolyline(QPolygonF(points))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(look.accent))
        painter.drawEllipse(points[-1], 3, 3)
        dashes, dots = Qt.PenStyle.DashLine, Qt.PenStyle.DotLine
        for step, letter, colour, style in (
            (self.marked, "B", look.warning, dashes),
            (self.pinned, "A", look.ok, dots),
        ):
            if step is not None and first <= step <= last:
                x = self._x(step)
                painter.setPen(QPen(QColor(colour), 1, style))
                painter.drawLine(QPointF(x, TOP_PX), QPointF(x, bottom))
                if self.pinned is not None:
                    painter.drawText(QPointF(x + 3, bottom - 4), letter)
        painter.setPen(QColor(look.text))
        painter.drawText(QRectF(8, 4, self.width() - 8 - RIGHT_PX, 16), right, figure(self._norms[-1][1]))
        painter.end()

    def _x(self, step: int) -> float:
        first, last = self._norms[0][0], self._norms[-1][0]
        room = self.width() - LEFT_PX - RIGHT_PX
        return LEFT_PX + room * ((step - first) / (last - first) if last > first else 1.0)
