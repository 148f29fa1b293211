"""What a panel shows when there is nothing to show: what it is for, and what to do."""

from __future__ import annotations

import re
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QStackedLayout, QVBoxLayout, QWidget

from designer import theme

PIECE: Final = 12
"""How many letters of a long word stay together."""


def empty_page(title: str, text: str) -> QWidget:
    """Return a page with a line that says what is missing and one that says what to do."""
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


def say_instead(pages: QStackedLayout, empty: QWidget, title: str, text: str) -> QWidget:
    """Show a new empty page in place of an old one, and return it."""
    pages.removeWidget(empty)
    empty.deleteLater()
    page = empty_page(title, text)
    pages.addWidget(page)
    pages.setCurrentWidget(page)
    return page


def breakable(text: str) -> str:
    """Allow a line to break within a word that is too long for one.

    >>> breakable("a " + "b" * 13) == "a " + "b" * 12 + "\u200b" + "b"
    True
    """
    return re.sub(rf"\S{{{PIECE}}}(?=\S)", lambda match: f"{match[0]}\u200b", text)
