"""Layers glide to where they have been arranged, so that the eye can follow them."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEasingCurve, QElapsedTimer, QObject, QTimer, Slot

from core.graph.values import Position
from designer.canvas.view import CanvasView

DURATION_MS = 180
MOST = 200
"""With more layers the wires could not be laid often enough for it to look smooth."""


class MoveAnimation(QObject):
    """Shows layers on their way from where they were to where the document has them."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view
        self._before: Mapping[str, Position] = {}
        self._after: Mapping[str, Position] = {}
        self._clock = QElapsedTimer()
        self._curve = QEasingCurve(QEasingCurve.Type.OutCubic)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._step)

    def start(self, before: Mapping[str, Position]) -> None:
        """Let those layers glide that were elsewhere before."""
        self.stop()
        now = self._view.drawing.places()
        moved = {id: at for id, at in before.items() if id in now and now[id] != at}
        if moved and len(now) <= MOST and self._view.isVisible():
            self._before, self._after = moved, {id: now[id] for id in moved}
            self._view.viewport().setUpdatesEnabled(False)  # where they go to is not to be seen before
            self._clock.start()
            self._timer.start(0)

    def stop(self) -> None:
        """Show everything where the document has it."""
        if self._after:
            self._timer.stop()
            known = self._view.drawing.nodes
            self._view.drawing.place({id: at for id, at in self._after.items() if id in known})
            self._before, self._after = {}, {}
            self._view.viewport().setUpdatesEnabled(True)

    @Slot()
    def _step(self) -> None:
        share = self._clock.elapsed() / DURATION_MS
        if share >= 1:
            self.stop()
            return
        t = self._curve.valueForProgress(share)
        pairs = ((id, self._before[id], self._after[id]) for id in self._after)
        self._view.drawing.place({id: (a + (c - a) * t, b + (d - b) * t) for id, (a, b), (c, d) in pairs})
        self._timer.setInterval(16)
        self._view.viewport().setUpdatesEnabled(True)
