"""Weights files: `.npz` archives of plain arrays, `<layer id>/<name>`, never pickles."""

from __future__ import annotations

import io
import lzma
import os
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import prod
from pathlib import Path
from tokenize import TokenError
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from core.errors import WeightsError
from core.graph.names import composed
from core.io.atomic import write_atomically
from core.io.failures import reason, shown
from core.io.formats import not_numpy
from core.io.regular_files import open_archive, open_file
from core.text import counted, listing, nearest_name, shape_text

Array = NDArray[Any]

_LISTED = 5
"""How many wrong arrays are named; the others are counted."""

_LONGEST_HEADER = 1 << 16

MOST_COMMENT = (1 << 16) - 1
"""Bytes that the comment of an archive may have."""

_PREPROCESSING = re.compile(r"preprocessing/\d+/[a-z_]+")
"""Names of arrays that may stand beside the weights. No layer has such names: those of a block's copies are longer."""


DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    ValueError,
    KeyError,
    TypeError,
    OverflowError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    SyntaxError,
    TokenError,
)
"""What zipfile and NumPy raise where bytes make no sense to them; encrypted members and unknown methods too."""


def write_weights(path: Path, weights: Mapping[str, Array], comment: bytes = b"", *, durable: bool = True) -> None:
    """Save arrays by name; what the file held before is replaced in one step, as `write_atomically` does.

    Parameters
    ----------
    comment
        Of the archive, up to `MOST_COMMENT` bytes; readers of arrays pass it over.

    Raises
    ------
    SaveError
        If the file can't be written.
    """
    write_atomically(path, weights_bytes(weights, comment), durable=durable)


def weights_bytes(weights: Mapping[str, Array], comment: bytes = b"") -> bytes:
    """Return the content of such a file."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.comment = comment
        for name, array in weights.items():
            # Always the same date: equal weights give equal files.
            with file.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                npy.write_array(member, np.asarray(array, order="C"), allow_pickle=False)
    return archive.getvalue()


def read_weights(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Array]:
    """Read the arrays of a network.

    No more is read than the network needs, whatever the file claims to hold.

    Parameters
    ----------
    shapes : mapping of str to shape
        The arrays that the network has.

    Raises
    ------
    WeightsError
        If the file can't be read, or doesn't hold exactly these arrays in these shapes; all differences are listed.
    """
    with _opened(path) as archive:
        members = _members(archive)
        arrays, differing = _arrays(archive, members, shapes)
    wrong = _missing(members, shapes)
    for name in members:
        if name not in shapes and not _PREPROCESSING.fullmatch(name):
            near = nearest_name(name, shapes)
            wrong.append(f"{shown(name)} is not in the network" + (f" (is it {near}?)" if near else ""))
    wrong += differing
    if wrong:
        shown_part, rest = wrong[:_LISTED], len(wrong) - _LISTED
        more = [f"{rest} more differ"] if rest > 0 else []
        raise WeightsError(f"{shown(path)} does not suit the network: {listing(shown_part + more)}.")
    return arrays


def read_named(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> tuple[dict[str, Array], list[str]]:
    """Read some arrays of a file, whatever else it holds.

    Returns
    -------
    arrays : mapping of str to array
        Those that are there as they should be.
    wrong : list of str
        What is wrong with the others, a phrase each: "preprocessing/0/mean is missing".

    Raises
    ------
    WeightsError
        If the file can't be read.
    """
    with _opened(path) as archive:
        members = _members(archive)
        arrays, differing = _arrays(archive, members, shapes)
        return arrays, _missing(members, shapes) + differing


def read_names(path: Path) -> list[str]:
    """Read the names of all arrays of a weights file.

    Raises
    ------
    WeightsError
        If the file can't be read.
    """
    with _opened(path) as archive:
        return list(_members(archive))


def read_comment(path: Path) -> bytes:
    """Read the comment of a weights file.

    Raises
    ------
    WeightsError
        If the file can't be read.
    """
    with _opened(path) as archive:
        return archive.comment


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a weights file; what goes wrong in it is said in a sentence."""
    try:
        with open_file(path) as file, open_archive(file) as archive:
            yield archive
    except OSError as error:
        raise WeightsError(f"{shown(path)} could not be read: {reason(error)}.") from error
    except DAMAGE as error:
        raise WeightsError(
            f"{shown(path)} is damaged or not a weights file. Weights files are .npz archives of plain arrays"
            f"{not_numpy(path)}."
        ) from error


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    return {composed(info.filename.removesuffix(".npy")): info for info in archive.infolist()}


def _missing(members: Mapping[str, zipfile.ZipInfo], shapes: Mapping[str, tuple[int, ...]]) -> list[str]:
    return [f"{name} is missing" for name in shapes if name not in members]


def _arrays(
    archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo], shapes: Mapping[str, tuple[int, ...]]
) -> tuple[dict[str, Array], list[str]]:
    """Read the arrays that are there in the right shape, and say what is wrong with the others."""
    arrays, wrong = {}, []
    for name, shape in shapes.items():
        if name in members:
            with archive.open(members[name]) as member:
                stored, dtype, by_column = read_header(member)
                n_bytes = prod(shape) * dtype.itemsize
                if dtype.kind not in "fiub":
                    wrong.append(
                        f"{name} holds {'pickled objects' if dtype.hasobject else dtype.name}, not real numbers"
                    )
                elif stored != shape:
                    wrong.append(f"{name} is {shape_text(stored) or 'a single number'}, not {shape_text(shape)}")
                elif len(data := member.read(n_bytes)) < n_bytes:
                    wrong.append(f"{name} ends after {counted(len(data), 'byte')} of {n_bytes:,}")
                else:
                    arrays[name] = np.frombuffer(data, dtype).reshape(shape, order="F" if by_column else "C")
    return arrays, wrong


def read_header(file: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any], bool]:
    """Read shape, type and order of an array in NumPy's format, at the beginning of a file.

    Raises
    ------
    ValueError
        If it is damaged, or too long for an array of numbers.
    """
    version = npy.read_magic(file)
    if version == (1, 0):
        shape, by_column, dtype = npy.read_array_header_1_0(file)
    elif version == (2, 0):
        if int.from_bytes(file.read(4), "little") > _LONGEST_HEADER:  # it is read before anything is made of it
            raise ValueError("its header is too long")
        file.seek(-4, os.SEEK_CUR)
        shape, by_column, dtype = npy.read_array_header_2_0(file)
    else:
        raise ValueError("later versions are for arrays of records")
    return shape, dtype, by_column
