"""Runs that other processes train, here or on other computers, followed as their folders change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import TypeAlias

from PySide6.QtCore import QObject, QTimer, Slot

from core.errors import ConvographError
from core.runs.curve import BATCHES, CURVE, MOST_BATCHES
from core.runs.files import LAST, RESUME
from core.runs.record import NAME, Record
from core.runs.stored import StoredRun, read_run
from core.runs.ticks import FOLDER as TICKS
from core.training.messages import Batch, Epoch, Started
from core.training.standing import Standing
from designer.training.runs.kept import KeptRun, kept_from
from designer.training.runs.reading import STEPS, curve_of, standing_of
from designer.training.runs.runs import Runs

POLL_MS = 1000
SEEK_MS = 5000
"""How often it is looked whether another process has begun a run of the document."""
REST = 10
"""After a look at the folders follows a rest of so many times as long: their disk may be far away."""

_KEPT_BITS = MOST_BATCHES.bit_length() - 2  # at least every second one of a 131,072th of the steps

Curve: TypeAlias = tuple[Started, list[Batch], tuple[Epoch, ...]]
_Stamps: TypeAlias = Mapping[str, tuple[int, int]]
_CURVE, _ALL = (CURVE, BATCHES), (NAME, CURVE, BATCHES, LAST, RESUME, TICKS)


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of a run so far.

    Attributes
    ----------
    stamps : mapping of str to (int, int)
        Size and time of each file as it was when it was read whole.
    step, epochs : int
        The last batch and the last epoch of its curve.
    standing : int
        Steps that were taken when its end was as it was read; -1 before.
    """

    stamps: _Stamps = field(default_factory=dict)
    step: int = 0
    epochs: int = 0
    standing: int = -1

    def reaches(self, record: Record) -> bool:
        """Say whether all is read that a run's record tells of; of a long run, not every batch is kept."""
        steps = record.step - (record.step >> _KEPT_BITS)
        return self.epochs >= record.epochs and self.step >= steps and self.standing >= record.step


@dataclass(frozen=True, slots=True, eq=False)
class _News:
    """What a look at a run's folder brought; None where there is nothing new, or it is not all there yet.

    `is_whole` says whether more than its record was looked at, `is_over` that it has ended, and all of that is here.
    """

    read: _Read
    stored: StoredRun
    curve: Curve | None = None
    standing: Standing | None = None
    is_whole: bool = False
    is_over: bool = False


class Following(QObject):
    """Keeps what is shown of runs in step with their folders while other processes write them.

    Folders are looked at again and again: disks of other computers tell nothing of changes, and copies come in pieces.
    A file that is not all there is passed over until it is; what it showed before stays. Nothing is written.
    """

    def __init__(self, runs: Runs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs = runs
        self._read: dict[Path, _Read] = {}
        self._is_asked = False
        self._timer = QTimer(self, singleShot=True, interval=POLL_MS)
        self._timer.timeout.connect(self._ask)
        self._seek = QTimer(self, interval=SEEK_MS)
        self._seek.timeout.connect(self._look_for_more)
        self._seek.start()
        runs.changed.connect(self._on_runs)

    @property
    def _followed(self) -> dict[Path, KeptRun]:
        """The runs that are on elsewhere, and those that have ended but aren't shown to their end as yet."""
        runs = {run.stored.folder: run for run in self._runs.kept if run.stored is not None}
        return {folder: run for folder, run in runs.items() if run.is_on_elsewhere or folder in self._read}

    @Slot()
    def _on_runs(self) -> None:
        known = {run.stored.folder for run in self._runs.kept if run.stored is not None}
        self._read = {folder: read for folder, read in self._read.items() if folder in known}
        if not known:
            self._is_asked = False  # the document was left, and the answer with it
            self._timer.stop()
        elif self._followed and not self._is_asked and not self._timer.isActive():
            self._timer.start(0)

    @Slot()
    def _ask(self) -> None:
        orders = [
            (run.stored, self._read.get(folder, _Read()), self._is_seen(folder, run))
            for folder, run in self._followed.items()
            if run.stored is not None
        ]
        if not orders:
            return

        def read() -> Callable[[], None]:
            began = perf_counter()
            news = [look_again(stored, known, whole=whole) for stored, known, whole in orders]
            seconds = perf_counter() - began
            return lambda: self._tell(news, seconds)

        self._is_asked = True
        self._runs.shelf.ask(read)

    @Slot()
    def _look_for_more(self) -> None:
        """Have runs listed that other processes have begun since the document was opened."""
        runs = self._runs
        if runs.is_on or runs.shelf.is_listing:
            return  # what is in the folder and not in the list may be of this window
        store, known = runs.store, {run.stored.folder for run in runs.kept if run.stored is not None}

        def read() -> Callable[[], None]:
            found = [kept_from(read_run(folder)) for folder in store.folders() if folder not in known]
            return lambda: self._add([run for run in found if run is not None and run.is_on_elsewhere])

        runs.shelf.ask(read)

    def _add(self, found: list[KeptRun]) -> None:
        runs = self._runs
        known = {run.stored.folder for run in runs.kept if run.stored is not None}
        names = {run.name for run in runs.kept}
        new = [run for run in found if run.stored and run.stored.folder not in known and run.name not in names]
        if new and not runs.is_on:
            runs.add(tuple(new))
            if runs.shown is not None or runs.wanted is None:
                runs.said.emit(f"{new[-1].name} is {new[-1].state}: choose it in Train › Runs to follow it.")

    def _is_seen(self, folder: Path, run: KeptRun) -> bool:
        """Say whether all of a run is looked at, or is to be."""
        return not self._runs.is_on and (run is self._runs.shown or folder == self._runs.wanted)

    def _tell(self, news: list[_News], seconds: float) -> None:
        for new in news:
            run = self._followed.get(new.stored.folder)
            if run is not None:
                self._take(run, new)
        self._is_asked = False
        if self._followed:
            self._timer.start(max(POLL_MS, round(1000 * REST * seconds)))

    def _take(self, run: KeptRun, new: _News) -> None:
        folder, runs = new.stored.folder, self._runs
        found = kept_from(new.stored)
        if found is None:
            return
        is_new = new.curve is not None or new.standing is not None or new.read != self._read.get(folder)
        self._read[folder] = new.read
        if new.curve is not None:
            runs.shelf.curve_read.emit(run.name, *new.curve)
        is_over = new.is_over and (new.is_whole or not (run is runs.shown or folder == runs.wanted))
        if is_over:
            del self._read[folder]
        if not (is_new or is_over or found.outcome != run.outcome):
            return
        is_same = run.stored is not None and run.stored.record is new.stored.record
        document = run.document if is_same or run.document == found.document else found.document
        forms = run.forms if new.standing is None else ((document.graph, new.standing),)
        if is_over and not new.is_whole:
            forms = ()  # what was seen of it was not its end
        is_sound = found.is_sound and is_over and all(standing.is_finite for _, standing in forms)
        now = replace(found, name=run.name, document=document, forms=forms, is_sound=is_sound, after=run.after)
        runs.exchange(run, now)
        if folder == runs.wanted and now.is_loaded:
            runs.choose(now)


def look_again(stored: StoredRun, known: _Read, *, whole: bool) -> _News:
    """Read what is new in the folder of a run; what is damaged, or not there yet, stays as it was.

    Parameters
    ----------
    stored : StoredRun
        As it was known.
    known : _Read
        What was read of it.
    whole : bool
        Whether its curve and its weights are looked at, not only how far it is.
    """
    stamps = _stamps(stored.folder)  # before reading: what is written meanwhile is new the next time
    read = dict(known.stamps)
    now = read_run(stored.folder) if _differ(stamps, read, (NAME,)) else stored
    if now.record is None:
        now = stored.again()
    else:
        read |= _of(stamps, (NAME,))
        now = now.again()
    if not whole:
        return _News(replace(known, stamps=read), now, is_over=now.life is None)
    curve = standing = None
    if _differ(stamps, read, _CURVE):
        with suppress(ConvographError):
            curve = curve_of(now, known.step)
            if len(curve[1]) <= STEPS:  # otherwise the rest follows
                read |= _of(stamps, _CURVE)
    weights = (RESUME,) if now.life is None else (LAST,)
    if _differ(stamps, read, weights):
        with suppress(ConvographError, MemoryError):
            standing = now.glance() if now.life is not None else standing_of(now)
            read |= _of(stamps, weights)
    read |= _of(stamps, (TICKS,))
    done = _Read(
        read,
        curve[1][-1].step if curve and curve[1] else known.step,
        curve[2][-1].epoch if curve and curve[2] else known.epochs,
        standing.place.step if standing is not None and now.life is None else known.standing,
    )
    return _News(done, now, curve, standing, is_whole=True, is_over=now.life is None and done.reaches(now.known))


def _stamps(folder: Path) -> _Stamps:
    found = {}
    for name in _ALL:
        with suppress(OSError):
            status = (folder / name).stat()
            found[name] = (status.st_size, status.st_mtime_ns)
    return found


def _of(stamps: _Stamps, names: tuple[str, ...]) -> _Stamps:
    return {name: stamps[name] for name in names if name in stamps}


def _differ(stamps: _Stamps, read: _Stamps, names: tuple[str, ...]) -> bool:
    return any(stamps.get(name) != read.get(name) for name in names)
