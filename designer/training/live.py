"""Feeds every view that looks into the network: from the run while there is one, from a preview otherwise."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Protocol

from PySide6.QtCore import QObject, Signal, Slot
from shiboken6 import isValid

from core.analysis.check import check
from core.graph.values import Document
from core.training.snapshots import Interest, Snapshot
from designer.session import Change, Probed, Session
from designer.training.last_network import Trained
from designer.training.preview import Preview
from designer.training.run import Run
from designer.training.runs import Runs


class Viewer(Protocol):
    """Whatever looks into the network; where it has a signal `interest_changed`, that is listened to."""

    def interest(self) -> Interest:
        """Say what it shows; nothing while it is hidden."""

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show something newer."""


class Live(QObject):
    """Asks for what all viewers together look at and hands them what comes.

    The main window adds its views, and calls `stop_and_wait` when it closes.

    Attributes
    ----------
    moment : Trained or None
        What of a run's past is looked back at; None for what there is now.
    """

    dataset_changed = Signal(object)
    """Carries the `Dataset` whose samples are pictured, fitted to the network; None where there is none."""
    origin_changed = Signal(str)
    """What snapshots come from: "untrained", "live", "paused", "run 3", "run 3, before your edit" …"""
    refused = Signal(str)
    """Why there is nothing to see; empty when there is."""
    source_changed = Signal(object)
    """Carries the `Report` of the network that is looked at where it may differ from what is drawn; None otherwise."""

    def __init__(self, session: Session, run: Run, runs: Runs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._run = run
        self._preview = Preview(session, runs, self)
        self._viewers: list[Viewer] = []
        self._dataset: object = None
        self._opened = False
        self._origin = "untrained"
        self._source: Document | None = None
        self._step: int | None = None
        self.moment: Trained | None = None
        self._preview.snapshot.connect(self._show)
        self._preview.dataset_changed.connect(self._set_dataset)
        self._preview.refused.connect(self._refuse)
        run.snapshot.connect(self._show_run)
        run.prepared.connect(self._set_dataset)
        run.state_changed.connect(self._on_state)
        session.document_changed.connect(self._on_document)
        runs.changed.connect(self._follow_preview)
        session.probe.changed.connect(self._on_probe)

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
        union = reduce(or_, (viewer.interest() for viewer in self._viewers), Interest())
        self._run.set_interest(union if self.moment is None else union.of_steps)
        self._preview.set_interest(union)

    @Slot(object)
    def _on_probe(self, probed: Probed) -> None:
        self._run.set_probe(probed)
        self._preview.set_probe(probed)

    def look_back(self, moment: Trained | None) -> None:
        """Picture a moment of a run that is past, also while it goes on; None: what there is now."""
        self.moment = moment
        self._preview.look_back(moment)
        self._preview.set_active(moment is not None or self._run.state == "idle")
        self.refresh()
        if moment is not None or self._run.state == "idle":
            self._follow_preview()
        else:
            self._set_source(self._run.document)
            self._follow_run()

    def stop_and_wait(self, seconds: float = 5.0) -> bool:
        """End the preview's thread; says whether it is gone."""
        return self._preview.stop_and_wait(seconds)

    @Slot(object)
    def _show(self, snapshot: Snapshot) -> None:
        for viewer in self._viewers:
            viewer.show_snapshot(snapshot)

    @Slot(object)
    def _show_run(self, snapshot: Snapshot) -> None:
        self._step = snapshot.step
        if self.moment is None:
            self._follow_run()
            self._show(snapshot)
            return
        for viewer in self._viewers:
            if viewer.interest().of_steps:
                viewer.show_snapshot(snapshot)

    @Slot(object)
    def _on_document(self, change: Change) -> None:
        if change.label is None:
            self._opened = True
        self._follow_preview()

    @Slot(str)
    def _refuse(self, reason: str) -> None:
        if reason and self._opened:
            self._set_dataset(None)  # samples of the document that was left
        self.refused.emit(reason)

    @Slot(object)
    def _set_dataset(self, dataset: object) -> None:
        self._opened = False
        if dataset is not self._dataset:
            self._dataset = dataset
            self.dataset_changed.emit(dataset)

    @Slot(str)
    def _on_state(self, state: str) -> None:
        if state == "starting":
            self._step = None
            self._preview.set_active(False)
            self.refused.emit("")
            self._set_source(self._run.document)
        elif state in {"running", "paused"}:
            self._follow_run()
        elif state == "idle":
            self._follow_preview()
            self._preview.set_active(True)

    def _follow_run(self) -> None:
        """Say what is pictured while a run is on: what was there before, until it sends its own first picture.

        A run that has not taken a step has not trained anything.
        """
        if self._run.state == "idle" or self._step is None or self.moment is not None:
            return
        going_on = "paused" if self._run.state == "paused" else "live"
        self._set_origin(going_on if self._step else "untrained")

    @Slot()
    def _follow_preview(self) -> None:
        """Say what is pictured while nothing trains, or while a moment that is past is looked at."""
        if self._run.state != "idle" and self.moment is None:
            return
        trained = self._preview.trained
        self._set_origin(trained.name if trained else "untrained")
        self._set_source(trained.document if trained and not trained.is_drawn else None)

    def _set_source(self, document: Document | None) -> None:
        if document is not self._source:
            self._source = document
            self.source_changed.emit(None if document is None else check(document, self._session.report))

    def _set_origin(self, origin: str) -> None:
        if origin != self._origin:
            self._origin = origin
            self.origin_changed.emit(origin)
