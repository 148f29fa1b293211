"""A line of text that may change many times a second: it paints itself, and asks nothing of the layout."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget


class LineLabel(QLabel):
    """One line of plain text that never asks for more width than it gets.

    A QLabel's own text, when it changes, has the whole window laid out anew, every dock and toolbar of it: 5 to 10 ms.
    """

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._line = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        if text:
            self.setText(text)

    @property
    def seen_text(self) -> str:
        """The part of the text that is painted."""
        return self._line

    def text(self) -> str:
        return self._line

    def setText(self, text: str) -> None:
        if text != self._line:
            self._line = text
            self.setAccessibleName(text)
            self.update()

    def clear(self) -> None:
        self.setText("")

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.contentsRect(), self.alignment() | Qt.TextFlag.TextSingleLine, self.seen_text)
        painter.end()
