"""Brings the maps of a network's layers onto their cards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

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
        self._maps: Mapping[str, NDArray[Any]] = {}

    def interest(self) -> Interest:
        """Ask for the output of every layer that the canvas draws as a card."""
        layers = self._session.document.graph.layers
        if len(layers) > MOST_LAYERS:
            return Interest()
        return Interest(maps=frozenset(layer.id for layer in layers))

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show newer maps."""
        self._maps = snapshot.maps
        self.refresh()

    def refresh(self) -> None:
        """Take maps off the cards of layers whose output is no longer what they show."""
        report = self._session.report
        reports = {id: report.of(id) for id in self._maps}
        shapes = {id: found.shape for id, found in reports.items() if found is not None}
        self._canvas.set_maps({id: maps for id, maps in self._maps.items() if shapes.get(id) == maps.shape})
