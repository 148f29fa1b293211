"""Moving the paper, not what is drawn on it."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QPoint, Qt

from designer.canvas.gestures.gesture import Gesture, Pointer


class Pan(Gesture):
    """The canvas follows the mouse: with the middle button, or with Space held."""

    cursor: ClassVar = Qt.CursorShape.ClosedHandCursor
    _last = QPoint()

    def start(self, at: Pointer) -> None:
        self._last = at.view

    def update(self, at: Pointer) -> None:
        self.view.scroll_by(self._last - at.view)
        self._last = at.view
