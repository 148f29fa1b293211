"""Brings the maps of a network's layers onto their cards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QTimer, Signal, Slot

from core.analysis.opened import feeding
from core.analysis.report import Report
from core.graph.opening import ids_at
from core.training.snapshots import Interest, Snapshot
from designer.canvas import Canvas
from designer.session import Change, Session
from designer.training import Live

REST_MS = 100
"""How long pictures stand at least before newer ones take their place."""
MOST_LAYERS = 200
"""Layers of larger networks get no pictures on the canvas: they would be too small to see."""


class Thumbnails(QObject):
    """A viewer of the network's insides that shows them on the canvas, a few times a second.

    Painting many cards is the dearest thing that the window does while a network trains.
    """

    interest_changed = Signal()
    """Another place is drawn."""

    def __init__(self, session: Session, canvas: Canvas, live: Live) -> None:
        super().__init__(canvas)
        self._session = session
        self._canvas = canvas
        self._maps: Mapping[str, NDArray[Any]] = {}
        self._waiting = False
        self._source: Report | None = None
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._show_waiting)
        session.document_changed.connect(self._on_document)
        session.place_changed.connect(self._on_place)
        canvas.installEventFilter(self)
        live.add(self)
        live.source_changed.connect(self.set_source)

    def interest(self) -> Interest:
        """Ask for the output of every layer that the canvas draws as a card; nothing while it is hidden."""
        drawn = self._drawn() if not self._canvas.isHidden() else {}
        return Interest(maps=frozenset(drawn.values())) if len(drawn) <= MOST_LAYERS else Interest()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show newer maps, at once or when the last ones have stood long enough."""
        self._maps = snapshot.maps
        if self._rest.isActive():
            self._waiting = True
        else:
            self._refresh()
            self._rest.start()

    @Slot(object)
    def set_source(self, report: Report | None) -> None:
        """Say which network snapshots come from; None if from the one that is drawn."""
        self._source = report
        self._refresh()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent):
            self.interest_changed.emit()
        return super().eventFilter(watched, event)

    @Slot()
    def _show_waiting(self) -> None:
        if self._waiting:
            self._waiting = False
            self._refresh()
            self._rest.start()

    @Slot(object)
    def _on_document(self, change: Change) -> None:
        if change.label is None:  # the layers of another document may have the same names
            self._maps = {}
        self._refresh()

    @Slot()
    def _on_place(self) -> None:
        self._refresh()
        self.interest_changed.emit()

    def _refresh(self) -> None:
        """Put the newest maps on the cards, except those of layers that have been changed since."""
        maps = self._maps
        drawn = {card: id for card, id in self._drawn().items() if id in maps and self._is_current(id)}
        self._canvas.set_maps({card: maps[id] for card, id in drawn.items()})

    def _is_current(self, id: str) -> bool:
        """Whether a layer's maps are those of the layer as it is drawn."""
        layer = self._session.report.layers[id]
        source = self._source.layers.get(id) if self._source else layer
        return self._maps[id].shape == layer.shape and source is not None and source.layer.spec == layer.layer.spec

    def _drawn(self) -> dict[str, str]:
        """Return for each card of the canvas the layer of the flattened graph whose maps it shows."""
        place, report = self._session.place, self._session.report
        cards: dict[str, str | None] = {id: place + id for id in ids_at(report.document.graph, place)}
        reports = {card: report.of(id) for card, id in (cards | feeding(report, place)).items() if id is not None}
        return {card: found.id for card, found in reports.items() if found is not None}
