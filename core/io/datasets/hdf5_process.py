"""HDF5 files of data, read in a process of its own (`core/io/hdf5_apart.py`).

It lists the arrays of the file; with `wanted.json` in the folder, it leaves those as `.npy` files.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from io import BufferedReader
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.io.hdf5_apart import MOST_SECONDS, folder_within_limits, leave, read_apart

_BYTES_PER_SECOND: Final = 20_000_000
"""Of a slow disk, unpacked: for that many more, the process is given another second."""
_MOST_ARRAYS: Final = 1000
_OWN_BYTES: Final = 1 << 30
_MATLAB: Final = "MATLAB_class"
_WANTED: Final = "wanted.json"


@dataclass(frozen=True, slots=True)
class Listed:
    """An array of a file.

    Attributes
    ----------
    name : str
        Its path in the file.
    shape : tuple of int, optional
        None where it holds nothing.
    type : str
        Of NumPy; "O" for texts of any length, and for what is no numbers.
    is_text : bool
    offset : int, optional
        Where its numbers lie in the file, if they do so in one piece.
    is_elsewhere : bool
        Whether they lie in another file.
    is_matlab : bool
        Whether MATLAB wrote it, whose axes are the other way round.
    """

    name: str
    shape: tuple[int, ...] | None
    type: str
    is_text: bool
    offset: int | None
    is_elsewhere: bool
    is_matlab: bool

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of its numbers."""
        return np.dtype(self.type)


def listed_arrays(file: BufferedReader) -> dict[str, Listed]:
    """List the arrays of a file by their paths.

    Raises
    ------
    ValueError
        If its bytes make no sense to HDF5, or it takes too long.
    """
    with TemporaryDirectory(prefix="convograph-hdf5-") as folder:
        found = _run(file, Path(folder), 0)
    return {
        entry["name"]: Listed(**{**entry, "shape": None if entry["shape"] is None else tuple(entry["shape"])})
        for entry in found
    }


def array_of(file: BufferedReader, name: str, n_bytes: int) -> NDArray[Any]:
    """Read one array.

    Parameters
    ----------
    n_bytes : int
        How many bytes its numbers take, which the caller finds not too many.

    Raises
    ------
    ValueError
        As `listed_arrays` does.
    """
    with TemporaryDirectory(prefix="convograph-hdf5-") as name_of_folder:
        folder = Path(name_of_folder)
        (folder / _WANTED).write_text(json.dumps([name]))
        _run(file, folder, n_bytes)
        array: NDArray[Any] = np.load(folder / "0.npy", allow_pickle=False)
        return array


def _run(file: BufferedReader, folder: Path, n_bytes: int) -> Any:
    seconds = MOST_SECONDS + (file.seek(0, 2) + n_bytes) / _BYTES_PER_SECOND
    file.seek(0)
    try:
        found = read_apart(__name__, file, folder, _OWN_BYTES + 3 * n_bytes, seconds)
    except TimeoutError as error:
        raise ValueError(f"reading it took longer than {error}") from error
    except ChildProcessError as error:
        raise ValueError("reading it ended in a crash") from error
    if "error" in found:
        raise ValueError(found["error"])
    return found["arrays"]


def main() -> None:
    """List the arrays of the file that comes as input, or read some."""
    folder, h5py = folder_within_limits(), import_module("h5py")
    wanted = folder / _WANTED
    found: dict[str, Any]
    try:
        with h5py.File(sys.stdin.buffer, "r") as held:
            if wanted.exists():
                _save(held, json.loads(wanted.read_text()), folder)
                found = {"arrays": []}
            else:
                found = {"arrays": [asdict(each) for each in _listed(held, h5py)]}
    except (OSError, ValueError, KeyError, RuntimeError, TypeError, OverflowError, MemoryError) as error:
        found = {"error": str(error) or type(error).__name__}
    leave(found, folder)


def _listed(held: Any, h5py: Any) -> list[Listed]:
    found: list[Listed] = []

    def note(name: str, item: Any) -> bool | None:
        if isinstance(item, h5py.Dataset):
            is_text = item.dtype.kind == "S" or h5py.check_string_dtype(item.dtype) is not None
            kind = item.dtype.str if item.dtype.kind in "fiubS" else "O"
            elsewhere = bool(item.external) or item.is_virtual
            offset = None if elsewhere else item.id.get_offset()
            found.append(Listed(name, item.shape, kind, is_text, offset, elsewhere, _MATLAB in item.attrs))
        return True if len(found) > _MOST_ARRAYS else None

    held.visititems(note)
    return found


def _save(held: Any, names: Sequence[str], folder: Path) -> None:
    for i, name in enumerate(names):
        values = held[name][()]
        if values.dtype.kind == "O":
            values = np.array([_text(value) for value in np.ravel(values)]).reshape(values.shape)
        np.save(folder / f"{i}.npy", values, allow_pickle=False)


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


if __name__ == "__main__":
    main()
