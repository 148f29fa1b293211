"""Feeds views from one moment of a run, whatever happens elsewhere: they are shown beside those of another moment."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from core.training.snapshots import Snapshot, difference
from designer.session import Probed, Session
from designer.training.looking.feed import Feed, Viewer
from designer.training.looking.last_network import Trained
from designer.training.runs.runs import Runs


class Pinned(Feed):
    """Pictures a moment in a thread and a network of its own; without one it rests.

    A viewer whose `difference` is not empty is shown by how much the moment differs from what `live` shows.
    """

    def __init__(self, session: Session, runs: Runs, live: Feed, parent: QObject | None = None) -> None:
        super().__init__(session, runs, parent)
        self._live = live
        live.shown.connect(self._on_live)
        self._preview.set_active(False)
        self._preview.snapshot.connect(self._show)
        self._preview.dataset_changed.connect(self._set_dataset)
        self._preview.refused.connect(self.refused)
        session.probe.changed.connect(self._on_probe)
        self._on_probe(session.probe.now)

    def look_at(self, moment: Trained | None) -> None:
        """Picture a moment; None: nothing, and nothing of it is held any longer."""
        self.moment = moment
        self._preview.look_back(moment)
        if moment is None:
            self.newest = None
            self.stop_and_wait(0)  # its thread ends after what it is working on, and leaves the network
            return
        self._preview.set_active(True)
        self.refresh()
        self._set_origin(moment.name)
        self._set_source(None if moment.is_drawn else moment.document)

    def tell_again(self) -> None:
        """Say everything to views that were made a moment ago."""
        self.dataset_changed.emit(self._dataset)
        self.source_changed.emit(self._source_report)
        self.origin_changed.emit(self._origin)
        if self.newest is not None:
            self._show(self.newest)

    def seen_by(self, viewer: Viewer, snapshot: Snapshot) -> Snapshot:
        other = self._live.newest
        return difference(other, snapshot) if other is not None and _subtracts(viewer) else snapshot

    @Slot()
    def _on_live(self) -> None:
        if self.newest is not None:
            for viewer in filter(_subtracts, self._viewers):
                viewer.show_snapshot(self.seen_by(viewer, self.newest))

    @Slot(object)
    def _on_probe(self, probed: Probed) -> None:
        self._preview.set_probe(probed)


def _subtracts(viewer: Viewer) -> bool:
    return bool(getattr(viewer, "difference", ""))
