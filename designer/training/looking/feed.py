"""What feeds views that look into a network: it asks for what they look at together, and hands on what comes."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Protocol

from PySide6.QtCore import QObject, Signal, Slot
from shiboken6 import isValid

from core.analysis.check import check
from core.graph.values import Document
from core.training.snapshots import Interest, Snapshot
from designer.session import Session
from designer.training.looking.last_network import Trained
from designer.training.looking.preview import Preview
from designer.training.runs.runs import Runs


class Viewer(Protocol):
    """Whatever looks into the network; where it has a signal `interest_changed`, that is listened to."""

    def interest(self) -> Interest:
        """Say what it shows; nothing while it is hidden."""

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show something newer."""


class Feed(QObject):
    """Has the preview picture what all viewers together look at, and says what that comes from.

    Attributes
    ----------
    moment : Trained or None
        What of a run's past is pictured; None for what there is now.
    newest : Snapshot or None
        What was shown last.
    """

    dataset_changed = Signal(object)
    """Carries the `Dataset` whose samples are pictured, fitted to the network; None where there is none."""
    origin_changed = Signal(str)
    """What snapshots come from: "untrained", "live", "paused", "run 3", "run 3, before your edit" …"""
    shown = Signal(object)
    """Carries the `Snapshot` that viewers have been shown."""
    refused = Signal(str)
    """Why there is nothing to see; empty when there is."""
    source_changed = Signal(object)
    """Carries the `Report` of the network that is looked at where it may differ from what is drawn; None otherwise."""

    def __init__(self, session: Session, runs: Runs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._preview = Preview(session, runs, self)
        self._viewers: list[Viewer] = []
        self._dataset: object = None
        self._origin = "untrained"
        self._source: Document | None = None
        self.moment: Trained | None = None
        self.newest: Snapshot | None = None

    @property
    def origin(self) -> str:
        """What snapshots come from."""
        return self._origin

    @property
    def trained(self) -> Trained | None:
        """What a run left behind that is pictured; None while the network is pictured as it is drawn, untrained."""
        return self._preview.trained

    def add(self, viewer: Viewer) -> None:
        """Feed a viewer from now on; one without `interest_changed` calls `refresh` when it looks at something else."""
        self._viewers.append(viewer)
        changed = getattr(viewer, "interest_changed", None)
        if changed is not None:
            changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Ask the views again what they look at."""
        self._viewers = [viewer for viewer in self._viewers if isValid(viewer)]
        self._set_interest(reduce(or_, (viewer.interest() for viewer in self._viewers), Interest()))

    def stop_and_wait(self, seconds: float = 5.0) -> bool:
        """End the preview's thread; says whether it is gone."""
        return self._preview.stop_and_wait(seconds)

    def _set_interest(self, interest: Interest) -> None:
        """Ask for what all views together look at."""
        self._preview.set_interest(interest)

    @Slot(object)
    def _show(self, snapshot: Snapshot) -> None:
        self.newest = snapshot
        for viewer in self._viewers:
            viewer.show_snapshot(self.seen_by(viewer, snapshot))
        self.shown.emit(snapshot)

    def seen_by(self, viewer: Viewer, snapshot: Snapshot) -> Snapshot:
        """Return what a viewer is shown of a snapshot."""
        return snapshot

    @Slot(object)
    def _set_dataset(self, dataset: object) -> None:
        if dataset is not self._dataset:
            self._dataset = dataset
            self.dataset_changed.emit(dataset)

    def _set_source(self, document: Document | None) -> None:
        if document is not self._source:
            self._source = document
            self.source_changed.emit(self._source_report)

    @property
    def _source_report(self) -> object:
        return None if self._source is None else check(self._source, self._session.report)

    def _set_origin(self, origin: str) -> None:
        if origin != self._origin:
            self._origin = origin
            self.origin_changed.emit(origin)
