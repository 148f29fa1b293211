"""The data set that the document names, read beside the window for all views that show something of it."""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from time import perf_counter

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.errors import ConvographError
from core.graph.training import TrainingSettings
from core.io.datasets import Dataset, Indices, counted_from, load_dataset, split
from core.io.datasets.findings.look import input_shape_of
from core.io.datasets.loading import open_pictures
from core.io.datasets.pictures.folder import FORMAT, PictureFolder, Progress
from core.shapes import Shape
from designer.session import Change, Session

log = logging.getLogger(__name__)

REST_MS = 60
"""When edits have rested so long, it is read again."""
POLL_MS = 30
ENOUGH = 128
"""Pictures that are shown before all are read."""


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
    n_read, n : int
        Files that were tried, and all of them, where that takes long; the first of them are the data set until then.
    """

    name: str
    dataset: Dataset | None
    training: Indices
    validation: Indices
    seconds: float = 0.0
    refusal: str = ""
    stored: Dataset | None = None
    n_read: int = 0
    n: int = 0

    @property
    def is_partial(self) -> bool:
        """Whether more is to come."""
        return self.n_read < self.n


@dataclass(frozen=True, slots=True)
class Key:
    """What of a document decides about its samples.

    Attributes
    ----------
    settings : TrainingSettings
    base : Path or None
        The document's folder.
    shape : Shape or None
        (H, W, C) of the Input, where pictures can be brought to it.
    """

    settings: TrainingSettings
    base: Path | None
    shape: Shape | None

    def divides_as(self, other: Key) -> bool:
        """Tell whether the same samples are meant, in the same shape, divided in the same way."""
        names = ("dataset", "first_label", "seed", "validation_split", "resize")
        return (self.base, self.shape) == (other.base, other.shape) and all(
            getattr(self.settings, name) == getattr(other.settings, name) for name in names
        )

    def stores_as(self, other: Key, stored: Dataset) -> bool:
        """Tell whether what was read is what another would read: only pictures depend on the Input."""
        if (self.settings.dataset, self.base) != (other.settings.dataset, other.base):
            return False
        alike = (self.shape, self.settings.resize) == (other.shape, other.settings.resize)
        return alike or stored.format != FORMAT


class ShownData(QObject):
    """Reads the data set in a thread while somebody looks at it, and again when the document names another.

    Views call `attend` when they are shown; while none is, nothing is read.
    """

    changed = Signal(object)
    """Carries what was `Loaded`."""
    loading = Signal(str)
    """A data set of this name is being read."""
    progressed = Signal(object)
    """Carries what is `Loaded` of pictures so far: the first of them, and how many were read."""
    stopped = Signal(object)
    """The user did not want the rest; carries the same."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent or session)
        self._session = session
        self._key: Key | None = None
        self._reading: Reading | None = None
        self._asked: Future[tuple[Dataset | None, Loaded | None]] | None = None
        self._stored: tuple[Key, Dataset] | None = None
        self._loaded: Loaded | None = None
        self._told: Loaded | None = None
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

    @Slot()
    def stop(self) -> None:
        """Read no more of what is being read; what was shown before stays."""
        if self._reading is not None:
            self._reading.stopping.set()

    @Slot(object)
    def _on_document(self, change: Change) -> None:
        if change.label is None or change.before.training != change.after.training or change.graph_changed:
            self._soon()

    @Slot()
    def _soon(self) -> None:
        if self._attended:
            self._rest.start()

    @property
    def _now(self) -> Key:
        path, document = self._session.path, self._session.document
        shape = input_shape_of(document)
        suits = shape is not None and len(shape) == 3 and shape[2] in (1, 3)
        return Key(document.training.settings, path.parent.absolute() if path else None, shape if suits else None)

    @Slot()
    def _ask(self) -> None:
        now = self._now
        if self._key is not None and self._key.divides_as(now):
            return
        if self._asked is not None:
            self.stop()  # it is asked again when that has ended
            return
        self._key = now
        known = self._stored[1] if self._stored and self._stored[0].stores_as(now, self._stored[1]) else None
        if known is None:
            self.loading.emit(now.settings.dataset)
        self._reading = Reading(now)
        thread = ThreadPoolExecutor(1, "data set")
        self._asked = thread.submit(self._reading.load, known)
        thread.shutdown(wait=False)  # after this answer
        self._poll.start()

    @Slot()
    def _collect(self) -> None:
        reading, asked = self._reading, self._asked
        if reading is None or asked is None:
            return
        partial, is_wanted = reading.partial, self._key is not None and self._key.divides_as(self._now)
        if not asked.done():
            if is_wanted and partial is not None and partial is not self._told:
                self._told = partial
                self.progressed.emit(partial)
            return
        self._poll.stop()
        self._asked = self._reading = self._told = None
        if not is_wanted:
            self._ask()
            return
        stored, loaded = asked.result()
        if loaded is None:  # stopped
            if partial is not None:
                self.stopped.emit(partial)
            return
        if stored is not None and self._key is not None:
            self._stored = (self._key, stored)
        self._loaded = loaded
        self.changed.emit(loaded)


@dataclass(slots=True)
class Reading:
    """One reading of a data set in a thread; `partial` and `stopping` are all that the window shares with it."""

    key: Key
    stopping: Event = field(default_factory=Event)
    partial: Loaded | None = None

    def load(self, stored: Dataset | None) -> tuple[Dataset | None, Loaded | None]:
        """Read and divide a data set; what is wrong with it becomes a sentence. Nothing is loaded once it is stopped.

        Parameters
        ----------
        stored
            As it was read before.
        """
        start, nothing = perf_counter(), np.zeros(0, np.int64)
        settings = self.key.settings
        name = settings.dataset
        try:
            stored = self._read() if stored is None else stored
            if stored is None:
                return None, None
            dataset = counted_from(stored, settings.first_label)
            parts = split(dataset.labels, settings.validation_split, settings.seed)
            return stored, Loaded(name, dataset, *parts, seconds=perf_counter() - start, stored=stored)
        except ConvographError as error:
            return stored, Loaded(name, None, nothing, nothing, refusal=str(error), stored=stored)
        except Exception as error:
            log.exception("The data set %s could not be read.", name)
            return None, Loaded(name, None, nothing, nothing, refusal=f"{name} could not be read: {error}")

    def _read(self) -> Dataset | None:
        name, base = self.key.settings.dataset, self.key.base
        folder = open_pictures(name, base)
        if folder is None:
            return load_dataset(name, base)
        with folder:
            return self._read_pictures(folder)

    def _read_pictures(self, folder: PictureFolder) -> Dataset | None:
        first: Dataset | None = None
        for progress in folder.read(self.key.shape, self.key.settings.resize):
            if progress.dataset is not None:
                return progress.dataset
            if self.stopping.is_set():
                return None
            if first is None or len(first) < ENOUGH:
                first = _with(first, progress, folder)
            if first is not None:
                everything, none = np.arange(len(first)), np.zeros(0, np.int64)
                name, n_read, n = self.key.settings.dataset, progress.n_done, progress.n
                self.partial = Loaded(name, first, everything, none, n_read=n_read, n=n)
        return None


def _with(first: Dataset | None, progress: Progress, folder: PictureFolder) -> Dataset | None:
    """Return the first pictures with those that have come; None where none could be read so far."""
    pixels, labels = progress.pixels, progress.labels
    if not len(pixels):
        return first
    if first is not None and first.images.dtype == pixels.dtype:  # else those before are bytes, these fractions
        pixels, labels = np.concatenate([first.images, pixels]), np.concatenate([first.labels, labels])
    scale = 255.0 if pixels.dtype == np.uint8 else 1.0
    return Dataset(folder.name, pixels.copy(), labels, folder.classes, scale, format=FORMAT)
