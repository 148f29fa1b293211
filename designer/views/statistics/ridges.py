"""Histograms one before the other: the run goes from the back, above, to the front."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, log10

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from core.training.step_histograms import Histogram, Source
from designer import theme
from designer.views.statistics.history import evenly, outline, span
from designer.views.statistics.measured import figure

UNITS: dict[Source, str] = {
    "weights": "w, a weight",
    "gradients": "∂L/∂w, the loss's change by a weight",
    "activations": "what the layer makes of a sample, value by value",
    "updates": "Δw, how far the step moves a weight",
}
"""What is on the axis."""
POINTS = 64
"""Of an outline."""
LEAST_APART_PX, HIGH = 12, 3.5
"""The least distance of two ridges, and how many such distances one is high."""
LEFT_PX, RIGHT_PX, TOP_PX, AXIS_PX = 60, 16, 30, 36


class Ridges(QWidget):
    """Draws what it is given; the tooltip has the numbers of the ridge below the mouse."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._all: list[tuple[int, Histogram]] = []
        self._source: Source = "weights"
        self.marked: int | None = None
        self.pinned: int | None = None
        self.setFont(theme.font(11))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Histograms over time")
        theme.changed.connect(self.update)

    def show_histograms(self, histograms: Sequence[tuple[int, Histogram]], source: Source) -> None:
        """Draw histograms by step; there is at least one."""
        self._all, self._source = list(histograms), source
        self.setAccessibleDescription(words(*self._all[-1], source).replace("\n", ", "))
        self.update()

    def mark(self, step: int | None) -> None:
        """Draw the ridge of a step, or the nearest that there is room for, apart from the others."""
        self.marked = step
        self.update()

    def pin(self, step: int | None) -> None:
        """Draw the ridge of a second step as A, and the marked one as B."""
        self.pinned = step
        self.update()

    @property
    def drawn(self) -> list[tuple[int, Histogram]]:
        """Those that there is room for, from the back to the front."""
        return evenly(self._all, max(2, int((self._bottom - TOP_PX) / LEAST_APART_PX)))

    def base_of(self, step: int) -> float:
        """Return where the ridge of a step stands, in pixels from above."""
        first, last = self._all[0][0], self._all[-1][0]
        back = TOP_PX + HIGH * self._apart
        return back + (self._bottom - back) * ((step - first) / (last - first) if last > first else 1.0)

    def sizeHint(self) -> QSize:
        return QSize(420, 260)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 110)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            y = event.pos().y()
            nearest = min(self.drawn, key=lambda one: abs(self.base_of(one[0]) - y), default=None)
            QToolTip.showText(event.globalPos(), "" if nearest is None else words(*nearest, self._source), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        drawn = self.drawn
        if not drawn:
            return
        painter, look = QPainter(self), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        low, high = span(histogram for _, histogram in drawn)
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        middle = Qt.AlignmentFlag.AlignCenter
        for value in ticks(low, high):
            x = self._x(value, low, high)
            painter.setPen(QPen(QColor(look.line), 1))
            painter.drawLine(QPointF(x, TOP_PX), QPointF(x, self._bottom))
            painter.setPen(QColor(look.muted))
            painter.drawText(QRectF(x - 40, self._bottom + 3, 80, 15), middle, figure(value).replace("-", "−"))
        foot = QRectF(LEFT_PX, self._bottom + 18, self.width() - LEFT_PX - RIGHT_PX, 15)
        painter.drawText(foot, middle, _elided(painter, UNITS[self._source], foot.width()))
        width = self.width() - LEFT_PX - RIGHT_PX
        text = "each as high as its own peak; values of exactly 0 left out"
        painter.drawText(QRectF(LEFT_PX, 4, width, 16), right, _elided(painter, text, width))
        written, marked, pinned = -100.0, _nearest(self.marked, drawn), _nearest(self.pinned, drawn)
        if pinned is not None and marked is None:
            marked = drawn[-1][0]
        letters = {} if pinned is None or marked is None else {marked: "B ", pinned: "A "}
        if marked is not None and marked == pinned:
            letters = {marked: "A B "}
        apart = {step for step in (marked, pinned) if step is not None}
        for place, (step, histogram) in enumerate(drawn):
            base, age = self.base_of(step), (place + 1) / len(drawn)
            colour = _mixed(look.panel, look.accent, age)
            if step in apart:
                colour = QColor(look.warning if step == marked else look.ok)
            self._paint_ridge(painter, outline(histogram, low, high, POINTS), base, colour)
            fits = base - written >= 16 and self.base_of(drawn[-1][0]) - base >= 16
            near = any(abs(self.base_of(one) - base) < 16 for one in apart)
            if step in apart or (step == drawn[-1][0] and not near) or (fits and not near):
                painter.setPen(QColor(look.text if step in apart else look.muted))
                painter.drawText(QRectF(0, base - 8, LEFT_PX - 6, 16), right, f"{letters.get(step, '')}{step:,}")
                written = base
        painter.setPen(QColor(look.muted))
        painter.drawText(QRectF(4, 4, LEFT_PX, 16), Qt.AlignmentFlag.AlignVCenter, "batch")
        painter.end()

    def _paint_ridge(self, painter: QPainter, heights: np.ndarray, base: float, colour: QColor) -> None:
        high = HIGH * self._apart
        at = LEFT_PX + np.arange(0.5, POINTS) / POINTS * (self.width() - LEFT_PX - RIGHT_PX)
        points = [QPointF(x, base - high * h) for x, h in zip(at.tolist(), heights.tolist(), strict=True)]
        left, right = QPointF(LEFT_PX, base), QPointF(self.width() - RIGHT_PX, base)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF([left, *points, right]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.current().panel), 1))
        painter.drawPolyline(QPolygonF([left, *points, right]))

    @property
    def _bottom(self) -> float:
        return float(self.height() - AXIS_PX)

    @property
    def _apart(self) -> float:
        n = max(2, min(len(self._all), int((self._bottom - TOP_PX) / LEAST_APART_PX)))
        room = self._bottom - TOP_PX
        return max(1.0, min(room / (n - 1 + HIGH), room / 2 / HIGH))

    def _x(self, value: float, low: float, high: float) -> float:
        return LEFT_PX + (value - low) / (high - low) * (self.width() - LEFT_PX - RIGHT_PX)


def _nearest(step: int | None, drawn: list[tuple[int, Histogram]]) -> int | None:
    return None if step is None else min((one for one, _ in drawn), key=lambda one: abs(one - step))


def words(step: int, histogram: Histogram, source: Source) -> str:
    """Say in numbers what was counted."""
    one = histogram
    of = f" of {one.size:,}, evenly chosen" if one.n < one.size else ""
    lines = [
        f"batch {step:,}: norm of the {source} {figure(one.norm)}",
        f"{one.n:,} values{of}, from {figure(one.low)} to {figure(one.high)}, mean {figure(one.mean)}",
    ]
    if one.zeros:
        lines.append(f"{one.zeros:.1%} are exactly 0")
    return "\n".join(lines)


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Return round values within a span.

    >>> ticks(-0.31, 0.42)
    [-0.2, 0.0, 0.2, 0.4]
    """
    rough = (high - low) / most
    power = 10.0 ** floor(log10(rough))
    step = next(step for step in (power, 2 * power, 5 * power, 10 * power) if step >= rough)
    digits = max(0, 1 - floor(log10(step)))
    return [round(number * step, digits) for number in range(ceil(low / step), floor(high / step) + 1)]


def _mixed(back: str, front: str, share: float) -> QColor:
    """Mix two colours: what is long ago is faint."""
    share = 0.25 + 0.75 * share
    one, other = QColor(back), QColor(front)
    pairs = zip((one.red(), one.green(), one.blue()), (other.red(), other.green(), other.blue()), strict=True)
    return QColor(*(round((1 - share) * a + share * b) for a, b in pairs))


def _elided(painter: QPainter, text: str, width: float) -> str:
    return painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(width))
