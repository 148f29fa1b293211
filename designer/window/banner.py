"""A line above the canvas that says something and offers two ways to go on."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from designer import theme


class Banner(QFrame):
    """Hidden until there is something to say; nothing waits for the answer."""

    def __init__(self, open: str, discard: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.mark(self, "role", "card")
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.open = QPushButton(open)
        self.discard = QPushButton(discard)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 16, 8)
        row.setSpacing(8)
        for widget in (self.words, self.open, self.discard):
            row.addWidget(widget)
        self.hide()

    def say(self, words: str) -> None:
        """Show a sentence; an empty one hides the banner."""
        self.words.setText(words)
        self.setAccessibleName(words)
        self.setVisible(bool(words))
