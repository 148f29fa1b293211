"""What an empty canvas says."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from designer import theme


class Blank(QLabel):
    """Says what to do while nothing is drawn."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Nothing is drawn yet.\nDrag a layer here from the left, or choose a template.", parent)
        theme.mark(self, "role", "muted")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
