"""A patch of numbers, each on its colour; one of them can be chosen, and leads to the cell that it comes from."""

from __future__ import annotations

from functools import lru_cache
from math import ceil
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from designer import theme
from designer.theme.colormaps import Table, colourise

CELL_PX: Final = (46, 30)
LEAST_PX: Final = (5, 5)
LEGIBLE_SIDE: Final = 7
"""A patch of so many rows is given the room for its numbers, whatever has to be scrolled for it."""
MOST_DIGITS: Final = 3
"""After the point: more have no room in a cell."""
MOST_SIDE: Final = 32
"""Longer rows of features are broken into lines of so many."""
_Key = Qt.Key
_STEPS: Final = {_Key.Key_Left: (0, -1), _Key.Key_Right: (0, 1), _Key.Key_Up: (-1, 0), _Key.Key_Down: (1, 0)}


class CellGrid(QWidget):
    """Shows numbers (rows, columns); those in the padding are hatched, a winner is framed."""

    followed = Signal(object)
    """Carries (row, column) of the number that was clicked, or chosen and confirmed with Return."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._numbers: NDArray[np.floating] = np.zeros((0, 0))
        self._texts: list[str] = []
        self._inside: NDArray[np.bool_] = np.zeros((0, 0), bool)
        self._table: Table | None = None
        self._limits = (0.0, 1.0)
        self._winner: tuple[int, int] | None = None
        self._at = (0, 0)
        self.can_follow = False
        self.setFont(theme.font(11))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        theme.changed.connect(self.update)

    @property
    def texts(self) -> list[str]:
        """What is written, row by row."""
        return self._texts

    @property
    def numbers(self) -> NDArray[np.floating]:
        """What is shown."""
        return self._numbers

    def show_numbers(
        self,
        numbers: NDArray[np.floating],
        table: Table,
        limits: tuple[float, float],
        inside: NDArray[np.bool_] | None = None,
        winner: tuple[int, int] | None = None,
        total: float | None = None,
    ) -> str:
        """Show a matrix.

        Parameters
        ----------
        numbers : array, (rows, columns)
            NaN where there is nothing.
        table, limits
            Colours, and what the first and the last of them stand for.
        inside : array of bool, (rows, columns), optional
            False in the padding.
        winner : (row, column), optional
            The number that was taken.
        total : float, optional
            What the numbers add up to; they are then written so that they do.

        Returns
        -------
        str
            The total, as it is written; "" without one.
        """
        from core.inside.printing import added_up, grid

        if numbers.shape != self._numbers.shape:
            self.updateGeometry()
            self._at = (0, 0)
        self._numbers, self._table, self._limits, self._winner = numbers, table, limits, winner
        self._inside = np.ones(numbers.shape, bool) if inside is None else inside
        known = numbers[~np.isnan(numbers)]
        terms, said = known.ravel().tolist(), ""
        if total is None:
            written = iter(grid(terms))
        else:
            texts, said = added_up(terms, total, most=MOST_DIGITS)
            written = iter(texts)
        self._texts = ["" if np.isnan(value) else next(written) for value in numbers.ravel()]
        self._describe()
        self.update()
        return said

    def place_at(self, point: QPointF) -> tuple[int, int] | None:
        """Return the row and column at a point."""
        rows, columns = self._numbers.shape
        wide, high = self._cell()
        row, column = int(point.y() // high), int(point.x() // wide)
        return (row, column) if 0 <= row < rows and 0 <= column < columns else None

    def rect_of(self, row: int, column: int) -> QRectF:
        """Return where a number is."""
        wide, high = self._cell()
        return QRectF(column * wide, row * high, wide - 1, high - 1)

    def sizeHint(self) -> QSize:
        rows, columns = self._numbers.shape
        return QSize(min(columns * CELL_PX[0], 330), min(rows * CELL_PX[1], 210))

    def minimumSizeHint(self) -> QSize:
        rows, columns = self._numbers.shape
        high = ceil(QFontMetricsF(self.font()).height()) if rows <= LEGIBLE_SIDE else LEAST_PX[1]
        return QSize(min(columns, 24) * LEAST_PX[0], min(rows, 12) * high)

    @property
    def legible_px(self) -> int:
        """How wide it must be for its numbers to be written; 0 where they are too many for that."""
        columns = self._numbers.shape[1]
        return ceil(columns * self._least_cell()) if 0 < columns <= LEGIBLE_SIDE else 0

    @property
    def is_written(self) -> bool:
        """Whether there is room for the numbers; else there are their colours only."""
        wide, high = self._cell()
        return wide >= self._least_cell() and high >= QFontMetricsF(self.font()).height() - 1

    def _least_cell(self) -> float:
        """Return the width of a cell with the longest number in it."""
        metrics = QFontMetricsF(self.font())
        return max(metrics.horizontalAdvance(text) for text in self._texts) + 3

    def _cell(self) -> tuple[float, float]:
        rows, columns = (max(1, n) for n in self._numbers.shape)
        return max(2.0, min(self.width() / columns, CELL_PX[0])), max(2.0, min(self.height() / rows, CELL_PX[1]))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            place = self.place_at(QPointF(event.pos()))
            text = "" if place is None else self._texts[place[0] * self._numbers.shape[1] + place[1]]
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position())
        if place is not None and event.button() == Qt.MouseButton.LeftButton:
            self._at = place
            self._describe()
            self.update()
            if self.can_follow:
                self.followed.emit(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = _Key(event.key())
        rows, columns = self._numbers.shape
        if key in _STEPS:
            down, right = _STEPS[key]
            row, column = self._at[0] + down, self._at[1] + right
            if 0 <= row < rows and 0 <= column < columns:
                self._at = (row, column)
                self._describe()
                self.update()
        elif key in {_Key.Key_Return, _Key.Key_Enter} and self.can_follow and self._numbers.size:
            self.followed.emit(self._at)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        rows, columns = self._numbers.shape
        if self._table is None or not rows or not columns:
            return
        painter, look = QPainter(self), theme.current()
        is_written = self.is_written
        pixels = colourise(np.nan_to_num(self._numbers), self._table, *self._limits)
        for row in range(rows):
            for column in range(columns):
                text = self._texts[row * columns + column]
                if not text:
                    continue
                cell, ground = self.rect_of(row, column), QColor(*map(int, pixels[row, column]))
                painter.fillRect(cell, ground)
                if not self._inside[row, column]:
                    painter.fillRect(cell, QColor(look.panel))
                    painter.fillRect(cell, QBrush(QColor(look.track), Qt.BrushStyle.BDiagPattern))
                    ground = QColor(look.panel)
                if is_written:
                    painter.setPen(ink_on(ground))
                    painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, text)
        if self._winner is not None:
            self._frame(painter, self.rect_of(*self._winner), QColor(look.accent), QColor("#ffffff"))
        if self.hasFocus():
            self._frame(painter, self.rect_of(*self._at), QColor(look.text), QColor(look.panel))
        painter.end()

    @staticmethod
    def _frame(painter: QPainter, rect: QRectF, colour: QColor, edge: QColor) -> None:
        for each, width in ((edge, 3.0), (colour, 1.5)):
            painter.setPen(QPen(each, width))
            painter.drawRect(rect.adjusted(1, 1, -1, -1))

    def _describe(self) -> None:
        rows, columns = self._numbers.shape
        text = self._texts[self._at[0] * columns + self._at[1]] if rows and columns else ""
        said = f"{rows} by {columns} numbers, row {self._at[0] + 1}, column {self._at[1] + 1}: {text or 'nothing'}"
        self.setAccessibleName(self._name)
        self.setAccessibleDescription(said)


def as_matrix(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return numbers as rows and columns; a long row of features is broken, and filled up with NaN.

    >>> as_matrix(np.arange(3.0)).shape, as_matrix(np.arange(100.0)).shape, as_matrix(np.zeros((5, 5))).shape
    ((1, 3), (4, 32), (5, 5))
    """
    if values.ndim == 2:
        return values
    n = values.size
    if n <= MOST_SIDE:
        return values.reshape(1, n)
    rows = -(-n // MOST_SIDE)
    filled = np.full(rows * MOST_SIDE, np.nan)
    filled[:n] = values.ravel()
    return filled.reshape(rows, MOST_SIDE)


def ink_on(ground: QColor) -> QColor:
    """Return black or white, whichever is easier to read."""
    return QColor(_ink_on(ground.name()))


@lru_cache(maxsize=2048)
def _ink_on(name: str) -> str:
    return "#ffffff" if theme.contrast("#ffffff", name) >= theme.contrast("#101216", name) else "#101216"
