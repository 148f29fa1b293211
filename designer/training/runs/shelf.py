"""The folders of a document's runs, as the window reads them: in a thread, so that no disk holds it up."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QLockFile, QObject, Signal, Slot

from core.errors import ConvographError, SaveError
from core.io.failures import reason
from core.io.weights import read_named
from core.runs.store import RunStore, bytes_of, runs_folder
from core.runs.stored import StoredRun
from core.runs.ticks import ticks_of
from designer.session.unsaved import take_lock
from designer.training.runs.kept import KeptRun, kept_from
from designer.training.runs.left_runs import LeftRuns, temporary_folder
from designer.training.runs.reading import curve_of, standing_of


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a thread found out; `asked` is the number of the document that it was asked for."""

    asked: int
    tell: Callable[[], None]


class Shelf(QObject):
    """Lists, reads, renames, moves and deletes runs in folders.

    What takes long is done in a thread; what it finds of a document that is no longer open is dropped.

    Attributes
    ----------
    sizes : dict of Path to int
        Bytes on disk, by the folders of runs, as far as they were measured.
    is_listing : bool
        Whether the runs of a document are being listed.
    """

    listed = Signal(object)
    """Carries a tuple of `KeptRun`, without weights: what lies beside the document that was opened."""
    loaded = Signal(object, object)
    """Carries a `KeptRun` and the `Standing` that was read for it."""
    curve_read = Signal(str, object, object, object)
    """Carries what a run reported: its name, its `Started`, the list of its batches and the tuple of its epochs."""
    ticks_read = Signal(object, object)
    """Carries the folder of a run, and its ticks by their steps, each a weights file."""
    measured = Signal()
    """`sizes` has changed."""
    said = Signal(str)
    """A sentence for the status bar."""
    _answered = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.sizes: dict[Path, int] = {}
        self.is_listing = False
        self._temporary = temporary_folder() / f"{os.getpid()}-{secrets.token_hex(4)}"
        self._lock: QLockFile | None = None
        self._n_asked, self._is_closed = 0, False
        self._reader: ThreadPoolExecutor | None = None
        self._answered.connect(self._on_answered)

    def store(self, document: Path | None) -> RunStore:
        """Return the store of a document, or of one without a file."""
        return RunStore(self._temporary if document is None else runs_folder(document.absolute()))

    def claim(self) -> None:
        """Say that runs of a document without a file belong to this window, for as long as it is open."""
        if self._lock is None:
            with suppress(OSError):  # writing says what is wrong
                self._temporary.parent.mkdir(parents=True, exist_ok=True)
            self._lock = take_lock(self._temporary)

    def adopt(self, left: LeftRuns) -> None:
        """Take over runs that another window left behind, and have them listed."""
        self.claim()
        try:
            left.place.rename(self._temporary)
        except OSError as error:
            self.said.emit(f"The runs stay in {left.place}: {reason(error)}.")
            return
        self.list_runs(None)

    def is_temporary(self, run: StoredRun) -> bool:
        """Say whether a run is where it goes with the window."""
        return run.folder.parent == self._temporary

    def list_runs(self, document: Path | None) -> None:
        """Have the runs of a document listed."""
        store = self.store(document)
        self.is_listing = True

        def read() -> Callable[[], None]:
            stored = store.runs()
            found = tuple(kept for kept in map(kept_from, stored) if kept is not None)
            damaged = [run.problem for run in stored if run.record is None]
            sizes = {run.folder: bytes_of(run.folder) for run in stored}

            def tell() -> None:
                self.is_listing = False
                self._note_sizes(sizes)
                if found:
                    self.listed.emit(found)
                for problem in damaged:
                    self.said.emit(problem)

            return tell

        self.ask(read)

    def measure(self, document: Path | None) -> None:
        """Have the sizes of runs measured."""
        store = self.store(document)

        def read() -> Callable[[], None]:
            sizes = {run.folder: bytes_of(run.folder) for run in store.runs()}
            return lambda: self._note_sizes(sizes)

        self.ask(read)

    def load(self, kept: KeptRun) -> None:
        """Have the weights and the curve of a run read."""
        stored = kept.stored
        if stored is None:
            return

        def read() -> Callable[[], None]:
            try:
                curve = curve_of(stored)
                standing = standing_of(stored)
            except ConvographError as error:
                sentence = str(error)
                return lambda: self.said.emit(sentence)
            except MemoryError:
                return lambda: self.said.emit(f"The weights of {kept.name} don't fit into memory.")

            def tell() -> None:
                self.curve_read.emit(kept.name, *curve)
                self.loaded.emit(kept, standing)

            return tell

        self.ask(read)

    def ask(self, read: Callable[[], Callable[[], None]]) -> None:
        """Have something read in the thread; what it returns is called here, if the document is still open then."""
        if self._is_closed:
            return
        if self._reader is None:
            self._reader = ThreadPoolExecutor(1, "run reader")
        asked = self._n_asked

        def answer(done: Future[Callable[[], None]]) -> None:
            if not done.cancelled() and done.exception() is None:
                self._answered.emit(_Answer(asked, done.result()))

        self._reader.submit(read).add_done_callback(answer)

    def read_ticks(self, folder: Path) -> None:
        """Have the ticks of a run listed."""

        def read() -> Callable[[], None]:
            ticks = ticks_of(folder)
            return lambda: self.ticks_read.emit(folder, ticks)

        self.ask(read)

    def read_array(
        self,
        path: Path,
        name: str,
        shape: tuple[int, ...],
        pick: Callable[[NDArray[Any]], NDArray[Any]],
        tell: Callable[[NDArray[Any]], None],
    ) -> None:
        """Have one array of a weights file read, and tell what is picked of it; of one that can't be read, nothing."""

        def read() -> Callable[[], None]:
            arrays, _ = read_named(path, {name: shape})
            return partial(tell, pick(arrays[name])) if arrays else lambda: None

        self.ask(read)

    def rename(self, run: StoredRun, name: str) -> StoredRun | None:
        """Rename a run; None where that can't be, which is said."""
        return self._try(lambda: RunStore(run.folder.parent).rename(run, name))

    def delete(self, run: StoredRun) -> bool:
        """Put a run aside; False where that can't be, which is said."""
        try:
            RunStore(run.folder.parent).delete(run)
        except SaveError as error:
            self.said.emit(str(error))
            return False
        return True

    def restore(self, run: StoredRun) -> StoredRun | None:
        """Bring a run back; None where that can't be, which is said."""
        return self._try(lambda: RunStore(run.folder.parent).restore(run.number))

    def take_in(self, run: StoredRun, document: Path) -> StoredRun:
        """Move a run beside a document; where that can't be, it stays where it is, and that is said."""
        return self._try(lambda: self.store(document).take_in(run)) or run

    def forget(self) -> None:
        """Drop what is asked for, and what goes with a document that has no file."""
        self._n_asked += 1
        self.sizes, self.is_listing = {}, False
        shutil.rmtree(self._temporary, ignore_errors=True)

    def close(self) -> None:
        """End the thread; what is asked for from now on is passed over."""
        self.forget()
        self._is_closed = True
        if self._lock is not None:
            self._lock.unlock()
            self._lock = None
        if self._reader is not None:
            self._reader.shutdown()

    def _note_sizes(self, sizes: dict[Path, int]) -> None:
        self.sizes = {**self.sizes, **sizes}
        self.measured.emit()

    @Slot(object)
    def _on_answered(self, answer: _Answer) -> None:
        if answer.asked == self._n_asked:
            answer.tell()

    def _try(self, change: Callable[[], StoredRun]) -> StoredRun | None:
        try:
            return change()
        except SaveError as error:
            self.said.emit(str(error))
            return None
