"""The confusion matrix: what samples are, and what they are taken for."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from core.text import counted
from core.training.evaluating import Evaluation
from designer import theme
from designer.pictures import Numbers

Cell = tuple[int, int]
"""What samples are, and what they are taken for."""

MOST_CELL, MOST_HEAD_PX = 46.0, 72.0
MOST_PAINTED = 64
"""Classes whose cells are painted one by one; those of more are a picture of a pixel each."""
FIGURE_PX, SAID_PX = 44, 16
"""Room for recall at the right, and for the word above."""
LEAST_BAR_PX = 20
"""Rows that are lower have no room for a bar below their figure."""
WEAK = 0.8
"""Bars run from here to 1: below it, they are empty."""
_STEPS: Final = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class ConfusionMatrix(QWidget):
    """Shows counts, or shares of each row: what is right blue, what is wrong amber, more in a stronger colour.

    A click or the arrow keys choose a cell.
    """

    chosen = Signal(object)
    """Carries the chosen cell (own class, class it is taken for)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._evaluation: Evaluation | None = None
        self._choice: Cell | None = None
        self._as_shares = False
        self.is_old = False
        self.setFont(theme.font(11))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Confusion matrix")
        theme.changed.connect(self.update)

    @property
    def choice(self) -> Cell | None:
        """The chosen cell."""
        return self._choice

    @property
    def numbers(self) -> Numbers | None:
        """The counts, with the names of the classes."""
        if self._evaluation is None:
            return None
        names = self._names
        rows = [["is \\ said", *names], *([name, *row] for name, row in zip(names, self._counts.tolist(), strict=True))]
        return Numbers(self._counts, rows)

    def show_evaluation(self, evaluation: Evaluation | None) -> None:
        """Show other counts; the chosen cell stays where there is one."""
        self._evaluation = evaluation
        n = len(evaluation.classes) if evaluation is not None else 0
        if self._choice is not None and max(self._choice) >= n:
            self._choice = None
        self._describe()
        self.update()

    def show_shares(self, as_shares: bool) -> None:
        """Write percentages of each row instead of counts."""
        self._as_shares = as_shares
        self.update()

    def set_old(self, is_old: bool) -> None:
        """Show it dimmed, while a newer one is computed."""
        if is_old != self.is_old:
            self.is_old = is_old
            self.update()

    def choose(self, cell: Cell | None) -> None:
        """Choose a cell."""
        if cell != self._choice:
            self._choice = cell
            self._describe()
            self.update()
            self.chosen.emit(cell)

    def cell_text(self, cell: Cell) -> str:
        """Say what a cell counts, in words."""
        own, said = cell
        n, of = int(self._counts[cell]), int(self._counts[own].sum())
        share = f" ({100 * n / of:.1f} %)" if of else ""
        names = self._names
        if own == said:
            return f"{n:,} of {counted(of, 'sample')} of {names[own]} are right{share}"
        return f"{n:,} of {counted(of, 'sample')} of {names[own]} are taken for {names[said]}{share}"

    def rect_of(self, cell: Cell) -> QRectF:
        """Return where a cell is drawn."""
        left, top, side = self._grid
        return QRectF(left + cell[1] * side, top + cell[0] * side, side, side)

    def cell_at(self, at: QPointF) -> Cell | None:
        """Return the cell at a point of the widget."""
        left, top, side = self._grid
        column, row = int((at.x() - left) // side), int((at.y() - top) // side)
        n = len(self._names)
        return (row, column) if 0 <= row < n and 0 <= column < n else None

    def sizeHint(self) -> QSize:
        return QSize(520, 520)

    def minimumSizeHint(self) -> QSize:
        return QSize(220, 160)

    @property
    def _counts(self) -> NDArray[np.int64]:
        return np.zeros((0, 0), np.int64) if self._evaluation is None else self._evaluation.confusion

    @property
    def _names(self) -> list[str]:
        return [] if self._evaluation is None else [figures.name for figures in self._evaluation.classes]

    @property
    def _name_px(self) -> float:
        metrics = QFontMetricsF(self.font())
        widest = max((metrics.horizontalAdvance(name) for name in self._names), default=10.0)
        return max(min(widest, 84.0), metrics.horizontalAdvance("precision") - SAID_PX) + 8

    @property
    def _are_upright(self) -> bool:
        """Whether the names above the columns are written upwards: too long side by side, and there is the height."""
        left_high = self.height() - 3 * SAID_PX - MOST_HEAD_PX
        if left_high < LEAST_BAR_PX * len(self._names):
            return False
        metrics = QFontMetricsF(self.font())
        widest = max((metrics.horizontalAdvance(name) for name in self._names), default=0.0)
        room = self.width() - SAID_PX - self._name_px - FIGURE_PX
        return widest > min(MOST_CELL, room / max(1, len(self._names))) - 2

    @property
    def _head_px(self) -> float:
        if not self._are_upright:
            return float(SAID_PX)
        metrics = QFontMetricsF(self.font())
        return min(max(metrics.horizontalAdvance(name) for name in self._names), MOST_HEAD_PX) + 2

    @property
    def _grid(self) -> tuple[float, float, float]:
        """Where cells begin, and their side."""
        n = max(1, len(self._names))
        left, top = SAID_PX + self._name_px, SAID_PX + self._head_px + 4
        side = min((self.width() - left - FIGURE_PX) / n, (self.height() - top - 2 * SAID_PX) / n)
        return left, top, max(0.05, min(MOST_CELL, side))

    def _describe(self) -> None:
        chosen = self.cell_text(self._choice) if self._choice is not None else "no cell chosen"
        self.setAccessibleDescription(chosen if self._evaluation is not None else "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step, n = _STEPS.get(Qt.Key(event.key())), len(self._names)
        if step is None or not n:
            return super().keyPressEvent(event)
        row, column = self._choice or (0, 0)
        if self._choice is not None:
            row, column = min(max(row + step[0], 0), n - 1), min(max(column + step[1], 0), n - 1)
        return self.choose((row, column))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and (cell := self.cell_at(event.position())) is not None:
            self.choose(cell)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            cell = self.cell_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), "" if cell is None else self.cell_text(cell), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._evaluation is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        if self.is_old:
            painter.setOpacity(0.45)
        self._paint_names(painter)
        self._paint_cells(painter)
        self._paint_figures(painter)
        if self._choice is not None:
            frame = self.rect_of(self._choice).adjusted(0.5, 0.5, -1.5, -1.5)
            look = theme.current()
            painter.setPen(QPen(QColor(look.accent if self.hasFocus() else look.text), 2))
            painter.drawRect(frame)
        painter.end()

    def _paint_names(self, painter: QPainter) -> None:
        look, (left, top, side), names = theme.current(), self._grid, self._names
        n = len(names)
        centre = Qt.AlignmentFlag.AlignCenter
        painter.setFont(theme.font(11, 600))
        painter.setPen(QColor(look.text))
        painter.drawText(QRectF(left, 0, n * side, SAID_PX), centre, "said")
        painter.drawText(QRectF(0, top, SAID_PX, n * side), centre, "is")
        painter.setFont(theme.font(11))
        painter.setPen(QColor(look.muted))
        metrics = QFontMetricsF(painter.font())
        if side < metrics.height() - 2:
            return
        for place, name in enumerate(names):
            column = QRectF(left + place * side, SAID_PX, side, self._head_px)
            if column.height() > SAID_PX:
                _write_upwards(painter, column, name)
            else:
                short = metrics.elidedText(name, Qt.TextElideMode.ElideRight, side - 2)
                painter.drawText(column, centre, short)
            row = QRectF(SAID_PX, top + place * side, self._name_px - 6, side)
            short = metrics.elidedText(name, Qt.TextElideMode.ElideRight, row.width())
            painter.drawText(row, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, short)

    def _paint_cells(self, painter: QPainter) -> None:
        look, counts = theme.current(), self._counts
        n = len(counts)
        if n > MOST_PAINTED:
            left, top, side = self._grid
            painter.drawImage(QRectF(left, top, n * side, n * side), _cells_picture(counts))
            return
        wrong = counts * (1 - np.eye(n, dtype=np.int64))
        most_right, most_wrong = max(1, int(counts.diagonal().max(initial=0))), max(1, int(wrong.max(initial=0)))
        metrics = QFontMetricsF(theme.font(11, 600))
        side = self._grid[2]
        gap = 1.0 if side > 8 else 0.0
        for row in range(n):
            total = int(counts[row].sum())
            for column in range(n):
                number = int(counts[row, column])
                rect = self.rect_of((row, column)).adjusted(0, 0, -gap, -gap)
                share = number / (most_right if row == column else most_wrong)
                ground = _ground(row == column, share if number else 0.0)
                painter.fillRect(rect, ground)
                if number or row == column:
                    text = f"{100 * number / max(1, total):.0f}" if self._as_shares else f"{number:,}"
                    if metrics.horizontalAdvance(text) <= side - 2 and metrics.height() <= side + 2:
                        painter.setFont(theme.font(11, 600 if row == column else 400))
                        painter.setPen(QColor(_ink(ground, look)))
                        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_figures(self, painter: QPainter) -> None:
        """Write recall at the right of each row and precision below each column, with bars from 80 to 100 %."""
        evaluation = self._evaluation
        if evaluation is None:
            return
        look, (left, top, side) = theme.current(), self._grid
        n = len(evaluation.classes)
        metrics = QFontMetricsF(theme.font(11))
        centre = Qt.AlignmentFlag.AlignCenter
        painter.setFont(theme.font(11))
        painter.setPen(QColor(look.muted))
        recall_px = QRectF(left + n * side, SAID_PX, FIGURE_PX, SAID_PX)
        painter.drawText(recall_px, centre, "recall")
        below = QRectF(0, top + n * side + 2, left - 6, SAID_PX)
        painter.drawText(below, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, "precision")
        wide, written = (side >= metrics.horizontalAdvance(text) for text in ("100.0", "100"))
        taken = self._counts.sum(axis=0)
        for place, figures in enumerate(evaluation.classes):
            if side >= metrics.height() - 2:
                right = QRectF(left + n * side + 4, top + place * side, FIGURE_PX - 8, side)
                _paint_figure(painter, right, figures.recall if figures.n else None, bar=side >= LEAST_BAR_PX)
            if side >= 14:
                under = QRectF(left + place * side + 1, top + n * side + 2, side - 3, SAID_PX + 4)
                digits = 1 if wide else 0 if written else None
                _paint_figure(painter, under, figures.precision if taken[place] else None, digits)


def _write_upwards(painter: QPainter, room: QRectF, text: str) -> None:
    """Write from the bottom of a column to its top."""
    painter.save()
    painter.translate(room.bottomLeft())
    painter.rotate(-90)
    metrics = QFontMetricsF(painter.font())
    short = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.height())
    middle = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(QRectF(0, 0, room.height(), room.width()), middle, short)
    painter.restore()


def _paint_figure(
    painter: QPainter, room: QRectF, share: float | None, digits: int | None = 1, *, bar: bool = True
) -> None:
    """Write a share in percent with so many digits after the point, or only draw its bar."""
    look = theme.current()
    if share is None:
        painter.setPen(QColor(look.muted))
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, "–")
        return
    weak = share < 0.95
    painter.setPen(QColor(look.warning_text if weak else look.text))
    if digits is not None:
        above = room.adjusted(0, 0, 0, -3 if bar else 0)
        painter.drawText(above, Qt.AlignmentFlag.AlignCenter, f"{100 * share:.{digits}f}")
    if not bar:
        return
    middle = room.center().y() + 8
    line = QRectF(room.left(), middle, room.width(), 2)
    painter.fillRect(line, QColor(look.line))
    line.setWidth(room.width() * max(0.0, (share - WEAK) / (1 - WEAK)))
    painter.fillRect(line, QColor(look.warning if weak else look.accent))


def _cells_picture(counts: NDArray[np.int64]) -> QImage:
    """Return a pixel for each cell, in the colours of `_ground`."""
    is_right = np.eye(len(counts), dtype=bool)
    rgb = np.empty((*counts.shape, 3), np.uint8)
    rgb[:] = _rgb(_ground(False, 0.0))
    for right in (True, False):
        inside = (is_right == right) & (counts > 0)
        if not inside.any():
            continue
        share = counts[inside] / counts[inside].max()
        ends = np.array([_rgb(_ground(right, 1e-9)), _rgb(_ground(right, 1.0))], np.float64)
        rgb[inside] = (ends[0] + share[:, None] * (ends[1] - ends[0])).round().astype(np.uint8)
    high, wide = counts.shape
    return QImage(rgb.data, wide, high, 3 * wide, QImage.Format.Format_RGB888).copy()


def _ground(is_right: bool, share: float) -> QColor:
    """Mix the colour of a cell: nothing is the ground, the most the strong colour."""
    look = theme.current()
    ground, strong = QColor(look.canvas), QColor(look.accent if is_right else look.warning)
    if share <= 0:
        return QColor(look.hover if not look.is_dark else look.canvas)
    amount = (0.22 + 0.2 * share) if is_right else (0.3 + 0.6 * share)
    mixed = [round(a + (b - a) * amount) for a, b in zip(_rgb(ground), _rgb(strong), strict=True)]
    return QColor(*mixed)


def _rgb(colour: QColor) -> tuple[int, int, int]:
    return colour.red(), colour.green(), colour.blue()


def _ink(ground: QColor, look: theme.Theme) -> str:
    name = ground.name()
    return max((look.text, "#101216", "#ffffff"), key=lambda ink: theme.contrast(ink, name))
