"""Arrays in and out of NumPy's own files, without pickles."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.io.atomic import write_atomically
from core.io.failures import reason, shown

Arrays = NDArray[Any] | dict[str, NDArray[Any]]


def load_arrays(path: Path) -> Arrays:
    """Read one array from a `.npy`, or several by name from a `.npz`.

    Raises
    ------
    DataError
        If the file is missing, damaged, or holds anything but numbers.
    """
    try:
        with path.open("rb") as file:
            loaded = np.load(file, allow_pickle=False)
            if isinstance(loaded, np.ndarray):
                return _numbers(loaded, path)
            return {name: _numbers(loaded[name], path) for name in loaded.files}
    except OSError as error:
        raise DataError(f"{shown(path)} cannot be read: {reason(error)}.") from error
    except MemoryError as error:
        raise DataError(f"{shown(path)} says that it holds more numbers than fit into memory.") from error
    except (ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
        raise DataError(
            f"{shown(path)} is not a file of numbers that NumPy wrote (.npy, or .npz for several inputs): {error}."
        ) from error


def _numbers(array: NDArray[Any], path: Path) -> NDArray[Any]:
    if array.dtype.kind not in "fiub":
        raise DataError(f"{shown(path)} holds {array.dtype} values; numbers are needed.")
    return array


def save_arrays(path: Path, arrays: NDArray[Any] | Mapping[str, NDArray[Any]]) -> None:
    """Write one array as `.npy`, or several by name as `.npz`; the file is either as it was or complete."""
    buffer = io.BytesIO()
    if isinstance(arrays, np.ndarray):
        np.save(buffer, arrays, allow_pickle=False)
    else:
        np.savez(buffer, allow_pickle=False, **arrays)
    write_atomically(path, buffer.getvalue())
