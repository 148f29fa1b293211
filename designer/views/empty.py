"""What a panel shows when there is nothing to show: what it is for, and what to do."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from designer import theme


def empty_page(title: str, text: str) -> QWidget:
    """A page with a line that says what is missing and one that says what to do."""
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.setContentsMargins(24, 16, 24, 16)
    layout.setSpacing(4)
    layout.addStretch()
    for words, role in ((title, "strong"), (text, "muted")):
        label = QLabel(words)
        label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        label.setWordWrap(True)
        theme.mark(label, "role", role)
        layout.addWidget(label)
    layout.addStretch()
    return page
