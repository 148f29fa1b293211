"""The arrays beside a Keras model, each read when its layer asks for it and its size is known to be right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import IO, Any, Final, TypeAlias

import numpy as np

from core.errors import ModelError
from core.importing.importer import require_library
from core.importing.keras.configuration import KerasLayer
from core.io.failures import shown
from core.layers.values import Array
from core.shapes import Shape
from core.text import bytes_text, excerpt

_SMALL: Final = 1 << 24
"""Bytes of an array that may be packed as well as its numbers allow."""
_PACKED: Final = 100
"""How many times as large as what is stored a larger array may be; numbers of a trained network hardly get smaller."""
_MOST_ARRAYS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Stored:
    """An array that has not been read yet.

    Attributes
    ----------
    name : str
        "kernel"; in `.keras` files a mere number.
    """

    name: str
    shape: Shape
    read: Callable[[], Array]


Arrays: TypeAlias = Callable[[KerasLayer], Sequence[Stored]]
"""Returns the arrays of a layer, in Keras' order."""


@contextmanager
def opened(file: IO[bytes]) -> Iterator[Any]:
    """Open an HDF5 file.

    Raises
    ------
    ModelError
        h5py is missing, or the file is damaged.
    """
    h5py = require_library("h5py", "its weights are in HDF5")
    try:
        with h5py.File(file, "r") as held:
            yield held
    except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:  # as h5py says that bytes make no sense
        raise ModelError("its weights are cut short or damaged. Fetch or save it once more.") from error


def numbered(held: Any) -> Arrays:
    """Return the arrays of a file of Keras 3, by class and number."""

    def arrays(layer: KerasLayer) -> list[Stored]:
        place = _item(held, f"{layer.group.strip('/')}/vars")
        if place is None or not hasattr(place, "keys"):
            return []
        keys = sorted((key for key in place if key.isdecimal()), key=int)
        return [_stored(place, key, layer) for key in keys]

    return arrays


def named(held: Any) -> Arrays:
    """Return the arrays of a file as Keras 2 wrote them, by the names of layers."""

    def arrays(layer: KerasLayer) -> list[Stored]:
        place = _item(held, layer.owner[0])
        if place is None or not hasattr(place, "keys"):
            return []
        names = _texts(place.attrs, "weight_names")
        if len(layer.owner) > 1:
            names = [name for name in names if name.split("/")[-2:-1] == [layer.owner[-1]]]
        return [_stored(place, name, layer) for name in names]

    return arrays


def is_named(held: Any) -> bool:
    """Say whether a file keeps arrays as Keras 2 did."""
    return "layer_names" in held.attrs or "layer_names0" in held.attrs


def _texts(attributes: Any, key: str) -> list[str]:
    """Return a list of names; a long one lies in several parts."""
    found = [attributes[key]] if key in attributes else []
    while key not in attributes and f"{key}{len(found)}" in attributes:
        found.append(attributes[f"{key}{len(found)}"])
    names = [name for part in found for name in part]
    if len(names) > _MOST_ARRAYS:
        raise ModelError(f"it lists {len(names):,} arrays for one layer.")
    return [name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name) for name in names]


def _item(held: Any, path: str) -> Any:
    """Return what a path leads to; None where it leads nowhere or out of the file."""
    item = held
    for part in filter(None, path.split("/")):
        link = item.get(part, getlink=True) if hasattr(item, "keys") and part in item else None
        if link is None:
            return None
        if hasattr(link, "filename"):
            raise ModelError(f"{shown(path)} lies in another file, which is not followed.")
        item = item[part]
    return item


def _stored(place: Any, key: str, layer: KerasLayer) -> Stored:
    array = _item(place, key)
    called = f"{layer.called}: its array {shown(key)}"
    if array is None or not hasattr(array, "dtype"):
        raise ModelError(f"{called} is missing.")
    if array.external or array.is_virtual:
        raise ModelError(f"{called} lies in another file, which is not followed.")
    if array.shape is None or array.dtype.kind not in "fiu":
        raise ModelError(f"{called} holds no numbers.")
    n_bytes = prod(array.shape) * array.dtype.itemsize
    stored = array.id.get_storage_size()
    if n_bytes and (not stored or n_bytes > max(_SMALL, _PACKED * stored)):
        raise ModelError(f"{called} would be {bytes_text(n_bytes)}, of which the file holds {bytes_text(stored)}.")
    return Stored(key.rsplit("/", 1)[-1].split(":", maxsplit=1)[0], tuple(array.shape), lambda: array[()])


_TYPES: Final = {"float32": "<f4", "int32": "<i4", "uint8": "u1", "uint16": "<u2", "float16": "<f2", "bool": "u1"}


def manifested(groups: Sequence[tuple[Sequence[Mapping[str, Any]], bytes]]) -> Arrays:
    """Return the arrays of a TensorFlow.js model.

    Parameters
    ----------
    groups : sequence of (entries, bytes)
        What the manifest says of the arrays in a group's shards, and these.

    Raises
    ------
    ModelError
        The manifest and the shards do not fit each other.
    """
    found: dict[str, list[Stored]] = {}
    for entries, data in groups:
        at = 0
        for entry in entries:
            stored, n_bytes = _entry(entry, data, at)
            at += n_bytes
            found.setdefault("/".join(str(entry["name"]).split("/")[:-1]), []).append(stored)
        if at != len(data):
            raise ModelError(f"its shards hold {len(data):,} bytes, and its manifest speaks of {at:,}.")

    def arrays(layer: KerasLayer) -> list[Stored]:
        own = [place for place in found if place.split("/")[-1] == layer.owner[-1]]
        if len(own) > 1:
            own = [place for place in own if place == "/".join(layer.owner)]
        return found[own[0]] if own else []

    return arrays


def _entry(entry: Any, data: bytes, at: int) -> tuple[Stored, int]:
    match entry:
        case {"name": str(name), "shape": list(shape), "dtype": str(dtype)} if dtype in _TYPES:
            pass
        case _:
            raise ModelError(f"its manifest has an entry that cannot be read: {excerpt(entry, 100)}.")
    if not all(isinstance(side, int) and side >= 0 for side in shape):
        raise ModelError(f"{shown(name)} has no shape that an array can have.")
    low, step = 0.0, 1.0
    if entry.get("quantization"):
        match entry["quantization"]:
            case {"dtype": "float16"}:
                dtype = "float16"
            case {
                "dtype": "uint8" | "uint16" as dtype,
                "min": int() | float() as low,
                "scale": int() | float() as step,
            }:
                pass
            case _:
                raise ModelError(f"{shown(name)} is quantized in a way that is not known.")
    n_bytes = prod(shape) * np.dtype(_TYPES[dtype]).itemsize
    if at + n_bytes > len(data):
        raise ModelError(f"{shown(name)} is cut short: its shards end before it does.")
    read = partial(_values, data, at, tuple(shape), dtype, (low, step))
    return Stored(name.rsplit("/", 1)[-1], tuple(shape), read), n_bytes


def _values(data: bytes, at: int, shape: Shape, dtype: str, line: tuple[float, float]) -> Array:
    low, step = line
    values = np.frombuffer(data, _TYPES[dtype], prod(shape), at).reshape(shape).astype(np.float32)
    return values if line == (0.0, 1.0) else values * np.float32(step) + np.float32(low)
