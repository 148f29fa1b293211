"""Points from the edge of the canvas to layers that stand far away."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Literal

from PySide6.QtCore import QObject, QPoint, QRectF, Qt, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from core.text import counted
from designer.canvas.drawing.groups import groups
from designer.canvas.drawing.paper import Paper
from designer.canvas.drawing.scene import Scene

Side = Literal["left", "right", "above", "below"]

_WORDS: dict[Side, str] = {
    "left": "← {} to the left",
    "right": "{} to the right →",
    "above": "↑ {} above",
    "below": "↓ {} below",
}
MOST_GROUPED = 5000
"""More layers count as one group: telling which stand apart would hold up every edit."""
_RIM = 12
_HEAD = 50
"""Above this is the title."""


class FarLayers(QObject):
    """A button at each edge beyond which there are layers that stand apart, or all there are.

    Where some layers are in sight, only groups that stand apart from these are pointed at: the rest is found by
    scrolling, and on the minimap.
    """

    asked = Signal(QRectF)
    """The user wants to see a group; carries the rectangle around it."""

    def __init__(self, drawing: Scene, view: Paper, parent: QWidget) -> None:
        super().__init__(parent)
        self._drawing = drawing
        self._view = view
        self._groups: Sequence[tuple[int, QRectF]] = ()
        self.buttons: dict[Side, FarButton] = {side: FarButton(side, parent) for side in _WORDS}
        for button in self.buttons.values():
            button.asked.connect(self.asked)
        view.looked.connect(self.point)

    @property
    def largest(self) -> QRectF | None:
        """The rectangle around the largest group, if there are any."""
        return self._groups[0][1] if self._groups else None

    def refresh(self, bounds: QRectF) -> None:
        """Find the groups again, after layers have come, gone or moved within other bounds."""
        nodes = self._drawing.nodes
        if len(nodes) > MOST_GROUPED:
            self._groups = [(len(nodes), bounds)]
        else:
            rects = {id: node.rect for id, node in nodes.items()}
            self._groups = [
                (len(ids), reduce(QRectF.united, (rects[id] for id in ids), QRectF())) for ids in groups(rects)
            ]
        self.point()

    def point(self) -> None:
        """Show at the edges what is out of sight."""
        sight = self._view.visible_rect()
        out = [(n, rect) for n, rect in self._groups if not rect.intersects(sight)]
        far = "far " if len(self._groups) > 1 else ""
        for side, button in self.buttons.items():
            there = [(n, rect) for n, rect in out if side_of(rect, sight) == side]
            button.setVisible(bool(there))
            if there:
                nearest = min((rect for _, rect in there), key=lambda rect: _distance(rect, sight))
                layers = counted(sum(n for n, _ in there), "layer")
                button.show_words(f"{layers} {far}".rstrip(), nearest)
        self.place()

    def place(self) -> None:
        """Stand in the middle of the edges."""
        room = self._view.geometry()
        for side, button in self.buttons.items():
            button.adjustSize()
            wide, high = room.width() - button.width(), room.height() - button.height()
            at = {
                "left": QPoint(_RIM, high // 2),
                "right": QPoint(wide - _RIM, high // 2),
                "above": QPoint(wide // 2, _HEAD),
                "below": QPoint(wide // 2, high - _RIM),
            }[side]
            button.move(room.topLeft() + at)


class FarButton(QPushButton):
    """Says how many layers are beyond an edge, and goes there."""

    asked = Signal(QRectF)
    """The user wants to see a part of the drawing."""

    def __init__(self, side: Side, parent: QWidget) -> None:
        super().__init__(parent)
        self._side: Side = side
        self._target = QRectF()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setToolTip("Go there")
        self.clicked.connect(self._ask)
        self.hide()

    def show_words(self, layers: str, target: QRectF) -> None:
        """Say what is there."""
        self._target = target
        self.setText(_WORDS[self._side].format(layers))
        self.setAccessibleName(self.text().strip("←→↑↓ "))

    def _ask(self) -> None:
        self.asked.emit(self._target)


def side_of(rect: QRectF, sight: QRectF) -> Side:
    """Return beyond which edge of the visible part something lies."""
    away = rect.center() - sight.center()
    across, down = away.x() / max(sight.width(), 1.0), away.y() / max(sight.height(), 1.0)
    if abs(across) >= abs(down):
        return "right" if across > 0 else "left"
    return "below" if down > 0 else "above"


def _distance(rect: QRectF, sight: QRectF) -> float:
    return (rect.center() - sight.center()).manhattanLength()
