"""A grid of samples, of which only those in sight are drawn."""

from __future__ import annotations

from math import ceil
from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from core.io.datasets import Dataset, Indices
from designer import theme
from designer.pictures import Keeping, Numbers, table_of
from designer.views.class_bars import class_name
from designer.views.sample_image import picture_of

WANTED_PX: Final = 54
"""How large a picture is about; small ones are enlarged by a whole number."""
LARGEST_PX: Final = 72
"""Pictures with longer sides are reduced."""
GAP_PX, NAME_PX = 8, 16
MOST_KEPT: Final = 2048
"""Pictures that are kept for scrolling back."""
MOST_FEATURES: Final = 4
"""Samples with no more values than this are written, not drawn."""


def picture_px(longest: int) -> int:
    """Return the side of a cell for pictures whose longest side has so many pixels.

    >>> picture_px(8), picture_px(28), picture_px(32), picture_px(72), picture_px(224)
    (56, 56, 64, 72, 54)
    """
    if longest > LARGEST_PX:
        return WANTED_PX
    return max(1, round(WANTED_PX / longest)) * longest


class SampleGrid(QAbstractScrollArea):
    """Shows samples in an order, each with its class; one of them is chosen.

    Arrow keys, Page Up and Page Down, Home and End choose; Return takes the chosen one.
    """

    chosen = Signal(int)
    """Carries the place in the data set of the sample that is chosen now."""
    taken = Signal(int)
    """A double-click or Return: the user wants to work with this sample."""

    def __init__(self, parent: QWidget | None = None, *, name: str = "samples") -> None:
        super().__init__(parent)
        self._dataset: Dataset | None = None
        self._order: Indices = np.zeros(0, np.int64)
        self._marked: dict[int, str] = {}
        self._pictures: dict[int, QImage] = {}
        self._place = 0
        self.setFrameShape(self.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self.setAccessibleName("Samples")
        Keeping(self, name, self.numbers)
        theme.changed.connect(self.viewport().update)

    @property
    def choice(self) -> int | None:
        """The place in the data set of the chosen sample."""
        return int(self._order[self._place]) if len(self._order) else None

    @property
    def order(self) -> Indices:
        """Which samples are shown, in their order."""
        return self._order

    def show_samples(self, dataset: Dataset | None, order: Indices, marked: dict[int, str] | None = None) -> None:
        """Show some samples of a data set.

        Parameters
        ----------
        order : array of int
            Their places in it.
        marked : dict, optional
            What is said below some of them instead of their class, such as "2 or 7".
        """
        if dataset is not self._dataset:
            self._pictures.clear()
        before = self.choice
        self._dataset, self._order, self._marked = dataset, order, marked or {}
        self._place = int((order == before).argmax()) if before is not None and len(order) else 0
        self._measure()
        self._describe()
        self.viewport().update()
        if self.choice is not None and self.choice != before:
            self.chosen.emit(self.choice)

    def choose(self, index: int) -> None:
        """Choose a sample by its place in the data set, and scroll to it."""
        found = np.flatnonzero(self._order == index)
        if len(found):
            self._go(int(found[0]))

    def numbers(self) -> Numbers | None:
        """Return which samples are shown, counted from 1, and of which classes they are."""
        dataset = self._dataset
        if dataset is None:
            return None
        names = dataset.classes
        rows = [(index + 1, class_name(names, int(dataset.labels[index]))) for index in self._order.tolist()]
        return table_of(("sample", "is"), rows)

    def sizeHint(self) -> QSize:
        return QSize(420, 260)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 96)

    @property
    def _side(self) -> int:
        shape = () if self._dataset is None else self._dataset.shape
        return picture_px(max(shape[:2])) if len(shape) == 3 else WANTED_PX

    @property
    def _cell(self) -> QSize:
        return QSize(self._side + GAP_PX, self._side + NAME_PX + GAP_PX)

    @property
    def _columns(self) -> int:
        return max(1, (self.viewport().width() - GAP_PX) // self._cell.width())

    def _measure(self) -> None:
        cell, rows = self._cell, ceil(len(self._order) / self._columns)
        bar, seen = self.verticalScrollBar(), self.viewport().height()
        bar.setRange(0, max(0, rows * cell.height() + GAP_PX - seen))
        bar.setPageStep(seen)
        bar.setSingleStep(cell.height() // 2)

    def _rect(self, place: int) -> QRect:
        row, column = divmod(place, self._columns)
        cell = self._cell
        top = GAP_PX + row * cell.height() - self.verticalScrollBar().value()
        return QRect(GAP_PX + column * cell.width(), top, self._side, cell.height() - GAP_PX)

    def _place_at(self, point: QPoint) -> int | None:
        cell = self._cell
        column, row = (point.x() - GAP_PX) // cell.width(), point.y() + self.verticalScrollBar().value() - GAP_PX
        place = row // cell.height() * self._columns + column
        inside = 0 <= column < self._columns and 0 <= place < len(self._order)
        return place if inside and self._rect(place).contains(point) else None

    def _go(self, place: int) -> None:
        self._place = place
        rect, bar = self._rect(place), self.verticalScrollBar()
        if rect.top() < GAP_PX:
            bar.setValue(bar.value() + rect.top() - GAP_PX)
        elif rect.bottom() > self.viewport().height() - GAP_PX:
            bar.setValue(bar.value() + rect.bottom() - self.viewport().height() + GAP_PX)
        self._describe()
        self.viewport().update()
        self.chosen.emit(int(self._order[place]))

    def _describe(self) -> None:
        choice = self.choice
        self.setAccessibleDescription("" if choice is None else self._tip(choice).replace("\n", ", "))

    def _tip(self, index: int) -> str:
        dataset = self._dataset
        if dataset is None:
            return ""
        lines = [f"sample {index + 1:,}: {class_name(dataset.classes, int(dataset.labels[index]))}"]
        if len(dataset.sources):
            lines.append(dataset.sources[index])
        if index in self._marked:
            lines.append(self._marked[index])
        return "\n".join(lines)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._measure()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not len(self._order):
            return super().keyPressEvent(event)
        columns, last = self._columns, len(self._order) - 1
        page = max(1, self.viewport().height() // self._cell.height()) * columns
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -columns,
            Qt.Key.Key_Down: columns,
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_Home: -self._place,
            Qt.Key.Key_End: last - self._place,
        }
        key = Qt.Key(event.key())
        if key in steps:
            place = self._place + steps[key]
            if abs(steps[key]) in (1, columns) and not 0 <= place <= last:
                return None
            return self._go(min(max(place, 0), last))
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return self.taken.emit(int(self._order[self._place]))
        return super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._place_at(event.position().toPoint())
        if place is not None and event.button() == Qt.MouseButton.LeftButton:
            self._go(place)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        place = self._place_at(event.position().toPoint())
        if place is not None:
            self.taken.emit(int(self._order[place]))

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            place = self._place_at(event.pos())
            QToolTip.showText(event.globalPos(), "" if place is None else self._tip(int(self._order[place])), self)
            return True
        return super().viewportEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        dataset = self._dataset
        if dataset is None or not len(self._order):
            painter.end()
            return
        cell, columns = self._cell, self._columns
        above = max(0, self.verticalScrollBar().value() - GAP_PX) // cell.height()
        rows = self.viewport().height() // cell.height() + 2
        places = range(above * columns, min(len(self._order), (above + rows) * columns))
        self._draw_pictures(dataset, [int(self._order[place]) for place in places])
        painter.setFont(theme.font(11))
        for place in places:
            self._paint(painter, dataset, place)
        painter.end()

    def _paint(self, painter: QPainter, dataset: Dataset, place: int) -> None:
        look, rect, index = theme.current(), self._rect(place), int(self._order[place])
        side, marked = self._side, index in self._marked
        frame = QRectF(rect.left(), rect.top(), side, side)
        painter.setPen(QColor(look.warning_text if marked else look.muted))
        self._paint_picture(painter, dataset, index, frame)
        name = self._marked.get(index) or class_name(dataset.classes, int(dataset.labels[index]))
        text = QFontMetrics(painter.font()).elidedText(name, Qt.TextElideMode.ElideRight, side + GAP_PX - 2)
        below = QRectF(rect.left() - GAP_PX / 2, rect.top() + side + 1, side + GAP_PX, NAME_PX)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, text)
        if place == self._place or marked or index not in self._pictures:
            strong = place == self._place
            colour = look.accent if strong else look.warning if marked else look.line
            painter.setPen(QPen(QColor(colour), 2 if strong or marked else 1))
            painter.drawRoundedRect(frame.adjusted(-2, -2, 2, 2), 3, 3)

    def _paint_picture(self, painter: QPainter, dataset: Dataset, index: int, frame: QRectF) -> None:
        """Draw a sample into a square, or write its few values there."""
        picture = self._pictures.get(index)
        if picture is None:
            values = "\n".join(f"{value + 0.0:.3g}".replace("-", "−") for value in dataset.images[index])
            painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, values)
            return
        side = frame.width()
        size = picture.size().scaled(int(side), int(side), Qt.AspectRatioMode.KeepAspectRatio)
        left, top = frame.left() + (side - size.width()) / 2, frame.top() + (side - size.height()) / 2
        painter.drawImage(QRectF(left, top, size.width(), size.height()), picture)

    def _draw_pictures(self, dataset: Dataset, indices: list[int]) -> None:
        """Make the pictures that are not kept yet, all at once."""
        if dataset.images.ndim == 2 and dataset.images.shape[1] <= MOST_FEATURES:
            return
        missing = [index for index in indices if index not in self._pictures]
        if not missing:
            return
        if len(self._pictures) + len(missing) > MOST_KEPT:
            self._pictures = {index: self._pictures[index] for index in indices if index in self._pictures}
        ratio = self.devicePixelRatioF()
        most = ceil(self._side * ratio)
        for index, pixels in zip(missing, dataset.pixels(np.array(missing)), strict=True):
            picture = picture_of(pixels)
            if max(picture.width(), picture.height()) > most:
                picture = picture.scaled(
                    most, most, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
                )
            self._pictures[index] = picture
