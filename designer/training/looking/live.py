"""Feeds every view that looks into the network: from the run while there is one, from a preview otherwise."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from core.training.snapshots import Interest, Snapshot
from designer.session import Change, Probed, Session
from designer.training.looking.feed import Feed
from designer.training.looking.last_network import Trained
from designer.training.run import Run
from designer.training.runs.runs import Runs


class Live(Feed):
    """Asks for what all viewers together look at and hands them what comes.

    The main window adds its views, and calls `stop_and_wait` when it closes.
    """

    def __init__(self, session: Session, run: Run, runs: Runs, parent: QObject | None = None) -> None:
        super().__init__(session, runs, parent)
        self._run = run
        self._opened = False
        self._step: int | None = None
        self._preview.snapshot.connect(self._show)
        self._preview.dataset_changed.connect(self._on_dataset)
        self._preview.refused.connect(self._refuse)
        run.snapshot.connect(self._show_run)
        run.prepared.connect(self._on_dataset)
        run.state_changed.connect(self._on_state)
        session.document_changed.connect(self._on_document)
        runs.changed.connect(self._follow_preview)
        session.probe.changed.connect(self._on_probe)

    def _set_interest(self, interest: Interest) -> None:
        self._run.set_interest(interest if self.moment is None else interest.of_steps)
        super()._set_interest(interest)

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
            self._opened, self.newest = True, None
        self._follow_preview()

    @Slot(str)
    def _refuse(self, reason: str) -> None:
        if reason and self._opened:
            self._on_dataset(None)  # samples of the document that was left
        self.refused.emit(reason)

    @Slot(object)
    def _on_dataset(self, dataset: object) -> None:
        self._opened = False
        self._set_dataset(dataset)

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
