"""Renaming a layer where its name stands."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit

from core.errors import EditError
from core.graph.edits import rename_layer
from designer import theme
from designer.canvas.view import CanvasView
from designer.session import Drawn

_LEAST_WIDTH = 132


class NameEditor(QLineEdit):
    """A field over a layer's name; Enter or leaving it renames, Esc does not."""

    done = Signal()

    def __init__(self, session: Drawn, view: CanvasView, id: str, rect: QRectF) -> None:
        super().__init__(id, view.viewport())
        self._session = session
        self._view = view
        self._id = id
        self._rect = rect
        self._over = False
        self._follow()
        view.looked.connect(self._follow)
        self.setAccessibleName(f"Name of {id}")
        self.textEdited.connect(self._check)
        self.show()
        self.selectAll()
        self.setFocus()

    def _follow(self) -> None:
        """Stay over the name while the drawing moves."""
        on_screen = self._view.viewportTransform().mapRect(self._rect)
        width = max(_LEAST_WIDTH, on_screen.width() - 12)
        self.setGeometry(QRectF(on_screen.left() + 6, on_screen.center().y() - 15, width, 30).toRect())

    def drop(self) -> None:
        """Give up."""
        if not self._over:
            self._end(keep=False)

    def _check(self) -> None:
        """Say while typing what would be wrong with the name."""
        self._named()

    def _named(self) -> bool:
        """Try the name; says whether it could be one."""
        try:
            rename_layer(self._session.document, self._id, self.text().strip())
        except EditError as error:
            theme.mark(self, "invalid", True)
            self._view.say(str(error))
            return False
        theme.mark(self, "invalid", False)
        self._view.say("")
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._named():
                self._end(keep=True)
        elif event.key() == Qt.Key.Key_Escape:
            self._end(keep=False)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if not self._over and event.reason() != Qt.FocusReason.PopupFocusReason:
            self._end(keep=self._named())

    def _end(self, *, keep: bool) -> None:
        self._over = True
        self._view.say("")
        name = self.text().strip()
        if keep and name != self._id:
            self._session.rename(self._id, name)
        self.hide()
        self.deleteLater()
        self.done.emit()
