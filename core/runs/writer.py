"""A run that is written while it trains: whenever its process ends, and however, it can go on from its folder."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any

from numpy.typing import NDArray

from core.errors import SaveError
from core.io.atomic import write_atomically
from core.io.prepared import Beside
from core.io.weights import write_weights
from core.runs.curve import BATCHES, Batches, CurveFile
from core.runs.data_hash import data_hash
from core.runs.files import BEST, LAST, RESUME, START
from core.runs.lock import RunLock
from core.runs.record import NAME, Ending, Record, RecordedAdjustment, versions
from core.runs.scribe import Scribe
from core.runs.standings import standing_arrays
from core.runs.ticks import Ticks
from core.training.messages import Adjusted, Batch, Diverged, Epoch, Finding, Finished, Message, Started, Trying
from core.training.standing import Standing
from core.training.trainer import Trainer

STANDING_SECONDS = 10.0
"""How much of a long epoch is lost at most when its process is killed."""
_MANY_BYTES = 64 << 20
"""Of standings that are larger, no second one is copied while the first is written: the memory is the training's."""
_LONGEST_NOTES = 200


class RunWriter:
    """Keeps one run in its folder.

    Parameters
    ----------
    folder : Path
        Exists; nobody else writes into it.
    trainer : Trainer
        Before its first message.
    record : Record
        What is known of the run so far.
    lock : RunLock
        Taken; given back at the end.
    is_hasty : bool
        Whether its end doesn't wait for the disk: then the last of it outlives the process, but no power cut.

    Attributes
    ----------
    record : Record
    failure : SaveError or None
        Why not all of it could be written.
    """

    def __init__(
        self, folder: Path, trainer: Trainer, record: Record, lock: RunLock, *, is_hasty: bool = False
    ) -> None:
        self.folder, self.record, self._trainer, self._lock = folder, record, trainer, lock
        self._own_failure: SaveError | None = None
        self._is_hasty, self._is_waited_for = is_hasty, True
        self._scribe = Scribe(lock.touch)
        self._batches = Batches()
        self._curve: CurveFile | None = None
        self._ticks: Ticks | None = None
        self._before, self._began = record.wall_seconds, monotonic()
        self._last: Message | None = None
        self._is_large = True  # until one is copied
        self._best_asked: int | None = None
        self._last_standing = monotonic()
        self._on_disk: dict[str, Any] = {}
        self._recording = Lock()

    @property
    def failure(self) -> SaveError | None:
        """Why not all of the run could be written."""
        return self._own_failure or self._scribe.failure

    def begin(self, *, start: Standing | None = None) -> None:
        """Write what is known before the first batch.

        Parameters
        ----------
        start : Standing, optional
            Where it goes on from; without one it begins with weights that the seed draws.

        Raises
        ------
        SaveError
        """
        if start is not None:
            _write(self.folder / START, standing_arrays(start), start.beside, durable=False)
        self._curve = CurveFile(self.folder, ())
        self._write_standing(self._trainer.standing(), durable=False)
        self._write_record({"epochs": 0, "step": self.record.step, "best_epoch": None, "best": {}})
        self._scribe.start()

    def go_on(self, epochs: Iterable[Epoch], batches: dict[str, NDArray[Any]], step: int) -> None:
        """Go on in the folder of a run, from a step; what was written of later ones is computed again.

        Raises
        ------
        SaveError
        """
        earlier = [epoch for epoch in epochs if epoch.step <= step]
        self._note_best()
        self._curve = CurveFile(self.folder, earlier)
        self._batches.take(batches, step)
        host = socket.gethostname()
        self.record = replace(self.record, state="interrupted", host=host, epochs=len(earlier), step=step)
        self._write_record()
        self._scribe.start()

    def messages(self) -> Generator[Message, None, None]:
        """Train, and write what each message says before it is handed on.

        Closed before its end, or thrown out by a failure, it leaves a run that can be resumed.
        """
        ending: Ending = "interrupted"
        try:
            with closing(self._trainer.messages()) as messages:
                for message in messages:
                    self.note(message)
                    yield message
            ending = "diverged" if isinstance(self._last, Diverged) else "finished"
        except GeneratorExit:
            ending = "diverged" if isinstance(self._last, Trying | Diverged) else "stopped"
            if isinstance(self._last, Finished):
                ending = "finished"
            raise
        finally:
            self.end(ending)

    def note(self, message: Message) -> None:
        """Take in what a training says."""
        self._last = message
        match message:
            case Started():
                self._on_started(message)
            case Batch():
                self._on_batch(message)
            case Epoch():
                self._on_epoch(message)
            case Adjusted():
                self._on_adjusted(RecordedAdjustment.of(message))
            case Finding(what=what, why=why):
                self._add_notes(f"{what} {why}")
            case Diverged(what=what, why=why):
                self._add_notes(f"{what} {why}")

    def _on_started(self, started: Started) -> None:
        self._add_notes(*started.notes)
        n_bytes = 4 * started.parameters
        self._ticks = Ticks(self.folder, started.batches_per_epoch, n_bytes)
        self._ticks.begin_again(started.step)
        if not started.step and self._ticks.is_due(0):
            self._ask_for_tick(0)

    def _on_batch(self, batch: Batch) -> None:
        self._batches.add(batch)
        if self._ticks is not None and self._ticks.is_due(batch.step):
            self._ask_for_tick(batch.step)
        if monotonic() - self._last_standing >= STANDING_SECONDS and self._scribe.is_free:
            self._ask_for_standing()

    def _on_epoch(self, epoch: Epoch) -> None:
        if self._curve is not None:
            self._attempt(partial(self._curve.append, epoch))
        if epoch.is_best:
            self._note_best()
        if self._scribe.is_free or (epoch.is_best and not self._is_large):
            self._ask_for_standing()

    def _on_adjusted(self, adjustment: RecordedAdjustment) -> None:
        """Write it at once: from here on nothing may be computed again without it."""
        recorded = self.record.adjustments
        if any((known.step, known.training) == (adjustment.step, adjustment.training) for known in recorded):
            return  # a run that is resumed comes to where it was changed before
        self.record = replace(self.record, adjustments=(*recorded, adjustment))
        self._attempt(self._write_record)
        self._ask_for_standing()

    def _note_best(self) -> None:
        best = self._trainer.best
        if best is not None:
            measured = {name: value for name, value in best.figures._asdict().items() if value is not None}
            self.record = replace(self.record, best_epoch=best.epoch, best=measured)

    def _ask_for_tick(self, step: int) -> None:
        with suppress(MemoryError):  # the training has it; there will be others
            if self._ticks is not None:
                self._scribe.ask(
                    {f"tick {step}": partial(self._ticks.write, step, dict(self._trainer.network.weights))}
                )

    def _ask_for_standing(self) -> None:
        """Hand over a copy of where the training stands; the best weights are written before it, the record after it.

        Whatever it is interrupted between, what is found goes together: a standing never tells of a best epoch whose
        weights are not there yet.
        """
        self._last_standing = monotonic()
        try:
            standing = self._trainer.standing()
        except MemoryError:
            self._own_failure = SaveError("The run could not be written: the memory is full.")
            return
        self._is_large = standing.n_bytes > _MANY_BYTES
        jobs: dict[str, Callable[[], None]] = {}
        best = standing.best
        if best is not None and best.epoch != self._best_asked:
            self._best_asked = best.epoch
            jobs["best"] = partial(
                _write, self.folder / BEST, best.weights, standing.beside, durable=self._is_waited_for
            )
        jobs["batches"] = partial(write_weights, self.folder / BATCHES, self._batches.arrays(), durable=False)
        jobs["standing"] = partial(self._write_standing, standing, durable=self._is_waited_for)
        self.record = replace(self.record, epochs=standing.place.epochs, step=standing.place.step)
        written = {name: getattr(self.record, name) for name in ("epochs", "step", "best_epoch", "best")}
        jobs["record"] = partial(self._write_record, written)
        self._scribe.ask(jobs)

    def end(self, ending: Ending) -> None:
        """Write how it ended, and let others write; nothing happens a second time."""
        if self._curve is None:
            return
        self._is_waited_for = not self._is_hasty
        with suppress(OSError):
            self._curve.close()
        self._curve = None
        self.record = replace(self.record, state=ending)
        if self._trainer.is_between:
            self._ask_for_standing()
        if self._scribe.is_alive():
            self._scribe.close()
        self._lock.give_back()

    def discard(self) -> None:
        """Remove what was written of a run that took no step."""
        self.end("stopped")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _write_standing(self, standing: Standing, *, durable: bool) -> None:
        _write(self.folder / RESUME, standing_arrays(standing), standing.beside, durable=durable)
        _write(self.folder / LAST, standing.weights, standing.beside, durable=False)

    def _write_record(self, written: Mapping[str, Any] | None = None) -> None:
        """Write the record, as far as the other files are written."""
        with self._recording:
            self._on_disk |= written or {}
            wall_seconds = self._before + monotonic() - self._began
            record = replace(self.record, wall_seconds=wall_seconds, **self._on_disk)
            write_atomically(self.folder / NAME, record.as_bytes(), durable=self._curve is None and self._is_waited_for)

    def _add_notes(self, *notes: str) -> None:
        new = [note for note in notes if note not in self.record.notes]
        self.record = replace(self.record, notes=(*self.record.notes, *new)[-_LONGEST_NOTES:])

    def _attempt(self, write: Callable[[], None]) -> None:
        try:
            write()
        except SaveError as error:
            self._own_failure = error


def _write(path: Path, arrays: Mapping[str, NDArray[Any]], beside: Beside, *, durable: bool) -> None:
    """Write arrays together with how samples are prepared."""
    write_weights(path, {**arrays, **beside.arrays}, beside.comment, durable=durable)


def new_record(trainer: Trainer, *, name: str = "", after: str = "") -> Record:
    """Return what is known of a run before its first batch."""
    return Record(
        document=trainer.document,
        replicas=trainer.network.n_replicas or 1,
        run_on=trainer.run_on,
        data=_data_as_json(trainer, data_hash(trainer.dataset)),
        versions=versions(),
        name=name,
        after=after,
        began=datetime.now(UTC).isoformat(timespec="seconds"),
        host=socket.gethostname(),
    )


def _data_as_json(trainer: Trainer, found: str) -> dict[str, Any]:
    """Return what a record says of the data that a trainer has, of this hash."""
    dataset = trainer.dataset
    return {
        "name": dataset.name,
        "hash": found,
        "n": len(dataset),
        "training": len(trainer.train_indices),
        "validation": len(trainer.validation_indices),
        "shape": list(dataset.shape),
        "classes": list(dataset.classes),
    }
