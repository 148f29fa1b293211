"""A tour of the window: callouts beside what they speak of, which move on once the user has done it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal, SignalInstance, Slot
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from designer import theme

WIDTH = 320
_GAP = 10


@dataclass(frozen=True, slots=True)
class Stop:
    """A step of the tour.

    Attributes
    ----------
    target : QWidget
        What it speaks of.
    title, words : str
    done : tuple of signals
        Any of them means that the user has done it.
    """

    target: QWidget
    title: str
    words: str
    done: tuple[SignalInstance, ...]


class Tour(QFrame):
    """Goes from stop to stop; the user can leave at any time."""

    reached = Signal(QWidget)
    """Carries what the tour will point at, which must be shown then."""

    def __init__(self, window: QWidget, stops: Sequence[Stop]) -> None:
        super().__init__(window)
        self._stops = stops
        self._at = -1
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

    @Slot()
    def go_on(self) -> None:
        """Show the next stop; after the last one the tour is over."""
        if self._at + 1 < len(self._stops):
            self._leave()
            self._show(self._at + 1)
        else:
            self.end()

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
        self.words.setText(stop.words)
        self.count.setText(f"{number + 1} of {len(self._stops)}")
        self.next_button.setText("Next" if number + 1 < len(self._stops) else "Done")
        self.setAccessibleName(f"{stop.title}. {stop.words}")
        for signal in stop.done:
            signal.connect(self._on_done)
        self.show()
        self.reached.emit(stop.target)
        self._move_beside()
        self.raise_()
        self.next_button.setFocus()

    def _leave(self) -> None:
        for signal in self._stops[self._at].done:
            signal.disconnect(self._on_done)

    @Slot()
    def _on_done(self) -> None:
        self.go_on()

    def _move_beside(self) -> None:
        """Move beside the target, within the window."""
        self.resize(WIDTH, self._column.totalHeightForWidth(WIDTH))
        window, target = self.window(), self._stops[self._at].target
        around = QRect(target.mapTo(window, QPoint(0, 0)), target.size())
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
        self._highlight.setGeometry(around.adjusted(-2, -2, 2, 2))
        self._highlight.show()
        self._highlight.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self._at >= 0:
            self._move_beside()
            self.raise_()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.end()
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
