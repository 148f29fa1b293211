"""The pad: one draws on it, and what is looked at is shown on it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.io.datasets.drawings import Placing
from core.shapes import Shape
from designer import theme
from designer.pictures import Keeping, Numbers, value_rows
from designer.views.inside.strokes import Drawing, Stroke
from designer.views.sample_image import picture_of as image_of

SIDE_PX = 224
PEN_PX, LEAST_PEN_PX, MOST_PEN_PX = 2.3, 1.0, 6.0
"""How wide the pen is, in pixels of a picture with 28 along its side."""
_USUAL_SIDE = 28
MOST_POINTS = 20_000
"""Of a drawing: beyond, the pen leaves nothing."""


class Pad(QWidget):
    """Shows a picture, and lets the user draw one where `can_draw` says so.

    Attributes
    ----------
    can_draw : bool
        Whether the pen leaves anything.
    erases : bool
        Whether the pen takes away.
    pen_px : float
        Its width, for a picture of 28 × 28 pixels.
    """

    drawn = Signal()
    """The drawing has changed."""
    next_requested = Signal()
    """Space: the user wants the next sample."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.can_draw, self.erases, self.pen_px = True, False, PEN_PX
        self._drawing = Drawing()
        self._cleared: list[Stroke] = []
        self._is_down = False
        self._image: QImage | None = None
        self._pixels: NDArray[np.floating] | None = None
        self._hint = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFont(theme.font(11))
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName("Pad")
        Keeping(self, "probe", self._numbers)
        theme.changed.connect(self.update)

    @property
    def strokes(self) -> list[Stroke]:
        """What was drawn, the oldest first."""
        return self._drawing.strokes

    def set_shape(self, shape: Shape) -> None:
        """Draw pictures of another shape (H, W, C); the strokes stay."""
        if shape != self._drawing.shape:
            self._drawing.shape = shape
            self.updateGeometry()

    def drawing(self, placing: Placing | None) -> NDArray[np.float32] | None:
        """Return what was drawn, (H, W, 1) from 0 to 1, enlarged and moved where asked for; None if nothing was."""
        return self._drawing.picture(placing) if self.strokes else None

    def show_drawing(self) -> None:
        """Show what was drawn, where it was drawn."""
        self.show_pixels(self._drawing.picture() if self.strokes else None)

    def show_pixels(self, pixels: NDArray[np.floating] | None) -> None:
        """Show a picture (H, W, C), or nothing."""
        self._image, self._pixels = None, pixels
        if pixels is not None:
            image = image_of(np.asarray(pixels, np.float32))
            self._image = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)  # scaled five times as fast
        self.update()

    def _numbers(self) -> Numbers | None:
        return None if self._pixels is None else Numbers(self._pixels, value_rows(self._pixels))

    def say(self, hint: str) -> None:
        """Write something where there is no picture."""
        if hint != self._hint:
            self._hint = hint
            self.update()

    def clear(self) -> None:
        """Take everything away."""
        if self.strokes:
            self._cleared = list(self.strokes)
            self.strokes.clear()
            self.drawn.emit()

    def undo(self) -> None:
        """Take the last stroke back, or bring back what was cleared."""
        self._is_down = False
        if self.strokes:
            self.strokes.pop()
        else:
            self.strokes.extend(self._cleared)
            self._cleared = []
        self.drawn.emit()

    @property
    def frame(self) -> QRectF:
        """Where the picture is."""
        high, wide = self._drawing.shape[:2]
        scale = min(self.width() / wide, self.height() / high)
        scale = max(1.0, float(int(scale))) if scale >= 1 else scale
        size = QSize(round(wide * scale), round(high * scale))
        left, top = (self.width() - size.width()) // 2, (self.height() - size.height()) // 2
        return QRectF(left, top, size.width(), size.height())

    def sizeHint(self) -> QSize:
        return QSize(SIDE_PX, SIDE_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(112, 112)

    def event(self, event: QEvent) -> bool:
        # Undo belongs to the document, unless there is a stroke that it can take back here.
        is_mine = bool(self.strokes or self._cleared) and self.can_draw
        if is_mine and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            event.setAccepted(event.matches(QKeySequence.StandardKey.Undo))
            return event.isAccepted()
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Undo) and self.can_draw:
            self.undo()
        elif event.key() == Qt.Key.Key_Space:
            self.next_requested.emit()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or not self.can_draw:
            return
        width = self.pen_px / _USUAL_SIDE
        self.strokes.append(Stroke((self._share(event.position()),), width, self.erases))
        self._is_down = True
        self.drawn.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._is_down and self.strokes and sum(len(stroke.points) for stroke in self.strokes) < MOST_POINTS:
            self.strokes[-1] = self.strokes[-1].on_to(*self._share(event.position()))
            self.drawn.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._is_down = False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        look, frame = theme.current(), self.frame
        painter.fillRect(frame, QColor(Qt.GlobalColor.black))
        if self._image is not None:
            painter.drawImage(frame, self._image)
        elif self._hint:
            painter.setPen(QColor(theme.DARK.muted))
            room = frame.adjusted(12, 12, -12, -12)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._hint)
        painter.setPen(QPen(QColor(look.accent if self.hasFocus() else look.line), 1))
        painter.drawRect(frame.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def _share(self, at: QPointF) -> tuple[float, float]:
        frame = self.frame
        x, y = (at.x() - frame.left()) / frame.width(), (at.y() - frame.top()) / frame.height()
        return min(max(x, -0.5), 1.5), min(max(y, -0.5), 1.5)
