"""How sure the network is of each class, a line for each: name, bar, percentage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from core.text import counted
from designer import theme
from designer.pictures import Keeping, Numbers, table_of
from designer.views.class_bars import class_name, percent_text

ROW_PX, GAP_PX = 18, 8
MOST_BAR_PX = 320
MOST_NAME_SHARE = 0.45
"""Of the width; a longer name is cut, and the tooltip has it whole."""


@dataclass(frozen=True, slots=True)
class ClassRow:
    """One line: a class, or at last all that had no room.

    Attributes
    ----------
    right : bool
        Whether it is the true class.
    best : bool
        Whether no other class is likelier.
    is_change : bool
        Whether it is by how much likelier the class has become.
    """

    name: str
    probability: float
    right: bool = False
    best: bool = False
    is_change: bool = False


class ClassRows(QWidget):
    """Draws the classes in their order where all have room; otherwise the likeliest, and the rest as one line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[ClassRow] = []
        self.setFont(theme.font(11))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        Keeping(self, "class probabilities", self.numbers)
        theme.changed.connect(self.update)

    @property
    def rows(self) -> list[ClassRow]:
        """What is drawn, from top to bottom."""
        return rows_that_fit(self._rows, self.height() // ROW_PX)

    def show_rows(self, probabilities: NDArray[np.floating] | None, names: Sequence[str], label: int | None) -> None:
        """Show probabilities (C,), or nothing.

        Parameters
        ----------
        names : sequence of str
            Of the classes; a class beyond the last name goes by its number.
        label : int, optional
            The number of the true class.
        """
        self._rows = []
        if probabilities is not None:
            best = int(probabilities.argmax())
            self._rows = [
                ClassRow(class_name(names, i), float(p), i == label, i == best) for i, p in enumerate(probabilities)
            ]
        self.setAccessibleName(", ".join(f"{row.name} {percent_text(row.probability)}" for row in self.rows))
        self.update()

    def numbers(self) -> Numbers | None:
        """Return all classes, also those that have no room."""
        return table_of(("class", "probability"), [(row.name, row.probability) for row in self._rows])

    def sizeHint(self) -> QSize:
        return QSize(150, 10 * ROW_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 3 * ROW_PX)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            rows, at = self.rows, event.pos().y() // ROW_PX
            if 0 <= at < len(rows):
                QToolTip.showText(event.globalPos(), f"{rows[at].name}: {percent_text(rows[at].probability)}", self)
                return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        rows = self.rows
        if not rows:
            return
        painter = QPainter(self)
        look = theme.current()
        strong, plain = theme.font(11, 600), theme.font(11)
        metrics = QFontMetricsF(strong)
        wide = min(MOST_NAME_SHARE * self.width(), max(metrics.horizontalAdvance(row.name) for row in rows) + 2)
        figure = metrics.horizontalAdvance("> 99.9 %") + 2
        left = wide + GAP_PX
        most = min(float(MOST_BAR_PX), max(8.0, self.width() - left - GAP_PX - figure))
        middle = Qt.AlignmentFlag.AlignVCenter
        for place, row in enumerate(rows):
            top = float(place * ROW_PX)
            painter.setFont(strong if row.right else plain)
            painter.setPen(QColor(look.ok_text if row.right else look.muted))
            name = metrics.elidedText(row.name, Qt.TextElideMode.ElideRight, wide)
            painter.drawText(QRectF(0, top, wide, ROW_PX), middle | Qt.AlignmentFlag.AlignRight, name)
            painter.fillRect(QRectF(left, top + 3, most, ROW_PX - 6), QColor(look.line))
            bar = QRectF(left, top + 3, most * min(1.0, max(0.0, row.probability)), ROW_PX - 6)
            painter.fillRect(bar, QColor(look.accent if row.best else look.track))
            painter.setFont(strong if row.best else plain)
            painter.setPen(QColor(look.text if row.best else look.muted))
            text = QRectF(left + most + GAP_PX, top, figure, ROW_PX)
            painter.drawText(text, middle | Qt.AlignmentFlag.AlignLeft, percent_text(row.probability))
        painter.end()


def rows_that_fit(rows: Sequence[ClassRow], room: int) -> list[ClassRow]:
    """Return all rows if there is room, else the likeliest and one for the others.

    >>> rows = [ClassRow("cat", 0.2), ClassRow("dog", 0.7), ClassRow("hen", 0.1)]
    >>> [row.name for row in rows_that_fit(rows, 3)], [row.name for row in rows_that_fit(rows, 2)]
    (['cat', 'dog', 'hen'], ['dog', '2 others'])
    """
    if len(rows) <= room:
        return list(rows)
    likeliest = sorted(rows, key=lambda row: -row.probability)
    shown, others = likeliest[: max(1, room - 1)], likeliest[max(1, room - 1) :]
    return [*shown, ClassRow(counted(len(others), "other"), sum(row.probability for row in others))]
