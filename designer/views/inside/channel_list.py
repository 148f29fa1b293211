"""The channels of a patch as small pictures: values times factors, and what each adds up to; one is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFontMetricsF, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from designer import theme
from designer.theme.colormaps import Table, colourise

ROW_PX: Final = 44
_PICTURE_PX: Final = 36
_NAME_PX, _SIGN_PX, _TOTAL_PX = 24, 18, 56
WIDTH_PX: Final = _NAME_PX + 2 * _PICTURE_PX + 2 * _SIGN_PX + _TOTAL_PX + 12
_Key = Qt.Key


@dataclass(frozen=True, slots=True, eq=False)
class ChannelRow:
    """A channel.

    Attributes
    ----------
    name : str
        "6".
    values, factors : array, (rows, columns), or None
        Both are drawn, with a sign between them.
    total : str
        What comes out.
    said : str
        All of it in words.
    """

    name: str
    values: NDArray[np.floating]
    factors: NDArray[np.floating] | None
    total: str
    said: str


class ChannelList(QAbstractScrollArea):
    """Draws only the rows in sight; arrows and clicks choose one."""

    chosen = Signal(int)
    """Carries the number of the row that the user has chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[ChannelRow] = ()
        self._tables: tuple[Table, Table] | None = None
        self._limits = ((0.0, 1.0), (0.0, 1.0))
        self._sign = "×"
        self._at = 0
        self.setFrameShape(self.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedWidth(WIDTH_PX + 14)
        self.viewport().setAutoFillBackground(False)
        self.setFont(theme.font(11))
        self.setAccessibleName("Channels")
        theme.changed.connect(self.viewport().update)

    @property
    def rows(self) -> Sequence[ChannelRow]:
        """What is listed."""
        return self._rows

    def show_rows(
        self,
        rows: Sequence[ChannelRow],
        tables: tuple[Table, Table],
        limits: tuple[tuple[float, float], tuple[float, float]],
        chosen: int,
        sign: str = "×",
    ) -> None:
        """List channels.

        Parameters
        ----------
        tables, limits
            Colours of the values and the factors, and what the first and last of them stand for.
        sign : str
            What is written between them.
        """
        self._rows, self._tables, self._limits, self._sign = rows, tables, limits, sign
        self._at = min(chosen, max(0, len(rows) - 1))
        self._measure()
        self._describe()
        self.viewport().update()

    def sizeHint(self) -> QSize:
        return QSize(WIDTH_PX + 14, 6 * ROW_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(WIDTH_PX + 14, ROW_PX)

    def resizeEvent(self, event: object) -> None:
        self._measure()

    def _measure(self) -> None:
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, len(self._rows) * ROW_PX - self.viewport().height()))
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(ROW_PX)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = int((event.position().y() + self.verticalScrollBar().value()) // ROW_PX)
        if 0 <= row < len(self._rows) and event.button() == Qt.MouseButton.LeftButton:
            self._choose(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {_Key.Key_Up: -1, _Key.Key_Down: 1}.get(_Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        elif 0 <= self._at + step < len(self._rows):
            self._choose(self._at + step)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def _choose(self, row: int) -> None:
        self._at = row
        bar, top = self.verticalScrollBar(), row * ROW_PX
        bar.setValue(min(max(bar.value(), top + ROW_PX - self.viewport().height()), top))
        self._describe()
        self.viewport().update()
        self.chosen.emit(row)

    def _describe(self) -> None:
        self.setAccessibleDescription(self._rows[self._at].said if self._rows else "")

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._tables is None:
            return
        painter, look = QPainter(self.viewport()), theme.current()
        top = self.verticalScrollBar().value()
        first, last = top // ROW_PX, (top + self.viewport().height()) // ROW_PX + 1
        for place in range(first, min(last, len(self._rows))):
            row, y = self._rows[place], place * ROW_PX - top
            if place == self._at:
                painter.fillRect(QRectF(0, y, WIDTH_PX, ROW_PX), QColor(look.selection))
                if self.hasFocus():
                    painter.setPen(QColor(look.accent))
                    painter.drawRect(QRectF(0.5, y + 0.5, WIDTH_PX - 1, ROW_PX - 1))
            self._paint_row(painter, row, float(y), strong=place == self._at)
        painter.end()

    def _paint_row(self, painter: QPainter, row: ChannelRow, y: float, *, strong: bool) -> None:
        if self._tables is None:
            return
        look, middle = theme.current(), Qt.AlignmentFlag.AlignVCenter
        x = 6.0
        painter.setFont(theme.font(11, 600 if strong else 400))
        painter.setPen(QColor(look.text))
        name = QFontMetricsF(painter.font()).elidedText(row.name, Qt.TextElideMode.ElideRight, _NAME_PX - 2)
        painter.drawText(QRectF(x, y, _NAME_PX, ROW_PX), middle, name)
        x += _NAME_PX
        for place, numbers in enumerate((row.values, row.factors)):
            if numbers is None:
                continue
            if place:
                painter.drawText(QRectF(x, y, _SIGN_PX, ROW_PX), Qt.AlignmentFlag.AlignCenter, self._sign)
                x += _SIGN_PX
            image = picture(numbers, self._tables[place], self._limits[place])
            painter.drawImage(_fitted(image, QRectF(x, y + 4, _PICTURE_PX, _PICTURE_PX)), image)
            x += _PICTURE_PX
        painter.drawText(QRectF(x, y, _SIGN_PX, ROW_PX), Qt.AlignmentFlag.AlignCenter, "=")
        total = QRectF(x + _SIGN_PX, y, WIDTH_PX - x - _SIGN_PX - 6, ROW_PX)
        painter.drawText(total, middle | Qt.AlignmentFlag.AlignRight, row.total)


def picture(numbers: NDArray[np.floating], table: Table, limits: tuple[float, float]) -> QImage:
    """Colour a matrix; NaN is left out."""
    pixels = colourise(np.nan_to_num(numbers), table, *limits)
    pixels[np.isnan(numbers)] = 0
    high, wide = numbers.shape
    image = QImage(np.ascontiguousarray(pixels).data, wide, high, 4 * wide, QImage.Format.Format_RGBA8888)
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


def _fitted(image: QImage, room: QRectF) -> QRectF:
    size = image.size().scaled(room.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
    left = room.center().x() - size.width() / 2
    return QRectF(left, room.center().y() - size.height() / 2, size.width(), size.height())
