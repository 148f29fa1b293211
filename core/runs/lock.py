"""Who writes a run: one process at a time, known to all others for as long as it lives."""

from __future__ import annotations

import os
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Literal, TypeAlias

from core.io.regular_files import open_file

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

NAME = ".lock"
HEARTBEAT_SECONDS = 10.0
"""How often a writer shows that it lives."""

_SILENT_SECONDS = 60.0
"""After how long without that it is taken for dead, where the disk can't tell."""
_ATTEMPTS = 5
_LONGEST_HOST = 255
_OPEN = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)

_Lock: TypeAlias = Literal["ours", "theirs", "unknown"]


class RunLock:
    """The right to write into a run's folder, which the system takes back when its process ends, however it ends.

    Numbers of processes are used again, and mean nothing on another computer: neither decides here. Where a folder's
    disk has no locks, or keeps them from other computers, what counts is whether the writer has touched the file of
    late; it holds the writer's computer, and nothing while nobody writes.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._handle: int | None = None

    def take(self) -> bool:
        """Take it; False where another writer has it.

        Raises
        ------
        OSError
            If the folder can't be written into.
        """
        handle = os.open(self._path, _OPEN | os.O_RDWR | os.O_CREAT, 0o666)
        lock = _lock(handle, shared=False)
        for _ in range(_ATTEMPTS):
            if lock == "theirs":  # perhaps of somebody who only looks, for a moment
                time.sleep(0.01)
                lock = _lock(handle, shared=False)
        if lock == "theirs" or _is_alive(handle, lock):
            os.close(handle)
            return False
        os.ftruncate(handle, 0)
        os.lseek(handle, 0, os.SEEK_SET)
        os.write(handle, socket.gethostname().encode())
        self._handle = handle
        return True

    def touch(self) -> None:
        """Show that its writer lives."""
        with suppress(OSError):
            os.utime(self._path)

    def give_back(self) -> None:
        """Let others write."""
        if self._handle is not None:
            with suppress(OSError):
                os.ftruncate(self._handle, 0)
            os.close(self._handle)
            self._handle = None


def is_written(folder: Path) -> bool:
    """Say whether a process writes into a run's folder now; asking writes nothing, on a read-only disk either."""
    try:
        handle = os.open(folder / NAME, _OPEN | os.O_RDONLY)
    except OSError:
        return False
    try:
        lock = _lock(handle, shared=True)
        return lock == "theirs" or _is_alive(handle, lock)
    finally:
        os.close(handle)  # gives back what was taken only to see whether it can be


def holder(folder: Path) -> str | None:
    """Return the computer that writes a run, or did until its process was killed.

    "" once its process has ended in order; None where the folder doesn't say, such as a copy without hidden files.
    """
    try:
        with open_file(folder / NAME) as file:
            return file.read(_LONGEST_HOST).decode(errors="replace").strip()
    except OSError:
        return None


def _is_alive(handle: int, lock: _Lock) -> bool:
    """Say whether a writer lives that the lock itself doesn't tell of."""
    try:
        host = os.pread(handle, 1000, 0).decode(errors="replace") if hasattr(os, "pread") else ""
        is_late = time.time() - os.fstat(handle).st_mtime > _SILENT_SECONDS
    except OSError:
        return False
    return bool(host) and not is_late and (lock == "unknown" or host != socket.gethostname())


def _lock(handle: int, *, shared: bool) -> _Lock:
    """Lock a file, where its disk knows locks."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return "theirs"
    except OSError:
        return "unknown"
    return "ours"
