"""A list that is narrowed by typing, above everything else in the window until one row is chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QSize, Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QLineEdit, QListView, QVBoxLayout, QWidget

from designer import theme
from designer.palette.entries import Entry
from designer.palette.rows import PaletteDelegate, PaletteModel

Search: TypeAlias = Callable[[str], Sequence[Entry]]

WIDTH_PX = 420
MOST_ROWS = 12
"""Rows that are seen at once."""
_RIM_PX = 8
_MOVES = {
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_PageDown: MOST_ROWS - 1,
    Qt.Key.Key_PageUp: 1 - MOST_ROWS,
}


def _nothing(_: Entry | None) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and what is done with the answer.

    Attributes
    ----------
    prompt : str
        Stands in the empty field.
    search : callable
        Returns what fits what was typed, best first.
    choose : callable
        Is called with the row that was chosen, once the list is gone.
    look : callable
        Is called with the row that is lit up, whenever that is another one; None when there is none, and at the end.
    nothing : str
        What is said where nothing fits.
    """

    prompt: str
    search: Search
    choose: Callable[[Entry], None]
    look: Callable[[Entry | None], None] = _nothing
    nothing: str = "Nothing has that name. Try fewer letters."


class Finder(QFrame):
    """Asks one question at a time; Enter or a click chooses, Esc or a click elsewhere leaves all as it was."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        theme.mark(self, "role", "card")
        self.setFixedWidth(WIDTH_PX)
        self._window = window
        self._question: Question | None = None
        self._before: QWidget | None = None
        self._lit: Entry | None = None
        self.field = QLineEdit()
        self.field.setClearButtonEnabled(True)
        self.rows = PaletteModel()
        self.rows.setParent(self)
        self.list = QListView()
        self.list.setModel(self.rows)
        self.list.setItemDelegate(PaletteDelegate(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.words = QLabel()
        self.words.setWordWrap(True)
        theme.mark(self.words, "role", "muted")
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(_RIM_PX, _RIM_PX, _RIM_PX, _RIM_PX)
        column.setSpacing(_RIM_PX // 2)
        for part in (self.field, self.list, self.words):
            column.addWidget(part)
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self._refresh)
        self.list.clicked.connect(self._click)
        self.list.selectionModel().currentChanged.connect(self._look)
        cast(QApplication, QApplication.instance()).focusChanged.connect(self._on_focus)
        self.hide()

    @property
    def is_asking(self) -> bool:
        """Whether a question is open."""
        return self._question is not None

    def ask(self, question: Question, at: QPoint | None = None) -> None:
        """Ask something.

        Parameters
        ----------
        question : Question
        at : QPoint, optional
            Where in the window the list's corner is, as far as there is room; by default in the middle, high up.
        """
        self.leave()
        self._before = QApplication.focusWidget()
        self._question = question
        self.field.clear()
        self.field.setPlaceholderText(question.prompt)
        self.field.setAccessibleName(question.prompt)
        self._refresh()
        self._put(at)
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def leave(self) -> None:
        """Ask no longer; nothing was chosen."""
        question = self._end()
        if question is not None:
            question.look(None)

    def _end(self) -> Question | None:
        """Close the list and give the focus back."""
        question, self._question, self._lit = self._question, None, None
        if question is not None:
            before, self._before = self._before, None
            had_focus = self.isAncestorOf(QApplication.focusWidget() or self)
            self.hide()
            if before is not None and had_focus:
                before.setFocus(Qt.FocusReason.PopupFocusReason)
        return question

    @Slot()
    def _choose(self) -> None:
        entry = self.rows.entry(self.list.currentIndex())
        if entry is not None and (question := self._end()) is not None:
            question.choose(entry)

    @Slot(QModelIndex)
    def _click(self, index: QModelIndex) -> None:
        self.list.setCurrentIndex(index)
        self._choose()

    @Slot()
    def _refresh(self) -> None:
        if self._question is None:
            return
        self.rows.show_rows(self._question.search(self.field.text().strip()))
        found = self.rows.rowCount()
        self.list.setVisible(bool(found))
        self.list.setFixedHeight(max(1, min(found, MOST_ROWS)) * self._row_size().height() + 2)
        if found:
            self.list.setCurrentIndex(self.rows.index(0))
            self.list.scrollToTop()
        self._look()
        self._column.activate()
        self.adjustSize()

    def _row_size(self) -> QSize:
        return self.list.sizeHintForIndex(self.rows.index(0)) if self.rows.rowCount() else QSize(0, 0)

    @Slot()
    def _look(self) -> None:
        if self._question is None:
            return
        entry = self.rows.entry(self.list.currentIndex())
        help = "" if entry is None else entry.help.partition("\n")[0]
        self.words.setText(help if self.rows.rowCount() else self._question.nothing)
        self.words.setVisible(bool(self.words.text()))
        self.field.setAccessibleDescription("" if entry is None else f"{entry.text} {entry.detail}")
        if entry != self._lit:
            self._lit = entry
            self._question.look(entry)

    def _put(self, at: QPoint | None) -> None:
        """Stand in the window as a whole."""
        self.adjustSize()
        window = self._window.rect()
        at = at or QPoint((window.width() - self.width()) // 2, window.height() // 8)
        x = max(_RIM_PX, min(at.x(), window.width() - self.width() - _RIM_PX))
        y = max(_RIM_PX, min(at.y(), window.height() - self.height() - _RIM_PX))
        self.move(x, y)

    def _on_focus(self, _: QWidget | None, now: QWidget | None) -> None:
        if self._question is not None and now is not None and not self.isAncestorOf(now):
            self.leave()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key = Qt.Key(event.key())
            if key in _MOVES and self.rows.rowCount():
                row = self.list.currentIndex().row() + _MOVES[key]
                self.list.setCurrentIndex(self.rows.index(max(0, min(row, self.rows.rowCount() - 1))))
            elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._choose()
            elif key == Qt.Key.Key_Escape:
                self.leave()
            else:
                return super().eventFilter(watched, event)
            return True
        return super().eventFilter(watched, event)
