"""NumPy's own files: `.npz` archives of several arrays, and pairs of `.npy` files, one array each.

An array that is stored plainly is mapped where it is large. Nothing is unpickled, and no memory is taken because a
header says so. Source: NumPy, "numpy.lib.format".
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from io import BufferedReader
from math import prod
from pathlib import Path
from typing import IO, Any, Literal, cast
from zipfile import ZIP_STORED, ZipExtFile, ZipFile, ZipInfo

import numpy as np

from core.errors import DataError
from core.io.datasets.assembling import Held, Origin, assembled
from core.io.datasets.foreign import file_names, names_text
from core.io.datasets.roles import Pair, Roles, pairs_of, part_and_role, roles_of
from core.io.datasets.stored import (
    Anything,
    filled,
    mapped_from,
    plain_array,
    refuse_beyond_memory,
    refuse_bomb,
    refusing,
    take,
)
from core.io.datasets.values import Dataset
from core.io.failures import shown
from core.io.formats import NPY, NPZ, is_of
from core.io.regular_files import open_archive, open_file
from core.io.weights import read_header

_ENDING = ".npy"


@dataclass(frozen=True, slots=True)
class _Header:
    """What the header of an array says, and where the values begin."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    order: Literal["C", "F"]
    length: int

    @property
    def n_bytes(self) -> int:
        return prod(self.shape) * self.dtype.itemsize


def is_npz(path: Path) -> bool:
    """Say whether a file is an archive of arrays that are not a network's weights."""
    return path.is_file() and is_of(path, NPZ)


def read_npz(path: Path) -> Dataset:
    """Read the images and labels of an `.npz` archive.

    Parameters
    ----------
    path
        Holds `x_train y_train` with or without `x_test y_test`, `images labels`, or `x y`
        (`core.io.datasets.roles`); perhaps the names of the classes.

    Raises
    ------
    DataError
        It is damaged, holds pickled objects, or no images and labels that belong together.
    """
    with refusing(path, "an NPZ archive"), open_file(path) as file, open_archive(file) as archive:
        members = {info.filename.removesuffix(_ENDING): info for info in archive.infolist()}
        headers = {name: _member_header(archive, info) for name, info in members.items()}
        texts = [name for name, header in headers.items() if header.dtype.kind in "US"]
        roles = roles_of(members, path.name, texts=texts)

        def read(name: str) -> Anything:
            _require_values(headers[name], f"{shown(name)} of {shown(path.name)}")
            return _member(file, archive, members[name], headers[name], path)

        return _dataset(Origin(path, "NPZ"), roles, {name: f"{name} of {path.name}" for name in members}, read)


def is_npy_pair(path: Path) -> bool:
    """Say whether a file is a NumPy array, or a folder holds a pair of them, images and labels by their names."""
    if path.is_dir():
        return any(is_of(path / f"{pair.images}{_ENDING}", NPY) for pair in pairs_of(_stems(path)).values())
    return is_of(path, NPY)


def read_npy_pair(path: Path) -> Dataset:
    """Read a pair of `.npy` files.

    Parameters
    ----------
    path
        A folder with a pair such as x.npy and y.npy, perhaps with x_test.npy and y_test.npy, or the images file of a
        pair, whose labels lie beside it.

    Raises
    ------
    DataError
        A file is damaged, holds pickled objects, or has no other that belongs to it.
    """
    folder = path if path.is_dir() else path.parent
    stems = _stems(folder)
    roles = roles_of(stems, path.name) if path.is_dir() else Roles(_beside(path, stems))

    def read(stem: str) -> Anything:
        file_path = folder / f"{stem}{_ENDING}"
        with refusing(file_path, "an NPY file"), open_file(file_path) as file:
            header = _header(file)
            _require_values(header, shown(file_path.name))
            if file.tell() + header.n_bytes > os.fstat(file.fileno()).st_size:
                raise EOFError
            return plain_array(file, header.dtype, header.shape, header.length, header.order)

    return _dataset(Origin(path, "NPY"), roles, {stem: f"{stem}{_ENDING}" for stem in stems}, read)


def _dataset(origin: Origin, roles: Roles, called: Mapping[str, str], read: Any) -> Dataset:
    def held(pair: Pair) -> Held:
        return Held(read(pair.images), read(pair.labels), shown(called[pair.images]), shown(called[pair.labels]))

    names = [] if roles.classes is None else np.ravel(read(roles.classes)).astype(str).tolist()
    test = None if roles.test is None else held(roles.test)
    return assembled(origin, held(roles.train), test, names, roles.notes)


def _stems(folder: Path) -> list[str]:
    return [name.removesuffix(_ENDING) for name in file_names(folder) if name.endswith(_ENDING)]


def _beside(path: Path, stems: list[str]) -> Pair:
    stem = path.name.removesuffix(_ENDING)
    known = part_and_role(stem)
    if known is None:
        raise DataError(
            f"The labels of {shown(path.name)} cannot be found, because its name does not say that it holds images. "
            "Call the two files x.npy and y.npy, or images.npy and labels.npy."
        )
    part, is_images = known
    pair = pairs_of(stems).get(part)
    if pair is not None and stem == pair.images:
        return pair
    if pair is not None and not is_images:
        raise DataError(
            f"{shown(path.name)} holds the labels of a data set. Give its images, {shown(pair.images)}.npy."
        )
    raise DataError(
        f"{shown(path.name)} has no {'labels' if is_images else 'images'} beside it in {shown(path.parent)}; "
        f"{names_text(file_names(path.parent))}. Call the two files x.npy and y.npy, or images.npy and labels.npy."
    )


def _header(file: IO[bytes]) -> _Header:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy's note on headers that Python 2 wrote
        shape, dtype, by_column = read_header(file)
    if any(n < 0 for n in shape):
        raise ValueError("a size is negative")
    return _Header(shape, dtype, "F" if by_column else "C", file.tell())


def _member_header(archive: ZipFile, info: ZipInfo) -> _Header:
    with archive.open(info) as member:
        return _header(member)


def _member(file: BufferedReader, archive: ZipFile, info: ZipInfo, header: _Header, path: Path) -> Anything:
    size = os.fstat(file.fileno()).st_size
    if info.compress_type == ZIP_STORED and header.n_bytes > mapped_from():
        file.seek(info.header_offset)
        local = file.read(30)  # its last four bytes: the lengths of the name and of what follows it
        start = info.header_offset + 30 + int.from_bytes(local[26:28], "little") + int.from_bytes(local[28:], "little")
        if start + header.length + header.n_bytes > size:
            raise EOFError
        return plain_array(file, header.dtype, header.shape, start + header.length, header.order)
    refuse_bomb(path, header.n_bytes, size)
    refuse_beyond_memory(path, header.n_bytes, "Save it with numpy.savez, unpacked: then it can stay on the disk.")
    with archive.open(info) as opened:
        member = cast("ZipExtFile", opened)
        member.read(header.length)
        return filled(take(member, header.n_bytes), header.dtype, header.shape, header.order)


def _require_values(header: _Header, what: str) -> None:
    """Refuse objects, whose bytes are a pickle, before any is read."""
    if header.dtype.hasobject:
        raise DataError(
            f"{what} holds Python objects (pickled), which Convograph never opens: they can run any program hidden in "
            "them. Save numbers: numpy.savez(path, images=…, labels=…) of arrays of uint8 or float32."
        )
    if header.dtype.kind not in "fiubUS":
        raise DataError(f"{what} holds {header.dtype} values; numbers are needed.")
