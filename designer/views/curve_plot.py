"""One plot: a measure per batch, smoothed, and at validation. Loads pyqtgraph, which takes a third of a second."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent
from PySide6.QtWidgets import QWidget

from designer import theme
from designer.views.curve_data import Curve, CurveData, Measure

MARGIN: Final = 0.06
"""Room above the highest point and below zero, as a share of the height."""
LABEL_GAP_PX: Final = 8
"""Beside the value at the end of the line, besides its own width."""
AXIS_PX: Final = 46
"""The least room for the numbers at the left; longer ones take more."""
RIGHT_PX: Final = 20
"""For the right half of a number below the right end of the axis."""
LEAST_STEPS: Final = 20


class ValueAxis(pg.AxisItem):
    """A few round numbers, written as in the rest of the window; on a logarithmic scale 1, 2 and 5 of every decade."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        n = max(2, int(size / (26 if self.orientation == "left" else 50)))
        if self.logMode:
            return [(1.0, _log_ticks(minVal, maxVal, n))]
        step = _round_step((maxVal - minVal) / n, whole=self.orientation == "bottom")
        first = np.ceil(minVal / step - 1e-9)
        return [(step, [float(i * step) for i in np.arange(first, np.floor(maxVal / step + 1e-9) + 1)])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        if self.logMode:
            return [f"{10**value:.3g}".replace("-", "−") for value in values]
        decimals = max(0, int(np.ceil(-np.log10(spacing) - 1e-9)))
        return [f"{value + 0.0:,.{decimals}f}" for value in values]


def _round_step(least: float, *, whole: bool) -> float:
    """Round up to one of 1, 2, 5, 10, 20, 25, 50, …, or to such tenths and hundredths."""
    power = 10.0 ** np.floor(np.log10(max(least, 1e-12)))
    factors = (1, 2, 2.5, 5, 10) if whole and power >= 10 else (1, 2, 5, 10)
    step = next(float(power * factor) for factor in factors if power * factor >= least * (1 - 1e-9))
    return max(1.0, step) if whole else step


def _log_ticks(low: float, high: float, n: int) -> list[float]:
    powers = range(int(np.floor(low)), int(np.ceil(high)) + 1)
    ticks: list[float] = []
    for factors in ((1, 2, 5), (1, 3), (1,)):
        ticks = [power + float(np.log10(factor)) for power in powers for factor in factors]
        ticks = [tick for tick in ticks if low <= tick <= high]
        if len(ticks) <= n + 1:
            return ticks
    return ticks[:: len(ticks) // n + 1]


def _end_text(value: float, measure: Measure) -> str:
    """Write the value at the end of a line.

    >>> [_end_text(value, "loss") for value in (2.3026, 0.0512, 1.9e-10, 4123.5, 1.6e7)], _end_text(0.97, "accuracy")
    (['2.30', '0.051', '1.9e−10', '4,124', '1.6e7'], '0.970')
    """
    if value and not 0.001 <= abs(value) < 1e5:
        return f"{value:.1e}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e").replace("-", "−")
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3f}" if value < 0.1 or measure == "accuracy" else f"{value:.2f}"


class CurvePlot(pg.PlotWidget):
    """Draws one measure of a run; shows the whole run until the user zooms.

    The wheel zooms, dragging moves the view, and a double-click shows everything again.
    """

    hovered = Signal(object)
    """Carries the step under the mouse (int), or None when it has left."""

    def __init__(self, measure: Measure, parent: QWidget | None = None) -> None:
        self._axes = {side: ValueAxis(side) for side in ("left", "bottom")}
        super().__init__(parent, axisItems=self._axes)
        self.measure = measure
        self._data: CurveData | None = None
        self._log = False
        self._follows = True
        self._cursor = pg.InfiniteLine(angle=90, movable=False)
        self._cursor.hide()
        self._raw, self._smooth, self._validation = (
            pg.PlotCurveItem(),
            pg.PlotCurveItem(antialias=True),
            pg.PlotCurveItem(antialias=True),
        )
        self._marks = pg.ScatterPlotItem(size=6, pxMode=True)
        self._last = pg.TextItem(anchor=(0, 0.5))
        self._end = ""
        self._prepare()
        self.paint_theme()
        theme.changed.connect(self.paint_theme)

    def show_data(self, data: CurveData | None) -> None:
        """Show another run, or none."""
        self._data = data
        self._follows = True
        self.refresh()

    def set_log(self, log: bool) -> None:
        """Draw values on a logarithmic scale, or on a linear one."""
        self._log = log
        self._axes["left"].setLogMode(False, log)
        self._follows = True
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Draw what has arrived since the last time, into the room that there is now."""
        if self._data is None:
            for item in (self._raw, self._smooth, self._validation, self._marks):
                item.setData([], [])
            self._last.hide()
            return
        if self._follows:
            first, last = 0.0, self._steps_in_view()
        else:
            first, last = self.getViewBox().viewRange()[0]
        curve = self._data.curve(self.measure, first, last, positive=self._log)
        for item, (x, y) in zip(
            (self._raw, self._smooth, self._validation, self._marks),
            (curve.raw, curve.smooth, curve.validation, curve.validation),
            strict=True,
        ):
            item.setData(x, np.log10(y) if self._log else y)
        self._end = _end_text(float(curve.smooth[1][-1]), self.measure) if len(curve.smooth[1]) else ""
        if self._follows:
            self._fit(curve, last)
        self._label_end(curve)

    @Slot(object)
    def show_cursor(self, step: int | None) -> None:
        """Draw the cursor line at a step, or hide it."""
        self._cursor.setVisible(step is not None)
        if step is not None:
            self._cursor.setPos(step)

    @Slot()
    def paint_theme(self) -> None:
        """Draw in the colours of the theme."""
        look = theme.current()
        self.setBackground(look.panel)
        thin = QColor(look.accent)
        thin.setAlpha(120 if look.is_dark else 110)
        self._raw.setPen(pg.mkPen(thin, width=1))
        self._smooth.setPen(pg.mkPen(look.accent, width=2))
        self._validation.setPen(pg.mkPen(look.warning, width=2))
        self._marks.setPen(pg.mkPen(look.panel, width=1))
        self._marks.setBrush(pg.mkBrush(look.warning))
        self._cursor.setPen(pg.mkPen(look.muted, width=1, style=Qt.PenStyle.DotLine))
        self._last.setColor(look.accent)
        for axis in self._axes.values():
            axis.setPen(pg.mkPen(look.line))
            axis.setTextPen(pg.mkPen(look.muted))
            axis.setTickFont(theme.font(11))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(event.position())

    def leaveEvent(self, event: object) -> None:
        super().leaveEvent(event)
        self.hovered.emit(None)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._follows = True
        self.refresh()
        event.accept()

    def _prepare(self) -> None:
        plot = self.getPlotItem()
        plot.hideButtons()
        plot.setMenuEnabled(False)
        plot.layout.setContentsMargins(0, 0, RIGHT_PX, 0)
        self.setFrameShape(self.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for side, axis in self._axes.items():
            axis.setStyle(tickLength=0, tickTextOffset=8 if side == "left" else 6, autoExpandTextSpace=False)
        self._axes["left"].setWidth(AXIS_PX)
        self._axes["left"].setGrid(255)
        self._axes["left"].setZValue(-1)  # its lines belong behind the curves
        self._axes["bottom"].setHeight(22)
        box = self.getViewBox()
        box.disableAutoRange()
        box.setDefaultPadding(0)
        box.setRange(QRectF(0, 0, LEAST_STEPS, 1), padding=0)
        box.setLimits(xMin=0, minXRange=5)
        box.sigRangeChangedManually.connect(self._on_zoomed)
        box.sigResized.connect(self.refresh)
        for item in (self._raw, self._validation, self._smooth, self._marks, self._cursor, self._last):
            box.addItem(item, ignoreBounds=True)
        self._last.setFont(theme.font(12, 600))

    @Slot()
    def _on_zoomed(self) -> None:
        self._follows = False
        self.refresh()

    def _hover(self, place: QPointF) -> None:
        box = self.getViewBox()
        inside = box.sceneBoundingRect().contains(self.mapToScene(place.toPoint()))
        if self._data is None or not self._data.steps or not inside:
            self.hovered.emit(None)
            return
        step = round(box.mapSceneToView(self.mapToScene(place.toPoint())).x())
        self.hovered.emit(min(max(step, 1), self._data.steps))

    def _steps_in_view(self) -> float:
        """Return how many steps to show: the whole run if it is short, else more in leaps, so that no curve crawls."""
        if self._data is None:
            return LEAST_STEPS
        steps, total = self._data.steps, self._data.total_steps
        leap = LEAST_STEPS * 2 ** max(0.0, np.ceil(np.log2(max(1, steps) / LEAST_STEPS)))
        return float(total if total <= 4 * leap else leap)

    def _fit(self, curve: Curve, last: float) -> None:
        width = max(1.0, self.getViewBox().width())
        room = last * width / max(width / 2, width - self._end_px())
        low, high = self._heights(curve)
        self.getViewBox().setRange(QRectF(0, low, room, high - low), padding=0, disableAutoRange=False)
        self._widen_axis()

    def _end_px(self) -> int:
        """Return the room that the value at the end of the line takes."""
        return QFontMetrics(self._last.textItem.font()).horizontalAdvance(self._end) + LABEL_GAP_PX

    def _widen_axis(self) -> None:
        """Give the numbers at the left the room that the longest one takes."""
        axis = self._axes["left"]
        (low, high), height = self.getViewBox().viewRange()[1], max(1.0, self.getViewBox().height())
        spacing, values = axis.tickValues(low, high, height)[0]
        metrics = QFontMetrics(axis.style["tickFont"])
        widths = [metrics.horizontalAdvance(text) for text in axis.tickStrings(values, 1.0, spacing)]
        axis.setWidth(max([AXIS_PX, *(width + 2 * axis.style["tickTextOffset"][0] for width in widths)]))

    def _heights(self, curve: Curve) -> tuple[float, float]:
        parts = [y for _, y in (curve.raw, curve.smooth, curve.validation) if len(y)]
        if not parts:
            return -MARGIN, 1 + MARGIN
        values = np.concatenate(parts)
        if self._log:
            logs = np.log10(values)
            low, high = float(logs.min()), float(logs.max())
            margin = max(0.05, MARGIN * (high - low))
            return low - margin, high + margin
        if self.measure == "accuracy":
            return -MARGIN, 1 + MARGIN
        # The mean and the validation are always in view; a lone spike of one batch may leave the picture.
        calm = np.concatenate([np.quantile(parts[0], [0.995]), *parts[1:]])
        top = max(float(calm.max()), 1e-6)
        return -MARGIN * top, (1 + MARGIN) * top

    def _label_end(self, curve: Curve) -> None:
        x, y = curve.smooth
        self._last.setVisible(bool(len(x)))
        if len(x):
            at = QPointF(float(x[-1]), float(np.log10(y[-1]) if self._log else y[-1]))
            self._last.setText(self._end)
            self._last.setPos(at)
            self._last.setAnchor(self._anchor(at))

    def _anchor(self, at: QPointF) -> tuple[float, float]:
        """Return by which of its corners or edges the value hangs at a point, so that all of it is in the plot."""
        box = self.getViewBox()
        place, high = box.mapFromView(at), self._last.boundingRect().height() / 2
        beside = 1.0 if place.x() + self._end_px() > box.width() else 0.0
        if place.y() < high:
            return beside, 0.0
        return beside, 1.0 if place.y() > box.height() - high else 0.5
