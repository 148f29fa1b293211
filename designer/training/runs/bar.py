"""The part of the toolbar that trains: start, pause, step, stop, and how far it is."""

from __future__ import annotations

from textwrap import wrap

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSpacerItem,
    QVBoxLayout,
    QWidget,
)

from core.text import bytes_text, counted
from core.training.messages import Diverged, Finding, Started
from designer import theme
from designer.session import Change, Session
from designer.training.mailbox import Failed
from designer.training.progress import Progress
from designer.training.run import Run
from designer.training.runs.fitted_line import FittedLine
from designer.training.runs.runs import Runs

STEPS = 1000
LEAST_PX, MOST_PX = 96, 264
"""Limits of the room for the progress."""
TIP_COLUMNS = 80
TEXT_EVERY = 8
"""Figures change with every so manieth progress: 30 times a second nobody can read them."""


class TrainBar(QWidget):
    """Starts and steers a run of the open document.

    The main window's actions call `train_or_pause`, `step` and `stop`.
    """

    problems_requested = Signal()
    """The user wants to train, but the document has errors or can't be trained: show the first reason."""

    def __init__(self, session: Session, run: Run, runs: Runs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._run, self._runs = session, run, runs
        self._n_progress = 0
        self._has_failed = False
        self._found: list[str] = []
        self._train, self._step, self._stop = QPushButton(), QPushButton("Step"), QPushButton("Stop")
        self._start_over = QPushButton("Start over")
        self._held = self._train
        self._holder, self._label, self._bar = QWidget(), FittedLine(LEAST_PX), QProgressBar()
        self._lay_out()
        self._train.clicked.connect(self.train_or_pause)
        self._step.clicked.connect(self.step)
        self._stop.clicked.connect(self.stop)
        self._start_over.clicked.connect(self.start_over)
        run.state_changed.connect(self._on_state)
        run.started.connect(self._on_started)
        run.progressed.connect(self._on_progress)
        run.found.connect(self._on_found)
        run.failed.connect(self._on_failed)
        session.document_changed.connect(self._on_document)
        runs.changed.connect(self._on_runs)
        session.readiness_changed.connect(self._on_readiness)
        theme.changed.connect(self._paint_icons)
        self._refresh()

    @property
    def text(self) -> str:
        """What is said of the run's progress."""
        return self._label.text()

    @Slot()
    def train_or_pause(self) -> None:
        """Start, go on from the last run, pause or resume, whichever comes next."""
        state = self._run.state
        if state == "idle":
            self._start(step=False)
        elif state == "paused":
            self._run.resume()
        else:
            self._run.pause()

    @Slot()
    def step(self) -> None:
        """Take one batch; where no run is on, the first of one that goes on from the last, or starts."""
        if self._run.state == "idle":
            self._start(step=True)
        else:
            self._run.step()

    @Slot()
    def stop(self) -> None:
        """End the run."""
        self._run.stop()

    @Slot()
    def start_over(self) -> None:
        """Train from new weights; the last run is kept."""
        if self._may_start():
            self._runs.start_over()

    @Slot()
    def go_on(self) -> None:
        """Train on from the run that is shown, with the layers that still fit."""
        if self._may_start():
            self._runs.go_on()

    def _start(self, *, step: bool) -> None:
        if self._may_start():
            self._runs.begin(step=step)

    def _may_start(self) -> bool:
        may = self._session.report.valid and not self._session.cannot_train
        if not may:
            self.problems_requested.emit()
        return may

    def _lay_out(self) -> None:
        theme.mark(self._train, "primary", True)
        self._train.setIconSize(QSize(16, 16))
        self._train.setMinimumWidth(96)
        theme.mark(self._label, "role", "muted")
        self._bar.setRange(0, STEPS)
        self._bar.setTextVisible(False)
        told = QVBoxLayout()
        told.setSpacing(4)
        told.setContentsMargins(0, 0, 0, 0)
        told.addItem(QSpacerItem(MOST_PX, 0, QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Expanding))
        told.addWidget(self._label)
        told.addWidget(self._bar)
        told.addStretch()
        holder = self._holder
        holder.setLayout(told)
        holder.setMinimumWidth(LEAST_PX)
        holder.setMaximumWidth(MOST_PX)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for button in (self._train, self._step, self._stop, self._start_over):
            button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            layout.addWidget(button)
        layout.addSpacing(4)
        layout.addWidget(holder, 1)

    @Slot(str)
    def _on_state(self, state: str) -> None:
        self._refresh()
        if state == "starting":
            self._has_failed = False
            self._found = []
            self._bar.setValue(0)
            self._say("preparing network and data …", "")
        elif self._run.progress is not None:
            self._write(self._run.progress)

    @Slot(object)
    def _on_started(self, started: Started) -> None:
        parts = [f"{started.n_training:,} training and {started.n_validation:,} validation samples"]
        if started.memory_bytes:
            parts.append(f"takes about {bytes_text(started.memory_bytes)} of memory")
        if started.replicas > 1:
            parts.append(f"{started.replicas} replicas of the network compute a part of each batch, one on each core")
        self._label.setToolTip("\n".join([*parts, *started.notes]))

    @Slot(object)
    def _on_progress(self, progress: Progress) -> None:
        self._bar.setValue(round(STEPS * progress.fraction))
        self._n_progress += 1
        if self._n_progress % TEXT_EVERY == 1 or self._run.state != "running":
            self._write(progress)

    @Slot(str, str)
    def _on_failed(self, what: str, why: str) -> None:
        self._has_failed = True
        # All of it stands below the curves.
        self._say(what.partition(":")[0], "\n".join([*wrap(what, TIP_COLUMNS), *wrap(why, TIP_COLUMNS)]))

    @Slot(object)
    def _on_found(self, finding: Finding) -> None:
        self._found += [*wrap(finding.what, TIP_COLUMNS), *wrap(finding.why, TIP_COLUMNS)]
        self._label.setToolTip("\n".join(self._found))

    @Slot(object)
    def _on_document(self, change: Change) -> None:
        if change.label is None:
            self._run.forget()
            self._say_before()
        elif change.graph_changed or change.before.training != change.after.training:
            self._leave_failure()
            self._say_shown()
        self._refresh()

    @Slot()
    def _on_runs(self) -> None:
        self._say_shown()
        self._refresh()

    def _say_shown(self) -> None:
        """Say which run is looked at, how it ended, and what was found in it."""
        shown, runs = self._runs.shown, self._runs
        if runs.is_on or shown is None:
            return
        if shown.name == runs.newest_name and isinstance(self._run.outcome, Failed | Diverged):
            return  # that, and why, is said already
        whole = shown.summary
        if runs.is_edited_since:
            whole = f"{whole} · before your edit"
        found = self._found if shown.name == runs.newest_name else ()
        self._say(whole, "\n".join([whole, *shown.ending_lines, *found]))

    @Slot()
    def _on_readiness(self) -> None:
        if self._run.state == "idle" and self._run.progress is None and not self._has_failed:
            self._say_before()
        self._refresh()

    def _leave_failure(self) -> None:
        """Say no longer that a run could not start: its document was another one."""
        if self._has_failed and self._run.state == "idle" and self._run.progress is None:
            self._say_before()

    def _say_before(self) -> None:
        """Say what is worth knowing before a first run begins."""
        self._has_failed = False
        ready = self._session.readiness
        # It keeps this room while it trains, or Train would move away from under the pointer.
        needed = self._label.fontMetrics().horizontalAdvance(ready.brief) + 1 if ready else 0
        self._holder.setMinimumWidth(min(max(needed, LEAST_PX), MOST_PX))
        self._say(ready.brief if ready else "", "\n".join(ready.notes) if ready else "")

    def _write(self, progress: Progress) -> None:
        self._say(progress_text(progress, self._run.state, self._stopping))

    @property
    def _stopping(self) -> str:
        return "stopping after this batch" if self._run.needs_whole_batches else "stopping"

    def _say(self, text: str, tip: str | None = None) -> None:
        self._label.say(text)
        if tip is not None:
            self._label.setToolTip(tip)

    def _refresh(self) -> None:
        """Say what a press would do, and allow what can be done."""
        state, errors = self._run.state, self._session.report.errors or self._session.training_problems
        key = QKeySequence("F5").toString(QKeySequence.SequenceFormat.NativeText)
        shown, continued = self._runs.shown, self._runs.next_is_continued
        kept = f"; {shown.name} is kept" if shown else ""
        fitting = "\nTrain › Continue training keeps the layers that still fit" if self._runs.can_continue else ""
        idle = ("Train", f"Train from new weights{kept} ({key}){fitting}")
        if shown and continued:
            idle = ("Continue", f"Train on from {shown.name}, which is kept ({key})")
        text, tip = {
            "idle": idle,
            "paused": ("Resume", f"Go on with the training ({key})"),
            "stopping": ("Pause", self._stopping.capitalize()),
        }.get(state, ("Pause", f"Pause before the next batch ({key})"))
        if state == "idle" and errors:
            more = f"\nand {counted(len(errors) - 1, 'more problem')}" if len(errors) > 1 else ""
            tip = f"It cannot train yet: {errors[0].what}{more}\nPress to see it."
        elif state == "idle" and (ready := self._session.readiness) is not None:
            tip = "\n".join([tip, *ready.notes])
        self._hold_focus()
        self._train.setText(text)
        self._train.setToolTip(tip)
        self._train.setAccessibleName(text)
        self._train.setEnabled(state != "stopping")
        self._step.setToolTip("Take one batch, then wait (F6)")
        self._step.setEnabled(state not in {"starting", "stopping"})
        self._stop.setToolTip("End the training (Shift+F5)")
        self._stop.setEnabled(state not in {"idle", "stopping"})
        may_start_over = state == "idle" and continued
        self._start_over.setVisible(may_start_over)
        self._start_over.setToolTip(f"Train from new weights{kept}")
        self._stop.setVisible(not may_start_over)
        of_another = shown is not None and shown.name != self._runs.newest_name
        self._bar.setVisible(state != "idle" or (self._run.progress is not None and not of_another))
        self._give_focus_back()
        self._paint_icons()

    def _hold_focus(self) -> None:
        """Keep the focus in the bar: a button that is disabled or hidden would pass it to another panel."""
        buttons = (self._train, self._step, self._stop, self._start_over)
        held = next((button for button in buttons if button.hasFocus()), None)
        if held is not None:
            self._held = held
            self.setFocus()

    def _give_focus_back(self) -> None:
        """Give the focus to the button that had it, as soon as it can be pressed; once the run has ended, to any."""
        if self.hasFocus():
            if self._held.isEnabled() and not self._held.isHidden():
                self._held.setFocus()
            elif self._train.isEnabled() and (self._held.isHidden() or self._run.state == "idle"):
                self._train.setFocus()

    @Slot()
    def _paint_icons(self) -> None:
        running = self._run.state not in {"idle", "paused"}
        look = theme.current()
        self._train.setIcon(theme.icon("pause" if running else "play", look.on_primary))


def progress_text(progress: Progress, state: str, stopping: str = "stopping") -> str:
    """Write how far a run is, and how it stops where it is about to.

    >>> progress_text(Progress(3, 10, 12, 45, 4120.4, 42.0), "running")
    'epoch 3 / 10 · 4,120 img/s · 0:42 left'
    >>> progress_text(Progress(3, 10, 12, 45, 4120.4, 42.0), "paused")
    'epoch 3 / 10 · batch 12 / 45 · paused'
    """
    parts = [f"epoch {max(1, progress.epoch)} / {progress.epochs}"]
    ended = "done" if progress.fraction >= 1 else "stopped"
    if state in {"paused", "stopping"}:
        how = stopping if state == "stopping" else state
        return " · ".join([*parts, f"batch {progress.batch} / {progress.batches}", how])
    if progress.images_per_second is not None:
        parts.append(f"{_rounded(progress.images_per_second):,} img/s")
    if state == "idle":
        parts.append(ended)
    elif progress.seconds_left is not None:
        parts.append(f"{duration_text(progress.seconds_left)} left")
    return " · ".join(parts)


def duration_text(seconds: float) -> str:
    """Write a time.

    >>> duration_text(42.4), duration_text(3725)
    ('0:42', '1:02:05')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _rounded(speed: float) -> int:
    """Keep three digits: the fourth changes all the time and means nothing."""
    step = 10 ** max(0, len(str(int(speed))) - 3)
    return round(speed / step) * step
