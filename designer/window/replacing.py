"""Asks before a file that somebody else has written is replaced."""

from __future__ import annotations

from enum import Enum, auto
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QMessageBox, QPlainTextEdit, QVBoxLayout, QWidget

from core.analysis.comparison import compare
from core.analysis.comparison_text import comparison_text
from core.graph.values import Document
from core.io.failures import shown

DIFFERENCE_SIZE = QSize(720, 320)


class Choice(Enum):
    """What becomes of a file that another program has changed."""

    CANCEL = auto()
    KEEP_MINE = auto()
    TAKE_THEIRS = auto()


class WhoseDialog(QDialog):
    """Keeps mine, takes theirs, or shows first how the two differ.

    Attributes
    ----------
    choice : Choice
    """

    def __init__(self, path: Path, mine: Document, theirs: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choice = Choice.CANCEL
        self._documents = mine, theirs
        self.setWindowTitle("Changed by another program")
        words = QLabel(
            f"{shown(path.name)} was changed by another program since it was last opened or saved here. "
            "Saving would replace what it holds now."
        )
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setWordWrap(True)
        self.difference = QPlainTextEdit(readOnly=True, lineWrapMode=QPlainTextEdit.LineWrapMode.NoWrap)
        self.difference.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.difference.setAccessibleName("From mine to theirs")
        self.difference.setMinimumSize(DIFFERENCE_SIZE)
        self.difference.hide()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        roles = QDialogButtonBox.ButtonRole
        self.keep = buttons.addButton("Keep mine", roles.AcceptRole)
        self.take = buttons.addButton("Take theirs", roles.AcceptRole)
        self.see = buttons.addButton("See the difference", roles.ActionRole)
        self.keep.setToolTip("Replace what the file holds")
        self.take.setToolTip("Load what the file holds; undo leads back to yours")
        buttons.rejected.connect(self.reject)
        self.keep.clicked.connect(self._keep)
        self.take.clicked.connect(self._take)
        self.see.clicked.connect(self._see)
        column = QVBoxLayout(self)
        for widget in (words, self.difference, buttons):
            column.addWidget(widget)
        self.see.setDefault(True)  # Enter decides nothing

    @Slot()
    def _keep(self) -> None:
        self.choice = Choice.KEEP_MINE
        self.accept()

    @Slot()
    def _take(self) -> None:
        self.choice = Choice.TAKE_THEIRS
        self.accept()

    @Slot()
    def _see(self) -> None:
        self.difference.setPlainText(comparison_text(compare(*self._documents), "mine", "theirs"))
        self.difference.show()
        self.see.setEnabled(False)
        self.adjustSize()


def ask_whose(window: QWidget, path: Path, mine: Document, theirs: Document) -> Choice:
    """Ask which of two documents counts: the open one, or what its file holds now."""
    dialog = WhoseDialog(path, mine, theirs, window)
    dialog.exec()
    dialog.deleteLater()
    return dialog.choice


def ask_whether_to_replace(window: QWidget, path: Path, why: str) -> bool:
    """Ask before a file is replaced in which something stands that can't be read."""
    box = QMessageBox(QMessageBox.Icon.Warning, "Changed by another program", "", parent=window)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(f"{shown(path.name)} holds something else now, which saving would replace.")
    box.setInformativeText(f"{why}\n\nTo keep both, cancel and save under another name (Save as).")
    replace = box.addButton("Replace it", QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(cancel)
    box.exec()
    box.deleteLater()
    return box.clickedButton() is replace
