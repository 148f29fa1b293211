"""One training, as the window sees it: a thread that is asked, polled and always ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Literal, TypeAlias

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from core.graph.values import Document
from core.io.datasets import Dataset
from core.training.messages import Adjusted, Batch, Diverged, Epoch, Finding, Finished, Started
from core.training.run_on import RunOn
from core.training.snapshots import Interest
from core.training.standing import Standing
from designer.session import Probed
from designer.training.control import Control
from designer.training.mailbox import Ended, Event, Failed, Mailbox, Outcome, Paused, Prepared, Resumed, Unchanged
from designer.training.progress import Pace, Progress
from designer.training.right_of_way import RightOfWay
from designer.training.worker import MakeTrainer, Trains, Worker

if TYPE_CHECKING:  # loading the engine takes longer than drawing the first frame
    from core.engine.network import Network

State: TypeAlias = Literal["idle", "starting", "running", "paused", "stopping"]

Keep: TypeAlias = Callable[[Trains], Trains]

POLL_MS = 33
OUR_ENGINE = RunOn()


def make_trainer(
    document: Document, base: Path | None, standing: Standing | None, run_on: RunOn = OUR_ENGINE
) -> Trains:
    """Build the trainer of a document, with the data set that it names, from where one stood; may take a while.

    In the worker's thread: PyTorch is loaded here, where a run is to be computed by it.
    """
    from core.engines.table import engine_for
    from core.training.trainer import Trainer

    return Trainer(document, base=base, standing=standing, engine=engine_for(run_on))


class Run(QObject):
    """Trains a document in a worker thread and tells the window about it, all signals in the window's thread.

    Nothing crosses threads but a mailbox, which is read every 33 ms while there is a worker. Edits make new
    documents, so they don't disturb it; what of their training settings can change on the way, `adjust` takes over.

    Attributes
    ----------
    document : Document or None
        What is trained, or was trained last, with the settings that it has by now.
    network, dataset
        What the last run trained and on which samples; the network is nobody else's once the state is "idle".
    outcome : Outcome or None
        How the last run ended.
    standing : Standing or None
        Where the last run ended; None where it could not start.
    step_done : int
        Steps taken so far.
    run_on : RunOn
        What computes the next run.
    """

    state_changed = Signal(str)
    prepared = Signal(object)
    """Carries the `Dataset`, fitted to the network, before the first batch."""
    started = Signal(object)
    """Carries `Started`."""
    progressed = Signal(object)
    """Carries a `Progress`, at most 30 times a second."""
    batches = Signal(object)
    """Carries the list of every new `Batch` since the last time."""
    adjusted = Signal(object)
    """Carries an `Adjusted`: settings that were changed apply from the next batch."""
    training_changed = Signal(object)
    """Carries the training settings (`Training`) that a run has from now on; None when none is on."""
    unchanged = Signal(str)
    """Why changed settings are not taken over."""
    epoch_ended = Signal(object)
    """Carries an `Epoch`."""
    found = Signal(object)
    """Carries a `Finding`."""
    snapshot = Signal(object)
    """Carries the newest `Snapshot` of what is of interest."""
    ended_early = Signal(object)
    """Carries `Finished` where early stopping ended a run."""
    failed = Signal(str, str)
    """A run could not start, broke off or diverged: what, and why with what to do."""
    finished = Signal()
    """A run has ended, for whatever reason; comes last, in the state "idle"."""

    def __init__(self, parent: QObject | None = None, *, make: MakeTrainer = make_trainer) -> None:
        super().__init__(parent)
        self._make = make
        self._state: State = "idle"
        self._interest = Interest()
        self._probed = Probed()
        self._mailbox = Mailbox()
        self._control: Control | None = None
        self._worker: Worker | None = None
        self._pace: Pace | None = None
        self._forgotten = False
        self._timer = QTimer(self, interval=POLL_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._poll)
        self.right_of_way = RightOfWay()
        self.document: Document | None = None
        self.network: Network | None = None
        self.dataset: Dataset | None = None
        self.outcome: Outcome | None = None
        self.standing: Standing | None = None
        self.step_done = 0
        self.run_on = OUR_ENGINE

    @property
    def state(self) -> State:
        """What it is doing."""
        return self._state

    @property
    def progress(self) -> Progress | None:
        """Where it stands; None before the first batch of the first run."""
        return self._pace.progress if self._pace else None

    @property
    def needs_whole_batches(self) -> bool:
        """Whether it ends only after a batch, however long that takes: statistics of a batch are taken of all of it."""
        if self.network is None:
            return False
        from core.training.parts import is_divisible

        return not is_divisible(self.network.program)

    def compute_on(self, run_on: RunOn) -> None:
        """Have the runs that are begun from now on computed by another engine."""
        self.run_on = run_on
        self._make = partial(make_trainer, run_on=run_on)

    def start(
        self,
        document: Document,
        base: Path | None = None,
        *,
        step: bool = False,
        standing: Standing | None = None,
        keep: Keep | None = None,
    ) -> None:
        """Train a document, from new weights or from where a run stood; nothing happens while a run is on.

        Parameters
        ----------
        document : Document
        base : Path, optional
            The folder that a relative path of the data set starts from.
        step : bool
            Pause after the first batch.
        standing : Standing, optional
            Where an earlier run stood.
        keep : callable, optional
            Has the run written into its folder; called with the trainer in the worker's thread.
        """
        if self._worker is not None:
            return
        self.document, self.network, self.outcome, self.step_done = document, None, None, 0
        self.standing, self._pace, self._forgotten = None, None, False
        self._mailbox = Mailbox()
        self._control = Control(self._interest, self._probed, 1 if step else None, self.right_of_way)
        make = partial(self._make, document, base, standing)
        self._worker = Worker(make if keep is None else lambda: keep(make()), self._mailbox, self._control)
        self._set_state("starting")
        self.training_changed.emit(document.training)
        self._timer.start()
        self._worker.start()

    def pause(self) -> None:
        """Wait before the next batch."""
        if self._control and self._state in {"starting", "running"}:
            self._control.set_budget(0)

    def resume(self) -> None:
        """Go on after a pause."""
        if self._control and self._state in {"starting", "running", "paused"}:
            self._control.set_budget(None)

    def step(self) -> None:
        """Take one batch, then wait."""
        if self._control and self._state in {"starting", "running", "paused"}:
            self._control.set_budget(1)

    def stop(self) -> None:
        """End the run after the batch that is being computed, or after a part of it where it is long."""
        if self._control:
            self._control.stop()
            self._set_state("stopping")

    def adjust(self, document: Document) -> None:
        """Let a run that is on take over the training settings of an edited document, where they can still change."""
        if self._control is not None:
            self._control.adjust(document.training)

    def forget(self) -> None:
        """End the run and say nothing more of it, except that it has ended: its document is no longer open."""
        self._forgotten = True
        self._drop()
        self.stop()

    def stop_and_wait(self, seconds: float = 5.0) -> bool:
        """End the run and wait for its thread; says whether it is gone. For closing the window.

        Where it isn't, nothing more is heard of it until `listen_again`.
        """
        if self._worker is None or self._control is None:
            return True
        self._control.stop()
        self._worker.join(seconds)
        gone = not self._worker.is_alive()
        if gone:
            self._poll()
        else:
            self._timer.stop()
        return gone

    def listen_again(self) -> None:
        """Hear how a run ends that was not waited for to its end: the window stays."""
        if self._worker is not None:
            self._timer.start()
            self._set_state("stopping")

    def set_interest(self, interest: Interest) -> None:
        """Say which kernels and maps somebody looks at; nothing else is copied."""
        if interest != self._interest:
            self._interest = interest
            self._look()

    def set_probe(self, probed: Probed) -> None:
        """Choose what maps are shown of."""
        if probed != self._probed:
            self._probed = probed
            self._look()

    def _look(self) -> None:
        if self._control is not None:
            self._control.look_at(self._interest, self._probed)

    @Slot()
    def _poll(self) -> None:
        worker = self._worker
        events, snapshot = self._mailbox.take()
        if self._forgotten:
            events, snapshot = [event for event in events if isinstance(event, Ended)], None
        new: list[Batch] = []
        total = 0
        for event in events:
            if isinstance(event, Batch):
                new.append(event)
                continue
            total += self._hand_on(new)
            new = []
            if isinstance(event, Ended):
                self._end(event, snapshot)
                return
            self._handle(event)
            if worker is not self._worker:  # a listener closed the window
                return
        total += self._hand_on(new)
        self._tell_progress(total)
        if snapshot is not None:
            self.snapshot.emit(snapshot)

    def _hand_on(self, new: list[Batch]) -> int:
        if not new:
            return 0
        self.step_done = new[-1].step
        if self._pace:
            self._pace.note(new)
        self.batches.emit(new)
        return len(new)

    def _handle(self, event: Event) -> None:
        match event:
            case Prepared(network, dataset):
                self.network, self.dataset = network, dataset
                self.prepared.emit(dataset)
            case Started():
                self._pace, self.step_done = Pace(event), event.step
                self._set_state("running")
                self.started.emit(event)
            case Adjusted():
                if self.document is not None:
                    self.document = replace(self.document, training=event.training)
                    self.training_changed.emit(event.training)
                if self._pace:
                    self._pace.adjust(event)
                self.adjusted.emit(event)
            case Unchanged(why):
                self.unchanged.emit(why)
            case Epoch():
                self.epoch_ended.emit(event)
            case Finding():
                self.found.emit(event)
            case Paused():
                if self._pace:
                    self._pace.rest()
                self._set_state("paused")
            case Resumed():
                self._set_state("running")

    def _tell_progress(self, n_new: int) -> None:
        if self._pace is None or (not n_new and self._state != "running"):
            return
        if self._state == "running":
            self._pace.tick(perf_counter())
        self.progressed.emit(self._pace.progress)

    def _end(self, ended: Ended, snapshot: object) -> None:
        outcome = ended.outcome
        if self._worker is not None:
            self._worker.join()  # its last word has been heard
        self._timer.stop()
        self._worker = self._control = None
        self.outcome, self.standing = outcome, ended.standing
        self.document = ended.document or self.document
        if self._forgotten:
            self._drop()
        if self._pace:
            self.progressed.emit(self._pace.progress)
        if snapshot is not None:
            self.snapshot.emit(snapshot)
        self._state = "idle"
        self.state_changed.emit("idle")
        self.training_changed.emit(None)
        if isinstance(outcome, Finished) and outcome.reason and not self._forgotten:
            self.ended_early.emit(outcome)
        if isinstance(outcome, Failed | Diverged) and not self._forgotten:
            self.failed.emit(outcome.what, outcome.why)
        self.finished.emit()

    def _drop(self) -> None:
        self._pace = self.document = self.network = self.dataset = self.standing = None
        self.step_done = 0

    def _set_state(self, state: State) -> None:
        """A run that is to stop stays "stopping" until it has ended."""
        if self._state not in {state, "stopping"}:
            self._state = state
            self.state_changed.emit(state)
