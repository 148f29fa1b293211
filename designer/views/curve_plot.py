"""One plot: a measure per batch, smoothed, and at validation. Loads pyqtgraph, which takes a third of a second."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, log10
from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent
from PySide6.QtWidgets import QWidget

from designer import theme
from designer.views.curve_axis import UNREADABLE, ValueAxis, power_text
from designer.views.curve_data import Curve, CurveData, Floats, Measure

MARGIN: Final = 0.06
"""Room above the highest point and below zero, as a share of the height."""
LABEL_GAP_PX: Final = 8
"""Beside the value at the end of the line, besides its own width."""
AXIS_PX: Final = 46
"""The least room for the numbers at the left; longer ones take more."""
RIGHT_PX: Final = 20
"""For the right half of a number below the right end of the axis."""
LEAST_STEPS: Final = 20
NAME_PLACES: Final = 8
"""So many places along an earlier run's curve are tried for its name."""
GROUND_ALPHA: Final = 190
"""How much the ground of a text hides of what is drawn there."""
NAME_ANCHORS: Final = ((0.5, 1.0), (0.0, 1.0), (0.5, 0.0))
"""Above the place, above and to the right of it, below it."""


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
        self._earlier: list[CurveData] = []
        self._earlier_items: list[tuple[pg.PlotCurveItem, pg.TextItem]] = []
        self._changes: list[pg.InfiniteLine] = []
        self._log = False
        self._follows = True
        self._cursor = pg.InfiniteLine(angle=90, movable=False, label="B", labelOpts={"position": 0.4})
        self._cursor.label.hide()
        self._cursor.hide()
        self._pinned = pg.InfiniteLine(angle=90, movable=False, label="A", labelOpts={"position": 0.5})
        self._pinned.hide()
        self._raw, self._smooth, self._validation = (
            pg.PlotCurveItem(),
            pg.PlotCurveItem(antialias=True),
            pg.PlotCurveItem(antialias=True),
        )
        self._marks = pg.ScatterPlotItem(size=6, pxMode=True, useCache=False)  # an SVG has no part of a picture
        self._last = pg.TextItem(anchor=(0, 0.5))
        self._end = ""
        self._prepare()
        self.paint_theme()
        theme.changed.connect(self.paint_theme)

    def show_data(self, data: CurveData | None, earlier: Sequence[CurveData] = ()) -> None:
        """Show another run, or none, over the smoothed curves of earlier ones."""
        self._data, self._earlier = data, list(earlier)
        self._make_items()
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
        if len(self._data.changes) != len(self._changes):
            self._make_changes()
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
        earlier = self._draw_earlier(first, last)
        self._end = end_text(float(curve.smooth[1][-1]), self.measure) if len(curve.smooth[1]) else ""
        if self._follows:
            self._fit(curve, earlier, last)
        self._label_end(curve)
        self._place_names()

    def _draw_earlier(self, first: float, last: float) -> list[Floats]:
        """Draw what earlier runs have in this range of steps; return the values."""
        values = []
        items = zip(self._earlier, self._earlier_items, strict=True)
        for data, (line, name) in items:
            x, y = data.curve(self.measure, first, last, positive=self._log).smooth
            line.setData(x, np.log10(y) if self._log else y)
            name.setVisible(bool(len(x)))
            if len(x):
                values.append(y)
        return values

    def _place_names(self) -> None:
        """Write the names of earlier runs along their curves, where nothing else is written and all of it is seen."""
        box, taken = self.getViewBox(), list[QRectF]()
        inside = QRectF(0, 0, box.width(), box.height())
        if self._last.isVisible():
            taken.append(_written(self._last, box.mapFromView(self._last.pos()), self._last.anchor))
        for number, (line, name) in enumerate(self._earlier_items, 1):
            x, y = line.getData()
            if not name.isVisible() or x is None:
                continue
            # Curves that end alike would hide each other's names: each begins elsewhere along its own.
            first = len(x) * number // (len(self._earlier) + 1)
            spots = [(first + len(x) * n // NAME_PLACES) % len(x) for n in range(NAME_PLACES)]
            places = [
                (QPointF(x[at], y[at]), anchor) for at in spots for anchor in ((0.5, 1.0), (0.0, 1.0), (0.5, 0.0))
            ]
            rects = [_written(name, box.mapFromView(at), anchor) for at, anchor in places]
            free = (n for n, rect in enumerate(rects) if inside.contains(rect) and not any(map(rect.intersects, taken)))
            best = next(free, None)
            name.setVisible(best is not None)  # the chooser above the plots has it
            if best is not None:
                taken.append(rects[best])
                name.setAnchor(places[best][1])
                name.setPos(places[best][0])

    def _make_items(self) -> None:
        """Have a line and a name for each earlier run."""
        box = self.getViewBox()
        for items in self._earlier_items:
            for item in items:
                box.removeItem(item)
        self._earlier_items = [(pg.PlotCurveItem(antialias=True), pg.TextItem(run.name)) for run in self._earlier]
        for line, name in self._earlier_items:
            line.setZValue(-1)
            name.setFont(theme.font(11))
            box.addItem(line, ignoreBounds=True)
            box.addItem(name, ignoreBounds=True)
        self._make_changes()
        self._paint_items()

    def _make_changes(self) -> None:
        """Have a line where settings were changed."""
        box = self.getViewBox()
        for line in self._changes:
            box.removeItem(line)
        # Where curves hardly are: a loss falls, an accuracy rises.
        high, edge = (0.98, 0) if self.measure == "loss" else (0.04, 1)
        # On the right half of the plot words stand to the left of their line.
        options = {"position": high, "anchors": [(0, edge), (1, edge)]}
        self._changes = [
            pg.InfiniteLine(step + 0.5, angle=90, movable=False, label=text, labelOpts=options)
            for step, text in (self._data.changes if self._data else ())
        ]
        for line in self._changes:
            line.label.setFont(theme.font(11))
            box.addItem(line, ignoreBounds=True)
        self._paint_items()

    def _paint_items(self) -> None:
        look = theme.current()
        ground = QColor(look.panel)
        ground.setAlpha(GROUND_ALPHA)
        for line, name in self._earlier_items:
            line.setPen(pg.mkPen(look.muted, width=1))
            name.setColor(look.muted)
            name.fill = pg.mkBrush(ground)
        for mark in self._changes:
            mark.setPen(pg.mkPen(look.muted, width=1, style=Qt.PenStyle.DashLine))
            mark.label.setColor(look.text)
            mark.label.fill = pg.mkBrush(ground)  # curves pass behind the words

    @Slot(object)
    def show_cursor(self, step: int | None) -> None:
        """Draw the cursor line at a step, or hide it."""
        self._cursor.setVisible(step is not None)
        if step is not None:
            self._cursor.setPos(step)

    def pin(self, step: int | None) -> None:
        """Mark the moment that is looked at beside that of the cursor; None: of none."""
        self._pinned.setVisible(step is not None)
        self._cursor.label.setVisible(step is not None)
        if step is not None:
            self._pinned.setPos(step)

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
        self._cursor.setPen(pg.mkPen(look.text, width=1, style=Qt.PenStyle.DotLine))
        self._pinned.setPen(pg.mkPen(look.text, width=1, style=Qt.PenStyle.DashLine))
        for label in (self._pinned.label, self._cursor.label):
            label.setColor(look.text)
            label.fill = pg.mkBrush(look.panel)
        self._last.setColor(look.accent)
        self._paint_items()
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
        self.setCacheMode(self.CacheModeFlag.CacheNone)  # the ground is plain; an SVG would have it as a picture
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
        for item in (self._raw, self._validation, self._smooth, self._marks, self._pinned, self._cursor, self._last):
            box.addItem(item, ignoreBounds=True)
        for label in (self._pinned.label, self._cursor.label):
            label.setFont(theme.font(11, 600))
        self._last.setFont(theme.font(12, 600))

    @Slot()
    def _on_zoomed(self) -> None:
        self._follows = False
        self.refresh()

    def _hover(self, place: QPointF) -> None:
        box = self.getViewBox()
        inside = box.sceneBoundingRect().contains(self.mapToScene(place.toPoint()))
        if self._data is None or not len(self._data.loss) or not inside:
            self.hovered.emit(None)
            return
        step = round(box.mapSceneToView(self.mapToScene(place.toPoint())).x())
        self.hovered.emit(min(max(step, self._data.first_step + 1), self._data.last_step))

    def _steps_in_view(self) -> float:
        """Return how many steps to show: the whole run if it is short, else more in leaps, so that no curve crawls."""
        if self._data is None:
            return LEAST_STEPS
        steps, total = self._data.last_step, self._data.total_steps
        leap = LEAST_STEPS * 2 ** max(0.0, np.ceil(np.log2(max(1, steps) / LEAST_STEPS)))
        return max(float(total if total <= 4 * leap else leap), *(float(run.last_step) for run in self._earlier), 0.0)

    def _fit(self, curve: Curve, earlier: list[Floats], last: float) -> None:
        width = max(1.0, self.getViewBox().width())
        room = last * width / max(width / 2, width - self._end_px())
        low, high = self._heights(curve, earlier)
        self.getViewBox().setRange(QRectF(0, low, room, high - low), padding=0, disableAutoRange=False)
        self._widen_axis()

    def _end_px(self) -> int:
        """Return the room that the value at the end of the line takes, whatever its digits are."""
        widest = "".join("0" if sign.isdigit() else sign for sign in self._end)
        return QFontMetrics(self._last.textItem.font()).horizontalAdvance(widest) + LABEL_GAP_PX

    def _widen_axis(self) -> None:
        """Give the numbers at the left the room that the longest one takes."""
        axis = self._axes["left"]
        (low, high), height = self.getViewBox().viewRange()[1], max(1.0, self.getViewBox().height())
        spacing, values = axis.tickValues(low, high, height)[0]
        metrics = QFontMetrics(axis.style["tickFont"])
        widths = [metrics.horizontalAdvance(text) for text in axis.tickStrings(values, 1.0, spacing)]
        wide = max([AXIS_PX, *(width + 2 * axis.style["tickTextOffset"][0] for width in widths)])
        if wide != axis.fixedWidth:  # else its picture would be made anew for nothing
            axis.setWidth(wide)

    def _heights(self, curve: Curve, earlier: list[Floats]) -> tuple[float, float]:
        parts = [*(y for _, y in (curve.raw, curve.smooth, curve.validation) if len(y)), *earlier]
        if not parts:
            return -MARGIN, 1 + MARGIN
        values = np.concatenate(parts)
        if self._log:
            logs = np.log10(values)
            low, high = float(logs.min()), float(logs.max())
            margin = max(0.05, MARGIN * (high - low))
            return floor(10 * (low - margin)) / 10, ceil(10 * (high + margin)) / 10
        if self.measure == "accuracy":
            return -MARGIN, 1 + MARGIN
        # The mean and the validation are always in view; a lone spike of one batch may leave the picture.
        calm = np.concatenate([np.quantile(parts[0], [0.995]), *parts[1:]])
        top = leap(max(float(calm.max()), 1e-6))
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


def _written(text: pg.TextItem, at: QPointF, anchor: Sequence[float]) -> QRectF:
    """Return the rectangle that a text takes which hangs at a point by an anchor."""
    size = text.boundingRect().size()
    return QRectF(QPointF(at.x() - anchor[0] * size.width(), at.y() - anchor[1] * size.height()), size)


def leap(top: float) -> float:
    """Return the next number with two digits: an axis that ends there is drawn anew now and then, not always.

    >>> leap(2.302), leap(0.0431), leap(9.96), leap(30.0)
    (2.4, 0.044, 10.0, 30.0)
    """
    unit = 10.0 ** (floor(log10(top)) - 1)
    return float(f"{ceil(round(top / unit, 9)) * unit:.2g}")


def end_text(value: float, measure: Measure) -> str:
    """Write the value at the end of a line in five characters at most, as far as it is of a usual size.

    >>> [end_text(value, "loss") for value in (0.0123, 2.345, 123.4, 9876.5)], end_text(0.9871, "accuracy")
    (['0.012', '2.35', '123', '9,876'], '0.987')
    >>> end_text(0.00001234, "loss"), end_text(4.39e34, "loss")
    ('1e−05', '4e34')
    """
    if value >= UNREADABLE:
        return power_text(f"{value:.0e}")
    if measure == "accuracy" or 0.001 <= value < 0.1:
        return f"{value:.3f}"
    if value < 0.1:
        return f"{value:.0e}".replace("-", "−") if value > 0 else f"{value:.3g}".replace("-", "−")
    return f"{value:.2f}" if value < 100 else f"{value:,.0f}"
