"""Answers questions about the network as it is at one moment: after an epoch, as a run left it, or untrained."""

from __future__ import annotations

from time import monotonic

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.analysis.report import Report
from core.training.messages import Epoch
from core.training.snapshots import Interest, Snapshot
from designer.session import Change, Session
from designer.session.questions import Order, Questions
from designer.training.looking.answer_thread import AnswerThread, KnownMoment
from designer.training.looking.feed import Feed
from designer.training.looking.last_network import Trained
from designer.training.looking.newest_thread import ended
from designer.training.looking.preview import why_not_pictured
from designer.training.looking.trained_reports import TrainedReports
from designer.training.run import Run
from designer.training.runs.runs import Runs

REST_MS = 150
SCRUB_MS = 40
"""When edits, and the time machine, have rested so long, there is another moment."""
LIVE_SECONDS = 1.0
"""The least time between two moments of a run that is on: answers about each short epoch would take a core."""


class Answering(Questions):
    """Keeps the newest moment, and a thread with a network of its own, so that asking changes nothing.

    While a run is on there is a moment at its first step, then after epochs, at most one a second, or if one asks; and
    wherever it pauses.
    """

    interest_changed = Signal()
    """Whether copies of weights are needed has changed."""
    _ready = Signal()

    def __init__(self, session: Session, run: Run, runs: Runs, live: Feed, parent: QObject | None = None) -> None:
        super().__init__(parent or session)
        self._session, self._run, self._live = session, run, live
        self._thread: AnswerThread | None = None
        self._is_wanted = False
        self._epoch, self._not_before = 0, 0.0
        self._training: Trained | None = None
        self._known: KnownMoment | None = None
        self._reports = TrainedReports(session)
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self._renew)
        self._ready.connect(self._collect)
        session.document_changed.connect(self._on_document)
        runs.changed.connect(self._renew_soon)
        run.state_changed.connect(self._on_state)
        run.epoch_ended.connect(self._on_epoch)
        live.origin_changed.connect(self._on_origin)
        live.add(self)

    def attended(self) -> None:
        self._want()
        if self.is_attended:
            self._renew()

    def look_now(self) -> None:
        self._want()

    def interest(self) -> Interest:
        """Ask for copies of the weights while somebody looks and newer ones are wanted."""
        return Interest(weights=self.is_attended and self._is_wanted and self.is_live)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Take the weights, if they are wanted."""
        run = self._run
        if not (snapshot.weights and self._is_wanted and self.is_attended and run.document and run.network):
            return
        if run.state == "paused" and snapshot.step != run.step_done:
            return  # it was on its way when another batch was taken; that of now is asked for
        self._is_wanted, self._not_before = False, monotonic() + LIVE_SECONDS
        is_drawn = run.document.graph is self._session.document.graph
        at_end = bool(self._epoch) and run.state != "paused"
        epoch = f"live · after epoch {self._epoch}" if at_end else f"live · step {snapshot.step:,}"
        self._training = Trained(
            run.document, snapshot.weights, run.network.beside, run.dataset, snapshot.step, epoch, is_drawn
        )
        self._renew()
        self.interest_changed.emit()

    def hand_on(self, order: Order) -> None:
        if self._thread is None:
            self._thread = AnswerThread(self._ready.emit)
            self._thread.start()
        self._thread.ask(order)

    def forget(self, number: int) -> None:
        if self._thread is not None:
            self._thread.give_up(number)

    def stop_and_wait(self, seconds: float = 5.0) -> bool:
        """End the thread; says whether it is gone. For closing the window."""
        self._soon.stop()
        self._attending.clear()
        thread, self._thread = self._thread, None
        return ended(thread, seconds)

    def _want(self) -> None:
        """Ask for a copy of the weights, also where others have had one of the same."""
        self._is_wanted = True
        self.interest_changed.emit()
        if self._run.state == "paused":
            self._run.look_again()

    @Slot(object)
    def _on_document(self, change: Change) -> None:
        if change.graph_changed or change.before.training.settings != change.after.training.settings:
            self._renew_soon()

    @Slot(str)
    def _on_state(self, state: str) -> None:
        self.is_live = state != "idle"
        if state == "starting":
            self._epoch, self._is_wanted, self._not_before = 0, True, 0.0
            self.interest_changed.emit()
        elif state == "paused":  # also after a single batch: what is looked at elsewhere is of now
            self._want()
        elif state == "idle":
            self._is_wanted, self._training = False, None
            self.interest_changed.emit()
            self._renew()

    @Slot(object)
    def _on_epoch(self, epoch: Epoch) -> None:
        self._epoch = epoch.epoch
        if monotonic() >= self._not_before:
            self._is_wanted = True
            self.interest_changed.emit()

    @Slot()
    def _on_origin(self) -> None:
        if self.is_attended:
            self._soon.start(SCRUB_MS)  # the time machine looks at another moment

    @Slot()
    def _renew_soon(self) -> None:
        if self.is_attended:
            self._soon.start(REST_MS)

    @Slot()
    def _renew(self) -> None:
        """Look at the moment of the time machine, else at the run that is on, what one left, or what is drawn."""
        trained = self._live.moment or self._training
        if self.is_attended and (trained is not None or not self.is_live):
            self._take(trained or self._live.trained)

    def _take(self, trained: Trained | None) -> None:
        report = self._reports.of(trained)
        path = self._session.path
        base = path.parent.absolute() if path else None
        self.refusal = "" if trained else why_not_asked(report)
        before, after = self._known, None if self.refusal else KnownMoment.of(report, base, trained)
        if before is None or after is None or after.differs_from(before):
            self.moment = self._known = after
            if after is not before or self.refusal:
                self.moment_changed.emit()

    @Slot()
    def _collect(self) -> None:
        for answer in self._thread.collect() if self._thread else ():
            self._askers[answer.order.asker].hear(answer)


def why_not_asked(report: Report) -> str:
    """Say why nothing can be asked about an untrained network; empty where it can."""
    if report.document.graph.layers and not report.valid:
        return "Solve the problems of the drawing to see what it predicts."
    return why_not_pictured(report)
