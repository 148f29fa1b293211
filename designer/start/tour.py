"""A tour of the window: callouts beside what they speak of, which move on once the user has done it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer, SignalInstance, Slot
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from designer import theme

WIDTH = 320
REST_MS = 700
"""How long what was done is seen before the tour goes on; more of it, such as another digit, begins the time anew."""
_GAP = 10


@dataclass(frozen=True, slots=True)
class Callout:
    """What a step says, and of what.

    Attributes
    ----------
    target : QWidget
        What it speaks of.
    words : str
    is_done : callable
        Returns whether the user has done it by now.
    """

    target: QWidget
    words: str
    is_done: Callable[[], bool] = lambda: True


@dataclass(frozen=True, slots=True)
class Stop:
    """A step of the tour.

    Attributes
    ----------
    title : str
    prepare : callable
        Brings about what the step needs, such as a selected layer, and returns what it says then.
    done : tuple of signals
        After any of them the user may have done it.
    """

    title: str
    prepare: Callable[[], Callout]
    done: tuple[SignalInstance, ...]


class Tour(QFrame):
    """Goes from stop to stop once each is done, or at the press of a button; the user can leave at any time."""

    def __init__(self, window: QWidget, stops: Sequence[Stop]) -> None:
        super().__init__(window)
        self._stops = stops
        self._at = -1
        self._callout: Callout | None = None
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._go_on_alone)
        self._highlight = _Highlight(window)
        theme.mark(self, "role", "card")
        self.setFixedWidth(WIDTH)
        self.title = QLabel()
        theme.mark(self.title, "role", "strong")
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.count = QLabel()
        theme.mark(self.count, "role", "muted")
        self.end_button = QPushButton("End tour")
        self.next_button = QPushButton("Next")
        theme.mark(self.next_button, "primary", True)
        buttons = QHBoxLayout()
        buttons.addWidget(self.count)
        buttons.addStretch(1)
        buttons.addWidget(self.end_button)
        buttons.addWidget(self.next_button)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addWidget(self.title)
        column.addWidget(self.words)
        column.addLayout(buttons)
        self.end_button.clicked.connect(self.end)
        self.next_button.clicked.connect(self.go_on)
        self.hide()

    @property
    def at(self) -> int:
        """The number of the stop that is shown, from 0; −1 while there is no tour."""
        return self._at

    def begin(self) -> None:
        """Show the first stop."""
        self.end()
        self.window().installEventFilter(self)
        self._show(0)
        self.next_button.setFocus()

    @Slot()
    def go_on(self) -> None:
        """Show the next stop; after the last one the tour is over."""
        if self._at + 1 < len(self._stops):
            self._leave()
            self._show(self._at + 1)
            self.next_button.setFocus()
        else:
            self.end()

    @Slot()
    def _go_on_alone(self) -> None:
        """Show the next stop and leave the focus to what the user is doing."""
        before = QApplication.focusWidget()
        self.go_on()
        if before is not None and not self.isAncestorOf(before):
            before.setFocus()

    @Slot()
    def end(self) -> None:
        """Leave the tour."""
        if self._at >= 0:
            self._leave()
            self._at = -1
            self.window().removeEventFilter(self)
            self.hide()
            self._highlight.hide()

    def _show(self, number: int) -> None:
        self._at = number
        stop = self._stops[number]
        self.title.setText(stop.title)
        self._callout = stop.prepare()
        self.words.setText(self._callout.words)
        self._show_count()
        self.next_button.setText("Next" if number + 1 < len(self._stops) else "Done")
        self.setAccessibleName(f"{stop.title}. {self._callout.words}")
        for signal in stop.done:
            signal.connect(self._on_done)
        self.show()
        self._move_beside()
        self.raise_()

    def _leave(self) -> None:
        self._rest.stop()
        for signal in self._stops[self._at].done:
            signal.disconnect(self._on_done)

    @Slot()
    def _on_done(self) -> None:
        done = self._callout is not None and self._callout.is_done()
        self._show_count(done=done)
        if done:
            self._rest.start()
        else:
            self._rest.stop()  # it was taken back

    def _show_count(self, *, done: bool = False) -> None:
        self.count.setText(f"{self._at + 1} of {len(self._stops)}{' · done' if done else ''}")

    def _move_beside(self) -> None:
        """Move beside the target, within the window."""
        self.resize(WIDTH, self._column.totalHeightForWidth(WIDTH))
        if self._callout is None:
            return
        window, target = self.window(), self._callout.target
        seen = target.isVisible()
        around = QRect(target.mapTo(window, QPoint(0, 0)), target.size()) if seen else window.rect()
        room = window.rect().adjusted(_GAP, _GAP, -_GAP, -_GAP)
        size = self.size()
        beside = [
            QPoint(around.left(), around.bottom() + _GAP),
            QPoint(around.right() + _GAP, around.top()),
            QPoint(around.left() - size.width() - _GAP, around.top()),
            QPoint(around.left(), around.top() - size.height() - _GAP),
        ]
        inside = QPoint(around.center().x() - size.width() // 2, around.bottom() - size.height() - 4 * _GAP)
        place = next((at for at in beside if room.contains(QRect(at, size))), inside)
        self.move(place)
        self._highlight.setGeometry(around.adjusted(-5, -2, 5, 2))
        self._highlight.setVisible(seen)
        self._highlight.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self._at >= 0:
            self._move_beside()
            self.raise_()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.end()
        elif event.key() in (
            Qt.Key.Key_Return,
            Qt.Key.Key_Enter,
        ):  # outside of dialogs, buttons hear the space bar only
            (self.end_button if self.end_button.hasFocus() else self.next_button).click()
        else:
            super().keyPressEvent(event)


class _Highlight(QWidget):
    """A line around what the tour speaks of; the mouse passes through it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.current().accent), 2))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 5, 5)
        painter.end()
