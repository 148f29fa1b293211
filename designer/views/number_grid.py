"""A few numbers as they are, each on its colour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from designer import theme
from designer.pictures import Keeping, Numbers, matrix_rows
from designer.theme.colormaps import colourise, symmetric_limit, weights

CELL_PX = (38, 20)


class NumberGrid(QWidget):
    """Shows a matrix; a cell too small for its number shows only the colour."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._numbers: NDArray[np.floating] = np.zeros((0, 0), np.float32)
        self._limit = 1.0
        self.setFont(theme.font(11))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        Keeping(self, "filter", self._kept)
        theme.changed.connect(self.update)

    @property
    def numbers(self) -> NDArray[np.floating]:
        """What is shown, (rows, columns)."""
        return self._numbers

    def show_numbers(self, numbers: NDArray[np.floating], limit: float | None = None) -> None:
        """Show a matrix (rows, columns); colours reach from −limit to limit."""
        if numbers.shape != self._numbers.shape:
            self.updateGeometry()
        self._numbers = numbers
        self._limit = symmetric_limit(numbers) if limit is None else limit
        self.update()

    def _kept(self) -> Numbers | None:
        return Numbers(self._numbers, matrix_rows(self._numbers)) if self._numbers.size else None

    def sizeHint(self) -> QSize:
        rows, columns = self._numbers.shape
        return QSize(min(columns * CELL_PX[0], 230), min(rows * CELL_PX[1], 180))

    def minimumSizeHint(self) -> QSize:
        return QSize(60, 40)

    def paintEvent(self, event: QPaintEvent) -> None:
        rows, columns = self._numbers.shape
        if not rows or not columns:
            return
        painter = QPainter(self)
        wide = min(self.width() / columns, CELL_PX[0])
        high = min(self.height() / rows, CELL_PX[1])
        metrics = QFontMetricsF(self.font())
        written = wide >= metrics.horizontalAdvance("−0.00") + 2 and high >= metrics.height() - 1
        pixels = colourise(self._numbers, weights(theme.current()), -self._limit, self._limit)
        for row in range(rows):
            for column in range(columns):
                cell = QRectF(column * wide, row * high, wide - 1, high - 1)
                ground = QColor(*map(int, pixels[row, column]))
                painter.fillRect(cell, ground)
                if written:
                    painter.setPen(_ink(ground))
                    text = f"{self._numbers[row, column]:.2f}".replace("-", "−")
                    painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, text)
        painter.end()


def _ink(ground: QColor) -> QColor:
    """Return black or white, whichever is easier to read."""
    name = ground.name()
    return QColor("#ffffff" if theme.contrast("#ffffff", name) >= theme.contrast("#101216", name) else "#101216")
