"""Whether the open document can be trained, found out beside the window after each edit."""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication

from core.io.datasets import Dataset, Refused
from designer.session.session import Change, Session

if TYPE_CHECKING:  # loading the engine takes longer than drawing the first frame
    from core.analysis.report import Report
    from core.training.readiness import Readiness

log = logging.getLogger(__name__)

FIRST_MS = 400
"""The window is drawn first."""
REST_MS = 60
"""When edits have rested so long, it is asked again."""
POLL_MS = 20


class Read(Protocol):
    """What is known of a data set that was read."""

    @property
    def name(self) -> str: ...

    @property
    def stored(self) -> Dataset | None:
        """None where it could not be read."""


class TrainingCheck(QObject):
    """Asks in a thread what only data and engine know, and tells the session.

    The data set is looked at anew each time: a file may have come, or gone, meanwhile. What only reading it shows, such
    as a damaged picture, is remembered from the last reading, until the user comes back from where it may be mended.
    """

    doubted = Signal()
    """What reading the data set showed may have changed: it is to be read again."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent or session)
        self._session = session
        self._thread: ThreadPoolExecutor | None = None
        self._asked: Future[Readiness] | None = None
        self._about: tuple[Report, Path | None] | None = None
        self._read: tuple[str, Path | None, int, tuple[Refused, ...]] | None = None
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._ask)
        self._poll = QTimer(self, interval=POLL_MS)
        self._poll.timeout.connect(self._collect)
        session.document_changed.connect(self._on_document)
        session.file_changed.connect(self._on_file)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.applicationStateChanged.connect(self._on_application)
        self._rest.start(FIRST_MS)

    @Slot()
    def ask_again(self) -> None:
        """Look again soon, whatever is known."""
        self._about = None
        self._soon()

    @Slot(object)
    def know(self, read: Read) -> None:
        """Learn what reading the data set of the document showed."""
        before, dataset = self._read, read.stored
        self._read = None if dataset is None else (read.name, self._base, len(dataset), dataset.refused)
        if any(known is not None and known[-1] for known in (before, self._read)):
            self.ask_again()

    def close(self) -> None:
        """Ask nothing more, and leave no thread."""
        self._rest.stop()
        self._poll.stop()
        if self._thread is not None:
            self._thread.shutdown()

    def _soon(self) -> None:
        if not self._rest.isActive():
            self._rest.start(REST_MS)

    @Slot(object)
    def _on_document(self, change: Change) -> None:
        if change.label is None or change.graph_changed or change.before.training != change.after.training:
            self._soon()

    @Slot()
    def _on_file(self) -> None:
        if self._about is not None and self._about[1] != self._base:
            self._soon()

    @Slot(Qt.ApplicationState)
    def _on_application(self, state: Qt.ApplicationState) -> None:
        ready = self._session.readiness
        if state is Qt.ApplicationState.ApplicationActive and ready is not None and not ready.trainable:
            if self._read is not None and self._read[-1]:
                self._read = None
                self.doubted.emit()
            self.ask_again()

    @property
    def _base(self) -> Path | None:
        path = self._session.path
        return path.parent.absolute() if path else None

    @property
    def _known(self) -> tuple[int, tuple[Refused, ...]] | None:
        """How many samples of the document's data set could be read, and what could not."""
        name = self._session.document.training.settings.dataset
        return self._read[2:] if self._read is not None and self._read[:2] == (name, self._base) else None

    @Slot()
    def _ask(self) -> None:
        if self._asked is not None:
            return  # what it finds is out of date, and it is asked again then
        self._about = (self._session.report, self._base)
        self._thread = ThreadPoolExecutor(1, "training check")
        self._asked = self._thread.submit(_readiness, *self._about, self._known)
        self._thread.shutdown(wait=False)  # after this answer: a window that is destroyed unclosed leaves no thread
        self._poll.start()

    @Slot()
    def _collect(self) -> None:
        if self._asked is None or not self._asked.done():
            return
        self._poll.stop()
        asked, self._asked = self._asked, None
        report = self._session.report
        if self._about is None or not _same(self._about[0], report) or self._about[1] != self._base:
            self._ask()
            return
        error = asked.exception()
        if error is not None:
            log.error("Whether it can be trained is not known.", exc_info=error)
        self._session.set_readiness(None if error is not None else asked.result())


def _same(one: Report, other: Report) -> bool:
    """Tell whether two reports are about the same network and the same training."""
    return one.document.graph is other.document.graph and one.document.training == other.document.training


def _readiness(report: Report, base: Path | None, known: tuple[int, tuple[Refused, ...]] | None) -> Readiness:
    from core.training.readiness import Readable, readiness

    return readiness(report, base, known=Readable(*known) if known is not None else None)
