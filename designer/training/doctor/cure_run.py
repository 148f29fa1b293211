"""Cures tried in a thread of their own, told as they come."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Thread

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.priority import give_way
from core.training.curing_messages import CureMessage, Curing
from designer.training.doctor.cases import Case
from designer.training.mailbox import Failed
from designer.training.worker import attempt

POLL_MS = 50


class _Trials(Thread):
    """The trials of one case."""

    def __init__(self, case: Case, base: Path | None) -> None:
        super().__init__(name="cures", daemon=True)
        self.case, self.base = case, base
        self.messages: SimpleQueue[CureMessage] = SimpleQueue()
        self.cancelled = Event()
        self.failure: Failed | None = None

    def run(self) -> None:
        give_way()
        answer = attempt(self._try, "The cures could not be tried.")
        self.failure = answer if isinstance(answer, Failed) else None

    def _try(self) -> None:
        from core.engine.threads import ONE_THREAD
        from core.training.curing import try_cures

        trials = try_cures(self.case.document, self.case.finding, base=self.base)
        with ONE_THREAD, closing(trials) as messages:  # two threads of the BLAS would spin, and the window would wait
            for message in messages:
                if self.cancelled.is_set():
                    return
                self.messages.put(message)


class CureRun(QObject):
    """Tries the cures of one case at a time, on copies; neither document nor run is touched."""

    began = Signal()
    progressed = Signal(object)
    """Carries a `Curing`."""
    told = Signal(str, object)
    """Carries the code of the finding and a `Tried`."""
    ended = Signal(str)
    """All were tried, or it was stopped; carries why they could not be tried, empty where they could."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._trials: _Trials | None = None
        self._is_forgotten = False
        self._poll = QTimer(self, interval=POLL_MS)
        self._poll.timeout.connect(self._collect)

    @property
    def code(self) -> str:
        """Of which finding cures are being tried; "" of none."""
        return "" if self._trials is None else self._trials.case.finding.code

    def start(self, case: Case, base: Path | None) -> None:
        """Try all cures of a case; has no effect while others are being tried."""
        if self._trials is None:
            self._is_forgotten = False
            self._trials = _Trials(case, base)
            self._trials.start()
            self._poll.start()
            self.began.emit()

    @Slot()
    def stop(self) -> None:
        """End before the next step; what was told stays."""
        if self._trials is not None:
            self._trials.cancelled.set()

    def forget(self) -> None:
        """End, and tell nothing more: another document is open."""
        self.stop()
        self._is_forgotten = True

    def stop_and_wait(self, seconds: float = 5.0) -> bool:
        """End; says whether that is done. For closing the window."""
        self.stop()
        self._poll.stop()
        trials, self._trials = self._trials, None
        if trials is not None:
            trials.join(seconds)
        return trials is None or not trials.is_alive()

    @Slot()
    def _collect(self) -> None:
        trials = self._trials
        if trials is None:
            return
        done = not trials.is_alive()  # asked first: what comes after it is in the queue by then
        progress: Curing | None = None
        while True:
            try:
                message = trials.messages.get_nowait()
            except Empty:
                break
            if isinstance(message, Curing):
                progress = message
            elif not self._is_forgotten:
                self.told.emit(trials.case.finding.code, message)
        if progress is not None and not self._is_forgotten:
            self.progressed.emit(progress)
        if done:
            self._poll.stop()
            trials.join()
            self._trials = None
            failure = trials.failure
            self.ended.emit("" if failure is None or self._is_forgotten else f"{failure.what} {failure.why}")
