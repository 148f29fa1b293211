"""One map of an explanation, over the sample it explains."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from core.inside.reason import Heat
from designer import theme
from designer.pictures import Numbers, matrix_rows
from designer.theme.colormaps import ACTIVATIONS, colourise, weights
from designer.views.sample_image import picture_of

TITLE_PX, NOTE_LINES = 18, 2
GHOST = 0.4
"""How much of the sample shines through a map."""


class HeatPicture(QWidget):
    """Shows a title, a map over the pale sample, and what this very map is; or how far it is, or why there is none.

    A click, Return or Space chooses it; Esc gives a map up that is on its way.
    """

    chosen = Signal()
    given_up = Signal()
    """Nobody waits for the map any more."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = title
        self.note = ""
        self.heat: Heat | None = None
        self.is_chosen = self.is_old = False
        self._pixels: NDArray[np.floating] | None = None
        self._image: QImage | None = None
        self._done = 0.0
        self.setFont(theme.font(11))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(title)
        theme.changed.connect(self._draw)

    @property
    def numbers(self) -> Numbers | None:
        """The map as it was computed, not scaled."""
        if self.heat is None:
            return None
        values = np.atleast_2d(self.heat.values)
        return Numbers(self.heat.values, matrix_rows(values))

    def show_sample(self, pixels: NDArray[np.floating] | None, note: str = "") -> None:
        """Show a sample, as yet without a map; that of the same sample stays, dimmed, until there is another."""
        same = pixels is not None and self._pixels is not None and np.array_equal(pixels, self._pixels)
        self.is_old = same and self.heat is not None
        if not self.is_old:
            self._pixels, self.heat = pixels, None
            self._say(note)
            self._draw()
        self._done = 0.0
        self.update()

    def show_progress(self, done: float) -> None:
        """Say how far the map is."""
        self._done = done
        self.update()

    def show_heat(self, heat: Heat) -> None:
        """Show the map."""
        self.heat, self._done, self.is_old = heat, 0.0, False
        self._say(heat.note)
        self._draw()

    def refuse(self, why: str) -> None:
        """Say why there is no map."""
        self.heat, self._done, self.is_old = None, 0.0, False
        self._say(why)
        self._draw()

    def set_chosen(self, chosen: bool) -> None:
        """Frame it."""
        self.is_chosen = chosen
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(132, 132 + TITLE_PX + self._note_px)

    def minimumSizeHint(self) -> QSize:
        return QSize(64, 44 + TITLE_PX + self._note_px)

    @property
    def picture_rect(self) -> QRectF:
        """Where the map is drawn."""
        side = max(16.0, min(self.width() - 4.0, self.height() - TITLE_PX - self._note_px - 4.0))
        return QRectF(2, TITLE_PX + 2, side, side)

    @property
    def _note_px(self) -> int:
        return NOTE_LINES * QFontMetrics(self.font()).height() + 2

    def _say(self, note: str) -> None:
        self.note = note
        self.setAccessibleDescription(note)

    def _draw(self) -> None:
        self._image = None if self._pixels is None else self._drawn()
        self.update()

    def _drawn(self) -> QImage:
        if self.heat is None or self._pixels is None:
            return picture_of(np.asarray(self._pixels, np.float32))
        look, heat = theme.current(), self.heat
        scaled = _in_square(heat.scaled())
        table, low = (weights(look), -1.0) if heat.signed else (ACTIVATIONS, 0.0)
        ground = _enlarged(colourise(scaled, table, low, 1.0)[..., :3].astype(np.float64), self._pixels)
        ghost = _grey(self._pixels)[..., None] * GHOST
        towards = 255.0 if look.is_dark or not heat.signed else 0.0
        mixed = ground + (towards - ground) * ghost
        rgb = np.ascontiguousarray(np.clip(mixed, 0, 255).round().astype(np.uint8))
        high, wide = rgb.shape[:2]
        return QImage(rgb.data, wide, high, 3 * wide, QImage.Format.Format_RGB888).copy()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            return self.chosen.emit()
        if event.key() == Qt.Key.Key_Escape and 0 < self._done < 1:
            self.refuse("given up: click to compute it")
            return self.given_up.emit()
        return super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit()

    def value_at(self, at: QPointF) -> float | None:
        """Return the map's value at a point of the widget, as it was computed."""
        if self.heat is None or not self.picture_rect.contains(at):
            return None
        values, place = _in_square(self.heat.values), self.picture_rect
        row = int((at.y() - place.top()) / place.height() * values.shape[0])
        column = int((at.x() - place.left()) / place.width() * values.shape[1])
        return float(values[min(row, values.shape[0] - 1), min(column, values.shape[1] - 1)])

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            value = self.value_at(QPointF(event.pos()))
            number = "" if value is None else f"{value:.3g}\n".replace("-", "−")
            QToolTip.showText(event.globalPos(), f"{number}{self.note}", self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        look, place = theme.current(), self.picture_rect
        left = Qt.AlignmentFlag.AlignLeft
        painter.setFont(theme.font(11, 600 if self.is_chosen else 400))
        painter.setPen(QColor(look.text))
        title = painter.fontMetrics().elidedText(self.title, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(QRectF(0, 0, self.width(), TITLE_PX), left | Qt.AlignmentFlag.AlignVCenter, title)
        if self._image is not None:
            size = self._image.size().scaled(place.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
            target = QRectF(place.left(), place.top(), size.width(), size.height())
            painter.setOpacity(0.45 if self.is_old else 1)
            painter.drawImage(target, self._image)
            painter.setOpacity(1)
            if 0 < self._done < 1:
                painter.fillRect(
                    QRectF(target.left(), target.bottom() - 3, target.width() * self._done, 3), look.accent
                )
            if self.is_chosen or self.hasFocus():
                painter.setPen(QPen(QColor(look.accent), 2))
                painter.drawRect(target.adjusted(-1, -1, 1, 1))
        painter.setFont(theme.font(11))
        painter.setPen(QColor(look.muted))
        words = f"{100 * self._done:.0f} % · Esc gives up" if 0 < self._done < 1 else self.note
        room = QRectF(0, place.bottom() + 3, self.width(), self._note_px)
        painter.drawText(room, left | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap, words)
        painter.end()


def _in_square(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return a map as it is; features row by row in a square, as samples are drawn."""
    if values.ndim == 2:
        return values
    side = int(np.ceil(np.sqrt(len(values))))
    square = np.zeros(side * side, values.dtype)
    square[: len(values)] = values
    return square.reshape(side, side)


def _grey(pixels: NDArray[np.floating]) -> NDArray[np.floating]:
    grey = np.nan_to_num(pixels if pixels.ndim == 1 else pixels.mean(axis=-1))
    return np.clip(_in_square(grey), 0, 1)


def _enlarged(colours: NDArray[np.float64], pixels: NDArray[np.floating]) -> NDArray[np.float64]:
    """Enlarge a map to the size of the sample, straight between its places: (H', W', RGB) -> (H, W, RGB)."""
    high, wide = _grey(pixels).shape
    if colours.shape[:2] == (high, wide):
        return colours
    for axis, size in ((0, high), (1, wide)):
        n = colours.shape[axis]
        at = np.clip((np.arange(size) + 0.5) * n / size - 0.5, 0, n - 1)
        low = np.floor(at).astype(int)
        above = np.minimum(low + 1, n - 1)
        share = (at - low).reshape([-1 if i == axis else 1 for i in range(3)])
        colours = np.take(colours, low, axis) * (1 - share) + np.take(colours, above, axis) * share
    return colours
