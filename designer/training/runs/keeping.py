"""A run of the window on its way to its folder: all that is written, the worker's thread and the writer's write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import SaveError
from core.graph.training import Training
from core.graph.values import Document
from core.io.datasets import Dataset
from core.training.messages import Adjusted, Batch, Message
from core.training.standing import Standing
from designer.training.worker import Trains

if TYPE_CHECKING:  # loading the engine takes longer than drawing the first frame
    from core.engine.network import Network
    from core.runs.store import RunStore
    from core.runs.writer import RunWriter
    from core.training.statistics import Meter
    from core.training.trainer import Trainer


class Keeping:
    """Keeps one run in a folder.

    Parameters
    ----------
    store : RunStore
    name : str
        What the run is called.
    after : str
        The run that it goes on from.
    is_new : bool
        Whether it begins with weights that the seed alone draws.

    Attributes
    ----------
    written : Path or None
        The folder that the run is being written into, as soon as it is.
    folder : Path or None
        Where the run is, once it has ended; None where it is in memory only.
    said : tuple of str
        What is to be said then: why it is not all in its folder, what went to make room.
    """

    def __init__(self, store: RunStore, name: str, after: str, *, is_new: bool) -> None:
        self._store, self._name, self._after, self._is_new = store, name, after, is_new
        self.written: Path | None = None
        self.folder: Path | None = None
        self.said: tuple[str, ...] = ()

    def __call__(self, trainer: Trains) -> Trains:
        """Let a trainer be kept, in the worker's thread; where nothing can be written, it trains all the same."""
        from core.training.trainer import Trainer

        if not isinstance(trainer, Trainer):
            return trainer
        try:
            writer = self._store.begin(
                trainer, name=self._name, after=self._after, is_new=self._is_new, is_hasty=True
            )  # a window that is closed waits for it
        except SaveError as error:
            self.said = (f"{self._name} is in memory only. {error}",)
            return trainer
        self.written = writer.folder
        return KeptTrainer(trainer, writer, self)

    def end(self, writer: RunWriter) -> None:
        """Take note that all is written that could be."""
        if writer.failure is not None:
            self.said = (f"{self._name} is not all in its folder: {writer.failure}",)
            return
        self.folder = writer.folder
        self.said = self._store.tidy()


class KeptTrainer:
    """A trainer of whose messages each is written before it is handed on; the interface is that of `Trainer`."""

    def __init__(self, trainer: Trainer, writer: RunWriter, keeping: Keeping) -> None:
        self._trainer, self._writer, self._keeping = trainer, writer, keeping

    @property
    def network(self) -> Network:
        """What is trained."""
        return self._trainer.network

    @property
    def dataset(self) -> Dataset:
        """What it learns from."""
        return self._trainer.dataset

    @property
    def document(self) -> Document:
        """What is trained, with the settings that it has by now."""
        return self._trainer.document

    @property
    def meter(self) -> Meter:
        """What measures steps while somebody looks."""
        return self._trainer.meter

    def messages(self) -> Iterator[Message]:
        """Train; what has taken no step leaves nothing behind."""
        has_learned = False
        try:
            with closing(self._writer.messages()) as messages:
                for message in messages:
                    has_learned = has_learned or isinstance(message, Batch)
                    yield message
        finally:
            if has_learned:
                self._keeping.end(self._writer)
            else:
                self._writer.discard()

    def adjust(self, training: Training) -> Adjusted | None:
        """Take over changed settings, and record them."""
        adjusted = self._trainer.adjust(training)
        if adjusted is not None:
            self._writer.note(adjusted)
        return adjusted

    def standing(self) -> Standing:
        """Copy where the training stands."""
        return self._trainer.standing()
