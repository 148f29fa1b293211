"""HDF5 files with arrays of images and labels, read by h5py (the extra `hdf5`); MATLAB's since version 7.3 are such.

Only arrays that the file itself holds are read: links to other files are not followed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import DataError
from core.io.datasets.assembling import Held, Origin, assembled
from core.io.datasets.extras import library
from core.io.datasets.roles import Pair, Roles, roles_of
from core.io.datasets.stored import Anything, mapped_from, refuse_beyond_memory, refuse_bomb, refusing
from core.io.datasets.values import Dataset
from core.io.failures import shown
from core.io.formats import HDF5, is_of
from core.io.regular_files import open_file

FORMAT = "HDF5"
_MOST_ARRAYS = 1000
_MATLAB = "MATLAB_class"


def is_hdf5(path: Path) -> bool:
    """Say whether a file is HDF5, and no Keras model."""
    return path.is_file() and is_of(path, HDF5)


def read_hdf5(path: Path) -> Dataset:
    """Read the images and labels of an HDF5 file, at its top or in groups such as train and test.

    Raises
    ------
    DataError
        h5py is missing, the file is damaged, or holds no images and labels that belong together.
    """
    return read_arrays(path, FORMAT)


def read_arrays(path: Path, form: str) -> Dataset:
    """Read the images and labels of an HDF5 file that may have another name."""
    h5py = library("h5py", path.name, HDF5.what)
    with refusing(path, HDF5.what), open_file(path) as file, _opened(h5py, file) as held:
        arrays = _arrays(held, h5py)
        texts = [name for name, array in arrays.items() if array.dtype.kind in "SO"]
        roles = roles_of(arrays, path.name, texts=texts)

        def read(name: str) -> Anything:
            return _values(arrays[name], path, h5py)

        is_matlab = _MATLAB in arrays[roles.train.images].attrs
        return _dataset(Origin(path, form, samples_last=is_matlab), roles, read)


@contextmanager
def _opened(h5py: Any, file: BufferedReader) -> Iterator[Any]:
    """Open a file; h5py says with the system's error that bytes make no sense to it."""
    try:
        with h5py.File(file, "r") as held:
            yield held
    except OSError as error:
        raise ValueError(str(error)) from error


def _arrays(held: Any, h5py: Any) -> dict[str, Any]:
    """Return the arrays of a file by their paths."""
    found: dict[str, Any] = {}

    def note(name: str, item: Any) -> bool | None:
        if isinstance(item, h5py.Dataset):
            found[name] = item
        return True if len(found) > _MOST_ARRAYS else None

    held.visititems(note)
    return found


def _dataset(origin: Origin, roles: Roles, read: Any) -> Dataset:
    def part(pair: Pair) -> Held:
        holder = shown(origin.path.name)
        return Held(
            read(pair.images),
            read(pair.labels),
            f"{shown(pair.images)} of {holder}",
            f"{shown(pair.labels)} of {holder}",
        )

    names = [] if roles.classes is None else [_text(name) for name in np.ravel(read(roles.classes))]
    test = None if roles.test is None else part(roles.test)
    return assembled(origin, part(roles.train), test, names, roles.notes)


def _text(name: Any) -> str:
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)


def _values(array: Any, path: Path, h5py: Any) -> Anything:
    name = f"{shown(array.name.strip('/'))} of {shown(path.name)}"
    if array.external or array.is_virtual:
        raise DataError(f"{name} lies in another file, which is not followed. Copy its values into this one.")
    if array.shape is None or (array.dtype.kind not in "fiubS" and h5py.check_string_dtype(array.dtype) is None):
        raise DataError(f"{name} holds {array.dtype} values; numbers are needed.")
    n_bytes = prod(array.shape) * array.dtype.itemsize
    offset = array.id.get_offset()
    if offset is not None and n_bytes > mapped_from():
        values: Anything = np.memmap(path, array.dtype, "r", offset, array.shape)
    else:
        refuse_bomb(path, n_bytes, path.stat().st_size)
        refuse_beyond_memory(path, n_bytes, "Save it without chunks and packing: then it can stay on the disk.")
        values = array[()]
    return values.T if _MATLAB in array.attrs else values  # MATLAB's axes are written the other way round
