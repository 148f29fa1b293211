"""How far steps move each layer, compared to its weights."""

from __future__ import annotations

from math import log10

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from designer import theme
from designer.session import Session
from designer.views.statistics.measured import MeasuredView, figure
from designer.views.statistics.measured_steps import LAST

LOW, HIGH = -5.0, -1.0
"""Ends of the axis, as powers of ten; what is beyond is drawn at the end."""
HEALTHY = (3e-4, 3e-3)
WIDTH = 0.12
"""Of the curve that stands for one measured step, in powers of ten."""
LEAST_PX = 0.2
"""A ridge that is lower is part of the line below it."""
NAME_PX, FIGURE_PX, TOP_PX, AXIS_PX = 76, 60, 38, 20
POWERS = np.linspace(LOW, HIGH, 121)
"""At which a ridge is computed."""
_GRID = np.linspace(LOW, HIGH, 481)
_BELLS = np.exp(-(((POWERS[:, None] - _GRID) / WIDTH) ** 2) / 2)  # (121, 481)


class UpdateRatioView(MeasuredView):
    """Shows for each layer how often which ratio ‖Δw‖/‖w‖ occurred, the last batches over the earlier ones."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, "Update / weight ratio by layer", parent)

    def median(self, layer: str) -> float:
        """Return the median ratio of a layer over the last batches."""
        return float(np.median(self.steps.update_ratios[self.steps.first_recent :, self.layers.index(layer)]))

    def words(self, layer: str) -> str:
        text = f"{layer}: a step moves it by {figure(self.median(layer))} of its weights\n"
        return text + f"median of the last {LAST} batches; healthy is about 1e-3"

    def layer_at(self, x: float, y: float) -> str | None:
        place = int((y - TOP_PX) // self._row_px()) if self.layers and y >= TOP_PX else -1
        return self.layers[place] if 0 <= place < len(self.layers) else None

    def paint(self, painter: QPainter, look: theme.Theme) -> None:
        left, right = float(NAME_PX), float(self.width() - FIGURE_PX)
        row, bottom = self._row_px(), float(self.height() - AXIS_PX)
        metrics = QFontMetricsF(self.font())
        band = QColor(look.ok)
        band.setAlphaF(0.14)
        start, end = (self._x(log10(ratio)) for ratio in HEALTHY)
        painter.fillRect(QRectF(start, TOP_PX - 2, end - start, bottom - TOP_PX + 2), band)
        painter.setPen(QColor(look.ok_text))
        middle = QRectF((start + end) / 2 - 90, TOP_PX - 18, 180, 16)
        painter.drawText(middle, Qt.AlignmentFlag.AlignCenter, "healthy, about 1e-3")
        painter.setPen(QColor(look.muted))
        for power in range(int(LOW), int(HIGH) + 1):
            at = QRectF(self._x(power) - 20, bottom + 2, 40, AXIS_PX - 2)
            painter.drawText(at, Qt.AlignmentFlag.AlignCenter, f"1e{power}")
        first = self.steps.first_recent
        medians = np.median(self.steps.update_ratios[first:], axis=0)
        spans = ((slice(first), look.warning), (slice(first, None), look.accent))
        ridges = [densities_of(self.steps.update_ratios[span]) for span, _ in spans]
        x = 8.0
        for span, colour in spans:
            batches = self.steps.batches[span]
            if len(batches):
                painter.fillRect(QRectF(x, 6, 9, 9), QColor(colour))
                text = f"batches {batches[0]:,}–{batches[-1]:,}"
                painter.setPen(QColor(look.muted))
                painter.drawText(QPointF(x + 14, 14), text)
                x += 28 + metrics.horizontalAdvance(text)
        for place, layer in enumerate(self.layers):
            base = TOP_PX + (place + 1) * row - 2
            area = QRectF(0, base - row + 2, self.width(), row)
            if layer in self.session.selection:
                painter.fillRect(area, QColor(look.selection))
            painter.setPen(QPen(QColor(look.line), 1))
            painter.drawLine(QPointF(left, base), QPointF(right, base))
            painter.setPen(QColor(look.text))
            name = metrics.elidedText(layer, Qt.TextElideMode.ElideMiddle, NAME_PX - 14)
            painter.drawText(area.adjusted(8, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, name)
            ends = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(area.adjusted(0, 0, -8, 0), ends, figure(float(medians[place])))
        for (_, colour), known in zip(spans, ridges, strict=True):
            self._paint_ridges(painter, known, colour)

    def _paint_ridges(self, painter: QPainter, densities: np.ndarray, colour: str) -> None:
        """Paint those of all layers, (layers, powers), as one shape.

        Qt gives Python's lock away while it paints, and a training keeps it for up to 5 ms: better twice than for each.
        """
        xs, row = [self._x(power) for power in POWERS], self._row_px()
        outlines, fillings = QPainterPath(), QPainterPath()
        for place, density in enumerate(densities):
            if not density.any():
                continue
            base = TOP_PX + (place + 1) * row - 2
            heights = density * (row * 0.9 / density.max())
            seen = np.flatnonzero(heights > LEAST_PX)  # nearly all of a row is flat
            part = slice(max(0, int(seen[0]) - 1), int(seen[-1]) + 2)
            points = [QPointF(x, base - high) for x, high in zip(xs[part], heights[part].tolist(), strict=True)]
            outlines.addPolygon(QPolygonF(points))
            fillings.addPolygon(QPolygonF([QPointF(points[0].x(), base), *points, QPointF(points[-1].x(), base)]))
        filling = QColor(colour)
        filling.setAlphaF(0.35)
        painter.fillPath(fillings, filling)
        painter.strokePath(outlines, QPen(QColor(colour), 1))

    def _x(self, power: float) -> float:
        room = max(1.0, self.width() - NAME_PX - FIGURE_PX)
        return NAME_PX + (power - LOW) / (HIGH - LOW) * room

    def _row_px(self) -> float:
        return max(1.0, (self.height() - TOP_PX - AXIS_PX) / max(1, len(self.layers)))


def densities_of(ratios: np.ndarray) -> np.ndarray:
    """Return how often ratios of about each of `POWERS` occurred: a bell stands for each, on a place of a fine grid.

    For all layers at once: NumPy gives Python's lock away, too, while a product or a long array takes its time.

    Parameters
    ----------
    ratios : array, (steps, layers)

    Returns
    -------
    array, (layers, powers)

    Examples
    --------
    >>> (density,) = densities_of(np.array([[1e-3], [1.02e-3]]))
    >>> float(POWERS[density.argmax()])
    -3.0
    """
    n_layers, n_places = ratios.shape[1], len(_GRID)
    at = np.clip(np.log10(np.maximum(ratios, 1e-12)), LOW, HIGH)
    places = np.rint((at - LOW) / (HIGH - LOW) * (n_places - 1)).astype(np.intp) + n_places * np.arange(n_layers)
    counts = np.bincount(places.ravel(), minlength=n_layers * n_places).reshape(n_layers, n_places)
    densities: np.ndarray = counts @ _BELLS.T
    return densities
