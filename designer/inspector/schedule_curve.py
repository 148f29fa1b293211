"""The learning rate over the epochs of a training, as the schedule has it: what has passed, and what is to come."""

from __future__ import annotations

from math import log10

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.graph.training import Training
from core.learning.optimizers import Optimizer
from core.learning.schedules import preview
from designer import theme
from designer.pictures import Keeping, Numbers, table_of

MOST_STEPS = 400
"""Steps of the drawn curve; more could not be told apart."""
LEAP_PX = 3
"""What has passed grows by so much at a time."""
LEAST_RANGE = 2.0
"""Rates that differ by less than this factor are drawn on a line in the middle."""


class ScheduleCurve(QWidget):
    """Draws the rate on a logarithmic axis; it is taken for granted that the validation loss falls."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rates: list[float] = []
        self._epochs = 0
        self._done = 0.0
        self.setFont(theme.font(11))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        Keeping(self, "learning rate", self._numbers)
        theme.changed.connect(self.update)

    @property
    def rates(self) -> list[float]:
        """The rates that are drawn, in steps of equal length over all epochs."""
        return self._rates

    def show_training(self, training: Training) -> None:
        """Draw the schedule of these settings."""
        settings, optimizer = training.settings, training.optimizer
        self._epochs = settings.epochs
        per_epoch = max(1, MOST_STEPS // settings.epochs)
        base = getattr(optimizer, "learning_rate", 0.0) if isinstance(optimizer, Optimizer) else 0.0
        shown = min(settings.epochs, MOST_STEPS)
        self._rates = preview(settings.schedule, base, per_epoch, shown) if base > 0 else []
        ends = [self._rates[0], self._rates[-1]] if self._rates else []
        words = " to ".join(f"{rate:.3g}" for rate in ends)
        self.setAccessibleName(f"Learning rate over {settings.epochs:,} epochs: {words}")
        self.setToolTip(f"The learning rate of each step, from {words}" if ends else "")
        self.update()

    def _numbers(self) -> Numbers | None:
        per_epoch = len(self._rates) / max(1, min(self._epochs, MOST_STEPS))
        return table_of(("epochs", "learning_rate"), [(i / per_epoch, rate) for i, rate in enumerate(self._rates)])

    def show_done(self, epochs: float) -> None:
        """Draw as passed what lies before so many epochs."""
        epochs, per_epoch = min(epochs, self._epochs), self.width() / LEAP_PX / max(1, self._epochs)
        moved = round(epochs * per_epoch) != round(self._done * per_epoch)
        self._done = epochs
        if moved:  # progress comes 30 times a second
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(180, 92)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 92)

    def paintEvent(self, event: QPaintEvent) -> None:
        positive = [rate for rate in self._rates if rate > 0]
        if not positive:
            return
        painter, look = QPainter(self), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        high = max(positive)
        low = max(min(positive), high * 1e-6)
        label_px = painter.fontMetrics().horizontalAdvance("0.00001") + 6
        plot = QRectF(label_px, 8, self.width() - label_px - 6, self.height() - 30)
        spread = log10(high / low) if high / low >= LEAST_RANGE else 0.0

        def y(rate: float) -> float:
            if not spread:
                return plot.center().y()
            return plot.bottom() - plot.height() * log10(max(rate, low) / low) / spread

        painter.setPen(QColor(look.muted))
        for rate in dict.fromkeys((high, low) if spread else (high,)):
            painter.drawText(QRectF(0, y(rate) - 8, label_px - 6, 16), Qt.AlignmentFlag.AlignRight, f"{rate:.2g}")
            painter.setPen(QPen(QColor(look.line), 1))
            painter.drawLine(QPointF(plot.left(), y(rate)), QPointF(plot.right(), y(rate)))
            painter.setPen(QColor(look.muted))
        below = QRectF(plot.left(), plot.bottom() + 6, plot.width(), 16)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, "0")
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, f"{self._epochs:,} epochs")
        x = np.linspace(plot.left(), plot.right(), len(self._rates) + 1)[1:]
        powers = np.log10(np.maximum(self._rates, low) / low) / spread if spread else np.full(len(x), 0.5)
        points = [
            QPointF(*at) for at in zip(x.tolist(), (plot.bottom() - plot.height() * powers).tolist(), strict=True)
        ]
        n_done = round(len(points) * min(1.0, self._done / self._epochs))
        painter.setPen(QPen(QColor(look.accent), 1.5, Qt.PenStyle.DashLine))
        painter.drawPolyline(QPolygonF(points[max(0, n_done - 1) :]))
        if n_done:
            painter.setPen(QPen(QColor(look.accent), 2))
            painter.drawPolyline(QPolygonF(points[:n_done]))
        painter.end()
