"""A palette entry over the canvas: a ghost says what dropping it would give."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QPointF

from designer.canvas.dropping import Drop, Dropping
from designer.canvas.gestures.gesture import Gesture, Pointer
from designer.canvas.sizes import CARD_WIDTH, LINE

if TYPE_CHECKING:
    from designer.canvas.view import CanvasView


class PaletteDrag(Gesture):
    """Shows where a new layer would stand, what would feed it and what it would give; dropping adds it."""

    follows_view: ClassVar = True

    def __init__(self, view: CanvasView, kind: str) -> None:
        super().__init__(view)
        self._dropping = Dropping(self.session, self.scene, kind)
        self.dragged = True

    def start(self, at: Pointer) -> None:
        self.update(at)

    def update(self, at: Pointer) -> None:
        drop = self._dropping.plan(at.scene, self.view.zoom)
        self._show(drop, at)

    def _show(self, drop: Drop, at: Pointer) -> None:
        ghost = self.scene.ghost
        ghost.set_words(drop.label, drop.prospect.lines, refused=drop.prospect.refused, has_port=drop.has_port)
        if drop.wire is None:
            x, y = self._dropping.places(drop, at.scene, self.view.zoom)[drop.id]
            ghost.setPos(x, y + drop.box.line - LINE)
        else:
            ghost.setPos(at.scene - QPointF(CARD_WIDTH / 2, -24))
        ghost.show()
        self.scene.aim(drop.wire)
        source = None if drop.source is None or drop.wire is not None else self.scene.nodes[drop.source]
        self.scene.loose.draw(None if source is None else self.scene.loose_course(source, ghost.in_point(), side=-1))
        self.view.say(" ".join(drop.prospect.lines) if drop.prospect.refused else "")

    def commit(self, at: Pointer) -> None:
        drop = self._dropping.plan(at.scene, self.view.zoom)
        document = self._dropping.carried_out(drop, at.scene, self.view.zoom, self.view.places_to_keep())
        self._hide()
        what = "insert" if drop.way == "insert" else "add"
        self.session.edit(f"{what} {drop.label}", document, select=[drop.id])

    def cancel(self) -> None:
        self._hide()

    def _hide(self) -> None:
        self.scene.ghost.hide()
        self.scene.loose.draw(None)
        self.scene.aim(None)
        self.view.say("")
