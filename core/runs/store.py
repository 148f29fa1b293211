"""The runs of a document, each in a folder of its own: begun, listed, renamed, deleted, and kept within a limit."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import SaveError
from core.io.atomic import write_atomically
from core.io.failures import reason, shown
from core.runs.files import LAST, RESUME
from core.runs.lock import RunLock
from core.runs.record import NAME
from core.runs.stored import StoredRun, read_run
from core.runs.ticks import FOLDER as TICKS
from core.text import bytes_text, listing

if TYPE_CHECKING:  # what only lists runs needs no engine
    from core.runs.writer import RunWriter
    from core.training.trainer import Trainer

MOST_BYTES = 4 << 30
"""What the runs of a document may take; beyond, what is least needed of the oldest goes."""
DELETED = ".deleted"
LONGEST_NAME = 200
_KEPT_SECONDS = 24 * 3600.0
"""How long a deleted run is kept even where the room is needed."""


def runs_folder(document: Path) -> Path:
    """Return the folder in which the runs of a document are.

    >>> runs_folder(Path("nets/lenet.json")).name
    'lenet.runs'
    """
    return document.with_name(f"{document.stem}.runs")


class RunStore:
    """The runs in a folder.

    Parameters
    ----------
    folder : Path
        It is made when the first run begins.
    most_bytes : int
        The limit that `tidy` keeps to.
    """

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self.folder, self.most_bytes = folder, most_bytes

    def runs(self) -> tuple[StoredRun, ...]:
        """Return what there is, the oldest first; what can't be read says why."""
        return tuple(map(read_run, self.folders()))

    def folders(self) -> tuple[Path, ...]:
        """Return the folders of the runs that there are, the oldest first."""
        return tuple(sorted(_numbered(self.folder), key=_number))

    def begin(
        self, trainer: Trainer, *, name: str = "", after: str = "", is_new: bool = True, is_hasty: bool = False
    ) -> RunWriter:
        """Make a folder for a run that is about to begin.

        Parameters
        ----------
        trainer : Trainer
            Before its first message.
        name, after : str
            As in the `Record`; the name that its number gives it anyway is not written.
        is_new : bool
            Whether the seed alone decides the weights that it begins with; else they are written.
        is_hasty : bool
            As for `RunWriter`.

        Raises
        ------
        SaveError
            If it can't be made, or not all be written.
        """
        from core.runs.writer import RunWriter, new_record

        folder = self._new_folder()
        lock = RunLock(folder)
        try:
            lock.take()
        except OSError as error:
            raise SaveError(f"Nothing can be written into {shown(folder)}: {reason(error)}.") from error
        start = None if is_new else trainer.standing()
        record = new_record(trainer, name="" if name == f"run {_number(folder)}" else name, after=after)
        if start is not None:
            record = replace(record, epochs=start.place.epochs, step=start.place.step)
        writer = RunWriter(folder, trainer, record, lock, is_hasty=is_hasty)
        try:
            writer.begin(start=start)
        except BaseException:
            lock.give_back()
            raise
        return writer

    @property
    def last_number(self) -> int:
        """The highest number that a run has or had; 0 before the first."""
        taken = [*_numbered(self.folder), *_numbered(self.folder / DELETED)]
        return max(map(_number, taken), default=0)

    def take_in(self, run: StoredRun) -> StoredRun:
        """Move a run of another folder into this one, under the next number.

        Raises
        ------
        SaveError
            If it can't be moved; it stays where it is then.
        """
        self._require_at_rest(run)
        folder = self._new_folder()
        try:
            shutil.copytree(run.folder, folder, dirs_exist_ok=True)
        except (OSError, shutil.Error) as error:
            _removed(folder)
            why = reason(error) if isinstance(error, OSError) else str(error)
            raise SaveError(f"{run.name} could not be moved to {shown(folder)}: {why}.") from error
        _removed(run.folder)
        moved = read_run(folder)
        if moved.name != run.name and moved.record is not None:
            moved = self.rename(moved, run.name)
        return moved

    def rename(self, run: StoredRun, name: str) -> StoredRun:
        """Call a run something else; "" for its number.

        Raises
        ------
        SaveError
            If that can't be written, or the run is on.
        """
        self._require_at_rest(run)
        record = replace(run.known, name=" ".join(name.split())[:LONGEST_NAME])
        write_atomically(run.folder / NAME, record.as_bytes())
        return replace(run, record=record)

    def delete(self, run: StoredRun) -> None:
        """Put a run aside, from where `restore` brings it back.

        Raises
        ------
        SaveError
            If it can't be moved, or the run is on.
        """
        self._require_at_rest(run)
        aside = self.folder / DELETED
        self._move(run.folder, aside / run.folder.name)
        with suppress(OSError):
            os.utime(aside / run.folder.name)  # from now on it is kept for a while

    def restore(self, number: int) -> StoredRun:
        """Bring back a run that was deleted.

        Raises
        ------
        SaveError
            If it is no longer there, or can't be moved.
        """
        name = folder_name(number)
        self._move(self.folder / DELETED / name, self.folder / name)
        return read_run(self.folder / name)

    @property
    def n_bytes(self) -> int:
        """What all runs take on the disk, deleted ones too."""
        return bytes_of(self.folder)

    def tidy(self) -> tuple[str, ...]:
        """Make room where the runs take more than the limit, and say what went.

        First go runs that were deleted a day ago or earlier, then the ticks of the oldest runs, then what the oldest
        could be gone on from. Best weights, curves and records stay, and everything of runs that are on, or were
        interrupted, and of the newest.
        """
        size = self.n_bytes
        if size <= self.most_bytes:
            return ()
        said: list[str] = []
        for folder in sorted(_numbered(self.folder / DELETED), key=_number):
            if size > self.most_bytes and _age(folder) > _KEPT_SECONDS:
                size -= _removed(folder)
                said.append(f"{_called(folder)}, deleted earlier")
        old = [run for run in self.runs()[:-1] if run.state in ("finished", "stopped", "diverged")]
        for what, names in (("the ticks of", (TICKS,)), ("what could be gone on from of", (RESUME, LAST))):
            for run in old:
                if size > self.most_bytes:
                    freed = sum(_removed(run.folder / name) for name in names)
                    said += [f"{what} {run.name}"] if freed else []
                    size -= freed
        return (f"The runs took more than {bytes_text(self.most_bytes)}: {listing(said)} went.",) if said else ()

    def _new_folder(self) -> Path:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            raise SaveError(f"No run can be kept in {shown(self.folder)}: it is a file, not a folder.") from None
        except (OSError, ValueError) as error:
            raise _refusal(self.folder, error) from error
        try:
            while True:
                folder = self.folder / folder_name(self.last_number + 1)
                with suppress(FileExistsError):  # another process was faster
                    folder.mkdir()
                    return folder
        except OSError as error:
            raise _refusal(self.folder, error) from error

    def _require_at_rest(self, run: StoredRun) -> None:
        if read_run(run.folder).state == "running":
            raise SaveError(f"{run.name} is on: stop it first.")

    def _move(self, source: Path, target: Path) -> None:
        try:
            target.parent.mkdir(exist_ok=True)
            if os.path.lexists(target):
                raise FileExistsError(None, "there is another of that number")
            source.rename(target)
        except OSError as error:
            raise SaveError(
                f"{shown(source)} could not be moved to {shown(target.parent)}: {reason(error)}."
            ) from error


def newest_folder(folder: Path) -> Path | None:
    """Return the folder of the newest run among those in a folder; None where there is none."""
    return max(_numbered(folder), key=_number, default=None)


def _refusal(folder: Path, error: OSError | ValueError) -> SaveError:
    why = reason(error) if isinstance(error, OSError) else str(error)  # a character that no name may hold
    return SaveError(f"No run can be kept in {shown(folder)}: {why}.")


def bytes_of(path: Path) -> int:
    """Return what a file or folder takes on the disk; links are not followed."""
    try:
        if not path.is_dir() or path.is_symlink():
            return path.lstat().st_size
        with os.scandir(path) as entries:
            return sum(bytes_of(Path(entry)) for entry in entries)
    except OSError:
        return 0


def _numbered(folder: Path) -> Iterable[Path]:
    try:
        return [path for path in folder.iterdir() if path.name.isdecimal() and path.name.isascii() and path.is_dir()]
    except OSError:
        return []


def _number(folder: Path) -> int:
    return int(folder.name)


def folder_name(number: int) -> str:
    """Return what the folder of a run is called.

    >>> folder_name(7)
    '0007'
    """
    return f"{number:04}"


def _called(folder: Path) -> str:
    return read_run(folder).name


def _age(folder: Path) -> float:
    try:
        return time.time() - folder.stat().st_mtime
    except OSError:
        return 0.0


def _removed(path: Path) -> int:
    """Remove a file or folder, and return how many bytes that frees."""
    size = bytes_of(path)
    with suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
        return size
    return 0
