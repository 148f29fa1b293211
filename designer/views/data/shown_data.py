"""The data set that the document names, read beside the window for all views that show something of it."""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.errors import ConvographError
from core.graph.training import TrainingSettings
from core.io.datasets import Dataset, Indices, counted_from, load_dataset, split
from designer.session import Change, Session

log = logging.getLogger(__name__)

REST_MS = 60
"""When edits have rested so long, it is read again."""
POLL_MS = 30


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """A data set as it was read, or why it could not be.

    Attributes
    ----------
    name : str
        What the document calls it.
    dataset : Dataset or None
        As it is stored, with labels that count from 0.
    training, validation : array of int
        Which of its samples are learned from, and which are kept back.
    seconds : float
        What reading took.
    refusal : str
        Why there is none; empty where there is one.
    stored : Dataset or None
        The same with the labels of its files; also there where these can't be counted from the first label.
    """

    name: str
    dataset: Dataset | None
    training: Indices
    validation: Indices
    seconds: float = 0.0
    refusal: str = ""
    stored: Dataset | None = None

    @property
    def is_validation(self) -> NDArray[np.bool_]:
        """Say of each sample, (N,) bool, whether it is kept back."""
        n = 0 if self.dataset is None else len(self.dataset)
        kept = np.zeros(n, bool)
        kept[self.validation] = True
        return kept


class ShownData(QObject):
    """Reads the data set in a thread while somebody looks at it, and again when the document names another.

    Views call `attend` when they are shown; while none is, nothing is read.
    """

    changed = Signal(object)
    """Carries what was `Loaded`."""
    loading = Signal(str)
    """A data set of this name is being read."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent or session)
        self._session = session
        self._key: tuple[TrainingSettings, Path | None] | None = None
        self._asked: Future[tuple[Dataset | None, Loaded]] | None = None
        self._stored: tuple[tuple[str, Path | None], Dataset] | None = None
        self._loaded: Loaded | None = None
        self._attended = False
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._ask)
        self._poll = QTimer(self, interval=POLL_MS)
        self._poll.timeout.connect(self._collect)
        session.document_changed.connect(self._on_document)
        session.file_changed.connect(self._soon)

    @property
    def loaded(self) -> Loaded | None:
        """What was read last."""
        return self._loaded

    @Slot()
    def attend(self) -> None:
        """Read the data set, if it has not been read yet: somebody looks."""
        self._attended = True
        self._soon()

    @Slot()
    def read_again(self) -> None:
        """Read it again although the document names the same: its files may have changed."""
        self._key = self._stored = None
        self._soon()

    @Slot(object)
    def _on_document(self, change: Change) -> None:
        if change.label is None or change.before.training != change.after.training:
            self._soon()

    @Slot()
    def _soon(self) -> None:
        if self._attended:
            self._rest.start()

    @property
    def _now(self) -> tuple[TrainingSettings, Path | None]:
        path = self._session.path
        return self._session.document.training.settings, path.parent.absolute() if path else None

    @Slot()
    def _ask(self) -> None:
        now = self._now
        if self._asked is not None or (self._key is not None and _same(self._key, now)):
            return
        self._key = now
        known = self._stored if self._stored and self._stored[0] == (now[0].dataset, now[1]) else None
        if known is None:
            self.loading.emit(now[0].dataset)
        thread = ThreadPoolExecutor(1, "data set")
        self._asked = thread.submit(_load, *now, None if known is None else known[1])
        thread.shutdown(wait=False)  # after this answer
        self._poll.start()

    @Slot()
    def _collect(self) -> None:
        if self._asked is None or not self._asked.done():
            return
        self._poll.stop()
        asked, self._asked = self._asked, None
        if self._key is None or not _same(self._key, self._now):
            self._ask()
            return
        stored, loaded = asked.result()
        if stored is not None:
            self._stored = ((self._key[0].dataset, self._key[1]), stored)
        self._loaded = loaded
        self.changed.emit(loaded)


def _same(one: tuple[TrainingSettings, Path | None], other: tuple[TrainingSettings, Path | None]) -> bool:
    """Tell whether the same samples are meant, divided in the same way."""
    names = ("dataset", "first_label", "seed", "validation_split")
    return one[1] == other[1] and all(getattr(one[0], name) == getattr(other[0], name) for name in names)


def _load(settings: TrainingSettings, base: Path | None, stored: Dataset | None) -> tuple[Dataset | None, Loaded]:
    """Read and divide a data set; what is wrong with it becomes a sentence."""
    start, nothing = perf_counter(), np.zeros(0, np.int64)
    name = settings.dataset
    try:
        stored = load_dataset(name, base) if stored is None else stored
        dataset = counted_from(stored, settings.first_label)
        parts = split(dataset.labels, settings.validation_split, settings.seed)
        return stored, Loaded(name, dataset, *parts, seconds=perf_counter() - start, stored=stored)
    except ConvographError as error:
        return stored, Loaded(name, None, nothing, nothing, refusal=str(error), stored=stored)
    except Exception as error:
        log.exception("The data set %s could not be read.", name)
        return None, Loaded(name, None, nothing, nothing, refusal=f"{name} could not be read: {error}")
