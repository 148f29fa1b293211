"""How far each layer of an export is from ours, on a logarithmic axis."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor, log10

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from designer import theme
from designer.pictures import Keeping, table_of

LOWEST = 1e-9
"""Differences below this stand at the bottom, with those that are none."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 12, 10, 22
_APART = 10
"""What stays free between the names of layers."""


class DifferencePlot(QWidget):
    """Dots for layers in the order of computing, and the tolerance as a dashed line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layers: list[tuple[str, float | None]] = []
        self._tolerance = 1e-4
        self.setMinimumSize(180, 110)
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)
        self.setAccessibleName("Largest difference by layer")
        Keeping(self, "differences", lambda: table_of(("layer", "largest difference"), self._layers))

    def show_layers(self, layers: Mapping[str, float | None], tolerance: float) -> None:
        """Show the largest difference of each layer; None stands for no numbers at all."""
        self._layers, self._tolerance = [*layers.items()], tolerance
        self.update()

    def _exponents(self) -> tuple[int, int]:
        """Return the powers of ten at the bottom and the top; what is smaller than the bottom counts as none."""
        found = [value for _, value in self._layers if value is not None and value > LOWEST]
        low = floor(log10(min([*found, self._tolerance])))
        high = floor(log10(max([*found, self._tolerance]))) + 1
        return low - 1, high

    def _place(self, index: int, value: float | None) -> QPointF:
        area = self._area()
        low, high = self._exponents()
        share = 1.0
        if value is not None:
            share = (log10(value) - low) / (high - low) if value > LOWEST else 0.0
        across = (index + 0.5) / max(1, len(self._layers))
        return QPointF(area.left() + across * area.width(), area.bottom() - min(1.0, max(0.0, share)) * area.height())

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_LEFT, _TOP, -_RIGHT, -_BOTTOM)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(11))
        now, area = theme.current(), self._area()
        if not self._layers:
            painter.setPen(QColor(now.muted))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "Largest difference by layer")
            painter.end()
            return
        low, high = self._exponents()
        for exponent in range(low, high + 1):
            y = area.bottom() - (exponent - low) / (high - low) * area.height()
            painter.setPen(QPen(QColor(now.line), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(now.muted))
            words = QRectF(0, y - 8, _LEFT - 6, 16)
            said = f"1e{exponent}" if exponent > low else "0"
            painter.drawText(words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, said)
        y = self._place(0, self._tolerance).y()
        painter.setPen(QPen(QColor(now.text), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        for index, (_, value) in enumerate(self._layers):
            passes = value is not None and value <= self._tolerance
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(now.ok if passes else now.error))
            place = self._place(index, value)
            if passes:
                painter.drawEllipse(place, 3, 3)
            else:
                painter.drawRect(QRectF(place.x() - 3, place.y() - 3, 6, 6))
        self._name_layers(painter)
        painter.end()

    def _name_layers(self, painter: QPainter) -> None:
        """Write the names of the first and the last layer, and of as many between as there is room for."""
        painter.setPen(QColor(theme.current().muted))
        area, measure = self._area(), painter.fontMetrics()
        n, free = len(self._layers), area.left()
        widths = [measure.horizontalAdvance(id) for id, _ in self._layers]
        end = max(area.left(), area.right() - widths[-1])
        for index, (id, _) in enumerate(self._layers):
            left = max(area.left(), self._place(index, None).x() - widths[index] / 2)
            if index == n - 1:
                left = end
            elif left < free or left + widths[index] + _APART > end:
                continue
            place = QRectF(left, area.bottom() + 4, widths[index] + 1, 16)
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft, id)
            free = left + widths[index] + _APART

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self._layers:
            area = self._area()
            index = int((event.pos().x() - area.left()) / max(1.0, area.width()) * len(self._layers))
            if 0 <= index < len(self._layers):
                id, value = self._layers[index]
                said = "no numbers" if value is None else f"{value:.1e}"
                QToolTip.showText(event.globalPos(), f"{id}: {said}", self)
                return True
        return super().event(event)
