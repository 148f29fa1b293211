"""Unsaved changes, kept beside the preferences during editing and recovered after a crash."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, QStandardPaths, QTimer, Signal, Slot

from core.errors import DocumentError
from core.graph.values import Document
from core.io.atomic import write_atomically
from core.io.documents import loads
from core.io.failures import reason
from core.io.regular_files import open_file
from core.io.writing import document_as_json
from designer.session.session import Session

KEEP_AFTER_MS = 2000
"""How long a change may exist in memory only."""

_ENDING = ".unsaved.json"
_ASIDE = "unreadable"
"""The folder, among what is kept, for what can't be read."""


@dataclass(frozen=True, slots=True)
class Unsaved:
    """A document that the program left behind unsaved.

    Attributes
    ----------
    document : Document
    path : Path or None
        The file that it was opened from or last saved to.
    saved : Document or None
        What that file held then, where that is known.
    kept : datetime
        When it was last kept.
    place : Path
        Where it is kept.
    """

    document: Document
    path: Path | None
    saved: Document | None
    kept: datetime
    place: Path

    @property
    def name(self) -> str:
        """What the user knows it by."""
        return self.path.name if self.path else self.document.name or "Untitled"

    def forget(self) -> None:
        """Delete what was kept."""
        _remove(self.place)
        _remove(Path(f"{self.place}.lock"))


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something that the program left behind unsaved and that can't be read now.

    Attributes
    ----------
    place : Path
        Where it is kept; nothing deletes it.
    why : str
        What is wrong with it: a sentence, or several, that speaks of "it".
    """

    place: Path
    why: str


class RecoveryWriter(QObject):
    """Keeps the changes of a session until they are saved: shortly after each, from a thread of its own."""

    failed = Signal(str)
    """Carries why changes can't be kept; emitted once."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent or session)
        self._session = session
        self._place = folder() / f"{os.getpid()}-{secrets.token_hex(4)}{_ENDING}"
        self._lock: QLockFile | None = None
        self._writer = ThreadPoolExecutor(1, "keeper")
        self._has_failed = False
        self._timer = QTimer(self, singleShot=True, interval=KEEP_AFTER_MS)
        self._timer.timeout.connect(self._keep_in_time)
        session.document_changed.connect(self._on_change)
        session.file_changed.connect(self._on_change)

    @Slot()
    def _on_change(self) -> None:
        if not self._session.modified:
            self._timer.stop()
            if self._lock is not None:
                self._writer.submit(_remove, self._place)
        elif not self._timer.isActive():
            self._timer.start()

    def keep(self) -> Future[None]:
        """Keep the document as it is now; the future is done once it is written."""
        self._timer.stop()
        if self._lock is None:
            with suppress(OSError):  # writing says what is wrong
                folder().mkdir(parents=True, exist_ok=True)
            self._lock = take_lock(self._place)
        session = self._session
        writing = self._writer.submit(_write, self._place, session.document, session.path, session.saved)
        writing.add_done_callback(self._on_written)
        return writing

    @Slot()
    def _keep_in_time(self) -> None:
        self.keep()

    def _on_written(self, done: Future[None]) -> None:
        error = done.exception()
        if error is not None and not self._has_failed:
            self._has_failed = True
            self.failed.emit(f"Changes would be lost in a crash, because they can't be kept: {error}")

    def close(self) -> None:
        """Stop keeping changes, and delete them: the window was closed, and the user was asked."""
        self._timer.stop()
        self._writer.shutdown()
        _remove(self._place)
        if self._lock is not None:
            self._lock.unlock()


def folder() -> Path:
    """Return the folder in which unsaved documents are kept."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppLocalDataLocation)) / "unsaved"


def left_behind() -> Iterator[Unsaved | Unreadable]:
    """Yield what programs that no longer run left unsaved, the newest first.

    What is damaged, or comes from a newer version, is moved into a folder beside the rest, where it stays until it can
    be read: it is yielded when it is moved. What the disk does not give at present stays where it is.
    """
    places = [*folder().glob(f"*{_ENDING}"), *(folder() / _ASIDE).glob(f"*{_ENDING}")]
    for place in sorted(places, key=_time_of, reverse=True):
        lock = take_lock(place)
        if lock is not None:  # nobody else has it, so nobody will write it
            found = _found(place)
            lock.unlock()
            if found is not None:
                yield found


def _found(place: Path) -> Unsaved | Unreadable | None:
    """Read what is kept; None where it is gone, or was moved aside earlier."""
    try:
        return _read(place)
    except FileNotFoundError:
        return None
    except OSError as error:
        return Unreadable(place, f"{reason(error)}.")
    except DocumentError as error:
        why = str(error)
    except (ValueError, KeyError, TypeError, RecursionError):
        why = "it is damaged."
    return None if place.parent.name == _ASIDE else Unreadable(_moved_aside(place), why)


def _moved_aside(place: Path) -> Path:
    """Move what can't be read where it is in nobody's way; it stays where it is if that fails."""
    aside = place.parent / _ASIDE
    names = (place.name, *(f"{n}-{place.name}" for n in range(2, 1000)))
    target = next((aside / name for name in names if not os.path.lexists(aside / name)), None)
    try:
        aside.mkdir(exist_ok=True)
        return place if target is None else place.rename(target)
    except OSError:
        return place


def _time_of(place: Path) -> float:
    try:
        return place.stat().st_mtime
    except OSError:
        return 0.0


def take_lock(place: Path) -> QLockFile | None:
    """Take the lock of a place; None if a running program has it."""
    lock = QLockFile(f"{place}.lock")
    lock.setStaleLockTime(0)  # it is held exactly as long as its program runs
    return lock if lock.tryLock(0) else None


def _write(place: Path, document: Document, path: Path | None, saved: Document | None) -> None:
    kept = {
        "path": None if path is None else str(path.absolute()),
        "document": document_as_json(document),
        "saved": None if saved is None else document_as_json(saved),
    }
    write_atomically(place, json.dumps(kept).encode())  # ASCII: halves of characters, in texts and names, are kept too


def _read(place: Path) -> Unsaved:
    with open_file(place) as file:
        raw = json.loads(file.read())
    document = loads(json.dumps(raw["document"]), "it")
    path = None if raw["path"] is None else Path(raw["path"])
    saved = None
    if raw.get("saved") is not None:
        with suppress(DocumentError):  # what was edited counts
            saved = loads(json.dumps(raw["saved"]))
    return Unsaved(document, path, saved, datetime.fromtimestamp(place.stat().st_mtime).astimezone(), place)


def _remove(place: Path) -> None:
    with suppress(OSError):
        place.unlink()
