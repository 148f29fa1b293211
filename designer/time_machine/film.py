"""A film of the chosen layer's filters above the slider, and a picture of the moment below the mouse."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QVBoxLayout, QWidget

from designer import theme
from designer.time_machine.frames import Frames
from designer.time_machine.moments import Course
from designer.time_machine.slider import CourseSlider

FRAME = QSize(46, 30)
APART_PX = 10
HIGH_PX = 36
PEEK = QSize(192, 120)


class Film(QWidget):
    """Draws a frame for each moment that there is room for, above its place on the slider; a click looks at it."""

    moved = Signal(object)
    """Carries the step that the user wants to look at."""

    def __init__(self, slider: CourseSlider, frames: Frames) -> None:
        super().__init__()
        self._slider, self._frames = slider, frames
        self._course = Course()
        self._steps: tuple[int, ...] = ()
        self.setFixedHeight(HIGH_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Film of the filters")
        frames.changed.connect(self.update)
        theme.changed.connect(self.update)

    def show_course(self, course: Course, steps: tuple[int, ...]) -> None:
        """Show the frames of a run, those of the moments that are looked at framed."""
        self._course, self._steps = course, steps
        filmed = self._frames.filmed
        layer = "" if filmed is None else f"the filters of {filmed.layer}"
        self.setToolTip("" if filmed is None else f"{filmed.words}; colours are common to all frames")
        self.setAccessibleDescription(f"{layer} at {len(list(self.shown()))} moments" if layer else "no filters")
        self.update()

    def shown(self) -> Iterator[int]:
        """Yield the moments that there is room for, in order."""
        free = float(FRAME.width() / 2)
        for step in self._course.ticks:
            x = self._slider.x_of(step)
            if x >= free and x + FRAME.width() / 2 <= self.width():
                yield step
                free = x + FRAME.width() + APART_PX

    def mousePressEvent(self, event: QMouseEvent) -> None:
        near = min(self.shown(), key=lambda step: abs(self._slider.x_of(step) - event.position().x()), default=None)
        if near is not None and abs(self._slider.x_of(near) - event.position().x()) <= FRAME.width() / 2:
            self.moved.emit(near)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, look = QPainter(self), theme.current()
        shown = list(self.shown())
        framed = {max((step for step in shown if step <= at), default=None) for at in self._steps}
        for step in shown:
            rect = QRectF(self._slider.x_of(step) - FRAME.width() / 2, 3, FRAME.width(), FRAME.height())
            image = self._frames.at(step, FRAME)
            if image is None:
                painter.fillRect(rect, QColor(look.track))
            else:
                paint_within(painter, image, rect)
            if step in framed:
                painter.setPen(QPen(QColor(look.text), 1.5))
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.drawRoundedRect(rect.adjusted(-3, -2, 3, 2), 3, 3)
        painter.end()


class Peek(QFrame):
    """Shows a moment below the mouse without going there: its filters, and what is said of it."""

    def __init__(self, frames: Frames, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.ToolTip)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        theme.mark(self, "role", "card")
        self._frames = frames
        self.step: int | None = None
        self.picture, self.words = QLabel(), QLabel()
        self.picture.setFixedSize(PEEK)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        self.words.setFixedWidth(PEEK.width())
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(4)
        column.addWidget(self.picture)
        column.addWidget(self.words)
        frames.changed.connect(self._draw)

    def show_moment(self, step: int, words: str, above: QPoint) -> None:
        """Show a moment, above a point of the screen."""
        self.step = step
        self.words.setText(words)
        self.picture.setVisible(self._frames.filmed is not None)
        self._draw()
        self.adjustSize()
        within, at = self.screen().availableGeometry(), above - QPoint(self.width() // 2, self.height() + 8)
        self.move(max(within.left(), min(at.x(), within.right() - self.width())), max(within.top(), at.y()))
        self.show()

    def _draw(self) -> None:
        if self.step is not None:
            image = self._frames.at(self.step, PEEK)
            if image is None:
                self.picture.clear()
            else:
                self.picture.setPixmap(QPixmap.fromImage(image))


def paint_within(painter: QPainter, image: QImage, rect: QRectF) -> None:
    """Draw a picture in the middle of a rectangle, on whole pixels."""
    left = round(rect.center().x() - image.width() / 2)
    painter.drawImage(QPointF(left, round(rect.center().y() - image.height() / 2)), image)
