"""Moving layers about, on the grid and in line with others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QPointF, QRectF, Qt

from core.graph.copying import copied, pasted
from core.graph.edits import move_layers
from core.graph.values import Position
from designer.canvas.face import spoken
from designer.canvas.gestures.gesture import Gesture, Pointer
from designer.canvas.guides import Guides
from designer.canvas.node import Node
from designer.canvas.placing import snapped

if TYPE_CHECKING:
    from designer.canvas.view import CanvasView

REACH_PX = 6
"""How near, on the screen, a line must be to attract what is moved."""


class Move(Gesture):
    """Drags the selection, or what was pressed; a click selects.

    Parameters
    ----------
    view : CanvasView
    node : Node
        The layer under the mouse: its place goes onto the grid, the others keep their distances to it.
    """

    follows_view: ClassVar = True

    def __init__(self, view: CanvasView, node: Node) -> None:
        super().__init__(view)
        self.node = node
        self._before: dict[str, Position] = {}
        self._origin = QPointF()
        self._guides: Guides | None = None
        self._kept = False
        """Whether the layer was selected before, so that only a click, not a press, lets go of the others."""

    def start(self, at: Pointer) -> None:
        id, selection = self.node.id, self.session.selection
        self._kept = id in selection
        if at.adds:
            self.view.select([other for other in selection if other != id] if self._kept else [*selection, id])
        elif not self._kept:
            self.view.select([id])
        self._origin = at.scene

    def update(self, at: Pointer) -> None:
        if not self._before:
            if self.node.id not in self.session.selection:
                return
            self._before = {
                id: (node.x(), node.y()) for id in self.session.selection if (node := self.scene.nodes.get(id))
            }
            others = [node for node in self.scene.nodes_in(self.view.visible_rect()) if node.id not in self._before]
            self._guides = Guides(others)
        self.view.viewport().setCursor(Qt.CursorShape.DragCopyCursor if at.copies else Qt.CursorShape.ArrowCursor)
        x, y = self._before[self.node.id]
        wish = QPointF(x, y) + at.scene - self._origin
        place, lines = self._attracted(wish)
        dx, dy = place[0] - x, place[1] - y
        self.scene.place({id: (a + dx, b + dy) for id, (a, b) in self._before.items()})
        self.scene.show_guides(lines)

    def _attracted(self, wish: QPointF) -> tuple[Position, list[QRectF]]:
        if self._guides is None:
            return snapped(wish.x(), wish.y()), []
        return self._guides.attract(self.node.box, (wish.x(), wish.y()), REACH_PX / self.view.zoom)

    def commit(self, at: Pointer) -> None:
        self.scene.show_guides([])
        if not self._before:
            if not self.dragged and self._kept and not at.adds:
                self.view.select([self.node.id])
            return
        if at.copies:
            self._copy()
        else:
            _write(self, self._before)

    def _copy(self) -> None:
        """Leave the layers where they were, and put copies where they were dragged to."""
        x, y = self._before[self.node.id]
        shift = self.node.x() - x, self.node.y() - y
        self.cancel()
        if shift != (0, 0):
            document = move_layers(self.session.document, self.view.places_to_keep())
            after, ids = pasted(document, copied(document, self._before), shift)
            self.session.edit(f"copy {spoken(self._before)}", after, select=ids)

    def cancel(self) -> None:
        self.scene.show_guides([])
        self.scene.place({id: place for id, place in self._before.items() if id in self.scene.nodes})


class Nudge(Gesture):
    """Moves the selection in steps with the keyboard; ends when Ctrl is let go."""

    held_by_mouse: ClassVar = False

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._before = {id: (node.x(), node.y()) for id in self.session.selection if (node := self.scene.nodes.get(id))}

    def step(self, dx: float, dy: float) -> None:
        """Move on by so much."""
        nodes = {id: self.scene.nodes[id] for id in self._before}
        self.scene.place({id: (node.x() + dx, node.y() + dy) for id, node in nodes.items()})

    def commit(self, at: Pointer) -> None:
        _write(self, self._before)

    def cancel(self) -> None:
        self.scene.place({id: place for id, place in self._before.items() if id in self.scene.nodes})


def _write(gesture: Gesture, before: Mapping[str, Position]) -> None:
    """Put the places where layers are shown now into the document, if any of them has moved."""
    places = {id: (node.x(), node.y()) for id in before if (node := gesture.scene.nodes.get(id))}
    if places != before:
        document = move_layers(gesture.session.document, gesture.view.places_to_keep() | places)
        gesture.session.edit(f"move {spoken(places)}", document)
