"""One sample as it reaches the network, with a frame around what a chosen value sees of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.analysis.receptive_field import Box
from designer import theme
from designer.pictures import Keeping, Numbers, value_rows


class SampleImage(QWidget):
    """Shows (H, W, C) or (C,) values from 0 to 1: in grey, or in colour where C is 3."""

    def __init__(self, side_px: int = 96, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._side_px = side_px
        self._image: QImage | None = None
        self._box: Box | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.setMaximumHeight(side_px)
        self._pixels: NDArray[np.float32] | None = None
        Keeping(self, "sample", self._numbers)
        theme.changed.connect(self.update)

    @property
    def box(self) -> Box | None:
        """What is framed."""
        return self._box

    def show_sample(self, pixels: NDArray[np.float32] | None) -> None:
        """Show another sample, or none."""
        self._pixels = pixels
        self._image = None if pixels is None else picture_of(pixels)
        self.update()

    def show_box(self, box: Box | None) -> None:
        """Frame pixels of the sample, or none."""
        if box != self._box:
            self._box = box
            self.update()

    def _numbers(self) -> Numbers | None:
        return None if self._pixels is None else Numbers(self._pixels, value_rows(self._pixels))

    def sizeHint(self) -> QSize:
        return QSize(self._side_px, self._side_px * 2 // 3)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._side_px, self._side_px // 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        look = theme.current()
        if self._image is None:
            painter.setPen(QColor(look.line))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
            painter.end()
            return
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRectF(
            (self.width() - size.width()) / 2, (self.height() - size.height()) / 2, size.width(), size.height()
        )
        painter.drawImage(target, self._image)
        if self._box is not None:
            scale_x, scale_y = target.width() / self._image.width(), target.height() / self._image.height()
            frame = QRectF(
                target.left() + self._box.left * scale_x,
                target.top() + self._box.top * scale_y,
                (self._box.right - self._box.left) * scale_x,
                (self._box.bottom - self._box.top) * scale_y,
            ).intersected(target.adjusted(0, 0, -1, -1))
            painter.setPen(QPen(QColor(look.warning), 2))
            painter.drawRect(frame)
        painter.end()


def picture_of(pixels: NDArray[np.float32]) -> QImage:
    """Draw a sample; features become a square that is filled row by row."""
    if pixels.ndim == 1:
        side = int(np.ceil(np.sqrt(len(pixels))))
        padded = np.zeros(side * side, np.float32)
        padded[: len(pixels)] = pixels
        pixels = padded.reshape(side, side, 1)
    if pixels.shape[2] != 3:
        pixels = np.repeat(pixels.mean(axis=2, keepdims=True), 3, axis=2)
    rgb = np.ascontiguousarray(np.clip(np.nan_to_num(pixels) * 255, 0, 255).round().astype(np.uint8))
    high, wide = rgb.shape[:2]
    return QImage(rgb.data, wide, high, 3 * wide, QImage.Format.Format_RGB888).copy()
