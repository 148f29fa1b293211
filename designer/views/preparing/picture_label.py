"""A small picture with words below it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from designer import theme
from designer.pictures import Keeping, Numbers, value_rows
from designer.views.preparing.pictures import signed_picture

SIDE_PX = 64
FAINT = 0.35
"""How strongly what is off is drawn."""


class PictureLabel(QWidget):
    """Shows a picture in a square, its pixels enlarged by a whole number where there is room for that."""

    def __init__(self, name: str, side_px: int = SIDE_PX, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._side_px = side_px
        self._image: QImage | None = None
        self._is_faint = False
        self._values: NDArray[np.floating] | None = None
        Keeping(self, name, self._numbers)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    @property
    def image(self) -> QImage | None:
        """What is shown."""
        return self._image

    @property
    def is_faint(self) -> bool:
        """Whether it is drawn as something that is off."""
        return self._is_faint

    def show_values(self, values: NDArray[np.floating], *, faint: bool = False) -> None:
        """Show the picture of other values, (H, W, C) or (features,)."""
        self.show_image(signed_picture(values), values, faint=faint)

    def show_image(self, image: QImage, values: NDArray[np.floating], *, faint: bool = False) -> None:
        """Show another picture, drawn from these values."""
        self._image, self._values, self._is_faint = image, values, faint
        self.update()

    def clear(self) -> None:
        """Show nothing."""
        self._image = self._values = None
        self.update()

    def fade(self) -> None:
        """Draw it as something that is off."""
        self._is_faint = True
        self.update()

    def _numbers(self) -> Numbers | None:
        return None if self._values is None else Numbers(self._values, value_rows(self._values))

    def sizeHint(self) -> QSize:
        return QSize(self._side_px, self._side_px)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._image is None:
            painter.setPen(QPen(QColor(theme.current().line)))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
            painter.end()
            return
        size = self._image.size()
        longest = max(size.width(), size.height())
        whole = self._side_px // longest
        if whole:
            size = QSize(size.width() * whole, size.height() * whole)
        else:
            size = size.scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setOpacity(FAINT if self._is_faint else 1.0)
        painter.drawImage(QRectF(0, 0, size.width(), size.height()), self._image)
        painter.end()
