"""Looks into the network for the workspace Inside: as it trains, as a run left it, or as it is drawn."""

from __future__ import annotations

from time import perf_counter

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.training.snapshots import Interest, Snapshot
from designer.session import Change, Session
from designer.session.looking import Insight, Wanted
from designer.training.looking.feed import Feed
from designer.training.looking.last_network import Trained
from designer.training.looking.look_thread import LookOrder, LookThread, why_not_looked
from designer.training.looking.newest_thread import ended
from designer.training.looking.trained_reports import TrainedReports
from designer.training.run import Run
from designer.training.runs.runs import Runs

SHARE = 12
"""How many times as long as showing a look took the window does something else before newer weights are shown."""


class Looker(QObject):
    """Computes what is wanted in a thread and a network of its own, so that looking changes nothing.

    While a run is on, it takes copies of its weights; the pen need not wait for them.
    """

    looked = Signal(object)
    """Carries an `Insight`."""
    interest_changed = Signal()
    """Whether copies of weights are needed has changed."""
    _ready = Signal()

    def __init__(self, session: Session, run: Run, runs: Runs, live: Feed, parent: QObject | None = None) -> None:
        super().__init__(parent or session)
        self._session, self._run, self._live = session, run, live
        self._wanted = Wanted()
        self._thread: LookThread | None = None
        self._training: Trained | None = None
        self._asked: Trained | None = None
        self._reports = TrainedReports(session)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._ask)
        self._ready.connect(self._collect)
        self._rest = QTimer(self, singleShot=True)
        self._rest.timeout.connect(self._on_rested)
        self._begun = 0.0
        session.document_changed.connect(self._on_document)
        session.probe.changed.connect(self._on_probe)
        runs.changed.connect(self._ask_soon)
        run.state_changed.connect(self._on_state)
        live.origin_changed.connect(self._ask_soon)
        live.add(self)

    @Slot(object)
    def set_wanted(self, wanted: Wanted) -> None:
        """Say what somebody looks at."""
        if wanted != self._wanted:
            before, self._wanted = self._wanted, wanted
            if before.is_on != wanted.is_on:
                self.interest_changed.emit()
            self._ask_soon()

    def interest(self) -> Interest:
        """Ask for copies of the weights while somebody looks."""
        return Interest(weights=self._wanted.is_on)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Look with newer weights."""
        run = self._run
        if snapshot.weights is None or run.document is None or run.network is None:
            return
        is_drawn = run.document.graph is self._session.document.graph
        self._training = Trained(
            run.document, snapshot.weights, run.network.beside, run.dataset, snapshot.step, "live", is_drawn
        )
        if not self._rest.isActive():
            self._ask_soon()

    def stop_and_wait(self, seconds: float = 5.0) -> bool:
        """End the thread; says whether it is gone. For closing the window."""
        self._soon.stop()
        self._wanted = Wanted()
        thread, self._thread = self._thread, None
        return ended(thread, seconds)

    @Slot(object)
    def _on_document(self, change: Change) -> None:
        if change.graph_changed or change.before.training.settings != change.after.training.settings:
            self._ask_soon()

    @Slot(str)
    def _on_state(self, state: str) -> None:
        if state in {"starting", "idle"}:
            self._training = None
        self._ask_soon()

    @Slot()
    def _on_probe(self) -> None:
        if self._wanted.is_on:
            self._run.right_of_way.take()
        self._ask_soon()

    @Slot()
    def _ask_soon(self) -> None:
        if self._wanted.is_on:
            self._soon.start()

    @Slot()
    def _on_rested(self) -> None:
        if self._training is not self._asked:  # the weights that came meanwhile
            self._ask_soon()

    @Slot()
    def _ask(self) -> None:
        self._asked = self._training
        trained = self._live.moment or self._training or self._live.trained
        report = self._reports.of(trained)
        probed, origin = self._session.probe.now, self._live.origin
        if trained is None and (reason := why_not_looked(report)):
            self.looked.emit(Insight(report, probed, origin, refusal=reason))
            return
        if self._thread is None:
            self._thread = LookThread(self._ready.emit)
            self._thread.start()
        path = self._session.path
        base = path.parent.absolute() if path else None
        self._thread.ask(LookOrder(report, base, probed, self._wanted, trained, origin))

    @Slot()
    def _collect(self) -> None:
        look = self._thread.collect() if self._thread else None
        self._begun = perf_counter()
        if look is not None:
            self.looked.emit(look)
        QTimer.singleShot(0, self, self._on_painted)

    @Slot()
    def _on_painted(self) -> None:
        self._run.right_of_way.give_back()
        if self._run.state == "running":
            self._rest.start(round(1000 * SHARE * (perf_counter() - self._begun)))
