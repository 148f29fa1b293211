"""A window for reading about the kinds of layers."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QListWidget, QListWidgetItem, QTextBrowser, QWidget

from core.layers import KINDS
from designer.help.pages import kind_page

_LIST_WIDTH = 190
_ROW_HEIGHT = 28


class HelpReader(QDialog):
    """All kinds at the left, the page of the chosen one at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Layer kinds")
        self.resize(860, 680)
        self.kinds = QListWidget()
        for name in KINDS:
            item = QListWidgetItem(name, self.kinds)
            item.setSizeHint(QSize(0, _ROW_HEIGHT))
        self.kinds.setFixedWidth(_LIST_WIDTH)
        self.kinds.setAccessibleName("Layer kinds")
        self.page = QTextBrowser()
        self.page.setAccessibleName("What the kind does")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 12, 12, 12)
        row.addWidget(self.kinds)
        row.addWidget(self.page, 1)
        self.kinds.currentTextChanged.connect(self._read)
        self.kinds.setCurrentRow(0)

    def show_kind(self, name: str) -> None:
        """Turn to the page of a kind, if there is one, and come to the front."""
        for item in self.kinds.findItems(name, Qt.MatchFlag.MatchExactly):
            self.kinds.setCurrentItem(item)
        self.show()
        self.raise_()
        self.activateWindow()

    def _read(self, name: str) -> None:
        self.page.setHtml(kind_page(name))
