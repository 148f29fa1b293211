"""The line at the bottom that says what is going on: what is saved, how far a training is, and how to find more."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeySequence, QResizeEvent
from PySide6.QtWidgets import QWidget

from core.text import counted
from core.training.messages import Started
from designer.forms.line_label import LineLabel
from designer.session import Session
from designer.training import Progress, Run, Runs
from designer.training.mailbox import ending

_MOST_NAME_PX = 200
"""A longer name of a file is cut in the middle; the tooltip has its whole path."""


class StatusLine(LineLabel):
    """Follows the document and its training; stands where sentences are shown, whenever there is none.

    Parameters
    ----------
    session : Session
    run : Run
    runs : Runs
    find_key : QKeySequence
        What opens the list in which anything is found.
    """

    def __init__(
        self,
        session: Session,
        run: Run,
        runs: Runs,
        find_key: QKeySequence,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent=parent)
        self._session, self._run, self._runs = session, run, runs
        self._finding = f"{find_key.toString(QKeySequence.SequenceFormat.NativeText)} finds anything"
        self._n_processes = 1
        self._epochs = (0, 0)
        session.file_changed.connect(self.refresh)
        session.document_changed.connect(self.refresh)
        run.started.connect(self._on_started)
        run.state_changed.connect(self.refresh)
        run.progressed.connect(self._on_progress)
        run.finished.connect(self.refresh)
        self.refresh()

    @property
    def whole_text(self) -> str:
        """All that there is to say, whether it has room or not."""
        return " · ".join(self._parts())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Say how things stand; what comes last is left out first where there is no room."""
        parts = self._parts()
        room = self.contentsRect().width() - 2 * self.fontMetrics().horizontalAdvance("x")
        while len(parts) > 1 and self.fontMetrics().horizontalAdvance(" · ".join(parts)) > room:
            parts.pop()
        text = " · ".join(parts)
        if text != self.text():
            self.setText(text)
            self.setToolTip("" if text == self.whole_text and not self._session.path else self._tip())

    def _tip(self) -> str:
        path = self._session.path
        return "\n".join([*([str(path)] if path else []), *self._parts()[1:]])

    def _parts(self) -> list[str]:
        run = self._run
        parts = [self._saved_text(self._session.path)]
        training = run_text(self._runs.newest_name, run.state, run.progress, _ending(run))
        if training:
            parts.append(training)
        if run.state not in {"idle", "starting"} and self._n_processes > 1:
            parts.append(counted(self._n_processes, "process", "processes"))
        return [*parts, self._finding]

    def _saved_text(self, path: Path | None) -> str:
        if path is None:
            return "Not saved yet"
        name = self.fontMetrics().elidedText(path.name, Qt.TextElideMode.ElideMiddle, _MOST_NAME_PX)
        return f"{name} has unsaved changes" if self._session.modified else f"{name} is saved"

    @Slot(object)
    def _on_progress(self, progress: Progress) -> None:
        """Say what epoch it is, once: progress comes 30 times a second."""
        epochs = (progress.epoch, progress.epochs)
        if epochs != self._epochs:
            self._epochs = epochs
            self.refresh()

    @Slot(object)
    def _on_started(self, started: Started) -> None:
        self._n_processes = started.replicas
        self.refresh()


def _ending(run: Run) -> str:
    """Say in a word how the last run of the open document ended; "" before the first."""
    if run.document is None or run.outcome is None:
        return ""
    return ending(run.outcome)


def run_text(name: str, state: str, progress: Progress | None, ending: str) -> str:
    """Write how far a run is, or was when it ended; "" before the first.

    >>> run_text("run 3", "running", Progress(6, 10, 12, 45, None, None), "")
    'run 3, epoch 6 of 10'
    >>> run_text("training", "paused", Progress(6, 10, 12, 45, None, None), "")
    'training paused, epoch 6 of 10'
    >>> run_text("training", "idle", Progress(10, 10, 45, 45, None, None), "done")
    'training done, epoch 10 of 10'
    >>> run_text("training", "idle", Progress(3, 10, 12, 45, None, None), "stopped")
    'training stopped in epoch 3 of 10'
    >>> run_text("training", "starting", None, ""), run_text("training", "idle", None, "")
    ('training is being prepared', '')
    """
    if state == "starting":
        return f"{name} is being prepared"
    if state == "idle" and not ending:
        return ""
    how = {"idle": f" {ending}", "running": ""}.get(state, f" {state}")
    if progress is None:
        return f"{name}{how}"
    where = " in" if state == "idle" and progress.fraction < 1 else ","
    return f"{name}{how}{where} epoch {max(1, progress.epoch)} of {progress.epochs}"
