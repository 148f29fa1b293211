"""Writing a note where its words stand."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QFrame, QPlainTextEdit

from core.graph.layouts import change_notes
from designer.canvas.drawing.notes import NoteItem
from designer.canvas.view import CanvasView
from designer.session import Drawn

_LEAST = 120, 34
"""Width and height of the field on the screen, however small the note is there."""


class NoteEditor(QPlainTextEdit):
    """A field over a note; leaving it keeps what was written, Esc does not. Enter ends a frame's title."""

    done = Signal()

    def __init__(self, session: Drawn, view: CanvasView, item: NoteItem) -> None:
        super().__init__(item.note.text, view.viewport())
        self._session = session
        self._view = view
        self._item = item
        self._over = False
        self.setFrameShape(QFrame.Shape.Box)
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Title of the frame" if item.is_frame else "Text of the note")
        self._follow()
        view.looked.connect(self._follow)
        self.show()
        self.moveCursor(QTextCursor.MoveOperation.End)
        self.selectAll()
        self.setFocus()

    def _follow(self) -> None:
        """Stay over the note while the drawing moves."""
        on_screen = self._view.viewportTransform().mapRect(self._item.text_rect).toRect()
        width, height = max(_LEAST[0], on_screen.width()), max(_LEAST[1], on_screen.height())
        self.setGeometry(on_screen.left(), on_screen.top(), width, height)

    def drop(self) -> None:
        """Give up."""
        if not self._over:
            self._end(keep=False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ends = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() == Qt.Key.Key_Escape:
            self._end(keep=False)
        elif ends and (self._item.is_frame or event.modifiers() & Qt.KeyboardModifier.ControlModifier):
            self._end(keep=True)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if not self._over and event.reason() != Qt.FocusReason.PopupFocusReason:
            self._end(keep=True)

    def _end(self, *, keep: bool) -> None:
        self._over = True
        item, text = self._item, self.toPlainText().strip()
        self.hide()
        self.deleteLater()
        if keep and text != item.note.text:
            document = change_notes(self._session.document, {item.key: replace(item.note, text=text)})
            self._session.edit("name frame" if item.is_frame else "write note", document)
        self.done.emit()
