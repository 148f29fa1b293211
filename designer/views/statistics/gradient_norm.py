"""How large the gradient is from layer to layer."""

from __future__ import annotations

from math import ceil, floor

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from designer import theme
from designer.session import Session
from designer.views.statistics.measured import MeasuredView, figure
from designer.views.statistics.measured_steps import LAST

LEFT_PX, TOP_PX, FOOT_PX = 48, 24, 38
PERCENTILES = (10, 50, 90)
LEAST = 1e-12
"""What a gradient of 0 is drawn as."""


class GradientNormView(MeasuredView):
    """Shows the norm of each layer's gradient by depth: the median of the last batches, and where 80 % of them lie."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, "Gradient norm by depth", parent)

    def spread(self, layer: str) -> tuple[float, float, float]:
        """Return the 10th, 50th and 90th percentile of a layer's gradient norm over the last batches."""
        norms = self.steps.gradient_norms[self.steps.first_recent :, self.layers.index(layer)]
        low, middle, high = np.percentile(norms, PERCENTILES).tolist()
        return low, middle, high

    def words(self, layer: str) -> str:
        low, middle, high = (figure(number) for number in self.spread(layer))
        return f"{layer}: gradient norm {middle}\n10–90 % of the last {LAST} batches: {low} to {high}"

    def layer_at(self, x: float, y: float) -> str | None:
        place = int((x - LEFT_PX) // self._step_px()) if self.layers and x >= LEFT_PX else -1
        return self.layers[place] if 0 <= place < len(self.layers) else None

    def paint(self, painter: QPainter, look: theme.Theme) -> None:
        norms = self.steps.gradient_norms[self.steps.first_recent :]
        spreads = np.percentile(norms, PERCENTILES, axis=0).T  # (layers, 3)
        powers = np.log10(np.maximum(spreads, LEAST))
        low, high = floor(powers.min()), max(floor(powers.min()) + 1, ceil(powers.max()))
        bottom = float(self.height() - FOOT_PX)
        scale = max(1.0, bottom - TOP_PX) / (high - low)
        step, metrics = self._step_px(), QFontMetricsF(self.font())
        painter.setPen(QColor(look.muted))
        painter.drawText(
            QRectF(8, 2, self.width() - 16, 18), Qt.AlignmentFlag.AlignRight, f"median, 10–90 % of {LAST} batches"
        )
        every = max(1, ceil((high - low) / 6))
        for power in range(low, high + 1, every):
            y = bottom - (power - low) * scale
            painter.setPen(QPen(QColor(look.line), 1))
            painter.drawLine(QPointF(LEFT_PX, y), QPointF(self.width() - 8, y))
            painter.setPen(QColor(look.muted))
            ends = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(QRectF(0, y - 8, LEFT_PX - 6, 16), ends, f"1e{power}" if power else "1")
        at = [
            [QPointF(LEFT_PX + (i + 0.5) * step, bottom - (p - low) * scale) for p in row]
            for i, row in enumerate(powers)
        ]
        band = QColor(look.accent)
        band.setAlphaF(0.22)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(band)
        painter.drawPolygon(QPolygonF([*(row[0] for row in at), *(row[2] for row in reversed(at))]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(look.accent), 2))
        painter.drawPolyline(QPolygonF([row[1] for row in at]))
        every = max(1, ceil(44 / step))
        for place, (layer, row) in enumerate(zip(self.layers, at, strict=True)):
            is_chosen = layer in self.session.selection
            painter.setPen(QPen(QColor(look.text if is_chosen else look.accent), 1.5))
            painter.setBrush(QColor(look.accent))
            radius = 5 if is_chosen else 3
            painter.drawEllipse(row[1], radius, radius)
            if place % every == 0:
                room = step * every - 4
                foot = QRectF(row[1].x() - room / 2, bottom + 4, room, 16)
                painter.setPen(QColor(look.text))
                name = metrics.elidedText(layer, Qt.TextElideMode.ElideMiddle, room)
                painter.drawText(foot, Qt.AlignmentFlag.AlignCenter, name)
                painter.setPen(QColor(look.muted))
                painter.drawText(foot.translated(0, 15), Qt.AlignmentFlag.AlignCenter, figure(float(spreads[place, 1])))

    def _step_px(self) -> float:
        return max(1.0, (self.width() - LEFT_PX - 8) / max(1, len(self.layers)))
