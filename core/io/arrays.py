"""Arrays in and out of NumPy's own files, without pickles."""

from __future__ import annotations

import io
import os
import warnings
import zipfile
from collections.abc import Callable, Iterable, Mapping
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
from core.io.weights import DAMAGE, read_header, write_weights
from core.text import bytes_text

Arrays = NDArray[Any] | dict[str, NDArray[Any]]


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
    try:
        with open_file(path) as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # NumPy's note on headers that Python 2 wrote
            if not zipfile.is_zipfile(file):
                file.seek(0)
                announced = _announced(file, os.fstat(file.fileno()).st_size, path)
                _require_room([announced], path, most_bytes)
                if require is not None:
                    require(announced)
                return npy.read_array(file, allow_pickle=False)
            with open_archive(file) as archive:
                return _read_members(archive, path, require, most_bytes)
    except OSError as error:
        raise DataError(f"{shown(path)} cannot be read: {reason(error)}.") from error
    except MemoryError as error:
        raise DataError(f"{shown(path)} says that it holds more numbers than fit into memory.") from error
    except DAMAGE as error:
        raise DataError(
            f"{shown(path)} is damaged, or not a file of numbers that NumPy wrote (.npy, or .npz for several inputs)"
            f"{not_numpy(path)}."
        ) from error


def _read_members(
    archive: zipfile.ZipFile, path: Path, require: Callable[[Arrays], object] | None, most_bytes: int | None
) -> Arrays:
    members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
    if not members:
        raise DataError(f"{shown(path)} holds no arrays.")
    announced = {}
    for name, info in members.items():
        with archive.open(info) as member:
            announced[name] = _announced(member, info.file_size, path)
    _require_room(announced.values(), path, most_bytes)
    if require is not None:
        require(announced)
    arrays = {}
    for name, info in members.items():
        with archive.open(info) as member:
            arrays[name] = npy.read_array(member, allow_pickle=False)
    return arrays


def _announced(file: IO[bytes], size: int, path: Path) -> NDArray[Any]:
    """Return an array of the shape and type that the header announces, of zeros that take no memory.

    Raises
    ------
    ValueError
        If the file ends before that.
    """
    shape, dtype, _ = read_header(file)
    if dtype.kind not in "fiub":
        raise DataError(f"{shown(path)} holds {dtype} values; numbers are needed.")
    if any(n < 0 for n in shape) or file.tell() + prod(shape) * dtype.itemsize > size:
        raise ValueError("it ends before its header says")
    file.seek(0)
    return np.broadcast_to(np.zeros((), dtype), shape)


def _require_room(announced: Iterable[NDArray[Any]], path: Path, most_bytes: int | None) -> None:
    n_bytes = sum(prod(array.shape) * array.itemsize for array in announced)
    if most_bytes is not None and n_bytes > most_bytes:
        raise DataError(
            f"{shown(path)} holds {bytes_text(n_bytes)} of numbers, but no more than {bytes_text(most_bytes)} of this "
            "computer's memory may be taken. Give the samples in several files, one after the other."
        )


def save_arrays(path: Path, arrays: NDArray[Any] | Mapping[str, NDArray[Any]]) -> None:
    """Write one array as `.npy`, or several by name as `.npz`; the file is either as it was or complete."""
    if not isinstance(arrays, np.ndarray):
        write_weights(path, arrays)
        return
    buffer = io.BytesIO()
    np.save(buffer, arrays, allow_pickle=False)
    write_atomically(path, buffer.getvalue())
