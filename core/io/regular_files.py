"""Opening the files that a user names: nothing that is waited for, or that never ends."""

from __future__ import annotations

import errno
import io
import logging
import os
import stat
import zipfile
from pathlib import Path
from typing import IO

from core.text import bytes_text

log = logging.getLogger("convograph.io")

LARGEST_DIRECTORY = 16 << 20
"""Bytes of the list of an archive's members; a network of a hundred thousand arrays has one of ten million."""

IN_PIECES = frozenset((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
"""How members may be compressed to be read in small pieces; NumPy writes nothing else."""

_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOCTTY", 0)
_AT_ONCE = getattr(os, "O_NONBLOCK", 0)


class IsAPipeError(OSError):
    """What was to be opened as a file is a pipe, which somebody may write into one day."""


def open_file(path: Path) -> io.BufferedReader:
    """Open a regular file, or a link to one, for reading.

    Raises
    ------
    OSError
        If it can't be opened, or is a folder, a pipe, a device or a socket; nothing is waited for, and nothing is
        read. `core.io.failures.reason` says why.
    """
    try:
        _require_regular(path.stat())
        # In between, something else may have taken its place: a pipe must not be waited for then, either.
        handle = os.open(path, _READ | _AT_ONCE)
    except ValueError as error:  # a zero byte, a half of a character
        raise OSError(None, "no file can have that name") from error
    try:
        found = os.fstat(handle)
        _require_regular(found)
        log.debug("reading %s, %s", path, bytes_text(found.st_size))
        if _AT_ONCE:
            os.set_blocking(handle, True)
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def _require_regular(found: os.stat_result) -> None:
    if stat.S_ISREG(found.st_mode):
        return
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if stat.S_ISFIFO(found.st_mode):
        raise IsAPipeError(None, "it is a pipe, not a file")
    raise OSError(None, f"it is {'a socket' if stat.S_ISSOCK(found.st_mode) else 'a device'}, not a file")


def open_archive(file: IO[bytes]) -> zipfile.ZipFile:
    """Open a zip archive of arrays, as `open_zip` does.

    Raises
    ------
    zipfile.BadZipFile
        If its list of members is too large, or it is damaged.
    OSError
        If members are compressed in a way that can't be read in small pieces: one piece could fill the memory.
    """
    archive = open_zip(file)
    for info in archive.infolist():
        if info.compress_type not in IN_PIECES:
            raise OSError(None, "it is compressed in a way that NumPy never writes; save the arrays with NumPy again")
    return archive


def open_zip(file: IO[bytes]) -> zipfile.ZipFile:
    """Open a zip archive, unless its list of members, which is read whole, claims to be larger than any of ours.

    Raises
    ------
    zipfile.BadZipFile
        If it does, or is damaged.
    """
    listed = _Listed(file)
    archive = zipfile.ZipFile(listed)
    listed.largest = None
    return archive


class _Listed:
    """A file of which no large piece is read at once until its list of members is known."""

    def __init__(self, file: IO[bytes]) -> None:
        self.largest: int | None = LARGEST_DIRECTORY
        self._file = file

    def read(self, size: int = -1, /) -> bytes:
        """Read, as files do."""
        if self.largest is not None and size > self.largest:
            raise zipfile.BadZipFile("its list of members is too large")
        return self._file.read(size)

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a place, as files do."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the place, as files do."""
        return self._file.tell()

    def seekable(self) -> bool:
        """Say that any place can be gone to."""
        return True
