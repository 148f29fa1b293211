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

from core.errors import ConvographError
from core.graph.values import Document
from core.io.atomic import write_atomically
from core.io.documents import loads
from core.io.writing import document_as_json
from designer.session.session import Session

KEEP_AFTER_MS = 2000
"""How long a change may exist in memory only."""

_ENDING = ".unsaved.json"


@dataclass(frozen=True, slots=True)
class Unsaved:
    """A document that the program left behind unsaved.

    Attributes
    ----------
    document : Document
    path : Path or None
        The file that it was opened from or last saved to.
    kept : datetime
        When it was last kept.
    place : Path
        Where it is kept.
    """

    document: Document
    path: Path | None
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
            self._lock = _locked(self._place)
        document, path = self._session.document, self._session.path
        writing = self._writer.submit(_write, self._place, document, path)
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


def left_behind() -> Iterator[Unsaved]:
    """Yield what programs that no longer run left unsaved, the newest first."""
    with suppress(OSError):
        for place in sorted(folder().glob(f"*{_ENDING}"), key=lambda place: place.stat().st_mtime, reverse=True):
            lock = _locked(place)
            if lock is not None:
                lock.unlock()  # nobody else has it, so nobody will write it
                unsaved = _read(place)
                if unsaved is None:
                    _remove(place)
                else:
                    yield unsaved


def _locked(place: Path) -> QLockFile | None:
    """Take the lock of a place; None if a running program has it."""
    lock = QLockFile(f"{place}.lock")
    lock.setStaleLockTime(0)  # it is held exactly as long as its program runs
    return lock if lock.tryLock(0) else None


def _write(place: Path, document: Document, path: Path | None) -> None:
    kept = {"path": None if path is None else str(path.absolute()), "document": document_as_json(document)}
    write_atomically(place, json.dumps(kept, ensure_ascii=False).encode())


def _read(place: Path) -> Unsaved | None:
    try:
        raw = json.loads(place.read_text(encoding="utf-8"))
        document = loads(json.dumps(raw["document"]))
        path = None if raw["path"] is None else Path(raw["path"])
        return Unsaved(document, path, datetime.fromtimestamp(place.stat().st_mtime).astimezone(), place)
    except (OSError, ValueError, KeyError, TypeError, ConvographError):
        return None  # half of it, or not ours


def _remove(place: Path) -> None:
    with suppress(OSError):
        place.unlink()
