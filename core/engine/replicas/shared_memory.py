"""Memory that several processes share, and that has no name: whoever ends how, nothing of it is left behind."""

from __future__ import annotations

import mmap
import os
import secrets
import sys
import tempfile
from collections.abc import Iterator, Sequence
from math import prod
from typing import TypeAlias
from weakref import finalize

import numpy as np
from numpy.typing import DTypeLike

from core.layers.values import Array

Handle: TypeAlias = tuple[int | str, int]
"""How another process finds a piece of memory: an open file's number, or on Windows a tag; and its bytes."""

_ON_WINDOWS = sys.platform == "win32"


class SharedMemory:
    """Takes memory that processes started later can open; it is freed when the last of them has let it go.

    Attributes
    ----------
    handles : list of Handle
        Of all that was taken, in order.
    """

    def __init__(self) -> None:
        self.handles: list[Handle] = []
        finalize(self, _close, self.handles)

    def take(self, shape: tuple[int, ...], dtype: DTypeLike) -> Array:
        """Return an array of zeros."""
        n_bytes = max(1, prod(shape) * np.dtype(dtype).itemsize)
        handle: Handle = (f"convograph-{secrets.token_hex(16)}" if _ON_WINDOWS else _nameless_file(n_bytes), n_bytes)
        self.handles.append(handle)
        return _array(_mapped(handle), shape, dtype)

    @property
    def files(self) -> tuple[int, ...]:
        """The numbers of the files that a process must inherit."""
        return tuple(key for key, _ in self.handles if isinstance(key, int))


class OpenedMemory:
    """Takes memory of another process, piece by piece in the order in which that took it."""

    def __init__(self, handles: Sequence[Handle]) -> None:
        self._handles: Iterator[Handle] = iter(handles)

    def take(self, shape: tuple[int, ...], dtype: DTypeLike) -> Array:
        """Return the next array, whose shape and dtype both processes know."""
        return _array(_mapped(next(self._handles)), shape, dtype)


def _close(handles: Sequence[Handle]) -> None:
    for key, _ in handles:
        if isinstance(key, int):
            os.close(key)


def _nameless_file(n_bytes: int) -> int:
    if sys.platform == "linux":
        file = os.memfd_create("convograph")
    else:
        with tempfile.TemporaryFile() as unlinked:
            file = os.dup(unlinked.fileno())
    os.ftruncate(file, n_bytes)
    return file


def _mapped(handle: Handle) -> mmap.mmap:
    key, n_bytes = handle
    if isinstance(key, str):
        return mmap.mmap(-1, n_bytes, tagname=key)  # type: ignore[call-arg]
    return mmap.mmap(key, n_bytes)


def _array(memory: mmap.mmap, shape: tuple[int, ...], dtype: DTypeLike) -> Array:
    return np.frombuffer(memory, dtype, prod(shape)).reshape(shape)
