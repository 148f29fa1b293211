"""A model's protobuf looked over before it is unpacked: a small file can ask for a lot of memory.

Unpacked, each field of a message becomes an object of some hundred bytes, though two bytes can write it, and each
packed number takes up to eight. What a real model holds is mostly raw data, which takes what it says.
"""

from __future__ import annotations

from typing import Final

from core.errors import ModelError
from core.text import number_text

MOST_FIELDS = 1_000_000
"""Fields of all messages of a file; a ResNet-152 has about twenty thousand."""
MOST_PACKED = 64 << 20
"""Bytes of numbers that are packed one by one; models keep large arrays as raw data."""

_MESSAGES: Final = {
    "model": {7: "graph", 8: "leaf", 14: "leaf", 20: "training", 25: "function", 26: "leaf"},
    "training": {1: "graph", 2: "graph", 3: "leaf", 4: "leaf"},
    "graph": {1: "node", 5: "tensor", 11: "value", 12: "value", 13: "value", 14: "noted", 15: "sparse", 16: "leaf"},
    "function": {7: "node", 9: "leaf", 11: "attribute", 12: "value", 14: "leaf"},
    "node": {5: "attribute", 9: "leaf", 10: "spread"},
    "attribute": {
        5: "tensor",
        6: "graph",
        10: "tensor",
        11: "graph",
        14: "type",
        15: "type",
        22: "sparse",
        23: "sparse",
    },
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {13: "leaf", 16: "leaf"},
    "value": {2: "type", 4: "leaf"},
    "type": {1: "tensor type", 4: "sequence", 5: "sequence", 8: "tensor type", 9: "sequence"},
    "sequence": {1: "type", 2: "type"},
    "tensor type": {2: "shape"},
    "shape": {1: "leaf"},
    "noted": {2: "leaf"},
    "spread": {2: "spread", 3: "leaf", 4: "spread"},
    "leaf": {},
}
"""The messages inside of each message, by the numbers of `onnx.proto`; all other fields are numbers and bytes."""
_PACKED: Final = {"tensor": {1, 5, 7, 11}, "attribute": {8}}
"""The fields whose bytes are whole numbers, which unpacked take up to eight times as much."""


class _BrokenError(Exception):
    """The bytes are no protobuf."""


def require_bounded(data: bytes) -> None:
    """Raise where a model would take far more memory than it has bytes.

    Raises
    ------
    ModelError
        If it holds more fields or packed numbers than any network, or ends before it should.
    """
    try:
        _walk(data)
    except _BrokenError as error:
        raise ModelError("it is cut short or damaged. Fetch or export it once more.") from error


def _walk(data: bytes) -> None:
    n_fields = n_packed = at = 0
    open_messages = [("model", len(data))]
    while open_messages:
        kind, end = open_messages[-1]
        if at >= end:
            if at > end:
                raise _BrokenError
            open_messages.pop()
            continue
        n_fields += 1
        if n_fields > MOST_FIELDS:
            raise ModelError(f"it has more than {number_text(MOST_FIELDS)} fields, which no network needs.")
        tag, at = _varint(data, at, end)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            _, at = _varint(data, at, end)
        elif wire in (1, 5):
            at += 8 if wire == 1 else 4
        elif wire == 2:
            length, at = _varint(data, at, end)
            if at + length > end:
                raise _BrokenError
            if number in _MESSAGES[kind]:
                open_messages.append((_MESSAGES[kind][number], at + length))
                continue
            if number in _PACKED.get(kind, ()):
                n_packed += length
            at += length
        else:
            raise _BrokenError
    if n_packed > MOST_PACKED:
        raise ModelError(f"it packs more than {number_text(MOST_PACKED)} bytes of whole numbers; no network does.")


def _varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    value = 0
    for position in range(10):
        if at >= end:
            raise _BrokenError
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << 7 * position
        if byte < 0x80:
            return value, at
    raise _BrokenError
