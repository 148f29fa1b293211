"""Whether the tags of a MATLAB file of version 5 can be trusted: SciPy's compiled reader believes them, and can crash.

Each variable is an element, perhaps packed: a tag of type and number of bytes, then sub-elements with their own tags:
flags, sizes, name, values. Source: MathWorks, "MAT-File Format", chapter "Level 5".
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from io import BufferedReader
from math import prod

_BEGIN = 128
_ORDERS = {b"IM": "<", b"MI": ">"}
_INT8, _INT32, _UINT32, _MATRIX, _PACKED = 1, 5, 6, 14, 15
_SIZES = {1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8, 12: 8, 13: 8}
"""Bytes of a number of each type."""
_NUMBERS = range(6, 16)  # classes of arrays: double, single, int8 … uint64
_OPAQUE = 17
_COMPLEX = 0x0800
_MOST_AXES = 32
_LONGEST_NAME = 4096
_PIECE = 1 << 16

_Read = Callable[[int], bytes]


def require_sound(file: BufferedReader, size: int) -> None:
    """Go through the tags of a file, and leave it at its beginning.

    Parameters
    ----------
    size
        Bytes of the file.

    Raises
    ------
    ValueError, EOFError, zlib.error
        A tag contradicts another, or the file ends before it should.
    """
    order = _ORDERS.get(file.read(_BEGIN)[126:])
    if order is None:
        raise ValueError("it says nothing of its byte order")
    at = _BEGIN
    while at < size:
        file.seek(at)
        kind, n = _tag(_exactly(file.read), order)
        if at + 8 + n > size:
            raise EOFError
        if kind == _PACKED:
            read = _exactly(_Unpacked(file, n).read)
            kind, n_inner = _tag(read, order)
        else:
            read, n_inner = _exactly(file.read), n
        if kind != _MATRIX:
            raise ValueError("an element is no array")
        _require_array(read, n_inner, order)
        at += 8 + n
    file.seek(0)


def _require_array(read: _Read, n: int, order: str) -> None:
    """Go through the tags of one array, up to its values."""
    kind, length = _tag(read, order)
    if (kind, length) != (_UINT32, 8):
        raise ValueError("an array has no flags")
    flags, _ = struct.unpack(f"{order}II", read(8))
    if flags & 0xFF == _OPAQUE:
        return
    kind, sizes = _small(read, order, 4 * _MOST_AXES)
    if kind != _INT32 or len(sizes) < 8 or len(sizes) % 4:
        raise ValueError("an array has no sizes")
    shape = struct.unpack(f"{order}{len(sizes) // 4}i", sizes)
    kind, _ = _small(read, order, _LONGEST_NAME)
    if kind != _INT8 or min(shape) < 0:
        raise ValueError("an array has no name")
    if flags & 0xFF not in _NUMBERS:
        return
    for _ in range(2 if flags & _COMPLEX else 1):
        kind, length, is_small = _any_tag(read, order)
        if kind not in _SIZES or length != prod(shape) * _SIZES[kind] or length > n:
            raise ValueError("an array has not as many values as its sizes say")
        if flags & _COMPLEX:
            _skip(read, 4 if is_small else length + -length % 8)


def _small(read: _Read, order: str, most: int) -> tuple[int, bytes]:
    """Return the type and the bytes of a short sub-element."""
    kind, length, is_small = _any_tag(read, order)
    if length > (4 if is_small else most):
        raise ValueError("a sub-element is too long")
    return kind, read(4 if is_small else length + -length % 8)[:length]


def _any_tag(read: _Read, order: str) -> tuple[int, int, bool]:
    """Return the type and length of a sub-element, and whether its bytes stand in the second half of the tag."""
    (first,) = struct.unpack(f"{order}I", read(4))
    if first >> 16:
        return first & 0xFFFF, first >> 16, True
    return first, struct.unpack(f"{order}I", read(4))[0], False


def _tag(read: _Read, order: str) -> tuple[int, int]:
    kind, n = struct.unpack(f"{order}II", read(8))
    return kind, n


def _skip(read: _Read, n: int) -> None:
    while n:
        n -= len(read(min(n, _PIECE)))


def _exactly(read: _Read) -> _Read:
    """Return a reader that raises where fewer bytes are there."""

    def exactly(n: int) -> bytes:
        data = read(n)
        if len(data) < n:
            raise EOFError
        return data

    return exactly


class _Unpacked:
    """What a packed element unpacks to, no more of it at a time than is asked for."""

    def __init__(self, file: BufferedReader, n: int) -> None:
        self._file, self._left, self._unpacker = file, n, zlib.decompressobj()

    def read(self, n: int) -> bytes:
        """Read, as files do."""
        data = b""
        while len(data) < n:
            packed = self._unpacker.unconsumed_tail or self._file.read(min(_PIECE, self._left))
            if not packed:
                break
            if not self._unpacker.unconsumed_tail:
                self._left -= len(packed)
            data += self._unpacker.decompress(packed, n - len(data))
        return data
