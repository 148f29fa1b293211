"""The life of a gesture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication

from designer.canvas.gestures.stage import Stage


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where the mouse is, in the scene and in the view, and which keys are held."""

    scene: QPointF
    view: QPoint
    modifiers: Qt.KeyboardModifier

    @property
    def adds(self) -> bool:
        """Whether Shift or Ctrl is held: a click then adds to the selection or takes away from it."""
        return bool(self.modifiers & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier))

    @property
    def copies(self) -> bool:
        """Whether Alt is held: what is dragged is then a copy."""
        return bool(self.modifiers & Qt.KeyboardModifier.AltModifier)


class Gesture:
    """From a press to a release; until then only items move, and the document stays as it is.

    `start` is called once, then `update` any number of times, then either `commit`, which makes one undoable step at
    most, or `cancel`, which leaves everything as it was.
    """

    cursor: ClassVar[Qt.CursorShape | None] = None
    follows_view: ClassVar[bool] = False
    """Whether the view scrolls on while the mouse is held at its edge, and it goes on meanwhile."""

    held_by_mouse: ClassVar[bool] = True
    """Whether it ends with the mouse button; otherwise when Ctrl is let go."""

    def __init__(self, view: Stage) -> None:
        self.view = view
        self.scene = view.drawing
        self.session = view.session
        self._pressed = QPoint()
        self.dragged = False

    def press(self, at: Pointer) -> None:
        """Remember where it began, then start."""
        self._pressed = at.view
        self.start(at)

    def drag(self, at: Pointer) -> None:
        """Update, once the mouse has moved so far that it cannot be a click."""
        if not self.dragged and (at.view - self._pressed).manhattanLength() < QApplication.startDragDistance():
            return
        self.dragged = True
        self.update(at)

    def start(self, at: Pointer) -> None:
        """Take hold of what is under the mouse."""

    def update(self, at: Pointer) -> None:
        """Show what would come of it."""

    def commit(self, at: Pointer) -> None:
        """Do it; where nothing was dragged it was a click."""

    def cancel(self) -> None:
        """Put everything back."""
