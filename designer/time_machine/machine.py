"""Which moments of a run there are, and which one is looked at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent

from core.errors import ConvographError
from core.io.weights import read_weights
from core.training.messages import Adjusted, Batch, Epoch, Started
from core.training.standing import Place, Standing
from designer.session import Session
from designer.time_machine.moments import Course, Moments
from designer.training import Live, Run, Runs
from designer.training.looking.last_network import Trained
from designer.training.looking.preview import pictured
from designer.training.runs.shelf import Shelf

LIST_MS = 400
"""How often the ticks of a run that is on are listed."""
NEWS_MS = 125
"""How often the end of a run that is on is moved on: batches are told of 30 times a second."""
PLAY_MS = 125
"""How long each moment is seen while they are played."""


class TimeMachine(QObject):
    """Has all views look at a moment of a run that is past; the run, where it is on, goes on undisturbed.

    Attributes
    ----------
    course : Course
        Of the run that is on, else of the one that is shown.
    step : int or None
        The moment that is looked at; None for now.
    pinned : Trained or None
        The moment that is looked at beside it; None where one alone is looked at.
    """

    course_changed = Signal()
    """There are other moments, or what can be done with the one that is looked at."""
    step_changed = Signal(object)
    """Carries the moment that is looked at from now on, a number of steps; None for now."""
    pinned_changed = Signal(object)
    """Carries after how many steps the moment is that is looked at beside it from now on; None where there is none."""

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
        self.pinned: Trained | None = None
        self._moments: Moments | None = None
        self._list = QTimer(self, interval=LIST_MS)
        self._list.timeout.connect(self._read)
        self._news = QTimer(self, singleShot=True, interval=NEWS_MS)
        self._news.timeout.connect(self._set_course)
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
    def shelf(self) -> Shelf:
        """What reads the ticks of runs."""
        return self._runs.shelf

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
        if self._moments is not None:
            self._moments = replace(self._moments, b=step)
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
    def moments(self) -> Moments | None:
        """The two moments that are looked at beside each other; None where one alone is looked at."""
        return self._moments

    @property
    def why_not_compared(self) -> str:
        """Why no two moments can be looked at beside each other; empty where they can."""
        if not self.course.ticks:
            return "No moments are kept yet: they are while a run trains."
        return "" if self._known(self.step) is not None else "Choose an earlier moment first."

    def compare(self) -> None:
        """Have the moment that is looked at stay beside those that will be; or look at one alone again."""
        if self._moments is not None:
            self._pin(None)
        elif not self.why_not_compared:
            step = max(self.course.ticks) if self.step is None and self.course.is_on else self.step
            self._pin(Moments(step, self.step))

    def subtract(self) -> None:
        """Have B − A shown in the place of A, by views that can; or A itself again."""
        if self._moments is not None:
            self._moments = replace(self._moments, is_difference=not self._moments.is_difference)
            self.course_changed.emit()

    def swap(self) -> None:
        """Have the two moments change places; the one that goes on cannot stay, so that its newest tick does."""
        if self._moments is None:
            return
        swapped = self._moments.swapped
        if swapped.a is None and self.course.is_on:
            swapped = replace(swapped, a=max(self.course.ticks))
        self._pin(swapped)
        self.look_at(swapped.b)

    def take_key(self, event: QKeyEvent) -> bool:
        """Do what a key means while two moments are compared: X, D and Esc; says whether it means anything."""
        keys = {Qt.Key.Key_X: self.swap, Qt.Key.Key_D: self.subtract, Qt.Key.Key_Escape: self.compare}
        do = None if self._moments is None or event.modifiers() else keys.get(Qt.Key(event.key()))
        if do is not None:
            do()
        return do is not None

    def _pin(self, moments: Moments | None) -> None:
        """Look at two moments beside each other; None: at one."""
        moment = None if moments is None else self._known(moments.a)
        self._moments = None if moment is None else moments
        self.pinned = moment
        self.pinned_changed.emit(None if moment is None else moment.step)
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
            self._end()
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
        if self.course.is_on and not self._news.isActive():
            self._news.start()

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
                self._end()
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

    @Slot()
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
            moments = self._moments
            if moments is not None and moments.a is not None and moments.a not in course.ticks:
                kept = max((tick for tick in course.ticks if tick <= moments.a), default=None)
                self._pin(None if kept is None else replace(moments, a=kept))
            self.course_changed.emit()

    def _end(self) -> None:
        """Look at now, and at nothing beside it."""
        if self._moments is not None:
            self._pin(None)
        self.look_at(None)

    def _moment(self) -> Trained | None:
        """Return what is looked at of what is past."""
        return None if self.step is None else self._known(self.step)

    def _known(self, step: int | None) -> Trained | None:
        """Return a moment; None for now is the run's end, or its newest tick while it is on."""
        run, shown = self._run, self._runs.shown
        if step is None and not self.course.is_on:
            return None if shown is None or shown.standing is None else pictured(shown, self._session.report)
        step = max(self.course.ticks, default=None) if step is None else step
        tick = None if step is None else self.course.ticks.get(step)
        if tick is None or step is None:
            return None
        if self.course.is_on:
            if run.document is None or run.network is None:
                return None
            document, dataset, beside = run.document, run.dataset, run.network.beside
        elif shown is not None and shown.standing is not None:
            document, dataset, beside = shown.document, shown.dataset, shown.standing.beside
        else:
            return None
        is_drawn = document.graph == self._session.document.graph
        name = f"{self.course.name} at batch {step:,}"
        if not is_drawn:
            name += ", before your edit"
        return Trained(document, {}, beside, dataset, step, name, is_drawn=is_drawn, tick=tick)

    @Slot()
    def _on_document(self) -> None:
        """Say whether the moment is still of the network that is drawn."""
        if self._moments is not None:
            self._pin(self._moments)
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
