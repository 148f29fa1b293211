"""MATLAB's files, of version 5 to 7.2 read by SciPy (the extra `matlab`), later ones as the HDF5 that they are.

SVHN, "The Street View House Numbers": X is height × width × channels × samples, and the digit 0 has the label 10.
"""

from __future__ import annotations

import os
import struct
from math import prod
from pathlib import Path

import numpy as np

from core.errors import DataError
from core.io.datasets.assembling import Held, Origin, assembled
from core.io.datasets.beginnings import beginning
from core.io.datasets.extras import library
from core.io.datasets.hdf5 import read_arrays
from core.io.datasets.matlab_tags import require_sound
from core.io.datasets.roles import Pair, roles_of
from core.io.datasets.stored import Anything, refuse_beyond_memory, refuse_bomb, refusing
from core.io.datasets.values import Dataset
from core.io.failures import shown
from core.io.formats import MATLAB, is_of
from core.io.regular_files import open_file
from core.io.weights import DAMAGE

FORMAT = "MATLAB"
_AS_HDF5 = b"MATLAB 7.3"
_NUMBERS = {"double", "single", "logical", *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))}
_BYTES = 8  # of a number, at most


def is_matlab(path: Path) -> bool:
    """Say whether a file is one of MATLAB's."""
    return path.is_file() and is_of(path, MATLAB)


def read_matlab(path: Path) -> Dataset:
    """Read the images and labels of a MATLAB file, such as SVHN's train_32x32.mat.

    Raises
    ------
    DataError
        SciPy is missing, or h5py for version 7.3, the file is damaged, or holds no images and labels that belong
        together.
    """
    if beginning(path, len(_AS_HDF5)) == _AS_HDF5:
        return read_arrays(path, FORMAT)
    matlab = library("scipy.io", path.name, MATLAB.what)
    damage = (*DAMAGE, matlab.matlab.MatReadError, IndexError, NameError, AttributeError, AssertionError, struct.error)
    with refusing(path, MATLAB.what, damage), open_file(path) as file:
        require_sound(file, os.fstat(file.fileno()).st_size)
        try:
            listed = {name: (shape, kind) for name, shape, kind in matlab.whosmat(file)}
            roles = roles_of(listed, path.name)
            pairs = [roles.train] if roles.test is None else [roles.train, roles.test]
            wanted = [name for pair in pairs for name in (pair.images, pair.labels)]
            for name in wanted:
                _require_numbers(path, name, *listed[name])
            file.seek(0)
            arrays = matlab.loadmat(file, variable_names=wanted)
        except OSError as error:  # SciPy says with the system's error that bytes make no sense to it
            raise ValueError(str(error)) from error
    notes = list(roles.notes)

    def held(pair: Pair) -> Held:
        images, labels = arrays[pair.images], arrays[pair.labels]
        if _is_svhn(images, labels):
            labels = np.where(labels == 10, 0, labels)
            notes.append("the label 10 is the digit 0, as in SVHN")
        return Held(images, labels, f"{pair.images} of {shown(path.name)}", f"{pair.labels} of {shown(path.name)}")

    train, test = held(roles.train), None if roles.test is None else held(roles.test)
    return assembled(Origin(path, FORMAT, samples_last=True), train, test, notes=tuple(dict.fromkeys(notes)))


def _is_svhn(images: Anything, labels: Anything) -> bool:
    return images.shape[:3] == (32, 32, 3) and labels.size > 0 and int(labels.min()) >= 1 and int(labels.max()) == 10


def _require_numbers(path: Path, name: str, shape: tuple[int, ...], kind: str) -> None:
    if kind not in _NUMBERS:
        raise DataError(f"{name} of {shown(path.name)} is a {kind}; an array of numbers is needed.")
    n_bytes = prod(shape) * (1 if kind in {"uint8", "int8", "logical"} else _BYTES)
    refuse_bomb(path, n_bytes, path.stat().st_size)
    refuse_beyond_memory(path, n_bytes, "Use a part of the data set.")
