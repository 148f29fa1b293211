"""How often the network is right, by how sure it is."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from core.text import counted
from core.training.calibration import Bin, Calibration
from designer import theme
from designer.pictures import Numbers

LEFT_PX, BELOW_PX, MARGIN_PX = 44, 34, 12
MOST_PX = 360


class CalibrationPlot(QWidget):
    """Draws a bar for each bin, up to the share that is right; on the dashed line it is as often right as it is sure.

    Below the bars stands how many samples there are, since a bar of three means little.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._calibration: Calibration | None = None
        self.setFont(theme.font(11))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Calibration")
        theme.changed.connect(self.update)

    @property
    def numbers(self) -> Numbers | None:
        """The bins, as rows."""
        if self._calibration is None:
            return None
        bins = [(b.low, b.high, b.n, b.confidence, b.accuracy) for b in self._calibration.bins]
        return Numbers(np.array(bins), [("from", "to", "samples", "mean confidence", "accuracy"), *bins])

    def show_calibration(self, calibration: Calibration | None) -> None:
        """Show other bins, or none."""
        self._calibration = calibration
        bins = calibration.bins if calibration is not None else ()
        self.setAccessibleDescription("; ".join(_words(each) for each in bins if each.n))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(MOST_PX, MOST_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(180, 140)

    @property
    def _plot(self) -> QRectF:
        side = min(self.width() - LEFT_PX - MARGIN_PX, self.height() - 2 * BELOW_PX - MARGIN_PX, float(MOST_PX))
        return QRectF(LEFT_PX, MARGIN_PX, side, side)

    def bin_at(self, at: QPointF) -> Bin | None:
        """Return the bin at a point of the widget."""
        plot = self._plot
        if self._calibration is None or not plot.left() <= at.x() < plot.right():
            return None
        bins = self._calibration.bins
        return bins[int((at.x() - plot.left()) / plot.width() * len(bins))]

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            found = self.bin_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), "" if found is None else _words(found), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        calibration = self._calibration
        if calibration is None:
            return
        painter = QPainter(self)
        look, plot = theme.current(), self._plot
        painter.setPen(QColor(look.line))
        painter.drawRect(plot)
        wide = plot.width() / len(calibration.bins)
        centre = Qt.AlignmentFlag.AlignCenter
        for place, each in enumerate(calibration.bins):
            left = plot.left() + place * wide
            if each.n:
                high = plot.height() * each.accuracy
                bar = QRectF(left + 1, plot.bottom() - high, wide - 2, high)
                painter.fillRect(bar, QColor(look.accent if each.n >= 10 else look.track))
                painter.fillRect(
                    QRectF(left + 1, plot.bottom() - plot.height() * each.confidence - 1, wide - 2, 2),
                    QColor(look.warning),
                )
            painter.setPen(QColor(look.muted))
            if wide > painter.fontMetrics().horizontalAdvance("0,000"):
                painter.drawText(QRectF(left, plot.bottom() + BELOW_PX / 2, wide, BELOW_PX / 2), centre, f"{each.n:,}")
        self._paint_axes(painter, plot)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(look.text), 1.25, Qt.PenStyle.DashLine))
        painter.drawLine(plot.bottomLeft(), plot.topRight())
        painter.end()

    def _paint_axes(self, painter: QPainter, plot: QRectF) -> None:
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for share in (0.0, 0.5, 1.0):
            y = plot.bottom() - share * plot.height()
            painter.drawText(QRectF(0, y - 8, LEFT_PX - 6, 16), right, f"{share:.0%}")
            x = plot.left() + share * plot.width()
            painter.drawText(QRectF(x - 24, plot.bottom() + 2, 48, 14), Qt.AlignmentFlag.AlignCenter, f"{share:.0%}")
        line = QRectF(plot.left(), plot.bottom() + BELOW_PX + 2, self.width() - plot.left(), BELOW_PX)
        words = "across: how sure; up: how often right; amber: mean certainty;\nbelow: samples; grey: fewer than ten"
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, words)


def _words(each: Bin) -> str:
    sure = f"{each.low:.0%} to {each.high:.0%} sure"
    if not each.n:
        return f"{sure}: no samples"
    return f"{sure}: {counted(each.n, 'sample')}, {each.accuracy:.0%} right"
