"""Text is plain text: what a user or a file wrote is never taken for HTML or for the key of a menu.

Qt looks into the text of a label, a tooltip or a message box, and shows as HTML what seems to be some, pictures of any
path included. Every label passes through the style before it is measured or painted, also those that Qt makes by
itself; that is where it is made plain. A label that shows HTML of ours says so (`Qt.TextFormat.RichText`); a tooltip of
ours that is HTML is a `RichTip`.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QLabel, QProxyStyle, QWidget

__all__ = ["PlainTextStyle", "button_text", "read_button_text"]


class PlainTextStyle(QProxyStyle):
    """Fusion, in which a label shows plain text unless it was told otherwise."""

    def __init__(self) -> None:
        super().__init__("Fusion")

    def polish(self, target: QWidget | QPalette | QApplication) -> None:  # type: ignore[override]
        super().polish(target)
        if isinstance(target, QLabel) and target.textFormat() == Qt.TextFormat.AutoText:
            target.setTextFormat(Qt.TextFormat.PlainText)


def button_text(text: str) -> str:
    """Return what to set as the text of a button or a menu's entry for it to show this text.

    Qt takes an ampersand there for the key of the letter after it, and what comes after a tab for a shortcut.

    >>> button_text("wine & cheese")
    'wine && cheese'
    """
    return text.replace("&", "&&").replace("\t", " ")


def read_button_text(text: str) -> str:
    """Return what a button or a menu's entry shows that has this text.

    >>> read_button_text("wine && cheese")
    'wine & cheese'
    """
    return text.replace("&&", "&")
