"""The curve of a range test: the loss over the learning rate, with what is proposed."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from core.training.sweep import HIGHEST, LOWEST, STEPS, Tried, smoothed
from designer import theme
from designer.pictures import Numbers

LEFT_PX, RIGHT_PX, TOP_PX, AXIS_PX = 44, 12, 40, 36
ABOVE = 0.5
"""How much of the fall is shown above the start: what explodes leaves the plot."""


class RangeCurve(QWidget):
    """Draws the losses of the batches thin and the smoothed loss over them, on a logarithmic axis of rates."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tried: tuple[Tried, ...] = ()
        self.proposal: float | None = None
        self._now: float | None = None
        self.setFont(theme.font(11))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Loss by learning rate")
        theme.changed.connect(self.update)

    def show_tried(self, tried: Sequence[Tried], proposal: float | None, now: float | None) -> None:
        """Draw a sweep, what is proposed, and the rate that the document has."""
        self.tried, self.proposal, self._now = tuple(tried), proposal, now
        said = [f"{len(tried)} of {STEPS} learning rates tried", "" if proposal is None else f"proposed: {proposal:g}"]
        self.setAccessibleDescription(", ".join(filter(None, said)))
        self.update()

    def numbers(self) -> Numbers | None:
        """Return a row for every rate; None before the first."""
        if not self.tried:
            return None
        losses = smoothed([one.loss for one in self.tried]).tolist()
        rows = [(one.rate, one.loss, loss) for one, loss in zip(self.tried, losses, strict=True)]
        return Numbers(np.array(rows), [("learning_rate", "loss", "smoothed_loss"), *rows])

    def x_of(self, rate: float) -> float:
        """Return where a rate is, in pixels from the left."""
        place = log10(rate / LOWEST) / log10(HIGHEST / LOWEST)
        return LEFT_PX + (self.width() - LEFT_PX - RIGHT_PX) * min(1.0, max(0.0, place))

    def sizeHint(self) -> QSize:
        return QSize(320, 180)

    def minimumSizeHint(self) -> QSize:
        return QSize(180, 110)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            x = event.pos().x()
            place = min(range(len(self.tried)), key=lambda i: abs(self.x_of(self.tried[i].rate) - x), default=None)
            text = ""
            if place is not None:
                one, losses = self.tried[place], smoothed([one.loss for one in self.tried])
                text = f"learning rate {one.rate:.2g}\nloss {one.loss:.4g}, smoothed {losses[place]:.4g}"
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.tried:
            return
        painter, look = QPainter(self), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plot = QRectF(LEFT_PX, TOP_PX, self.width() - LEFT_PX - RIGHT_PX, self.height() - TOP_PX - AXIS_PX)
        losses = [one.loss for one in self.tried]
        smooth = smoothed(losses).tolist()
        low, start = min(smooth), smooth[0]
        high = start + ABOVE * (start - low or abs(start) or 1.0)
        low -= 0.05 * (high - low)
        self._paint_axes(painter, plot, low, high)
        self._paint_marks(painter, plot)
        painter.setClipRect(plot)
        for values, colour, width in ((losses, look.faint, 1.0), (smooth, look.accent, 2.0)):
            shares = np.clip((np.array(values) - low) / (high - low), -1, 3)
            points = [
                QPointF(self.x_of(one.rate), plot.bottom() - plot.height() * share)
                for one, share in zip(self.tried, shares.tolist(), strict=True)
            ]
            painter.setPen(QPen(QColor(colour), width))
            painter.drawPolyline(QPolygonF(points))
        painter.end()

    def _paint_axes(self, painter: QPainter, plot: QRectF, low: float, high: float) -> None:
        look = theme.current()
        painter.setPen(QColor(look.muted))
        painter.drawText(
            QRectF(8, 2, plot.right() - 8, 16), Qt.AlignmentFlag.AlignLeft, "loss: batch by batch (thin), smoothed"
        )
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        for share in (0.0, 0.5, 1.0):
            value, y = low + share * (high - low), plot.bottom() - plot.height() * share
            painter.setPen(QPen(QColor(look.line), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(QColor(look.muted))
            painter.drawText(QRectF(0, y - 8, LEFT_PX - 6, 16), right, f"{value:.3g}".replace("-", "−"))
        for power in range(floor(log10(LOWEST)), floor(log10(HIGHEST)) + 1):
            at = QRectF(self.x_of(10.0**power) - 24, plot.bottom() + 3, 48, 15)
            painter.drawText(at, Qt.AlignmentFlag.AlignCenter, f"1e{power}".replace("-", "−") if power else "1")
        foot = QRectF(plot.left(), plot.bottom() + 18, plot.width(), 15)
        painter.drawText(foot, Qt.AlignmentFlag.AlignCenter, "learning rate, log scale")

    def _paint_marks(self, painter: QPainter, plot: QRectF) -> None:
        """Draw upright lines at the document's rate and at the proposed one, with words above that keep apart."""
        look = theme.current()
        marks = [
            (rate, colour, style, words)
            for rate, colour, style, words in (
                (self.proposal, look.ok_text, Qt.PenStyle.DashLine, "{:g} proposed"),
                (None if self._now == self.proposal else self._now, look.muted, Qt.PenStyle.DotLine, "now {:g}"),
            )
            if rate is not None
        ]
        for place, (rate, colour, style, words) in enumerate(sorted(marks, key=lambda mark: mark[0])):
            x, text = self.x_of(rate), words.format(rate)
            painter.setPen(QPen(QColor(colour), 1.5, style))
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
            width = painter.fontMetrics().horizontalAdvance(text) + 8
            left = x - 8 if place or len(marks) == 1 else x + 8 - width
            room = QRectF(min(max(left, 0), self.width() - width), TOP_PX - 18, width, 16)
            painter.setPen(QColor(colour))
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)
