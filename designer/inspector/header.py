"""The head of the inspector: the family, the layer's name to be changed in place, and its kind."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from designer import theme
from designer.problems.names import with_short_names


class TitleEdit(QLineEdit):
    """A title that is text until it is clicked; Enter or leaving it finishes, Esc restores."""

    finished = Signal(str)
    """The text that the user wants, once for each change."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown = ""
        theme.mark(self, "role", "title")
        self.editingFinished.connect(self._finish)

    def show_text(self, text: str, *, fresh: bool) -> None:
        """Show the document's text; unless `fresh`, unfinished typing stays where the document has nothing new."""
        if fresh or text != self.shown:
            self.shown = text
            self.setText(text)
            self.setToolTip(text if with_short_names(text) != text else "")
            self.setCursorPosition(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text() != self.shown:
            self.setText(self.shown)
            self.selectAll()
            return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.setCursorPosition(0)

    @Slot()
    def _finish(self) -> None:
        if self.text() != self.shown:
            self.finished.emit(self.text())


class Header(QWidget):
    """Icon, title, a word at the right, and below them what is wrong with the title that was typed."""

    renamed = Signal(str)
    """The user finished another title."""
    typed = Signal(str)
    """The user is typing one; `show_refusal` may say what is wrong with it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._family: str | None = None
        self.icon = QLabel()
        self.icon.setFixedSize(16, 16)
        self.title = TitleEdit()
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.kind = QLabel()
        theme.mark(self.kind, "role", "muted")
        self.refusal = QLabel()
        self.refusal.setWordWrap(True)
        self.refusal.hide()
        theme.mark(self.refusal, "role", "error")
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.icon)
        line.addWidget(self.title, 1)
        line.addWidget(self.kind)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(line)
        column.addWidget(self.refusal)
        self.title.finished.connect(self.renamed)
        self.title.textChanged.connect(self.typed)
        theme.changed.connect(self._paint)

    def show_layer(self, title: str, kind: str, family: str | None, help: str, *, fresh: bool) -> None:
        """Show which layer the inspector speaks of; `family` gives icon and colour, None for neither."""
        if fresh or title != self.title.shown:
            self.show_refusal("")
        self.title.show_text(title, fresh=fresh)
        self.kind.setText(with_short_names(kind))
        self.kind.setToolTip(help)
        self._family = family
        self._paint()

    def show_refusal(self, sentence: str) -> None:
        """Say why the typed title will not do; nothing takes it back."""
        self.refusal.setText(with_short_names(sentence))
        self.refusal.setVisible(bool(sentence))
        theme.mark(self.title, "invalid", bool(sentence))
        self.title.setAccessibleDescription(sentence)

    @Slot()
    def _paint(self) -> None:
        self.icon.setVisible(self._family is not None)
        if self._family is not None:
            icon = theme.icon(self._family, theme.current().families[self._family])
            self.icon.setPixmap(icon.pixmap(QSize(16, 16), self.devicePixelRatioF()))
