"""IDX files, the format of MNIST: a short big-endian header, then the values in C order; plain or packed with gzip.

Bytes 0 and 1 are 0, byte 2 is the type, byte 3 the number of dimensions; a big-endian uint32 for each dimension
follows, then the values. Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database", section "File formats".
"""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BufferedReader
from math import prod
from pathlib import Path
from typing import NoReturn, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.io.datasets.beginnings import beginning
from core.io.datasets.pickles import pickle_refusal
from core.io.datasets.stored import mapped_from, most_unpacked, plain_array, take
from core.io.datasets.values import LABEL_LIMIT
from core.io.failures import reason, shown
from core.io.formats import GZIP, is_idx_magic, is_pickled
from core.io.regular_files import open_file
from core.text import bytes_text, counted, listing, number_text, shape_text

_TYPES = {
    0x08: ("unsigned bytes", ">u1"),
    0x09: ("signed bytes", ">i1"),
    0x0B: ("16-bit whole numbers", ">i2"),
    0x0C: ("32-bit whole numbers", ">i4"),
    0x0D: ("32-bit fractions", ">f4"),
    0x0E: ("64-bit fractions", ">f8"),
}


@dataclass(frozen=True)
class _Role:
    noun: str
    types: tuple[int, ...]
    ranks: tuple[int, ...]
    limit: int  # bytes of values that are read at most
    example: str


_IMAGES = _Role("image", (0x08,), (3, 4), 2 << 30, "train-images-idx3-ubyte.gz")
_LABELS = _Role("label", (0x08, 0x09, 0x0B, 0x0C), (1,), 256 << 20, "train-labels-idx1-ubyte.gz")


@dataclass(frozen=True, slots=True)
class _File:
    """An open file, from which what is packed comes unpacked; its size is that on the disk."""

    path: Path
    role: _Role
    stream: BufferedReader | gzip.GzipFile
    size: int
    packed: bool


Taken = TypeVar("Taken")


def is_idx(path: Path) -> bool:
    """Say whether a file begins as IDX files do, plain or packed with gzip."""
    return is_idx_magic(beginning(path))


def read_images(path: Path) -> NDArray[np.uint8]:
    """Read images of unsigned bytes, grey (three dimensions) or with 1 to 4 channels (four).

    Parameters
    ----------
    path
        An IDX file, plain or gzip; told apart by its first bytes, not by its name.

    Returns
    -------
    (N, H, W, C) uint8, N ≥ 1.

    Raises
    ------
    DataError
        The file cannot be read, is not an IDX file of images, or holds fewer or more bytes than its header announces.
    """
    images = _read(path, _IMAGES, _array)
    return images.reshape(_image_sizes(path, images.shape)).astype(np.uint8, copy=False)


def read_image_sizes(path: Path) -> tuple[int, ...]:
    """Return the sizes (N, H, W, C) of images from the header of their file, without reading any.

    Raises
    ------
    DataError
        As for `read_images`, as far as the header and the length of a plain file tell.
    """
    return _image_sizes(path, _read(path, _IMAGES, _sizes))


def _image_sizes(path: Path, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """Complete the sizes of images by that of channels."""
    *_, high, wide, channels = shape = sizes if len(sizes) == 4 else (*sizes, 1)
    if not 1 <= channels <= 4:
        _fail(
            path,
            f"its header (offset 16) announces {counted(channels, 'channel')}; an image has 1 to 4, stored last",
            f"Store it as images × height × width × channels; it now reads {shape_text((sizes[0], high, wide))}"
            f"×{channels}.",
        )
    return shape


def read_labels(path: Path) -> NDArray[np.int64]:
    """Read class numbers that count from 0, stored as whole numbers of 8, 16 or 32 bits.

    Parameters
    ----------
    path
        An IDX file, plain or gzip; told apart by its first bytes, not by its name.

    Returns
    -------
    (N,) int64, N ≥ 1, each from 0 to below `LABEL_LIMIT`.

    Raises
    ------
    DataError
        The file cannot be read, is not an IDX file of labels, is cut short or too long, or a label is out of range.
    """
    stored = _read(path, _LABELS, _array)
    labels = stored.astype(np.int64)
    wrong = (labels < 0) | (labels >= LABEL_LIMIT)
    if wrong.any():
        first = int(wrong.argmax())
        _fail(
            path,
            f"label {number_text(first + 1)} (offset {number_text(8 + first * stored.itemsize)}) is "
            f"{number_text(int(labels[first]))}; labels are class numbers from 0 to {number_text(LABEL_LIMIT - 1)}",
            "Number the classes 0, 1, 2, … and write the file again.",
        )
    return labels


def _read(path: Path, role: _Role, take: Callable[[_File], Taken]) -> Taken:
    """Open a file and take something from it; whatever goes wrong becomes a sentence."""
    stream: BufferedReader | gzip.GzipFile | None = None
    try:
        with open_file(path) as file:
            packed = file.read(2) == GZIP
            file.seek(0)
            stream = gzip.GzipFile(fileobj=file) if packed else file
            return take(_File(path, role, stream, os.fstat(file.fileno()).st_size, packed))
    except EOFError as error:
        raise DataError(_cut(path, "its gzip packing breaks off before its end")) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        offset = number_text(stream.tell()) if stream else "0"
        raise DataError(_cut(path, f"its gzip packing is damaged after unpacked byte {offset}")) from error
    except OSError as error:
        message = f"{shown(path)} cannot be read: {reason(error)}. Check the file and its permissions."
        raise DataError(message) from error
    except MemoryError as error:
        message = f"{shown(path)} does not fit into the free memory. Close other programs or use a smaller data set."
        raise DataError(message) from error


def _sizes(file: _File) -> tuple[int, ...]:
    return _begun(file)[1]


def _array(file: _File) -> NDArray[np.generic]:
    dtype, sizes, announced = _begun(file)
    start, need = 4 + 4 * len(sizes), prod(sizes) * dtype.itemsize
    if isinstance(file.stream, BufferedReader) and need > mapped_from():
        return plain_array(file.stream, dtype, sizes, start)
    values = take(file.stream, need)
    if len(values) < need:
        _wrong_length(file.path, announced, start, need, len(values))
    if file.stream.read(1):
        _wrong_length(file.path, announced, start, need, None)
    return np.frombuffer(values, dtype).reshape(sizes)


def _begun(file: _File) -> tuple[np.dtype[np.generic], tuple[int, ...], str]:
    """Read the header; return type and sizes, and what it announces as a phrase, if the file can hold so much."""
    path, role, packed = file.path, file.role, file.packed
    dtype, sizes = _header(path, role, file.stream)
    start, need = 4 + 4 * len(sizes), prod(sizes) * dtype.itemsize
    limit = min(role.limit, most_unpacked(file.size)) if packed else max(role.limit, need if role is _IMAGES else 0)
    announced = f"its header announces {_sizes_text(sizes, role, dtype)} = {counted(need, 'byte')} after offset {start}"
    if not packed and (held := file.size - start) != need:
        _wrong_length(path, announced, start, need, held)
    if need > limit:
        _fail(
            path,
            f"{announced}, more than the {bytes_text(limit)} that "
            + (f"{role.noun}s may fill" if limit == role.limit else f"a file of {bytes_text(file.size)} may unpack to"),
            "Use a part of the data set." if limit == role.limit else "Unpack it first if you trust it.",
        )
    return dtype, sizes, announced


def _header(
    path: Path, role: _Role, stream: BufferedReader | gzip.GzipFile
) -> tuple[np.dtype[np.generic], tuple[int, ...]]:
    another = f"Choose an IDX file of {role.noun}s, such as {role.example}."
    magic = take(stream, 4)
    if not magic:
        _fail(path, "it is empty", another)
    if is_pickled(magic):
        raise DataError(pickle_refusal(path))
    if not is_idx_magic(magic):
        _fail(
            path,
            f"it is not an IDX file: at offset 0 stands {magic.hex(' ').upper()}, expected 00 00 08 0{role.ranks[0]}",
            another,
        )
    type_name, dtype = _TYPES[magic[2]]
    rank = magic[3]
    if rank not in role.ranks:
        other = _LABELS if role is _IMAGES else _IMAGES
        swapped = f", as {other.noun}s have" if rank in other.ranks else ""
        _fail(
            path,
            f"at offset 3 it announces {counted(rank, 'dimension')}{swapped}; "
            f"{role.noun}s have {listing(map(str, role.ranks), 'or')}",
            another,
        )
    if magic[2] not in role.types:
        expected = "unsigned bytes (08)" if role is _IMAGES else "whole numbers (08, 09, 0B or 0C)"
        _fail(
            path,
            f"at offset 2 it announces {type_name} ({magic[2]:02X}); {role.noun}s are stored as {expected}",
            f"Convert the {role.noun}s and write the file again.",
        )
    fields = take(stream, 4 * rank)
    if len(fields) < 4 * rank:
        raise DataError(
            _cut(path, f"its header needs {4 + 4 * rank} bytes, but the file ends at offset {4 + len(fields)}")
        )
    sizes = tuple(int.from_bytes(fields[i : i + 4], "big") for i in range(0, 4 * rank, 4))
    if 0 in sizes:
        place = sizes.index(0)
        what = f"no {role.noun}s" if place == 0 else f"images of {shape_text(sizes[1:])} pixels"
        _fail(path, f"its header (offset {4 + 4 * place}) announces {what}", "Choose a file with something in it.")
    return np.dtype(dtype), sizes


def _sizes_text(sizes: tuple[int, ...], role: _Role, dtype: np.dtype[np.generic]) -> str:
    text = counted(sizes[0], role.noun)
    if len(sizes) > 1:
        text += f" of {shape_text(sizes[1:])}"
    return text if dtype.itemsize == 1 else f"{text}, {dtype.itemsize} bytes each"


def _wrong_length(path: Path, announced: str, start: int, need: int, held: int | None) -> NoReturn:
    if held is not None and held < need:
        there = f"only {counted(held, 'byte')} are there: the data end at offset {number_text(start + held)}"
        raise DataError(_cut(path, f"{announced}, but {there}"))
    extra = f" ({counted(held - need, 'byte')} more)" if held is not None else ""
    _fail(
        path,
        f"{announced}, but the file goes on at offset {number_text(start + need)}{extra}",
        "The header and the data do not belong together: download or write the file again.",
    )


def _cut(path: Path, what: str) -> str:
    return f"{shown(path.name)}: {what}. The file was cut short or damaged: download or copy it again."


def _fail(path: Path, what: str, fix: str) -> NoReturn:
    raise DataError(f"{shown(path.name)}: {what}. {fix}")
