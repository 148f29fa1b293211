"""Brings the maps of a network's layers onto their cards."""

from __future__ import annotations

from core.training.snapshots import Interest, Snapshot
from designer.canvas import Canvas
from designer.session import Session

MOST_LAYERS = 200
"""Layers of larger networks get no pictures on the canvas: they would be too small to see."""


class Thumbnails:
    """A viewer of the network's insides that shows them on the canvas."""

    def __init__(self, session: Session, canvas: Canvas) -> None:
        self._session = session
        self._canvas = canvas

    def interest(self) -> Interest:
        """Ask for the output of every layer that the canvas draws as a card."""
        layers = self._session.document.graph.layers
        if len(layers) > MOST_LAYERS:
            return Interest()
        return Interest(maps=frozenset(layer.id for layer in layers))

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show newer maps."""
        self._canvas.set_maps(snapshot.maps)
