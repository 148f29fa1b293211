"""HDF5 files with arrays of images and labels, read by h5py (the extra `hdf5`); MATLAB's since version 7.3 are such.

Only arrays that the file itself holds are read: links to other files are not followed. The reading itself is done in a
process of its own (`core/io/datasets/hdf5_process.py`).
"""

from __future__ import annotations

from io import BufferedReader
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import DataError
from core.io.datasets.assembling import Held, Origin, assembled
from core.io.datasets.extras import library
from core.io.datasets.hdf5_process import Listed, array_of, listed_arrays
from core.io.datasets.roles import Pair, Roles, roles_of
from core.io.datasets.stored import Anything, mapped_from, refuse_beyond_memory, refuse_bomb, refusing
from core.io.datasets.values import Dataset
from core.io.failures import shown
from core.io.formats import HDF5, is_of
from core.io.regular_files import open_file

FORMAT = "HDF5"


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
    library("h5py", path.name, HDF5.what)
    with refusing(path, HDF5.what), open_file(path) as file:
        arrays = listed_arrays(file)
        texts = [name for name, array in arrays.items() if array.is_text or array.type == "O"]
        roles = roles_of(arrays, path.name, texts=texts)

        def read(name: str) -> Anything:
            return _values(arrays[name], path, file)

        return _dataset(Origin(path, form, samples_last=arrays[roles.train.images].is_matlab), roles, read)


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


def _values(array: Listed, path: Path, file: BufferedReader) -> Anything:
    name = f"{shown(array.name.strip('/'))} of {shown(path.name)}"
    if array.is_elsewhere:
        raise DataError(f"{name} lies in another file, which is not followed. Copy its values into this one.")
    if array.shape is None or (array.type == "O" and not array.is_text):
        raise DataError(f"{name} holds no plain values; numbers are needed.")
    n_bytes = prod(array.shape) * array.dtype.itemsize
    if array.offset is not None and n_bytes > mapped_from():
        values: Anything = np.memmap(path, array.dtype, "r", array.offset, array.shape)
    else:
        refuse_bomb(path, n_bytes, path.stat().st_size)
        refuse_beyond_memory(path, n_bytes, "Save it without chunks and packing: then it can stay on the disk.")
        values = array_of(file, array.name, n_bytes)
    return values.T if array.is_matlab else values  # MATLAB's axes are written the other way round
