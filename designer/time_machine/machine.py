"""Which moments of a run there are, and which one is looked at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.errors import ConvographError
from core.io.weights import read_weights
from core.training.messages import Adjusted, Batch, Epoch, Started
from core.training.standing import Place, Standing
from designer.session import Session
from designer.training import Live, Run, Runs
from designer.training.last_network import Trained

LIST_MS = 400
"""How often the ticks of a run that is on are listed."""
PLAY_MS = 125
"""How long each moment is seen while they are played."""


@dataclass(frozen=True, slots=True)
class Course:
    """The moments of a run that can be looked at.

    Attributes
    ----------
    name : str
        Of the run; "" without one.
    ticks : mapping of int to Path
        Weights files by the steps that were taken before, in order.
    first, last : int
        Steps that were taken before it, and until now.
    epochs : mapping of int to int
        Epochs by the steps with which they ended.
    changes : tuple of int
        The steps before which settings were changed.
    is_on : bool
        Whether it goes on.
    is_elsewhere : bool
        Whether another process trains it.
    """

    name: str = ""
    ticks: Mapping[int, Path] = field(default_factory=dict)
    first: int = 0
    last: int = 0
    epochs: Mapping[int, int] = field(default_factory=dict)
    changes: tuple[int, ...] = ()
    is_on: bool = False
    is_elsewhere: bool = False

    @property
    def now(self) -> str:
        """What the end of its time is called."""
        return "live" if self.is_on else "newest" if self.is_elsewhere else "end"


class TimeMachine(QObject):
    """Has all views look at a moment of a run that is past; the run, where it is on, goes on undisturbed.

    Attributes
    ----------
    course : Course
        Of the run that is on, else of the one that is shown.
    step : int or None
        The moment that is looked at; None for now.
    """

    course_changed = Signal()
    """There are other moments, or what can be done with the one that is looked at."""
    step_changed = Signal(object)
    """Carries the moment that is looked at from now on, a number of steps; None for now."""

    def __init__(self, session: Session, run: Run, runs: Runs, live: Live, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._run, self._runs, self._live = session, run, runs, live
        self._ticks: Mapping[int, Path] = {}
        self._folder: Path | None = None
        self._first: dict[str, int] = {}
        self._epochs: dict[str, dict[int, int]] = defaultdict(dict)
        self._changes: dict[str, list[int]] = defaultdict(list)
        self.course = Course()
        self.step: int | None = None
        self._list = QTimer(self, interval=LIST_MS)
        self._list.timeout.connect(self._read)
        self._play = QTimer(self, interval=PLAY_MS)
        self._play.timeout.connect(self._forward)
        run.state_changed.connect(self._on_state)
        run.batches.connect(self._on_batches)
        run.epoch_ended.connect(self._on_epoch)
        run.adjusted.connect(self._on_adjusted)
        runs.begun.connect(self._on_begun)
        runs.changed.connect(self._follow)
        runs.shelf.curve_read.connect(self._on_curve)
        runs.shelf.ticks_read.connect(self._on_ticks)
        session.document_changed.connect(self._on_document)

    @property
    def is_playing(self) -> bool:
        """Whether one moment after the other is shown."""
        return self._play.isActive()

    def look_at(self, step: int | None) -> None:
        """Look at the moment after so many steps, or the last one before that is kept; None: at now."""
        if step is not None:
            step = max((known for known in self.course.ticks if known <= step), default=None)
        if step == self.step:
            return
        self.step = step
        if step is None:
            self._play.stop()
        self._look()
        self.step_changed.emit(step)

    def play(self) -> None:
        """Show one moment after the other until now, from the first one where now is looked at; or stop that."""
        if self._play.isActive():
            self._play.stop()
        elif self.course.ticks:
            if self.step is None:
                self.look_at(next(iter(self.course.ticks)))
            self._play.start()
        self.course_changed.emit()

    @property
    def why_not_branched(self) -> str:
        """Why no run can begin from here; empty where one can."""
        moment = self._moment()
        if moment is None:
            return "Choose an earlier moment first."
        if self._run.state != "idle":
            return f"Stop {self.course.name} first (it is kept)."
        if not moment.is_drawn:
            return "The network has been edited since: undo that first."
        if self._session.cannot_train or not self._session.report.valid:
            return "Solve the problems first."
        return ""

    def branch(self) -> None:
        """Begin a run with the weights of the moment that is looked at; the earlier run is kept."""
        moment, step = self._moment(), self.step
        if moment is None or moment.tick is None or step is None or self.why_not_branched:
            return
        epochs = max((epoch for end, epoch in self.course.epochs.items() if end <= step), default=0)
        try:
            weights = read_weights(moment.tick, self._session.report.weight_shapes)
        except ConvographError as error:
            self._runs.said.emit(str(error))
            return
        for array in weights.values():
            array.setflags(write=False)
        place = Place(step=step, epochs=epochs, epochs_before=epochs)
        training = self._session.document.training
        standing = Standing(weights, place=place, training=training, beside=moment.beside)
        self._runs.start_from(standing, moment.name)

    # --- Following ---------------------------------------------------------------------------------------------------

    @Slot(str)
    def _on_state(self, state: str) -> None:
        if state == "starting":
            self.look_at(None)
            self._epochs.pop(self._runs.name, None)
            self._changes.pop(self._runs.name, None)
            self._list.start()
            self._follow()
        elif state == "idle":
            self._list.stop()  # what it has become is said by its runs

    @Slot(str, object)
    def _on_begun(self, name: str, started: Started) -> None:
        self._first[name] = started.step

    @Slot(object)
    def _on_batches(self, _: list[Batch]) -> None:
        if self.course.is_on:
            self._set_course()

    @Slot(object)
    def _on_epoch(self, epoch: Epoch) -> None:
        self._epochs[self._runs.name][epoch.step] = epoch.epoch

    @Slot(object)
    def _on_adjusted(self, adjusted: Adjusted) -> None:
        self._changes[self._runs.name].append(adjusted.step)

    @Slot(str, object, object, object)
    def _on_curve(self, name: str, started: Started, _: list[Batch], epochs: tuple[Epoch, ...]) -> None:
        self._first[name] = started.step
        self._epochs[name] = {epoch.step: epoch.epoch for epoch in epochs}

    @Slot()
    def _follow(self) -> None:
        """Turn to the run that is on or shown."""
        folder = self._runs.folder
        if folder != self._folder:
            self._folder = folder
            if self._name != self.course.name:
                self._ticks = {}
                self.look_at(None)
            self._read()
        elif not self._runs.is_on:
            self._read()
        self._set_course()

    @Slot()
    def _read(self) -> None:
        if self._folder is None and self._runs.folder is not None:
            self._folder = self._runs.folder
        if self._folder is not None:
            self._runs.shelf.read_ticks(self._folder)
        else:
            self._ticks = {}

    @Slot(object, object)
    def _on_ticks(self, folder: Path, ticks: Mapping[int, Path]) -> None:
        if folder == self._folder:
            self._ticks = ticks
            self._set_course()

    @property
    def _name(self) -> str:
        if self._runs.is_on:
            return self._runs.name
        return self._runs.shown.name if self._runs.shown is not None else ""

    def _set_course(self) -> None:
        name, shown, is_on = self._name, self._runs.shown, self._runs.is_on
        last = self._run.step_done if is_on else shown.step if shown is not None else 0
        changes = self._changes.get(name, [])
        if not is_on and shown is not None and shown.stored is not None and shown.stored.record is not None:
            changes = [adjustment.step for adjustment in shown.stored.record.adjustments]
        epochs = dict(self._epochs.get(name, {}))
        first, is_elsewhere = self._first.get(name, 0), not is_on and shown is not None and shown.is_on_elsewhere
        course = Course(name, self._ticks, first, last, epochs, tuple(changes), is_on, is_elsewhere)
        if course != self.course:
            self.course = course
            if self.step is not None and self.step not in course.ticks:  # it was thinned out
                self.look_at(self.step)
            self.course_changed.emit()

    def _moment(self) -> Trained | None:
        """Return what is looked at."""
        tick = self.course.ticks.get(self.step) if self.step is not None else None
        if tick is None or self.step is None:
            return None
        run, shown = self._run, self._runs.shown
        if self.course.is_on:
            if run.document is None or run.network is None:
                return None
            document, dataset, beside = run.document, run.dataset, run.network.beside
        elif shown is not None and shown.standing is not None:
            document, dataset, beside = shown.document, shown.dataset, shown.standing.beside
        else:
            return None
        is_drawn = document.graph == self._session.document.graph
        name = f"{self.course.name} at batch {self.step:,}"
        if not is_drawn:
            name += ", before your edit"
        return Trained(document, {}, beside, dataset, self.step, name, is_drawn=is_drawn, tick=tick)

    @Slot()
    def _on_document(self) -> None:
        """Say whether the moment is still of the network that is drawn."""
        if self.step is not None:
            self._look()
            self.course_changed.emit()

    def _look(self) -> None:
        self._live.look_back(self._moment())

    @Slot()
    def _forward(self) -> None:
        later = [step for step in self.course.ticks if self.step is not None and step > self.step]
        self.look_at(later[0] if later else None)
        if not later:
            self.course_changed.emit()
