"""What is wrong with the samples, found out beside the window."""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.graph.values import Document
from core.io.datasets import Dataset
from designer.session import Change, Session

if TYPE_CHECKING:
    from core.io.datasets.findings import DataFinding, Measures

log = logging.getLogger(__name__)

REST_MS = 60
"""When edits have rested so long, it is asked again."""
POLL_MS = 20


class DataCheck(QObject):
    """Looks at a data set in a thread, and again after each edit that may change what is found.

    The samples are measured once; another document costs a few milliseconds.
    """

    told = Signal(object)
    """Carries a tuple of `DataFinding`."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._dataset: Dataset | None = None
        self._measures: Measures | None = None
        self._asked: Future[tuple[tuple[DataFinding, ...], Measures]] | None = None
        self._about: tuple[Dataset, Document] | None = None
        self._cancelled = Event()
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._ask)
        self._poll = QTimer(self, interval=POLL_MS)
        self._poll.timeout.connect(self._collect)
        session.document_changed.connect(self._on_document)

    @property
    def dataset(self) -> Dataset | None:
        """What is looked at."""
        return self._dataset

    def look_at(self, dataset: Dataset | None) -> None:
        """Look at another data set, or at none."""
        if dataset is self._dataset:
            return
        self._cancelled.set()
        self._dataset, self._measures, self._about = dataset, None, None
        self._rest.start()

    @Slot(object)
    def _on_document(self, change: Change) -> None:
        if change.label is None or change.graph_changed or change.before.training != change.after.training:
            self._rest.start()

    @Slot()
    def _ask(self) -> None:
        dataset, document = self._dataset, self._session.document
        if dataset is None or self._asked is not None:
            return  # what is found is out of date then, and it is asked again
        self._about, self._cancelled = (dataset, document), Event()
        thread = ThreadPoolExecutor(1, "data check")
        self._asked = thread.submit(_find, dataset, document, self._measures, self._cancelled)
        thread.shutdown(wait=False)  # after this answer: a window that is destroyed unclosed leaves no thread
        self._poll.start()

    @Slot()
    def _collect(self) -> None:
        if self._asked is None or not self._asked.done():
            return
        self._poll.stop()
        asked, about = self._asked, self._about
        self._asked = None
        if about is None or about[0] is not self._dataset or not _same(about[1], self._session.document):
            self._ask()
            return
        error = asked.exception()
        if error is not None:
            log.error("What is wrong with the samples is not known.", exc_info=error)
            return
        findings, self._measures = asked.result()
        self.told.emit(findings)


def _same(one: Document, other: Document) -> bool:
    """Tell whether two documents have the same network and the same training."""
    return one.graph is other.graph and one.training == other.training


def _find(
    dataset: Dataset, document: Document, measures: Measures | None, cancelled: Event
) -> tuple[tuple[DataFinding, ...], Measures]:
    from core.io.datasets.findings import Measures, measured_findings

    measures = measures or Measures(dataset)
    measures.cancelled = cancelled.is_set
    return measured_findings(measures, document), measures
