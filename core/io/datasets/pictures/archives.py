"""Archives of a data set, zip and tar, read in place: nothing in them is written anywhere, or followed."""

from __future__ import annotations

import os
import stat
import tarfile
import zipfile
import zlib
from contextlib import ExitStack
from gzip import GzipFile
from pathlib import Path
from tempfile import SpooledTemporaryFile
from threading import Lock
from typing import IO, Protocol, cast

from core.errors import DataError
from core.io.datasets.pictures.decoding import PictureError
from core.io.datasets.pictures.places import Entry, FolderPlace, Parts, Place, Walk, is_junk, refuse_large
from core.io.datasets.room import temporary_folder
from core.io.datasets.values import Refused
from core.io.failures import reason, shown
from core.io.formats import GZIP, TAR, ZIP, recognise_file
from core.io.regular_files import IN_PIECES, open_file, open_zip
from core.text import bytes_text

_MOST_UNPACKED = 100  # times the size of the archive: pictures are packed already, so nearly nothing is gained
ALWAYS_UNPACKED = 64 << 20
_MOST_AT_ONCE = 1 << 20  # bytes of a header in a tar archive
_CHUNK = 1 << 20
_DAMAGED = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    EOFError,
    LookupError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    ValueError,
)
_LINK = "It is a link, and links in archives are not followed. Pack the picture itself."


def is_archive(path: Path) -> bool:
    """Say whether a file is a zip or tar archive, and none of those that are another format's."""
    known = recognise_file(path)
    return known is not None and known.recognises in {ZIP.recognises, TAR.recognises}


def open_place(path: Path, *, glance: bool = False) -> Place:
    """Open a folder, or a zip or tar archive.

    Parameters
    ----------
    glance
        Whether only its first files will be read: a packed archive is then unpacked no further.

    Raises
    ------
    DataError
        The archive is damaged, or unpacks to far more than pictures do.
    OSError
        It cannot be opened.
    """
    if path.is_dir():
        return FolderPlace(path)
    with open_file(path) as file:
        beginning = file.read(2)
    if beginning == b"PK":
        return ZipPlace(path)
    if beginning != GZIP:
        return TarPlace(path, open_file(path))
    return TarPlace(path, _Glance(path) if glance else _unpacked(path))


class ZipPlace:
    """A zip archive, read in place."""

    def __init__(self, path: Path) -> None:
        self.name = _stem(path)
        self._lock = Lock()
        self._file = open_file(path)
        try:
            self._archive = open_zip(self._file)
            self._members = self._archive.infolist()
            size = os.fstat(self._file.fileno()).st_size
            _refuse_bomb(path, sum(info.file_size for info in self._members), size)
        except BaseException as error:
            self._file.close()
            if isinstance(error, _DAMAGED):
                raise _damaged(path, error) from error
            raise

    def walk(self) -> Walk:
        """List everything; see `Place`."""
        for number, info in enumerate(self._members):
            parts = _parts(info.filename)
            if _is_passed_over(parts):
                continue
            what = ""
            if ".." in parts:
                what = "Its path leads out of the archive. Pack it again without that."
            elif stat.S_ISLNK(info.external_attr >> 16):
                what = _LINK
            elif info.flag_bits & 1:
                what = "It is encrypted. Pack it again without a password."
            elif info.compress_type not in IN_PIECES:
                what = "It is packed in an unusual way. Pack it again as zip programs do by default."
            if what:
                yield Refused(shown("/".join(parts)), "", what)
            else:
                yield Entry(parts, info.is_dir(), number, info.file_size)

    def read(self, entry: Entry, most: int | None = None) -> bytes:
        """Read a file; see `Place`."""
        if most is None:
            refuse_large(entry.size)
        try:
            with self._lock, self._archive.open(self._members[entry.at]) as file:
                return file.read(entry.size if most is None else most)
        except (*_DAMAGED, OSError) as error:
            raise PictureError("It is damaged in the archive. Download or pack the archive again.") from error

    def close(self) -> None:
        """Let go of the archive."""
        self._archive.close()
        self._file.close()


class TarPlace:
    """A tar archive, read in place; what gzip has packed is unpacked into a temporary file without a name."""

    def __init__(self, path: Path, file: _File) -> None:
        self._path = path
        self.name = _stem(path)
        self._lock = Lock()
        self._file = file

    def walk(self) -> Walk:
        """List everything; see `Place`."""
        self._file.seek(0)
        try:
            with tarfile.open(fileobj=cast(IO[bytes], _Header(self._file)), mode="r:") as archive:
                while (info := archive.next()) is not None:
                    vars(archive)["members"] = []  # else it keeps them all
                    yield from self._found(info)
        except _DAMAGED as error:
            raise _damaged(self._path, error) from error

    @staticmethod
    def _found(info: tarfile.TarInfo) -> Walk:
        parts = _parts(info.name)
        if _is_passed_over(parts):
            return
        what = ""
        if ".." in parts:
            what = "Its path leads out of the archive. Pack it again without that."
        elif info.issym() or info.islnk():
            what = _LINK
        elif info.issparse() or not (info.isreg() or info.isdir()):
            what = "It is no plain file. Pack it again without it."
        yield (
            Refused(shown("/".join(parts)), "", what)
            if what
            else Entry(parts, info.isdir(), info.offset_data, info.size)
        )

    def read(self, entry: Entry, most: int | None = None) -> bytes:
        """Read a file; see `Place`."""
        if most is None:
            refuse_large(entry.size)
        try:
            with self._lock:
                self._file.seek(entry.at)
                data = _take(self._file, entry.size if most is None else min(entry.size, most))
        except _DAMAGED as error:  # of what is packed, at the first glance
            raise _damaged(self._path, error) from error
        if most is None and len(data) < entry.size:
            raise PictureError("The archive is cut off in it. Download or pack the archive again.")
        return data

    def close(self) -> None:
        """Let go of the archive."""
        self._file.close()


class _File(Protocol):
    """What is asked of the file that holds a tar archive."""

    def read(self, size: int = -1, /) -> bytes:
        """Read, as files do."""

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a place, as files do."""

    def tell(self) -> int:
        """Return the place, as files do."""

    def close(self) -> None:
        """Close it."""


class _Header:
    """A tar archive of which no large piece is read at once: a header may claim to be as long as it likes."""

    def __init__(self, file: _File) -> None:
        self._file = file
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1, /) -> bytes:
        """Read, as files do."""
        if not 0 <= size <= _MOST_AT_ONCE:
            raise tarfile.ReadError("a header is too large")
        return self._file.read(size)


class _Glance(GzipFile):
    """The beginning of a packed tar archive, as it is unpacked."""

    def __init__(self, path: Path) -> None:
        self._packed = open_file(path)
        super().__init__(fileobj=self._packed)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place, as files do, if it is not far."""
        if offset > ALWAYS_UNPACKED:
            raise tarfile.ReadError("it is too far")
        return super().seek(offset, whence)

    def close(self) -> None:
        """Close both files."""
        super().close()
        self._packed.close()


def _unpacked(path: Path) -> _File:
    with open_file(path) as file, ExitStack() as stack:
        unpacked = stack.enter_context(_temporary())
        try:
            _unpack(path, file, unpacked)
        except (*_DAMAGED, OSError) as error:
            raise _damaged(path, error) from error
        stack.pop_all()  # it stays open
        return unpacked


def _unpack(path: Path, file: IO[bytes], unpacked: IO[bytes]) -> None:
    size = os.fstat(file.fileno()).st_size
    with GzipFile(fileobj=file) as stream:
        while piece := stream.read(_CHUNK):
            unpacked.write(piece)
            _refuse_bomb(path, unpacked.tell(), size)


def _temporary() -> IO[bytes]:
    return cast(IO[bytes], SpooledTemporaryFile(ALWAYS_UNPACKED, prefix="convograph-", dir=str(temporary_folder())))


def _refuse_bomb(path: Path, unpacked: int, size: int) -> None:
    if unpacked > max(ALWAYS_UNPACKED, _MOST_UNPACKED * size):
        raise DataError(
            f"{shown(path.name)} holds {bytes_text(size)}, but would unpack to {bytes_text(unpacked)} or more. "
            "Pictures never do: it was made to fill a memory or a disk. Use another archive."
        )


def _take(file: _File, size: int) -> bytes:
    """Read so many bytes, or what is there: memory grows with what is there, not with what is claimed."""
    pieces, left = [], size
    while left and (piece := file.read(min(left, _CHUNK))):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def _damaged(path: Path, error: BaseException) -> DataError:
    why = f"cannot be unpacked: {reason(error)}" if isinstance(error, OSError) and error.errno else "is damaged"
    return DataError(f"{shown(path.name)} {why}. Download or copy it again.")


def _stem(path: Path) -> str:
    name = path.name
    for ending in (".tar.gz", ".tgz", ".tar", ".zip"):
        if name.lower().endswith(ending):
            name = name[: -len(ending)]
            break
    return shown(name) or shown(path.name)


def _is_passed_over(parts: Parts) -> bool:
    return not parts or any(is_junk(part) for part in parts if part != "..")


def _parts(name: str) -> Parts:
    return tuple(part for part in name.replace("\\", "/").split("/") if part not in ("", "."))
