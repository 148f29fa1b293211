"""What is tried with the open document in a thread of its own, on networks of its own, and told as it comes."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Thread

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.analysis.report import Report
from core.graph.values import Document
from core.priority import give_way
from designer.session import Session
from designer.training.mailbox import Failed
from designer.training.worker import attempt

POLL_MS = 50

Messages = Generator[object, None, None]


class _Work(Thread):
    """One attempt."""

    def __init__(self, name: str, make: Callable[[], Messages], failure: str) -> None:
        super().__init__(name=name, daemon=True)
        self._make, self._what = make, failure
        self.messages: SimpleQueue[object] = SimpleQueue()
        self.cancelled = Event()
        self.failure: Failed | None = None
        self.is_of_another = False

    def run(self) -> None:
        give_way()
        answer = attempt(self._pull, self._what)
        self.failure = answer if isinstance(answer, Failed) else None

    def _pull(self) -> None:
        from core.engine.threads import ONE_THREAD

        with ONE_THREAD, closing(self._make()) as messages:  # two of the BLAS would spin, and the window would wait
            for message in messages:
                if self.cancelled.is_set():
                    return
                self.messages.put(message)

    def take(self) -> list[object]:
        """Return what was told since the last time."""
        messages: list[object] = []
        while True:
            try:
                messages.append(self.messages.get_nowait())
            except Empty:
                return messages


class Aside(QObject):
    """Tries something with the open document when it is asked to, whether or not something trains.

    Parameters
    ----------
    session : Session
    make : callable
        Returns the messages, given the document's report and the folder that its paths start from. It is called in the
        thread, and imports what it needs.
    name, failure : str
        What the thread is called, and what is said where the messages end with an error.
    """

    began = Signal()
    told = Signal(object)
    """Carries the list of messages that came since the last time."""
    ended = Signal(str)
    """It is done, or was stopped; carries why it could not be done, empty where it could."""

    def __init__(
        self,
        session: Session,
        make: Callable[[Report, Path | None], Messages],
        name: str,
        failure: str,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._make, self._name, self._failure = session, make, name, failure
        self._work: _Work | None = None
        self._document: Document | None = None
        self._poll = QTimer(self, interval=POLL_MS)
        self._poll.timeout.connect(self._collect)

    @property
    def is_running(self) -> bool:
        """Whether something is being tried."""
        return self._work is not None

    @property
    def is_current(self) -> bool:
        """Whether what was told last was about the network and the settings as they are now."""
        tried, now = self._document, self._session.document
        return tried is not None and tried.graph is now.graph and tried.training == now.training

    @Slot()
    def start(self) -> None:
        """Begin; has no effect while it is on."""
        if self._work is not None:
            return
        path = self._session.path
        self._document = self._session.document
        base = path.parent.absolute() if path else None
        self._work = _Work(self._name, partial(self._make, self._session.report, base), self._failure)
        self._work.start()
        self.began.emit()
        self._poll.start()

    @Slot()
    def stop(self) -> None:
        """End before the next piece of work; what was told stays."""
        if self._work is not None:
            self._work.cancelled.set()

    def forget(self) -> None:
        """End, and tell nothing more: another document is open."""
        self.stop()
        self._document = None
        if self._work is not None:
            self._work.is_of_another = True

    def stop_and_wait(self, seconds: float = 5.0) -> bool:
        """End; says whether that is done. For closing the window."""
        self.stop()
        self._poll.stop()
        work, self._work = self._work, None
        if work is not None:
            work.join(seconds)
        return work is None or not work.is_alive()

    @Slot()
    def _collect(self) -> None:
        work = self._work
        if work is None:
            return
        done = not work.is_alive()  # asked first: what comes after it is in the queue by then
        messages = work.take()
        if messages and not work.is_of_another:
            self.told.emit(messages)
        if done:
            self._poll.stop()
            self._work = None
            failure = work.failure
            self.ended.emit("" if failure is None or work.is_of_another else f"{failure.what} {failure.why}")
