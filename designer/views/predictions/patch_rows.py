"""Filters, each with the patches of the data that it answers to most."""

from __future__ import annotations

from math import ceil

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from core.analysis.receptive_field import Box
from core.inside.top_patches import Patches
from core.io.datasets import Dataset
from designer import theme
from designer.views.class_bars import class_name
from designer.views.sample_image import picture_of

PATCH_PX, GAP_PX, NAME_PX, VALUE_PX, PAD_PX = 44, 6, 76, 14, 6
MOST_KEPT = 4096
"""Pictures that are kept for scrolling back."""


class PatchRows(QAbstractScrollArea):
    """Draws a row for each filter, as many side by side as fit; only those in sight are cut out and drawn.

    A click or the arrow keys choose a filter; a click on a patch its sample, too.
    """

    chosen = Signal(int)
    """Carries the number of the filter that is chosen."""
    sample_chosen = Signal(int)
    """Carries the place in the data set of the sample that a patch is of."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dataset: Dataset | None = None
        self._patches: Patches | None = None
        self._pictures: dict[tuple[int, Box | None], QImage] = {}
        self._opacity = 1.0
        self.choice = 0
        self.setFrameShape(self.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self.setAccessibleName("Top patches")
        theme.changed.connect(self.viewport().update)

    @property
    def n_filters(self) -> int:
        """How many rows there are."""
        return 0 if self._patches is None else len(self._patches.values)

    def show_patches(self, dataset: Dataset, patches: Patches) -> None:
        """Show the patches of another layer, or newer ones."""
        if dataset is not self._dataset:
            self._pictures.clear()
        self._dataset, self._patches = dataset, patches
        self.choice = min(self.choice, max(0, self.n_filters - 1))
        self._measure()
        self._describe()
        self.viewport().update()

    def set_old(self, is_old: bool) -> None:
        """Show them dimmed."""
        self._opacity = 0.45 if is_old else 1.0
        self.viewport().update()

    def choose(self, number: int) -> None:
        """Choose a filter and scroll to it."""
        self.choice = number
        row, bar = self._rect(number), self.verticalScrollBar()
        if row.top() < 0:
            bar.setValue(bar.value() + row.top())
        elif row.bottom() > self.viewport().height():
            bar.setValue(bar.value() + row.bottom() - self.viewport().height())
        self._describe()
        self.viewport().update()
        self.chosen.emit(number)

    def row_text(self, number: int) -> str:
        """Say in words what a filter answers to."""
        patches, dataset = self._patches, self._dataset
        if patches is None or dataset is None:
            return ""
        if is_silent(patches.values[number]):
            return f"filter {number + 1}: gives the same for every sample"
        top = patches.values[number]
        names = [class_name(dataset.classes, int(dataset.labels[index])) for index in patches.samples[number]]
        return f"filter {number + 1}: from {top[0]:.2f} to {top[-1]:.2f}, by samples of {', '.join(names)}"

    def sizeHint(self) -> QSize:
        return QSize(2 * self._row_size.width(), 2 * self._row_size.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self._row_size.height())

    @property
    def _row_size(self) -> QSize:
        n = 9 if self._patches is None else self._patches.values.shape[1]
        return QSize(NAME_PX + n * (PATCH_PX + GAP_PX) + 2 * PAD_PX, PATCH_PX + VALUE_PX + 2 * PAD_PX)

    @property
    def _columns(self) -> int:
        return max(1, self.viewport().width() // self._row_size.width())

    def _rect(self, number: int) -> QRect:
        row, column = divmod(number, self._columns)
        size = self._row_size
        top = row * size.height() - self.verticalScrollBar().value()
        return QRect(column * size.width(), top, size.width(), size.height())

    def _measure(self) -> None:
        bar, seen = self.verticalScrollBar(), self.viewport().height()
        bar.setRange(0, max(0, ceil(self.n_filters / self._columns) * self._row_size.height() - seen))
        bar.setPageStep(seen)
        bar.setSingleStep(self._row_size.height() // 2)

    def _place_at(self, at: QPoint) -> tuple[int, int | None] | None:
        """Return the filter at a point, and which of its patches is there."""
        size = self._row_size
        column, row = at.x() // size.width(), (at.y() + self.verticalScrollBar().value()) // size.height()
        number = row * self._columns + column
        if column >= self._columns or not 0 <= number < self.n_filters:
            return None
        patch = (at.x() - column * size.width() - PAD_PX - NAME_PX) // (PATCH_PX + GAP_PX)
        n = 0 if self._patches is None else self._patches.values.shape[1]
        return number, patch if 0 <= patch < n else None

    def _describe(self) -> None:
        self.setAccessibleDescription(self.row_text(self.choice) if self.n_filters else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._measure()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -self._columns,
            Qt.Key.Key_Down: self._columns,
            Qt.Key.Key_Home: -self.choice,
            Qt.Key.Key_End: self.n_filters - 1 - self.choice,
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None or not self.n_filters:
            return super().keyPressEvent(event)
        if 0 <= self.choice + step < self.n_filters:
            self.choose(self.choice + step)
        return None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self._place_at(event.position().toPoint())
        if found is None or self._patches is None or event.button() != Qt.MouseButton.LeftButton:
            return
        number, patch = found
        self.choose(number)
        if patch is not None:
            self.sample_chosen.emit(int(self._patches.samples[number, patch]))

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            found = self._place_at(event.pos())
            QToolTip.showText(event.globalPos(), "" if found is None else self._tip(*found), self)
            return True
        return super().viewportEvent(event)

    def _tip(self, number: int, patch: int | None) -> str:
        patches, dataset = self._patches, self._dataset
        if patches is None or dataset is None or patch is None:
            return self.row_text(number)
        index, (row, column) = int(patches.samples[number, patch]), patches.places[number, patch].tolist()
        own = class_name(dataset.classes, int(dataset.labels[index]))
        value = f"{patches.values[number, patch]:.4g}".replace("-", "−")
        where = f" at row {row}, column {column}" if patches.boxes[number][patch] is not None else ""
        return f"{value}{where}\nsample {index + 1:,}: {own}"

    def paintEvent(self, event: QPaintEvent) -> None:
        patches, dataset = self._patches, self._dataset
        if patches is None or dataset is None:
            return
        painter = QPainter(self.viewport())
        painter.setOpacity(self._opacity)
        high = self._row_size.height()
        first = self.verticalScrollBar().value() // high * self._columns
        shown = range(first, min(self.n_filters, first + (self.viewport().height() // high + 2) * self._columns))
        self._cut(dataset, patches, shown)
        for number in shown:
            self._paint_row(painter, patches, number)
        painter.end()

    def _paint_row(self, painter: QPainter, patches: Patches, number: int) -> None:
        look, row = theme.current(), QRectF(self._rect(number))
        if number == self.choice:
            painter.fillRect(row.adjusted(1, 1, -1, -1), QColor(look.selection))
        if number == self.choice and self.hasFocus():
            painter.setPen(QPen(QColor(look.accent), 1))
            painter.drawRect(row.adjusted(1.5, 1.5, -1.5, -1.5))
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        name = QRectF(row.left() + PAD_PX, row.top() + PAD_PX, NAME_PX - 6, 18)
        painter.setFont(theme.font(12, 600))
        painter.setPen(QColor(look.text))
        painter.drawText(name, left, f"filter {number + 1}")
        painter.setFont(theme.font(11))
        painter.setPen(QColor(look.muted))
        name.translate(0, 17)
        values = patches.values[number]
        if is_silent(values):
            painter.setPen(QColor(look.warning_text))
            painter.drawText(QRectF(name.topLeft(), QSize(int(row.width()) - NAME_PX, 18).toSizeF()), left, SILENT)
            return
        painter.drawText(name, left, f"of {len(patches.values):,}")
        for place, value in enumerate(values):
            at = QRectF(
                row.left() + PAD_PX + NAME_PX + place * (PATCH_PX + GAP_PX), row.top() + PAD_PX, PATCH_PX, PATCH_PX
            )
            picture = self._pictures.get((int(patches.samples[number, place]), patches.boxes[number][place]))
            if picture is not None:
                size = picture.size().scaled(PATCH_PX, PATCH_PX, Qt.AspectRatioMode.KeepAspectRatio)
                painter.drawImage(QRectF(at.left(), at.top(), size.width(), size.height()), picture)
            below = QRectF(at.left() - 2, at.bottom() + 1, PATCH_PX + 4, VALUE_PX)
            painter.setPen(QColor(look.muted))
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, value_text(float(value)))

    def _cut(self, dataset: Dataset, patches: Patches, shown: range) -> None:
        """Cut out the patches in sight that are not kept yet."""
        wanted = [
            (int(index), box)
            for number in shown
            for index, box in zip(patches.samples[number], patches.boxes[number], strict=True)
        ]
        missing = list(dict.fromkeys(key for key in wanted if key not in self._pictures))
        if not missing:
            return
        if len(self._pictures) + len(missing) > MOST_KEPT:
            self._pictures = {key: self._pictures[key] for key in wanted if key in self._pictures}
        for (index, box), pixels in zip(missing, dataset.pixels(np.array([i for i, _ in missing])), strict=True):
            self._pictures[index, box] = picture_of(pixels if box is None else cut(pixels, box))


SILENT = "the same for every sample"


def is_silent(values: NDArray[np.floating]) -> bool:
    """Whether a filter tells no samples apart: a ReLU that is never on gives 0 for all."""
    return bool(len(values)) and bool(values[0] <= 0) and bool((values == values[0]).all())


def cut(pixels: NDArray[np.float32], box: Box) -> NDArray[np.float32]:
    """Return what a box frames of a picture."""
    return pixels[box.top : box.bottom, box.left : box.right]


def value_text(value: float) -> str:
    """Write what a filter answers, with as many digits as have room.

    >>> value_text(2.0), value_text(-14.56), value_text(1234.5)
    ('2.00', '−14.6', '1,234')
    """
    size = abs(value)
    return f"{value:,.{2 if size < 10 else 1 if size < 100 else 0}f}".replace("-", "−")
