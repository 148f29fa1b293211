"""A notice that something went wrong: what, and why with what to do."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QVBoxLayout, QWidget

from designer import theme
from designer.views.empty import breakable


class Notice(QFrame):
    """Two texts with a coloured edge; hidden until there is something to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.mark(self, "role", "error")
        self.what, self.why = QLabel(), QLabel()
        theme.mark(self.what, "role", "strong")
        inside = QVBoxLayout(self)
        inside.setContentsMargins(12, 6, 12, 6)
        inside.setSpacing(2)
        for label in (self.what, self.why):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            inside.addWidget(label)
        self.hide()

    def say(self, what: str, why: str) -> None:
        """Show two texts; a word that is too long for a line is broken."""
        self.what.setText(breakable(what))
        self.why.setText(breakable(why))
        self.show()
