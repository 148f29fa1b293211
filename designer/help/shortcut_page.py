"""The page of shortcuts, in a window of its own that scrolls: the list is longer than a small screen is high."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

_SIZE, _MARGIN = QSize(760, 720), QSize(40, 80)
"""What it would like, and what it leaves of the screen for a title bar and the edges."""


class ShortcutPage(QDialog):
    """Shows HTML that is written from the table of actions; Esc closes it.

    Parameters
    ----------
    html : str
    parent : QWidget
    """

    def __init__(self, html: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        self.page = QTextBrowser()
        self.page.setAccessibleName("Keyboard shortcuts")
        self.page.setHtml(html)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.addWidget(self.page)
        column.addWidget(self.buttons)
        self.resize(_SIZE.boundedTo(self.screen().availableSize() - _MARGIN))
