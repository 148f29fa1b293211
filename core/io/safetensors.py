"""Files of safetensors: a header of JSON, and arrays as raw bytes. No size is believed before the bytes are there.

Source of the format: https://github.com/huggingface/safetensors, "Format".
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from core.errors import WeightsError
from core.graph.names import composed
from core.io.failures import reason, shown
from core.io.regular_files import open_file
from core.text import bytes_text

Array = NDArray[Any]

LARGEST_HEADER: Final = 32 << 20
"""Bytes; read, they take up to twenty-five times as much memory."""
_DTYPES: Final[Mapping[str, str]] = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "BF16": "<u2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "<i1",
    "U64": "<u8",
    "U32": "<u4",
    "U16": "<u2",
    "U8": "<u1",
    "BOOL": "?",
}


@dataclass(frozen=True, slots=True)
class Stored:
    """Where an array lies."""

    dtype: str
    shape: tuple[int, ...]
    start: int


class Safetensors(Mapping[str, Array]):
    """The arrays of a file by name, each read when it is asked for.

    Attributes
    ----------
    shapes : mapping of str to shape
    about : mapping of str to str
        What else the file says.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        size = os.fstat(file.fileno()).st_size
        n_bytes = int.from_bytes(file.read(8), "little")
        if not 2 <= n_bytes <= size - 8:
            raise _DamagedError("its header is cut short")
        if n_bytes > LARGEST_HEADER:
            raise _TooLargeError(f"has a header of {bytes_text(n_bytes)}")
        try:
            header = json.loads(file.read(n_bytes))
        except (ValueError, RecursionError) as error:
            raise _DamagedError("its header is no JSON") from error
        if not isinstance(header, dict):
            raise _DamagedError("its header names no arrays")
        about = header.pop("__metadata__", {})
        self.about: Mapping[str, str] = about if isinstance(about, dict) else {}
        self._entries = {composed(name): _entry(name, entry, 8 + n_bytes, size) for name, entry in header.items()}
        self.shapes = {name: entry.shape for name, entry in self._entries.items()}

    def __getitem__(self, name: str) -> Array:
        entry = self._entries[name]
        dtype = np.dtype(_DTYPES[entry.dtype])
        self._file.seek(entry.start)
        array = np.frombuffer(self._file.read(prod(entry.shape) * dtype.itemsize), dtype).reshape(entry.shape)
        if entry.dtype == "BF16":  # the upper half of a float32
            return (array.astype("<u4") << 16).view("<f4")
        return array

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


@contextmanager
def open_safetensors(path: Path) -> Iterator[Safetensors]:
    """Open a file.

    Raises
    ------
    WeightsError
        If it can't be read, or is damaged.
    """
    try:
        with open_file(path) as file:
            yield Safetensors(file)
    except _TooLargeError as error:
        raise WeightsError(
            f"{shown(path)} {error}; Convograph reads up to {bytes_text(LARGEST_HEADER)}, enough for 400,000 arrays."
        ) from error
    except _DamagedError as error:
        raise WeightsError(f"{shown(path)} is no file of safetensors, or damaged: {error}.") from error
    except OSError as error:
        raise WeightsError(f"{shown(path)} could not be read: {reason(error)}.") from error


class _TooLargeError(Exception):
    """There is more than the bounds of memory and time allow."""


class _DamagedError(Exception):
    """The bytes are not as the format has them."""


def _entry(name: str, entry: Any, start: int, size: int) -> Stored:
    called = shown(name[:100])
    match entry:
        case {"dtype": str(dtype), "shape": list(shape), "data_offsets": [int(begin), int(end)]}:
            pass
        case _:
            raise _DamagedError(f"its entry of {called} cannot be read")
    if dtype not in _DTYPES:
        raise _DamagedError(f"{called} is of the type {shown(dtype[:20])}, which no weights here have")
    if not all(isinstance(side, int) and 0 <= side < 1 << 48 for side in shape) or len(shape) > 32:
        raise _DamagedError(f"the sizes of {called} cannot be read")
    if not 0 <= begin <= end <= size - start or end - begin != prod(shape) * np.dtype(_DTYPES[dtype]).itemsize:
        raise _DamagedError(f"{called} would lie from byte {begin:,} to {end:,}, which its sizes or the file don't fit")
    return Stored(dtype, tuple(shape), start + begin)
