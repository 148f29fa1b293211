"""The scale beside a picture: which colour stands for which number."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from designer import theme
from designer.pictures import Scale
from designer.theme.colormaps import Table

BAR_PX, LEAST_BAR_PX = 64, 16
GAP_PX = 6


class Legend(QWidget):
    """A strip of the table's colours between the numbers for its two ends, and, where there is room, what they count.

    Attributes
    ----------
    what : str
        What the numbers are: "weight", "gradient".
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.what = ""
        self._image: QImage | None = None
        self._table: Table | None = None
        self._texts = ("", "")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setFont(theme.font(11))

    @property
    def scale(self) -> Scale | None:
        """What it says, for a picture that is kept; None where it says nothing."""
        return None if self._table is None or self.isHidden() else Scale(self._table, *self._texts, self.what)

    @property
    def texts(self) -> tuple[str, str]:
        """What is written at its ends."""
        return self._texts

    def show_scale(self, table: Table, low: float, high: float, what: str = "") -> None:
        """Show a table and its limits, which are numbers of something."""
        if table is not self._table:
            self._table = table
            strip = np.ascontiguousarray(table[None, :, :])
            self._image = QImage(strip.data, 256, 1, 4 * 256, QImage.Format.Format_RGBA8888).copy()
        texts = (limit_text(low), limit_text(high))
        if (texts, what) != (self._texts, self.what):
            self._texts, self.what = texts, what
            self.setAccessibleName(
                f"{what}: colours from {texts[0]} to {texts[1]}" if what else f"Colours from {texts[0]} to {texts[1]}"
            )
            self.updateGeometry()
        self.show()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._side() * 2 + BAR_PX + 2 * GAP_PX + self._what_px(), 16)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._side() * 2 + LEAST_BAR_PX + 2 * GAP_PX, 16)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._image is None:
            return
        painter = QPainter(self)
        painter.setPen(QColor(theme.current().muted))
        side = self._side()
        what_px = self._what_px() if self.width() >= self.minimumSizeHint().width() + self._what_px() else 0
        bar = self.width() - what_px - 2 * (side + GAP_PX)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(0, 0, side, self.height()), middle | Qt.AlignmentFlag.AlignRight, self._texts[0])
        right = QRectF(side + bar + 2 * GAP_PX, 0, side, self.height())
        painter.drawText(right, middle | Qt.AlignmentFlag.AlignLeft, self._texts[1])
        painter.drawImage(QRectF(side + GAP_PX, (self.height() - 8) / 2, bar, 8), self._image)
        if what_px:
            painter.drawText(QRectF(self.width() - what_px, 0, what_px, self.height()), middle, self.what)
        painter.end()

    def _what_px(self) -> int:
        """Return the room for what the numbers are."""
        return QFontMetrics(self.font()).horizontalAdvance(self.what) + GAP_PX if self.what else 0

    def _side(self) -> int:
        """Return the room for a number, always the same: changing limits must not push their neighbours about."""
        return QFontMetrics(self.font()).horizontalAdvance("−0.000")


def scale_of(table: Table, low: float, high: float, what: str = "") -> Scale:
    """Return what a legend would say, for a picture that is kept."""
    return Scale(table, limit_text(low), limit_text(high), what)


def limit_text(value: float) -> str:
    """Write a limit with two significant digits.

    >>> limit_text(-0.4137), limit_text(12.34), limit_text(0.0), limit_text(1234.5)
    ('−0.41', '12', '0', '1,234')
    """
    if not np.isfinite(value):
        return "?"
    text = f"{value:,.0f}" if abs(value) >= 10 else f"{value:.2g}"
    return text.replace("-", "−")
