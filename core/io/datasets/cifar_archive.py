"""CIFAR's official archives as they are downloaded: read where they lie, member by member, never unpacked to the disk.

A tar archive is read once from its beginning to its end. Nothing in it can name a place that is written to, since
nothing is written.
"""

from __future__ import annotations

import gzip
import os
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path, PurePosixPath
from typing import IO

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.io.datasets.assembling import Origin
from core.io.datasets.cifar import HUNDRED, TEN, Batch, Version, is_batch_name, names_in, read_batches, version_of
from core.io.datasets.foreign import file_names
from core.io.datasets.pickles import cifar_refusal, is_pickled_cifar
from core.io.datasets.stored import refuse_beyond_memory, refusing, take
from core.io.datasets.values import Dataset
from core.io.failures import shown
from core.io.formats import BEGINNING, CIFAR_10, CIFAR_100, GZIP, TAR, is_of, is_pickled, recognise
from core.io.regular_files import open_file
from core.io.weights import DAMAGE
from core.text import bytes_text

_LOOKED_THROUGH = 32 << 20
"""Bytes of an archive in which the first batch is looked for: as much as one batch, whatever comes before it."""

_ALWAYS_UNPACKED = 64 << 20
_PACKING_LIMIT = 10  # photographs pack by a tenth
_LONGEST_HEADER = 1 << 20
_MOST_MEMBERS = 10_000
_MOST_NAMES = 1 << 16  # bytes of the names of the classes
_LONG_HEADERS = {tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, *tarfile.GNU_TYPES}


class _Metered:
    """What an archive unpacks to, up to a limit."""

    def __init__(self, stream: BufferedReader | gzip.GzipFile, limit: int, path: Path) -> None:
        self._stream, self._limit, self._path, self._n = stream, limit, path, 0

    def read(self, size: int, /) -> bytes:
        """Read, as files do."""
        data = self._stream.read(size)
        self._n += len(data)
        if self._n > self._limit:
            raise DataError(
                f"{shown(self._path.name)} unpacks to more than {bytes_text(self._limit)}; no honest archive of its "
                "size does. Unpack it yourself if you trust it, and give the folder."
            )
        return data


class _Member(tarfile.TarInfo):
    """A member whose header, which is read whole, is no longer than honest ones are."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _Member:
        """Return the member that a block of 512 bytes announces."""
        member = super().frombuf(buf, encoding, errors)
        if member.type in _LONG_HEADERS and member.size > _LONGEST_HEADER:
            raise ValueError("a header is too long")
        return member


def is_cifar_archive(path: Path) -> bool:
    """Say whether a tar archive, plain or packed with gzip, or one in a folder holds CIFAR, as bytes or pickled."""
    if path.is_dir():
        return _archive_in(path) is not None
    return is_of(path, TAR) and _holds_cifar(path)


def read_cifar_archive(path: Path) -> Dataset:
    """Read the archive cifar-10-binary.tar.gz or cifar-100-binary.tar.gz.

    Parameters
    ----------
    path
        The archive, or a folder with it.

    Raises
    ------
    DataError
        It holds the pickled form, is damaged, packed to fill the memory, or has members that lead elsewhere.
    """
    archive = (_archive_in(path) or path) if path.is_dir() else path
    records: dict[str, NDArray[np.uint8]] = {}
    names: dict[str, list[str]] = {}
    n_bytes = 0
    with refusing(archive, "a tar archive", (*DAMAGE, tarfile.TarError)), _opened(archive) as opened:
        for member, stream in _files(opened, archive):
            base = PurePosixPath(member.name).name
            if is_pickled_cifar(base) and is_pickled(stream.peek(16)):
                raise DataError(cifar_refusal(f"{shown(archive.name)} holds {shown(member.name)}, which", member.name))
            if base in {TEN.names, HUNDRED.names} and member.size <= _MOST_NAMES:
                names[base] = names_in(bytes(take(stream, member.size)))
            elif is_batch_name(base):
                n_bytes += member.size
                refuse_beyond_memory(archive, 2 * n_bytes, "Unpack it and give the folder.")
                values = take(stream, member.size)
                if len(values) < member.size:
                    raise EOFError
                records[member.name] = np.frombuffer(values, np.uint8)
    if not records:
        raise DataError(
            f"{shown(archive.name)} holds no batches of CIFAR, such as data_batch_1.bin. Get cifar-10-binary.tar.gz."
        )
    batches = [_batch(name, records) for name in sorted(records)]

    def told(batch: Batch) -> Version | None:
        known = recognise(records[batch.name][:BEGINNING].tobytes(), batch.size)
        return HUNDRED if known is CIFAR_100 else TEN if known is CIFAR_10 else None

    version = version_of(batches, archive, told)
    return read_batches(batches, version, names.get(version.names, []), Origin(archive, version.name))


def _batch(name: str, records: dict[str, NDArray[np.uint8]]) -> Batch:
    """Return a batch that lets go of its bytes when they are read."""
    return Batch(name, records[name].size, lambda record: records.pop(name).reshape(-1, record))


def _archive_in(folder: Path) -> Path | None:
    """Return the archive of a folder that holds nothing else, or the pickled one beside the binary one."""
    archives = [folder / name for name in file_names(folder)]
    if not 0 < len(archives) <= 2 or not all(map(is_cifar_archive, archives)):
        return None
    return min(archives, key=lambda path: "python" in path.name)


def _holds_cifar(path: Path) -> bool:
    try:
        with _opened(path, _LOOKED_THROUGH) as archive:
            return any(_is_batch(archive, member) for member in archive)
    except (OSError, EOFError, ValueError, DataError, tarfile.TarError, zlib.error):
        return False


def _is_batch(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bool:
    base = PurePosixPath(member.name).name
    if is_batch_name(base):
        return True
    stream = archive.extractfile(member) if is_pickled_cifar(base) and member.isfile() else None
    return stream is not None and is_pickled(stream.read(16))


@contextmanager
def _opened(path: Path, limit: int | None = None) -> Iterator[tarfile.TarFile]:
    """Open an archive, to go once through its members in the order in which they lie there."""
    with open_file(path) as file:
        packed = file.read(2) == GZIP
        file.seek(0)
        stream = gzip.GzipFile(fileobj=file) if packed else file
        size = os.fstat(file.fileno()).st_size
        most = max(_ALWAYS_UNPACKED, _PACKING_LIMIT * size) if packed else size
        source: IO[bytes] = _Metered(stream, limit or most, path)  # type: ignore[assignment]
        with tarfile.open(fileobj=source, mode="r|", bufsize=1 << 16, tarinfo=_Member) as archive:
            yield archive


def _files(archive: tarfile.TarFile, path: Path) -> Iterator[tuple[tarfile.TarInfo, BufferedReader]]:
    """Yield the files of an archive; raise where a member leads elsewhere."""
    for n, member in enumerate(archive):
        where = f"{shown(path.name)}: its member {shown(member.name)} (offset {member.offset:,})"
        place = PurePosixPath(member.name)
        if place.is_absolute() or ".." in place.parts:
            raise DataError(
                f"{where} names a place outside of the archive, which is never followed. Get the archive anew."
            )
        if is_batch_name(place.name) and (not member.isfile() or member.issparse()):
            raise DataError(f"{where} is a link or no plain file, which is never followed. Get the archive anew.")
        if n > _MOST_MEMBERS:
            raise ValueError("it has too many members")
        stream = archive.extractfile(member) if member.isfile() and not member.issparse() else None
        if isinstance(stream, BufferedReader):
            yield member, stream
