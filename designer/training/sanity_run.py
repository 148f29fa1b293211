"""Sanity checks made in a thread of their own, told as they come."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Thread

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.analysis.report import Report
from core.graph.values import Document
from core.training.sanity.outcome import Checking, Message, Outcome
from designer.session import Session
from designer.training.mailbox import Failed
from designer.training.worker import attempt

POLL_MS = 50


class _Checks(Thread):
    """One round of checks."""

    def __init__(self, report: Report, base: Path | None) -> None:
        super().__init__(name="sanity checks", daemon=True)
        self.report, self.base = report, base
        self.messages: SimpleQueue[Message] = SimpleQueue()
        self.cancelled = Event()
        self.failure: Failed | None = None
        self.is_of_another = False

    def run(self) -> None:
        answer = attempt(self._check, "The checks could not be made.")
        self.failure = answer if isinstance(answer, Failed) else None

    def _check(self) -> None:
        from core.engine.threads import ONE_THREAD
        from core.training.sanity.sanity import sanity_checks

        checks = sanity_checks(self.report.document, base=self.base, report=self.report)
        with ONE_THREAD, closing(checks) as messages:  # two threads of the BLAS would spin, and the window would wait
            for message in messages:
                if self.cancelled.is_set():
                    return
                self.messages.put(message)


class SanityRun(QObject):
    """Makes the sanity checks of the open document when it is asked to, whether or not something trains."""

    began = Signal()
    progressed = Signal(object)
    """Carries a `Checking`."""
    told = Signal(object)
    """Carries an `Outcome`."""
    ended = Signal(str)
    """All are made, or it was stopped; carries why they could not be made, empty where they could."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._checks: _Checks | None = None
        self._document: Document | None = None
        self._poll = QTimer(self, interval=POLL_MS)
        self._poll.timeout.connect(self._collect)

    @property
    def is_running(self) -> bool:
        """Whether checks are being made."""
        return self._checks is not None

    @property
    def is_current(self) -> bool:
        """Whether the last checks were about the network and the settings as they are now."""
        made, now = self._document, self._session.document
        return made is not None and made.graph is now.graph and made.training == now.training

    @Slot()
    def start(self) -> None:
        """Make all checks; has no effect while they are being made."""
        if self._checks is not None:
            return
        path = self._session.path
        self._document = self._session.document
        self._checks = _Checks(self._session.report, path.parent.absolute() if path else None)
        self._checks.start()
        self.began.emit()
        self._poll.start()

    @Slot()
    def stop(self) -> None:
        """End before the next piece of work; what was told stays."""
        if self._checks is not None:
            self._checks.cancelled.set()

    def forget(self) -> None:
        """End, and tell nothing more: another document is open."""
        self.stop()
        self._document = None
        if self._checks is not None:
            self._checks.is_of_another = True

    def stop_and_wait(self, seconds: float = 5.0) -> bool:
        """End; says whether that is done. For closing the window."""
        self.stop()
        self._poll.stop()
        checks, self._checks = self._checks, None
        if checks is not None:
            checks.join(seconds)
        return checks is None or not checks.is_alive()

    @Slot()
    def _collect(self) -> None:
        checks = self._checks
        if checks is None:
            return
        done = not checks.is_alive()  # asked first: what comes after it is in the queue by then
        progress: Checking | None = None
        while True:
            try:
                message = checks.messages.get_nowait()
            except Empty:
                break
            if checks.is_of_another:
                continue
            if isinstance(message, Outcome):
                self.told.emit(message)
                progress = None
            else:
                progress = message
        if progress is not None:
            self.progressed.emit(progress)
        if done:
            self._poll.stop()
            self._checks = None
            failure = checks.failure
            self.ended.emit("" if failure is None or checks.is_of_another else f"{failure.what} {failure.why}")
