"""Arrays in and out of NumPy's own files, without pickles."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from core.errors import DataError
from core.io.atomic import write_atomically
from core.io.failures import reason, shown
from core.io.formats import not_numpy
from core.io.weights import DAMAGE, write_weights

Arrays = NDArray[Any] | dict[str, NDArray[Any]]


def load_arrays(path: Path) -> Arrays:
    """Read one array from a `.npy`, or several by name from a `.npz`.

    Raises
    ------
    DataError
        If the file is missing, damaged, or holds anything but numbers.
    """
    try:
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # NumPy's note on headers that Python 2 wrote
            return _read(file, path)
    except OSError as error:
        raise DataError(f"{shown(path)} cannot be read: {reason(error)}.") from error
    except MemoryError as error:
        raise DataError(f"{shown(path)} says that it holds more numbers than fit into memory.") from error
    except DAMAGE as error:
        raise DataError(
            f"{shown(path)} is damaged, or not a file of numbers that NumPy wrote (.npy, or .npz for several inputs)"
            f"{not_numpy(path)}."
        ) from error


def _read(file: IO[bytes], path: Path) -> Arrays:
    if not zipfile.is_zipfile(file):
        file.seek(0)
        return _numbers(npy.read_array(file, allow_pickle=False), path)
    with zipfile.ZipFile(file) as archive:
        arrays = {}
        for name in archive.namelist():
            with archive.open(name) as member:
                arrays[name.removesuffix(".npy")] = _numbers(npy.read_array(member, allow_pickle=False), path)
    if not arrays:
        raise DataError(f"{shown(path)} holds no arrays.")
    return arrays


def _numbers(array: NDArray[Any], path: Path) -> NDArray[Any]:
    if array.dtype.kind not in "fiub":
        raise DataError(f"{shown(path)} holds {array.dtype} values; numbers are needed.")
    return array


def save_arrays(path: Path, arrays: NDArray[Any] | Mapping[str, NDArray[Any]]) -> None:
    """Write one array as `.npy`, or several by name as `.npz`; the file is either as it was or complete."""
    if not isinstance(arrays, np.ndarray):
        write_weights(path, arrays)
        return
    buffer = io.BytesIO()
    np.save(buffer, arrays, allow_pickle=False)
    write_atomically(path, buffer.getvalue())
