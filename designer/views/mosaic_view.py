"""A widget that shows a mosaic of small images and lets the user choose a value in it."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from designer import theme
from designer.theme.colormaps import Table, colourise
from designer.views.mosaic import Arrangement, arrange, compose, shrink

Place = tuple[int, int, int]
"""Cell, row and column."""

SMALL_PX = 18
"""Smaller cells are crossed out by a line alone, which leaves something to be seen of them."""
_STEPS: Final = {
    Qt.Key.Key_Left: (0, 0, -1),
    Qt.Key.Key_Right: (0, 0, 1),
    Qt.Key.Key_Up: (0, -1, 0),
    Qt.Key.Key_Down: (0, 1, 0),
    Qt.Key.Key_PageUp: (-1, 0, 0),
    Qt.Key.Key_PageDown: (1, 0, 0),
}


class Mosaic(QAbstractScrollArea):
    """Shows numbers as colours, cell by cell, as one image; scrolls where the cells would become too small.

    A click or the arrow keys choose a value; Page Up and Page Down go to the same place in another cell.

    Attributes
    ----------
    whole_cells : bool
        Whether cells are chosen as a whole: the frame goes around the cell, and arrows go from cell to cell.
    """

    chosen = Signal(object)
    """Carries (cell, row, column), or None."""
    hovered = Signal(object)
    """Carries (cell, row, column) of the value under the mouse, or None."""

    def __init__(self, parent: QWidget | None = None, *, least_px: int = 20, most_px: int = 140) -> None:
        super().__init__(parent)
        self._least_px = least_px
        self._most_px = most_px
        self._cells: NDArray[np.generic] | None = None
        self._columns: int | None = None
        self._table: Table | None = None
        self._limits = (0.0, 1.0)
        self._arrangement: Arrangement | None = None
        self._image: QImage | None = None
        self._choice: Place | None = None
        self.whole_cells = False
        self._marked: frozenset[int] = frozenset()
        self.setFrameShape(self.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.viewport().setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)

    @property
    def choice(self) -> Place | None:
        """The chosen (cell, row, column)."""
        return self._choice

    @property
    def arrangement(self) -> Arrangement | None:
        """Where the cells are, in pixels of the screen; None if there are none."""
        return self._arrangement

    def show_numbers(
        self, cells: NDArray[np.floating], table: Table, low: float, high: float, *, columns: int | None = None
    ) -> None:
        """Show numbers by a table of colours.

        Parameters
        ----------
        cells : array, (n, H, W)
        table, low, high
            As for `colourise`.
        columns : int, optional
            How many cells stand side by side; by default as fits the room.
        """
        self._table, self._limits = table, (low, high)
        self._show(cells, columns)

    def show_colours(self, cells: NDArray[np.uint8], *, columns: int | None = None) -> None:
        """Show coloured cells (n, H, W, RGBA)."""
        self._table = None
        self._show(cells, columns)

    def clear(self) -> None:
        """Show nothing."""
        self._cells = self._arrangement = self._image = None
        self.choose(None)
        self.viewport().update()

    def choose(self, place: Place | None) -> None:
        """Frame a value, or nothing if there is no such value."""
        if place is not None and not self._has(place):
            place = None
        if place != self._choice:
            self._choice = place
            self.viewport().update()
            self.chosen.emit(place)

    def mark(self, cells: frozenset[int]) -> None:
        """Cross out some cells, by their numbers."""
        if cells != self._marked:
            self._marked = cells
            self.viewport().update()

    def sizeHint(self) -> QSize:
        return QSize(200, 120)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, 40)

    def _show(self, cells: NDArray[np.generic], columns: int | None) -> None:
        shape = None if self._cells is None else self._cells.shape[:3]
        self._cells = cells
        if shape != cells.shape[:3] or columns != self._columns or self._arrangement is None:
            self._columns = columns
            self._rearrange()
            if self._choice is not None and not self._has(self._choice):
                self.choose(None)
        self._render()

    def _rearrange(self) -> None:
        if self._cells is None or not len(self._cells):
            self._arrangement = None
            return
        ratio = self.devicePixelRatioF()
        n, high, wide = self._cells.shape[:3]
        room = self.maximumViewportSize()
        most_px = self._most_px if n > 1 else max(room.width(), room.height(), self._most_px)
        limits = {"least": round(self._least_px * ratio), "most": round(most_px * ratio)}
        gap = max(1, round((2 if max(high, wide) > 1 else 1) * ratio))
        size = (int(room.height() * ratio), int(room.width() * ratio))
        self._arrangement = arrange(n, high, wide, size, columns=self._columns, gap=gap, **limits)
        if self._arrangement.size[0] > size[0]:  # the bar that scrolls it takes room
            size = (size[0], int((room.width() - self.verticalScrollBar().sizeHint().width()) * ratio))
            self._arrangement = arrange(n, high, wide, size, columns=self._columns, gap=gap, **limits)
        self._set_scroll_bars(ratio)

    def _set_scroll_bars(self, ratio: float) -> None:
        if self._arrangement is None:
            return
        high, wide = (int(-(-side // ratio)) for side in self._arrangement.size)
        room = self.maximumViewportSize()
        for bar, side, seen in (
            (self.verticalScrollBar(), high, room.height()),
            (self.horizontalScrollBar(), wide, room.width()),
        ):
            bar.setRange(0, max(0, side - seen))
            bar.setPageStep(seen)
            bar.setSingleStep(24)

    def _render(self) -> None:
        if self._cells is None or self._arrangement is None:
            self._image = None
            return
        cells = shrink(self._cells, self._arrangement)
        if self._table is not None:
            coloured = colourise(cells, self._table, *self._limits)
        else:
            coloured = np.ascontiguousarray(cells, dtype=np.uint8)
        pixels = compose(coloured, self._arrangement)
        high, wide = pixels.shape[:2]
        image = QImage(pixels.data, wide, high, 4 * wide, QImage.Format.Format_RGBA8888_Premultiplied)
        self._image = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)  # which is also a copy
        self._image.setDevicePixelRatio(self.devicePixelRatioF())
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._image is None or self._arrangement is None:
            return
        painter = QPainter(self.viewport())
        origin = self._origin()
        painter.drawImage(origin, self._image)
        self._paint_marks(painter, origin)
        if self._choice is not None:
            self._paint_choice(painter, origin)
        painter.end()

    def _paint_marks(self, painter: QPainter, origin: QPointF) -> None:
        if self._arrangement is None or not self._marked:
            return
        ratio, look = self.devicePixelRatioF(), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        size = (self._arrangement.cell_wide / ratio, self._arrangement.cell_high / ratio)
        is_small = min(size) < SMALL_PX
        painter.setPen(QPen(QColor(look.warning), 1.0 if is_small else 1.5))
        for cell in self._marked:
            if cell < self._arrangement.n:
                x, y = self._arrangement.place(cell)
                frame = QRectF(x / ratio, y / ratio, *size).translated(origin).adjusted(1, 1, -1, -1)
                if not is_small:
                    painter.drawRect(frame)
                painter.drawLine(frame.topLeft(), frame.bottomRight())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_choice(self, painter: QPainter, origin: QPointF) -> None:
        if self._arrangement is None or self._choice is None:
            return
        cell, row, column = self._choice
        ratio = self.devicePixelRatioF()
        x, y = self._arrangement.place(cell)
        wide, high = self._arrangement.cell_wide, self._arrangement.cell_high
        if not self.whole_cells:
            x, y, wide, high = self._arrangement.frame(cell, row, column)
        frame = QRectF(x / ratio, y / ratio, wide / ratio, high / ratio).translated(origin)
        grow = max(1.0, (5 - min(frame.width(), frame.height())) / 2) if not self.whole_cells else -0.75
        look = theme.current()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((look.panel, 3.0), (look.warning if not self.whole_cells else look.accent, 1.5)):
            painter.setPen(QPen(QColor(colour), width))
            painter.drawRect(frame.adjusted(-grow, -grow, grow, grow))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._rearrange()
        self._render()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._rearrange()
            self._render()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.hovered.emit(self._find(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.choose(self._find(event.position()))

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self.hovered.emit(None)
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _STEPS.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Escape and self._choice is not None:
            self.choose(None)
        elif step is None or self._arrangement is None:
            super().keyPressEvent(event)
        elif self._choice is None:
            self.choose((0, 0, 0))
        else:
            self._move(step)

    def _move(self, step: Place) -> None:
        if self._choice is None or self._arrangement is None:
            return
        cell, row, column = self._choice
        if self.whole_cells:
            moved = (cell + step[0] + step[1] * self._arrangement.columns + step[2], row, column)
        else:
            moved = (cell + step[0], row + step[1], column + step[2])
        if self._has(moved):
            self.choose(moved)
            self._reveal(moved[0])

    def _reveal(self, cell: int) -> None:
        if self._arrangement is None:
            return
        ratio = self.devicePixelRatioF()
        x, y = self._arrangement.place(cell)
        for bar, start, length in (
            (self.horizontalScrollBar(), x / ratio, self._arrangement.cell_wide / ratio),
            (self.verticalScrollBar(), y / ratio, self._arrangement.cell_high / ratio),
        ):
            if start < bar.value():
                bar.setValue(int(start))
            elif start + length > bar.value() + bar.pageStep():
                bar.setValue(int(start + length - bar.pageStep()) + 1)

    def _has(self, place: Place) -> bool:
        if self._cells is None:
            return False
        return all(0 <= at < size for at, size in zip(place, self._cells.shape[:3], strict=True))

    def _origin(self) -> QPointF:
        return QPointF(-self.horizontalScrollBar().value(), -self.verticalScrollBar().value())

    def _find(self, position: QPointF) -> Place | None:
        if self._arrangement is None:
            return None
        ratio = self.devicePixelRatioF()
        at = (position - self._origin()) * ratio
        return self._arrangement.find(at.x(), at.y())
