"""Arrays as they lie in files: how much of one is taken into memory, what is mapped instead, and what is refused."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from math import prod
from pathlib import Path
from tarfile import ExFileObject
from typing import Any, Literal, TypeAlias
from zipfile import ZipExtFile

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.io.failures import reason, shown
from core.io.weights import DAMAGE
from core.memory import machine_bytes
from core.text import bytes_text

Anything: TypeAlias = NDArray[Any]
"""An array as a file holds it."""

CHUNK = 1 << 20
"""Bytes that are read at a time."""

_ALWAYS_UNPACKED = 64 << 20
_PACKING_LIMIT = 100  # scans and drawings pack 2 to 20 times; beyond 100 a file was made to fill the memory


def mapped_from() -> int:
    """Return the bytes from which on an array stays on the disk, mapped: a quarter of the machine's memory."""
    return machine_bytes() // 4


def most_bytes() -> int:
    """Return how many bytes of one data set may be taken into memory: half of the machine's."""
    return machine_bytes() // 2


def most_unpacked(n_packed: int) -> int:
    """Return how many bytes so many packed ones may unpack to; more is a file that was made to fill the memory."""
    return max(_ALWAYS_UNPACKED, _PACKING_LIMIT * n_packed)


def take(stream: BufferedReader | gzip.GzipFile | ZipExtFile | ExFileObject, size: int) -> bytearray:
    """Read `size` bytes, or what is there: memory grows with what is there, not with what a header announces."""
    values = bytearray()
    with suppress(EOFError):
        while len(values) < size and (piece := stream.read1(min(CHUNK, size - len(values)))):
            values += piece
    return values


def plain_array(
    file: BufferedReader, dtype: np.dtype[Any], shape: tuple[int, ...], offset: int, order: Literal["C", "F"] = "C"
) -> Anything:
    """Return the array that begins at an offset of a file: in memory, or mapped where it is large.

    Raises
    ------
    EOFError
        If the file ends before the array does.
    """
    n_bytes = prod(shape) * dtype.itemsize
    if n_bytes > mapped_from():
        try:
            return np.memmap(file, dtype, "r", offset, shape, order)
        except ValueError as error:  # NumPy's, where the file is shorter
            raise EOFError from error
    file.seek(offset)
    return filled(take(file, n_bytes), dtype, shape, order)


def filled(values: bytearray, dtype: np.dtype[Any], shape: tuple[int, ...], order: Literal["C", "F"]) -> Anything:
    """Return an array of these bytes.

    Raises
    ------
    EOFError
        If they are too few.
    """
    if len(values) < prod(shape) * dtype.itemsize:
        raise EOFError
    return np.frombuffer(values, dtype).reshape(shape, order=order)


def is_mapped(array: Anything) -> bool:
    """Say whether an array lies in a file that is mapped."""
    return isinstance(array, np.memmap)


def refuse_beyond_memory(path: Path, n_bytes: int, instead: str) -> None:
    """Raise where so many bytes would fill the memory.

    Parameters
    ----------
    path
        The file that they come from.
    instead
        A sentence: what can be done.
    """
    if n_bytes > most_bytes():
        raise DataError(
            f"{shown(path.name)} would fill {bytes_text(n_bytes)} of memory; the limit is half of this computer's, "
            f"{bytes_text(most_bytes())}. {instead}"
        )


def refuse_bomb(path: Path, n_bytes: int, n_packed: int) -> None:
    """Raise where a small file claims to unpack to more than honest data do."""
    if n_bytes > most_unpacked(n_packed):
        raise DataError(
            f"{shown(path.name)} says that it unpacks to {bytes_text(n_bytes)}, more than the "
            f"{bytes_text(most_unpacked(n_packed))} that a file of {bytes_text(n_packed)} may unpack to. "
            "Unpack it first if you trust it."
        )


@contextmanager
def refusing(path: Path, what: str, damage: tuple[type[Exception], ...] = DAMAGE) -> Iterator[None]:
    """Say in a sentence why something cannot be read.

    Parameters
    ----------
    what
        What it would be if it were sound: "an NPZ archive".
    damage
        What is raised where its bytes make no sense.
    """
    try:
        yield
    except EOFError as error:
        raise DataError(
            f"{shown(path.name)} ends before its data do. It was cut short or damaged: download or copy it again."
        ) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{shown(path.name)}: its packing is damaged ({error}). Download or copy it again.") from error
    except OSError as error:
        raise DataError(
            f"{shown(path)} cannot be read: {reason(error)}. Check the file and its permissions."
        ) from error
    except MemoryError as error:
        raise DataError(
            f"{shown(path)} does not fit into the free memory. Close other programs or use a smaller data set."
        ) from error
    except damage as error:
        raise DataError(f"{shown(path.name)} is damaged, or not {what}. Download or copy it again.") from error
