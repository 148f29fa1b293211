"""A proof made in a thread of its own, while the dialog stays alive."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.errors import ConvographError

if TYPE_CHECKING:
    from core.export.exporter import Exporter, Subject
    from core.export.proof.proving import Outcome

POLL_MS = 50


class _Proving(Thread):
    def __init__(self, exporter: Exporter, subject: Subject, folder: Path) -> None:
        super().__init__(name="proof", daemon=True)
        self.exporter, self.subject, self.folder = exporter, subject, folder
        self.stopped = Event()
        self.outcome: Outcome | None = None
        self.files: dict[str, bytes] = {}
        self.failure = ""

    def run(self) -> None:
        from core.engine.threads import ONE_THREAD
        from core.export.proof.own_samples import own_samples
        from core.export.proof.proving import prove

        try:
            with ONE_THREAD:
                subject = replace(self.subject, samples=own_samples(self.subject.report, self.folder))
                self.outcome, self.files = prove(self.exporter, subject, stopped=self.stopped.is_set)
        except ConvographError as error:
            self.failure = str(error)
        except MemoryError:
            self.failure = "There is not enough memory for a proof of this network."


class ProofRun(QObject):
    """Proves one export at a time; another one ends it."""

    ended = Signal(str, object, str)
    """Carries the format, the `Outcome` or None, and why there is none; `files` then holds what was run, by name."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._proving: _Proving | None = None
        self.files: dict[str, bytes] = {}
        self._poll = QTimer(self, interval=POLL_MS)
        self._poll.timeout.connect(self._collect)

    @property
    def is_running(self) -> bool:
        """Whether something is being proven."""
        return self._proving is not None

    def start(self, exporter: Exporter, subject: Subject, folder: Path) -> None:
        """Begin; the path of a data set starts from the folder."""
        self.stop()
        self._proving = _Proving(exporter, subject, folder)
        self._proving.start()
        self._poll.start()

    def stop(self) -> None:
        """End what is being proven, and its process; nothing more is told of it."""
        self._poll.stop()
        proving, self._proving = self._proving, None
        if proving is not None:
            proving.stopped.set()
            proving.join()

    @Slot()
    def _collect(self) -> None:
        proving = self._proving
        if proving is None or proving.is_alive():
            return
        self._poll.stop()
        self._proving, self.files = None, proving.files
        self.ended.emit(proving.exporter.format, proving.outcome, proving.failure)
