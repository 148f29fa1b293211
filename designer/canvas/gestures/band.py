"""Selecting with a rubber band."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QPointF, QRectF

from designer.canvas.gestures.gesture import Gesture, Pointer


class Band(Gesture):
    """Selects all layers that a rectangle touches; with Shift or Ctrl, in addition to those selected before."""

    follows_view: ClassVar = True
    _origin = QPointF()

    def start(self, at: Pointer) -> None:
        self._origin = at.scene
        self._before = self.session.selection if at.adds else ()

    def update(self, at: Pointer) -> None:
        rect = QRectF(self._origin, at.scene).normalized()
        self.scene.band.setRect(rect)
        self.scene.band.show()
        self.scene.choose(self._reached(rect))

    def _reached(self, rect: QRectF) -> list[str]:
        inside = {node.id for node in self.scene.nodes_in(rect)}
        return [*self._before, *(id for id in self.scene.nodes if id in inside and id not in self._before)]

    def commit(self, at: Pointer) -> None:
        self.scene.band.hide()
        if self.dragged:
            self.view.selection.select(self._reached(QRectF(self._origin, at.scene).normalized()))
        elif not at.adds:
            self.view.selection.select(())

    def cancel(self) -> None:
        self.scene.band.hide()
        self.scene.choose(self.session.selection)
