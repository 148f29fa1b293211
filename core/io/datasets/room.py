"""Room for many samples: in memory, or in a temporary file where they would take too much of it."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from core.errors import DataError
from core.io.datasets.stored import mapped_from
from core.io.failures import reason
from core.shapes import Shape
from core.text import bytes_text

_LARGE_TEMPORARY = Path("/var") / "tmp"  # on a disk, where /tmp may be a part of the memory
_CHUNK = bytes(1 << 20)


def room_bytes() -> int:
    """Return how many bytes of samples there is room for, in memory or in half of what the disk has left."""
    return max(mapped_from(), shutil.disk_usage(temporary_folder()).free // 2)


def room(shape: Shape, dtype: DTypeLike) -> NDArray[Any]:
    """Return an array for samples, with any values; beyond `mapped_from` it lies in a temporary file.

    The file has no name where the system can do without, and is gone as soon as nobody holds the array, however the
    program ends.

    Raises
    ------
    DataError
        If there is no room for it.

    Examples
    --------
    >>> room((2, 4, 4, 1), np.uint8).shape
    (2, 4, 4, 1)
    """
    n_bytes = prod(shape) * np.dtype(dtype).itemsize
    if n_bytes <= mapped_from():
        return np.empty(shape, dtype)
    try:
        with tempfile.TemporaryFile(prefix="convograph-", dir=temporary_folder()) as file:
            _reserve(file, n_bytes)
            return np.asarray(np.memmap(file, dtype, "r+", shape=shape))  # maps the file, which may then be closed
    except OSError as error:
        raise DataError(
            f"The samples need {bytes_text(n_bytes)}, more than a quarter of the memory, and a file for them in "
            f"{temporary_folder()} could not be made: {reason(error)}. Make room there, make the Input smaller, or "
            "use a smaller data set."
        ) from error


def temporary_folder() -> Path:
    """Return where large temporary files go: where the user's TMPDIR says, else on a disk."""
    if "TMPDIR" not in os.environ and _LARGE_TEMPORARY.is_dir() and os.access(_LARGE_TEMPORARY, os.W_OK):
        return _LARGE_TEMPORARY
    return Path(tempfile.gettempdir())


def _reserve(file: IO[bytes], n_bytes: int) -> None:
    """Take the room on the disk now: a full disk met while the map is written would end the program."""
    if shutil.disk_usage(temporary_folder()).free < n_bytes:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file.fileno(), 0, n_bytes)
        return
    for _ in range(-(-n_bytes // len(_CHUNK))):
        file.write(_CHUNK)
    file.flush()
