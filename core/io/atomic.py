"""Saving so that a file is either as it was or complete, whatever happens in between."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from core.errors import SaveError
from core.io.failures import reason, shown

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def write_atomically(path: Path, data: bytes) -> None:
    """Write beside the file and put it in its place in one step: a crash or a full disk never leaves half a file.

    An existing file keeps its permissions, and a link keeps pointing to the file it points to, which is replaced.

    Parameters
    ----------
    path
        The file; its folder must exist.
    data
        All that the file is to hold.

    Raises
    ------
    SaveError
        The folder is missing or read-only, the file is write-protected or not an ordinary file, the disk is full, …
        What stood there before is untouched.
    """
    try:
        target = path.resolve()
        mode = _mode(target)
        _replace(target, data, mode)
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


def _replace(target: Path, data: bytes, mode: int | None) -> None:
    beside = target.parent / f".convograph-{secrets.token_hex(8)}.tmp"
    file = os.fdopen(os.open(beside, _NEW, 0o666 if mode is None else 0o600), "wb")
    try:
        with file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            beside.chmod(mode)
        beside.replace(target)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise
    with suppress(OSError):  # the new name itself reaches the disk; Windows and some network disks cannot be asked to
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
