"""A run as it lies in its folder; nothing is read before it is asked for, but its record."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeAlias

from numpy.typing import NDArray

from core.analysis.check import check
from core.analysis.report import Report
from core.errors import ConvographError, DataError
from core.io.prepared import Beside
from core.io.weights import read_weights
from core.runs.curve import read_batches, read_curve
from core.runs.files import BEST, LAST, RESUME, START
from core.runs.life import Life, life_of
from core.runs.record import Record, read_record
from core.runs.standings import read_standing
from core.runs.ticks import ticks_of
from core.training.messages import Epoch
from core.training.standing import Place, Standing

Weights: TypeAlias = dict[str, NDArray[Any]]
State: TypeAlias = Literal["running", "finished", "stopped", "diverged", "interrupted", "damaged"]


@dataclass(frozen=True)
class StoredRun:
    """A run in its folder.

    Attributes
    ----------
    folder : Path
    record : Record or None
        None where it can't be read.
    state : str
        What the record says, or "running" while a process holds it; "damaged" without a record.
    problem : str
        A sentence: why it can't be read; "" where it can.
    life : Life or None
        What is known of the process that writes it, here or on another computer; None where none is left.
    """

    folder: Path
    record: Record | None
    state: State
    problem: str = ""
    life: Life | None = None

    @property
    def number(self) -> int:
        """Its number among the runs of its document."""
        return int(self.folder.name) if self.folder.name.isdigit() else 0

    @property
    def name(self) -> str:
        """What it is called: as the user wants it, else "run 7"."""
        return (self.record.name if self.record else "") or f"run {self.number}"

    @property
    def known(self) -> Record:
        """The record.

        Raises
        ------
        DataError
            If it can't be read.
        """
        if self.record is None:
            raise DataError(self.problem)
        return self.record

    @cached_property
    def _report(self) -> Report:
        return check(self.known.document)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shapes of its network's weights, by name."""
        return self._report.weight_shapes

    @property
    def curve(self) -> tuple[Epoch, ...]:
        """Its epochs; raises DataError where they can't be read."""
        return read_curve(self.folder)

    @property
    def batches(self) -> dict[str, NDArray[Any]]:
        """Its batches, as columns; raises DataError where they can't be read."""
        return read_batches(self.folder)

    @property
    def ticks(self) -> dict[int, Path]:
        """Its ticks by their steps, each a weights file."""
        return ticks_of(self.folder)

    @property
    def has_standing(self) -> bool:
        """Whether it can be gone on from, as far as its files say."""
        return self.record is not None and self.state not in ("running", "diverged") and self.has_resume

    @property
    def has_resume(self) -> bool:
        """Whether it says where it stands."""
        return self._has(RESUME)

    @property
    def resume_bytes(self) -> int:
        """How large the file is that says where it stands; 0 where there is none."""
        try:
            return (self.folder / RESUME).stat().st_size
        except OSError:
            return 0

    @property
    def has_best(self) -> bool:
        """Whether weights of a best epoch are kept."""
        return self._has(BEST)

    def best_weights(self) -> Weights:
        """Read the weights of its best epoch; raises WeightsError where they can't be read."""
        return read_weights(self.folder / BEST, self.shapes)

    def last_weights(self) -> Weights:
        """Read the weights of its end; raises WeightsError where they can't be read."""
        return read_weights(self.folder / LAST, self.shapes)

    def again(self) -> StoredRun:
        """Return it with its writer's newest sign of life; the record isn't read again."""
        return self if self.record is None else _alive(self.folder, self.record)

    def glance(self) -> Standing:
        """Read its newest weights, and how samples are prepared for them: to look at, while somebody else writes.

        Raises
        ------
        ConvographError
            If they can't be read, such as those of a copy that isn't complete.
        """
        record = self.known
        weights = self.last_weights()
        for array in weights.values():
            array.setflags(write=False)
        place = Place(step=record.step, epochs=record.epochs)
        return Standing(weights, place=place, training=record.trained.training, beside=self._beside(LAST))

    def standing(self) -> Standing:
        """Read where it stands, or stood when it was written last.

        Raises
        ------
        ConvographError
            If it can't be read.
        """
        standing = self._read(RESUME)
        return replace(standing, training=self.known.training_at(standing.place.step))

    def start(self) -> Standing | None:
        """Read where it began; None where the seed says it."""
        if not self._has(START):
            return None
        return replace(self._read(START), training=self.known.document.training)

    def _read(self, name: str) -> Standing:
        return replace(read_standing(self.folder / name, self.shapes), beside=self._beside(name))

    def _beside(self, name: str) -> Beside:
        from core.engine.program import compile_program
        from core.training.preparation import read_preparation

        document = self.known.document
        return read_preparation(self.folder / name, compile_program(document, self._report), document)

    def _has(self, name: str) -> bool:
        try:
            return (self.folder / name).is_file()
        except OSError:
            return False


def read_run(folder: Path) -> StoredRun:
    """Read a run's record; what is wrong with it is said in the value."""
    try:
        record = read_record(folder)
    except ConvographError as error:
        return StoredRun(folder, None, "damaged", str(error))
    return _alive(folder, record)


def _alive(folder: Path, record: Record) -> StoredRun:
    life = life_of(folder, record)
    return StoredRun(folder, record, "running" if life is not None and life.holds else record.state, life=life)
