"""Saving so that a file is either as it was or complete, whatever happens in between."""

from __future__ import annotations

import logging
import os
import re
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.errors import SaveError
from core.io.failures import reason, shown
from core.text import bytes_text

if sys.platform != "win32":
    import fcntl

log = logging.getLogger("convograph.io")

_NAME = re.compile(r"\.convograph-[0-9a-f]{16}\.tmp")
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def write_atomically(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Write beside the file and put it in its place in one step: a crash or a full disk never leaves half a file.

    An existing file keeps its permissions, and a link keeps pointing to the file it points to, which is replaced.
    What a killed save left in the folder is removed first.

    Parameters
    ----------
    path
        The file; its folder must exist.
    data
        All that the file is to hold.
    durable
        Whether to wait until the disk has it, so that it outlives a power cut too; else it outlives the process.

    Raises
    ------
    SaveError
        The folder is missing or read-only, the file is write-protected or not an ordinary file, the disk is full, …
        What stood there before is untouched.
    """
    with _refusing(path):
        target = path.resolve()
        mode = _mode(target)
        _replace(target, data, mode, durable)


def require_writable(path: Path) -> None:
    """Raise where a file could not be saved, before what is to be in it is made; nothing that is there is changed.

    Raises
    ------
    SaveError
    """
    with _refusing(path):
        target = path.resolve()
        _mode(target)
        beside, handle = _new_beside(target, 0o600)
        os.close(handle)
        beside.unlink()


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Say in a sentence why a file cannot be saved."""
    try:
        yield
    except (OSError, RuntimeError, ValueError) as error:  # a circle of links; a character that no name may hold
        why = reason(error) if isinstance(error, OSError) else str(error)
        if isinstance(error, FileNotFoundError):
            why = f"there is no folder {shown(path.parent)}"
        raise SaveError(
            f"{shown(path)} could not be saved: {why}. What stood there before is unchanged. "
            "Save under another name or in another folder."
        ) from error


def _mode(target: Path) -> int | None:
    """Return the permissions of the file that is there, if there is one; refuse what saving would destroy."""
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(None, "it is a folder")
    if not stat.S_ISREG(mode):
        raise OSError(None, "it is a device or a pipe, not a file")
    if not os.access(target, os.W_OK):
        raise PermissionError(None, "it is write-protected")
    return stat.S_IMODE(mode)


def _replace(target: Path, data: bytes, mode: int | None, durable: bool) -> None:
    _remove_left_over(target.parent)
    beside, handle = _new_beside(target, 0o666 if mode is None else 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
            if mode is not None:
                beside.chmod(mode)
            if sys.platform != "win32":  # what is locked can be renamed, and is nobody's to remove until it is
                beside.replace(target)
        if sys.platform == "win32":
            beside.replace(target)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise
    log.info("wrote %s, %s", target, bytes_text(len(data)))
    if not durable:
        return
    with suppress(OSError):  # the new name itself reaches the disk; Windows and some network disks cannot be asked to
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _new_beside(target: Path, permissions: int) -> tuple[Path, int]:
    """Open a new file in the same folder; where files can be locked, it is, for as long as it is open."""
    while True:
        beside = target.parent / f".convograph-{secrets.token_hex(8)}.tmp"
        handle = os.open(beside, _NEW, permissions)
        if sys.platform == "win32":
            return beside, handle
        is_ours = True
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            is_ours = False
        except OSError:  # some network disks have no locks; nothing is ever removed from them, either
            pass
        if is_ours and os.path.lexists(beside):
            return beside, handle
        os.close(handle)  # another save took it for left over, before it was locked: it removes it


def _remove_left_over(folder: Path) -> None:
    """Remove what saves that were killed left in a folder: it may be large, and nobody else would."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _NAME.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                _remove_unless_in_use(Path(entry.path))


def _remove_unless_in_use(left: Path) -> None:
    with suppress(OSError):
        if sys.platform == "win32":  # Windows refuses to remove what is open
            left.unlink()
            return
        handle = os.open(left, os.O_RDWR | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)  # fails while the process lives that writes it
            left.unlink()
            log.info("removed %s, which a killed save left", left)
        finally:
            os.close(handle)
