"""Arrays in and out of NumPy's own files, without pickles."""

from __future__ import annotations

import io
import os
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from core.errors import DataError
from core.io.atomic import write_atomically
from core.io.failures import reason, shown
from core.io.formats import not_numpy
from core.io.regular_files import open_archive, open_file
from core.io.weights import DAMAGE, read_header, weights_bytes
from core.text import bytes_text

Arrays = NDArray[Any] | dict[str, NDArray[Any]]

_BEGINNING = 1 << 17  # bytes, in which every header ends


def load_arrays(path: Path, require: Callable[[Arrays], object] | None = None, most_bytes: int | None = None) -> Arrays:
    """Read one array from a `.npy`, or several by name from a `.npz`.

    Parameters
    ----------
    require : callable, optional
        Raises if arrays of these shapes and types are of no use. It is asked before any number is read, with arrays
        that take no memory and hold zeros.
    most_bytes : int, optional
        How many bytes of numbers are read.

    Raises
    ------
    DataError
        If the file is missing, damaged, holds anything but numbers, or too many of them.
    """
    asked = _Asked(require, most_bytes)
    with _refusing(path), open_file(path) as file:
        if zipfile.is_zipfile(file):
            return _read_members(file, path, asked)
        file.seek(0)
        asked.about(_announced(file, os.fstat(file.fileno()).st_size, path), path)
        return npy.read_array(file, allow_pickle=False)


def load_piped_arrays(
    stream: IO[bytes], name: str, require: Callable[[Arrays], object] | None = None, most_bytes: int | None = None
) -> Arrays:
    """Read what `load_arrays` reads from a pipe; no more is taken from it than its header announces.

    Parameters
    ----------
    name : str
        What messages call it.
    require, most_bytes
        As for `load_arrays`.

    Raises
    ------
    DataError
        As `load_arrays` does.
    """
    asked, path = _Asked(require, most_bytes), Path(name)
    with _refusing(path):
        data = stream.read(_BEGINNING)
        if data.startswith(b"PK"):
            data += stream.read(-1 if most_bytes is None else most_bytes)
            return _read_members(io.BytesIO(data), path, asked)
        announced = _announced(io.BytesIO(data), None, path)
        asked.about(announced, path)
        data += stream.read(_BEGINNING + _n_bytes(announced) - len(data))
        return npy.read_array(io.BytesIO(data), allow_pickle=False)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of arrays before they are read."""

    require: Callable[[Arrays], object] | None
    most_bytes: int | None

    def about(self, announced: Arrays, path: Path) -> None:
        arrays = announced.values() if isinstance(announced, dict) else [announced]
        n_bytes = sum(map(_n_bytes, arrays))
        if self.most_bytes is not None and n_bytes > self.most_bytes:
            raise DataError(
                f"{shown(path)} holds {bytes_text(n_bytes)} of numbers, but no more than {bytes_text(self.most_bytes)} "
                "of this computer's memory may be taken. Give the samples in several files, one after the other."
            )
        if self.require is not None:
            self.require(announced)


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Say in a sentence why something cannot be read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # NumPy's note on headers that Python 2 wrote
            yield
    except OSError as error:
        raise DataError(f"{shown(path)} cannot be read: {reason(error)}.") from error
    except MemoryError as error:
        raise DataError(f"{shown(path)} says that it holds more numbers than fit into memory.") from error
    except DAMAGE as error:
        raise DataError(
            f"{shown(path)} is damaged, or not a file of numbers that NumPy wrote (.npy, or .npz for several inputs)"
            f"{not_numpy(path)}."
        ) from error


def _read_members(file: IO[bytes], path: Path, asked: _Asked) -> Arrays:
    with open_archive(file) as archive:
        members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
        if not members:
            raise DataError(f"{shown(path)} holds no arrays.")
        announced = {}
        for name, info in members.items():
            with archive.open(info) as member:
                announced[name] = _announced(member, info.file_size, path)
        asked.about(announced, path)
        arrays = {}
        for name, info in members.items():
            with archive.open(info) as member:
                arrays[name] = npy.read_array(member, allow_pickle=False)
        return arrays


def _announced(file: IO[bytes], size: int | None, path: Path) -> NDArray[Any]:
    """Return an array of the shape and type that the header announces, of zeros that take no memory.

    Raises
    ------
    ValueError
        If the file ends before that.
    """
    shape, dtype, _ = read_header(file)
    if dtype.kind not in "fiub":
        raise DataError(f"{shown(path)} holds {dtype} values; numbers are needed.")
    if any(n < 0 for n in shape) or (size is not None and file.tell() + prod(shape) * dtype.itemsize > size):
        raise ValueError("it ends before its header says")
    file.seek(0)
    return np.broadcast_to(np.zeros((), dtype), shape)


def _n_bytes(array: NDArray[Any]) -> int:
    return prod(array.shape) * array.itemsize


def save_arrays(path: Path, arrays: NDArray[Any] | Mapping[str, NDArray[Any]]) -> None:
    """Write one array as `.npy`, or several by name as `.npz`; the file is either as it was or complete."""
    write_atomically(path, array_bytes(arrays))


def array_bytes(arrays: NDArray[Any] | Mapping[str, NDArray[Any]]) -> bytes:
    """Return the content of such a file."""
    if not isinstance(arrays, np.ndarray):
        return weights_bytes(arrays)
    buffer = io.BytesIO()
    np.save(buffer, arrays, allow_pickle=False)
    return buffer.getvalue()
