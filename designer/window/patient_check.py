"""The check of a large network: beside the window, with a word about it, and to be cancelled."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QProgressDialog, QWidget

from core.analysis.check import check
from core.analysis.report import Report
from core.graph.flatten import unfolded_size
from core.graph.values import Document
from core.text import counted

MOST_LAYERS_AT_ONCE = 1000
"""Fewer layers are checked before the window could answer anything else."""
PATIENCE_MS = 300
"""What takes no longer is not spoken of."""


class PatientCheck:
    """Checks for a session; meanwhile the window is drawn, but takes nothing except Cancel."""

    def __init__(self, window: QWidget) -> None:
        self._window = window

    def __call__(self, document: Document, previous: Report | None, advice: frozenset[str]) -> Report | None:
        """Return the report, or None where the user cancelled."""
        n_layers = unfolded_size(document.graph)
        if n_layers <= MOST_LAYERS_AT_ONCE:
            return check(document, previous, advice)
        work = _Work(document, previous, advice)
        loop = QEventLoop()
        work.done.connect(loop.quit, Qt.ConnectionType.QueuedConnection)
        work.start()
        QTimer.singleShot(PATIENCE_MS, loop, loop.quit)
        loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
        if not work.is_done:
            self._wait(work, loop, n_layers)
        return work.result()

    def _wait(self, work: _Work, loop: QEventLoop, n_layers: int) -> None:
        dialog = QProgressDialog(f"Checking {counted(n_layers, 'layer')}…", "Cancel", 0, 0, self._window)
        dialog.setWindowTitle("Convograph")
        dialog.setWindowModality(Qt.WindowModality.WindowModal)
        dialog.setMinimumDuration(0)
        dialog.canceled.connect(work.give_up)
        dialog.show()
        while not (work.is_done or work.is_given_up):
            loop.exec()
        dialog.canceled.disconnect(work.give_up)
        dialog.close()
        dialog.deleteLater()


class _Work(QObject):
    """One check in a thread of its own, which ends unheard where it is given up."""

    done = Signal()

    def __init__(self, document: Document, previous: Report | None, advice: frozenset[str]) -> None:
        super().__init__()
        self._order = (document, previous, advice)
        self._report: Future[Report] = Future()
        self.is_given_up = False

    def start(self) -> None:
        """Begin."""
        executor = ThreadPoolExecutor(1, "check")
        self._report = executor.submit(check, *self._order)
        self._report.add_done_callback(self._tell)
        executor.shutdown(wait=False)

    def _tell(self, _: Future[Report]) -> None:
        self.done.emit()

    @property
    def is_done(self) -> bool:
        """Whether there is a report, or an error."""
        return self._report.done()

    @Slot()
    def give_up(self) -> None:
        """Wait no longer."""
        self.is_given_up = True
        self.done.emit()

    def result(self) -> Report | None:
        """Return the report, or raise what went wrong; None where it was given up."""
        return None if self.is_given_up else self._report.result()
