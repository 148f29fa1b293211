"""Moving layers about, on the grid and in line with others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from PySide6.QtCore import QPointF, QRectF, Qt

from core.graph.copying import copied, pasted
from core.graph.edits import move_layers
from core.graph.values import Position
from designer.canvas.drawing.node import Node
from designer.canvas.drawing.node_content import spoken
from designer.canvas.drawing.placing import snapped
from designer.canvas.gestures.gesture import Gesture, Pointer
from designer.canvas.gestures.guides import Guides
from designer.canvas.gestures.moved_items import MovedItems
from designer.canvas.gestures.stage import Stage

REACH_PX = 6
"""How near, on the screen, a line must be to attract what is moved."""


class Move(Gesture):
    """Drags the selection, or what was pressed; a click selects.

    Parameters
    ----------
    view : Stage
    node : Node
        The layer under the mouse: its place goes onto the grid, the others keep their distances to it.
    """

    follows_view: ClassVar = True

    def __init__(self, view: Stage, node: Node) -> None:
        super().__init__(view)
        self.node = node
        self._moved: MovedItems | None = None
        self._origin = QPointF()
        self._guides: Guides | None = None
        self._kept = False
        """Whether the layer was selected before, so that only a click, not a press, lets go of the others."""

    def start(self, at: Pointer) -> None:
        self._kept = self.node.id in self.session.selection
        if at.adds or not self._kept:
            self.view.selection.select_clicked(self.node.id, adds=at.adds)
        self._origin = at.scene

    def update(self, at: Pointer) -> None:
        if self._moved is None:
            if self.node.id not in self.session.selection:
                return
            self._moved = MovedItems(self.view, self.session.selection)
            near = self.scene.nodes_in(self.view.visible_rect())
            self._guides = Guides([node for node in near if node.id not in self._moved.before], self.scene.direction)
        self.view.viewport().setCursor(Qt.CursorShape.DragCopyCursor if at.copies else Qt.CursorShape.ArrowCursor)
        x, y = self._moved.before[self.node.id]
        wish = QPointF(x, y) + at.scene - self._origin
        place, lines = self._attracted(wish)
        self._moved.shift(place[0] - x, place[1] - y)
        self.scene.show_guides(lines)

    def _attracted(self, wish: QPointF) -> tuple[Position, list[QRectF]]:
        if self._guides is None:
            return snapped(wish.x(), wish.y()), []
        return self._guides.attract(self.node.box, (wish.x(), wish.y()), REACH_PX / self.view.zoom)

    def commit(self, at: Pointer) -> None:
        self.scene.show_guides([])
        if self._moved is None:
            if not self.dragged and self._kept and not at.adds:
                self.view.selection.select([self.node.id])
        elif at.copies:
            self._copy(self._moved.before)
        else:
            _write(self, self._moved)

    def _copy(self, before: Mapping[str, Position]) -> None:
        """Leave the layers where they were, and put copies where they were dragged to."""
        x, y = before[self.node.id]
        shift = self.node.x() - x, self.node.y() - y
        self.cancel()
        if shift != (0, 0):
            document = move_layers(self.session.document, self.view.places_to_keep())
            after, ids = pasted(document, copied(document, before), shift)
            self.session.edit(f"copy {spoken(before)}", after, select=ids)

    def cancel(self) -> None:
        self.scene.show_guides([])
        if self._moved is not None:
            self._moved.put_back()


class Nudge(Gesture):
    """Moves the selection in steps with the keyboard; ends when Ctrl is let go."""

    held_by_mouse: ClassVar = False

    def __init__(self, view: Stage) -> None:
        super().__init__(view)
        self._moved = MovedItems(view, self.session.selection, view.selection.notes)

    def step(self, dx: float, dy: float) -> None:
        """Move on by so much."""
        self._moved.shift_on(dx, dy)

    def commit(self, at: Pointer) -> None:
        _write(self, self._moved)

    def cancel(self) -> None:
        self._moved.put_back()


def _write(gesture: Gesture, moved: MovedItems) -> None:
    """Put the places where things are shown now into the document, if they have moved."""
    if moved.moved:
        label = f"move {spoken(moved.before)}" if moved.before else "move notes"
        gesture.session.edit(label, moved.document())
