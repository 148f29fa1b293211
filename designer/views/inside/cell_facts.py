"""What is known of the chosen cell, and the values of all maps at its place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from core.analysis.receptive_field import seen
from core.analysis.report import LayerReport, Report
from core.text import counted
from designer import theme
from designer.pictures import Keeping, Numbers, table_of
from designer.session.looking import Cell
from designer.views.activations import box_text
from designer.views.elided import ElidedLabel
from designer.views.inside.inside import Inside

_CHART_PX, _NUMBER_PX = 56, 16
MOST_BARS = 256


class DepthColumn(QWidget):
    """Draws a bar for the value of each map at one place; that of the chosen map in the accent colour."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: NDArray[np.floating] = np.zeros(0, np.float32)
        self._chosen = 0
        self.setFont(theme.font(11))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        Keeping(self, "depth column", self._numbers)
        theme.changed.connect(self.update)

    @property
    def values(self) -> NDArray[np.floating]:
        """What is drawn, from left to right."""
        return self._values

    def show_values(self, values: NDArray[np.floating], chosen: int) -> None:
        """Show values (C,), the first of very many."""
        self._values, self._chosen = values[:MOST_BARS], chosen
        self.setAccessibleName(f"Depth column of {counted(len(values), 'map')}")
        self.update()

    def _numbers(self) -> Numbers | None:
        return table_of(("map", "value"), list(enumerate(self._values.tolist(), 1)))

    def sizeHint(self) -> QSize:
        return QSize(160, _CHART_PX + _NUMBER_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        finite = np.nan_to_num(self._values, posinf=0, neginf=0)
        if not len(finite):
            return
        painter, look = QPainter(self), theme.current()
        high, low = max(0.0, float(finite.max())), min(0.0, float(finite.min()))
        scale = (_CHART_PX - 2) / ((high - low) or 1.0)
        base, step = 1 + high * scale, self.width() / len(finite)
        for place, value in enumerate(finite.tolist()):
            top = base - max(value, 0.0) * scale
            bar = QRectF(place * step, top, max(1.0, step - 2), max(1.0, abs(value) * scale))
            painter.fillRect(bar, QColor(look.accent if place == self._chosen else look.track))
        painter.setPen(QColor(look.line))
        painter.drawLine(QPointF(0, base), QPointF(self.width(), base))
        if self._chosen < len(finite):
            painter.setPen(QColor(look.text))
            middle = (self._chosen + 0.5) * step
            room = QRectF(middle - 20, _CHART_PX, 40, _NUMBER_PX)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, str(self._chosen + 1))
        painter.end()


class CellFacts(QWidget):
    """Lists where the chosen cell is, what it sees and its value; hidden while none is chosen."""

    def __init__(self, inside: Inside, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inside = inside
        self._lines: dict[str, ElidedLabel] = {}
        head = QLabel("Chosen cell")
        theme.mark(head, "role", "strong")
        self._grid = QGridLayout()
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        for name in ("layer", "cell", "receptive field", "sees", "value"):
            title, value = QLabel(name), ElidedLabel()
            theme.mark(title, "role", "muted")
            value.setAlignment(Qt.AlignmentFlag.AlignRight)
            row = self._grid.rowCount()
            self._grid.addWidget(title, row, 0)
            self._grid.addWidget(value, row, 1)
            self._lines[name] = value
            self._value_title = title  # the last one
        self._depth_title = QLabel()
        theme.mark(self._depth_title, "role", "muted")
        self.depth_column = DepthColumn()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(head)
        column.addLayout(self._grid)
        column.addWidget(self._depth_title)
        column.addWidget(self.depth_column)
        inside.looked.connect(self.refresh)
        inside.cell_changed.connect(self.refresh)
        self.refresh()

    def text_of(self, name: str) -> str:
        """Return what is said beside a name."""
        return self._lines[name].text()

    def refresh(self) -> None:
        """Say again what is known."""
        cell, look = self._inside.cell, self._inside.look
        layer = None if cell is None or look is None else look.report.layers.get(cell.layer)
        self.setVisible(layer is not None)
        if cell is None or look is None or layer is None:
            return
        for name, text in facts_of(cell, layer, look.report, self._inside.value_of(cell)).items():
            self._lines[name].setText(text)
        maps = look.shown.get(cell.layer)
        self._value_title.setText("gradient" if look.are_gradients else "value")
        is_image = maps is not None and maps.ndim == 3 and cell.within(maps.shape) and maps.shape[2] > 1
        self._depth_title.setVisible(is_image)
        self.depth_column.setVisible(is_image)
        if maps is not None and is_image:
            self._depth_title.setText(f"All {counted(maps.shape[2], 'map')} at this cell")
            self.depth_column.show_values(maps[cell.row, cell.column], cell.channel)


def facts_of(cell: Cell, layer: LayerReport, report: Report, value: float | None) -> dict[str, str]:
    """Say where a cell is, what it sees and how large it is, by the names of the lines."""
    shape, field = layer.shape or (0,), layer.receptive_field
    image = len(shape) == 3
    box = seen(report, layer.id, cell.row, cell.column) if image else None
    first = next(iter(report.layers.values())).shape or (0, 0)
    sees, in_padding, _ = ("everything", "", "") if box is None else box_text(box, first).partition(", padding")
    size = "the whole input" if field is None else "×".join(map(str, field.size))
    return {
        "layer": f"{layer.id}, map {cell.channel + 1} of {shape[-1]:,}" if image else layer.id,
        "cell": f"row {cell.row}, column {cell.column}" if image else f"value {cell.channel + 1:,} of {shape[-1]:,}",
        "receptive field": f"{size}, partly padding" if in_padding else size,  # where there is room for it
        "sees": sees,
        "value": "?" if value is None else f"{value:.4g}".replace("-", "−"),
    }
