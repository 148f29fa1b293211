"""A run taken up again from its folder: to go on as if it had never stopped, or to be replayed from its beginning."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from core.errors import DataError, SaveError
from core.graph.edits import set_training
from core.graph.values import Document
from core.io.datasets import Dataset
from core.io.failures import reason, shown
from core.runs.curve import BATCHES, CURVE, no_batches
from core.runs.data_hash import data_hash
from core.runs.lock import RunLock
from core.runs.record import Record, RecordedAdjustment
from core.runs.stored import StoredRun
from core.runs.writer import RunWriter
from core.training.engine import MakeEngine, NumpyEngine
from core.training.messages import Adjusted, Batch, Epoch, Finished, Message
from core.training.standing import Standing
from core.training.trainer import Trainer

_Value = TypeVar("_Value")


class RecordedTrainer(Trainer):
    """A trainer whose settings are changed after the steps at which they were changed in a run.

    Parameters
    ----------
    document, data, base, replicas, standing
        As for `Trainer`.
    adjustments : iterable of RecordedAdjustment
        In order.
    until : int, optional
        After which step it ends; by default with its last epoch.
    more : bool
        Whether to go on where early stopping has ended it.
    engine : callable
        As for `Trainer`.
    """

    def __init__(
        self,
        document: Document,
        data: Dataset | None,
        *,
        base: Path | None,
        replicas: int,
        standing: Standing | None,
        adjustments: Iterable[RecordedAdjustment],
        until: int | None = None,
        more: bool = False,
        engine: MakeEngine = NumpyEngine,
    ) -> None:
        super().__init__(document, data, base=base, replicas=replicas, standing=standing, engine=engine)
        self._to_come = deque(adjustments)
        self._until, self._more = until, more

    @property
    def is_done(self) -> bool:
        """Whether a run that goes on has all its epochs, or early stopping has ended it."""
        if self._until is not None or self._to_come:
            return False
        has_all = self._course.place.epochs >= self._course.last_epoch
        return has_all or (not self._more and bool(self._course.end_reason()))

    def messages(self) -> Generator[Message, None, None]:
        """Train as `Trainer` does, once; where no epoch is left to do, none is begun."""
        deque(self._adjustments(self._course.place.step), maxlen=0)
        if self.is_done:
            place = self._course.place
            yield self._started()
            best = 0 if self.best is None else self.best.epoch
            yield Finished(place.epochs, place.step, place.seconds, self._course.end_reason(), best)
            return
        with closing(super().messages()) as messages:
            for message in messages:
                yield message
                if isinstance(message, Batch):
                    yield from self._adjustments(message.step)
                if self._ends_with(message):
                    return

    def _ends_with(self, message: Message) -> bool:
        if not isinstance(message, Batch | Epoch) or message.step != self._until:
            return False
        return isinstance(message, Epoch) or message.batch < self._batches_per_epoch

    def _adjustments(self, step: int) -> Iterator[Adjusted]:
        while self._to_come and self._to_come[0].step <= step:
            adjusted = self.adjust(self._to_come.popleft().training)
            if adjusted is not None:
                yield adjusted


def resumed(
    run: StoredRun,
    data: Dataset | None = None,
    *,
    base: Path | None = None,
    dataset: str | None = None,
    epochs: int | None = None,
    engine: MakeEngine = NumpyEngine,
) -> tuple[RecordedTrainer, Standing]:
    """Return a trainer that goes on with a run to the bits that it would have had without a stop.

    Parameters
    ----------
    data : Dataset, optional
        By default the one that its document names.
    base : Path, optional
        Where the path of a data set starts.
    dataset : str, optional
        Where the data are by now.
    epochs : int, optional
        To how many epochs it goes on, counted from its beginning; by default to as many as were set.
    engine : callable, optional
        As for `Trainer`; `run.known.run_on` says what it was trained on. Another gives the same up to rounding.

    Raises
    ------
    ConvographError
        If the run is on, has diverged or can't be read, or if its data are not those that it was
        trained on.
    """
    record = run.known
    if run.state == "running":
        raise DataError(f"{run.name} is on in another process: stop it there, or wait for its end.")
    if run.state == "diverged":
        raise DataError(
            f"{run.name} has diverged: nothing can go on from its weights. Its best ones are in "
            f"{shown(run.folder / 'best.npz')}; begin with them by --weights, and with a smaller learning rate."
            if run.has_best
            else f"{run.name} has diverged before its first epoch: begin anew, with a smaller learning rate."
        )
    standing = run.standing()
    place = standing.place
    document = replace(record.document, training=standing.training)
    if epochs is not None:
        document = set_training(document, {"epochs": epochs})
        standing = replace(standing, place=replace(place, epochs_before=0))
    to_come = [adjustment for adjustment in record.adjustments if adjustment.step >= place.step]
    if dataset is not None:
        document = set_training(document, {"dataset": dataset})
    trainer = _trainer(run, document, data, base, standing, to_come, engine=engine, more=epochs is not None)
    if place.seen > len(trainer.train_indices):
        raise DataError(f"{shown(run.folder)} is damaged: it has seen more samples of an epoch than there are.")
    return trainer, standing


def go_on(run: StoredRun, trainer: Trainer, standing: Standing) -> RunWriter:
    """Keep a run that goes on in its own folder.

    Raises
    ------
    ConvographError
        If that can't be written, or what was written can't be read.
    """
    lock = RunLock(run.folder)
    try:
        is_ours = lock.take()
    except OSError as error:
        raise SaveError(f"Nothing can be written into {shown(run.folder)}: {reason(error)}.") from error
    if not is_ours:
        raise DataError(f"{run.name} is on in another process: stop it there, or wait for its end.")
    try:
        settings = trainer.document.training.settings
        document = run.known.document
        if not run.known.adjustments and settings.epochs != document.training.settings.epochs:
            document = set_training(document, {"epochs": settings.epochs})
        notes: list[str] = []
        no_epochs: tuple[Epoch, ...] = ()
        epochs = _readable(run.folder / CURVE, lambda: run.curve, no_epochs, notes)
        batches = _readable(run.folder / BATCHES, lambda: run.batches, no_batches(), notes)
        record = replace(run.known, document=document, notes=(*run.known.notes, *notes), run_on=trainer.run_on)
        writer = RunWriter(run.folder, trainer, record, lock)
        writer.go_on(epochs, batches, standing.place.step)
    except BaseException:
        lock.give_back()
        raise
    return writer


def _readable(path: Path, read: Callable[[], _Value], instead: _Value, notes: list[str]) -> _Value:
    """Read what a run can go on without; what is damaged is put aside, where somebody may make something of it."""
    try:
        return read()
    except DataError as error:
        aside = path.with_name(f"damaged-{path.name}")
        notes.append(f"{error} It was put aside as {aside.name}.")
        with suppress(OSError):
            path.rename(aside)
        return instead


def replay(
    run: StoredRun, data: Dataset | None = None, *, base: Path | None = None, engine: MakeEngine = NumpyEngine
) -> RecordedTrainer:
    """Return a trainer that does a run again from its beginning to where its record ends.

    Document, seed, replicas and what was changed at which step are in the record: with the versions that it names,
    all messages and weights have the same bits, on the engine that it was trained on.

    Raises
    ------
    ConvographError
        If the run can't be read, or its data are not those that it was trained on.
    """
    record = run.known
    start = run.start()
    return _trainer(run, record.document, data, base, start, record.adjustments, engine=engine, until=record.step)


def _trainer(
    run: StoredRun,
    document: Document,
    data: Dataset | None,
    base: Path | None,
    standing: Standing | None,
    adjustments: Iterable[RecordedAdjustment],
    *,
    engine: MakeEngine,
    until: int | None = None,
    more: bool = False,
) -> RecordedTrainer:
    record = run.known
    trainer = RecordedTrainer(
        document,
        data,
        base=base,
        replicas=record.replicas,
        standing=standing,
        adjustments=adjustments,
        until=until,
        more=more,
        engine=engine,
    )
    _require_same_data(run, record, trainer)
    return trainer


def _require_same_data(run: StoredRun, record: Record, trainer: Trainer) -> None:
    known = record.data.get("hash")
    if known is not None and known != data_hash(trainer.dataset):
        n = record.data.get("n")
        before = f"{n:,} samples" if isinstance(n, int) else "others"
        raise DataError(
            f"{trainer.dataset.name} holds other samples than {run.name} was trained on ({before} then, "
            f"{len(trainer.dataset):,} now, not the same): it can't go on to the same result. Give those by --data, or "
            f"begin a new run with its weights: --weights {shown(run.folder / 'last.npz')}."
        )
