"""The slider over the moments of a run: epochs are ticked, changed settings flagged, now is a dot at the end."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from designer import theme
from designer.time_machine.moments import Course, Moments

MARGIN_PX = 12
TRACK_Y = 15.0
TRACK_PX, KNOB_PX, DOT_PX = 4, 7, 4


class CourseSlider(QWidget):
    """Shows where in a run's course one is, and is drawn or keyed to another moment.

    Left and Right go to the next moment, PgUp and PgDn to the next end of an epoch, Home to the first, End to now.
    """

    hovered = Signal(object)
    """Carries the moment below the mouse, the last one before it; None where the mouse has left."""
    moved = Signal(object)
    """Carries the step that the user wants to look at, between moments the last one before it; None for now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._course = Course()
        self._step: int | None = None
        self._moments: Moments | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Time machine")
        self.setFont(theme.font(11))
        self.setMouseTracking(True)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(400, 40)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 40)

    def show_course(self, course: Course, step: int | None, moments: Moments | None = None) -> None:
        """Show the moments of a run, and the one that is looked at, or the two."""
        self._course, self._step, self._moments = course, step, moments
        self.setEnabled(bool(course.ticks))
        self.update()

    def x_of(self, step: int) -> float:
        """Return the place of a moment, in pixels from the left."""
        first, last = self._course.first, self._course.last
        return MARGIN_PX + (self.width() - 2 * MARGIN_PX) * (step - first) / max(1, last - first)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._drag(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._drag(event)
        at = self._step_at(event.position().x())
        is_free = event.buttons() == Qt.MouseButton.NoButton
        self.hovered.emit(max((tick for tick in self._course.ticks if tick <= at), default=None) if is_free else None)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.hovered.emit(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ticks, ends = list(self._course.ticks), list(self._course.epochs)
        match event.key():
            case Qt.Key.Key_Left:
                self.moved.emit(self._before(ticks))
            case Qt.Key.Key_Right:
                self.moved.emit(self._after(ticks))
            case Qt.Key.Key_PageUp:
                self.moved.emit(self._before([end for end in ends if end < self._course.last] or ticks[:1]))
            case Qt.Key.Key_PageDown:
                self.moved.emit(self._after(ends))
            case Qt.Key.Key_Home:
                self.moved.emit(ticks[0] if ticks else None)
            case Qt.Key.Key_End:
                self.moved.emit(None)
            case _:
                super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, look = QPainter(self), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        y, left, right = TRACK_Y, self.x_of(self._course.first), self.width() - MARGIN_PX
        here = right if self._step is None else self.x_of(self._step)
        painter.setPen(Qt.PenStyle.NoPen)
        self._paint_track(painter, left, right, look.track)
        if not self._course.ticks:
            return
        self._paint_track(painter, left, here, look.accent)
        self._paint_epochs(painter, look, y)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(look.warning))
        for step in self._course.changes:
            x = self.x_of(min(step, self._course.last))
            painter.drawPolygon(QPolygonF([QPointF(x - 4, y - 13), QPointF(x + 4, y - 13), QPointF(x, y - 7)]))
        painter.setBrush(QColor(look.ok if self._course.is_on else look.muted))
        painter.drawEllipse(QPointF(right, y), DOT_PX, DOT_PX)
        if self._moments is not None:
            self._paint_knob(painter, self.x_of(self._course.at(self._moments.a)), "A", look.panel, look.text)
        self._paint_knob(painter, here, "" if self._moments is None else "B", look.text, look.panel)

    @staticmethod
    def _paint_track(painter: QPainter, start: float, end: float, colour: str) -> None:
        painter.setBrush(QColor(colour))
        painter.drawRoundedRect(QRectF(start, TRACK_Y - TRACK_PX / 2, end - start, TRACK_PX), 2, 2)

    def _paint_knob(self, painter: QPainter, x: float, letter: str, ground: str, ink: str) -> None:
        """Paint a moment that is looked at; of two, the one that stays is hollow."""
        look = theme.current()
        moves = letter != "A"
        rim = look.accent if self.hasFocus() and moves else look.text
        painter.setBrush(QColor(ground))
        painter.setPen(QColor(rim) if self.hasFocus() or not moves else Qt.PenStyle.NoPen)
        around = KNOB_PX + (2 if letter else 0)
        painter.drawEllipse(QPointF(x, TRACK_Y), around, around)
        if letter:
            painter.setPen(QColor(ink))
            painter.setFont(theme.font(11, 600))
            painter.drawText(QRectF(x - 10, 5, 20, 20), Qt.AlignmentFlag.AlignCenter, letter)
            painter.setFont(self.font())

    def _paint_epochs(self, painter: QPainter, look: theme.Theme, y: float) -> None:
        painter.setPen(QColor(look.muted))
        free, first = 0.0, min(self._course.epochs.values(), default=1) - 1
        for end, epoch in {self._course.first: first, **self._course.epochs}.items():
            x = self.x_of(end)
            word = f"epoch {epoch}" if epoch == first else f"{epoch}"
            wide = painter.fontMetrics().horizontalAdvance(word)
            start = min(max(x - wide / 2, 2.0), self.width() - wide - 2.0)
            painter.drawLine(QPointF(x, y + 6), QPointF(x, y + 10))
            if start >= free:
                painter.drawText(QPointF(start, y + 22), word)
                free = start + wide + 8

    def _drag(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            x = event.position().x()
            is_now = x >= self.width() - MARGIN_PX or not self._course.ticks
            self.moved.emit(None if is_now else self._step_at(x))

    def _step_at(self, x: float) -> int:
        share = (x - MARGIN_PX) / max(1, self.width() - 2 * MARGIN_PX)
        first, last = self._course.first, self._course.last
        return first + round(min(max(share, 0.0), 1.0) * (last - first))

    def _before(self, steps: list[int]) -> int | None:
        earlier = [step for step in steps if self._step is None or step < self._step]
        return earlier[-1] if earlier else self._step

    def _after(self, steps: list[int]) -> int | None:
        return None if self._step is None else next((step for step in steps if step > self._step), None)
