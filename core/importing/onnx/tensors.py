"""The arrays of a model: what they say they hold is believed only where the bytes are there."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from core.io.failures import reason, shown
from core.io.regular_files import open_file
from core.text import bytes_text, counted, shape_text

if TYPE_CHECKING:
    from onnx import TensorProto

Array = NDArray[Any]

_NUMBERS = "fiub"


class Constants(Mapping[str, Array]):
    """The arrays of a model by name, each unpacked when it is asked for.

    Parameters
    ----------
    tensors : mapping of str to TensorProto
    folder : Path
        Where files with their data lie.
    """

    def __init__(self, tensors: Mapping[str, TensorProto], folder: Path) -> None:
        self._tensors = tensors
        self._folder = folder

    def __getitem__(self, name: str) -> Array:
        return array_of(self._tensors[name], self._folder)

    def __iter__(self) -> Iterator[str]:
        return iter(self._tensors)

    def __len__(self) -> int:
        return len(self._tensors)

    def __contains__(self, name: object) -> bool:
        return name in self._tensors


def array_of(tensor: TensorProto, folder: Path) -> Array:
    """Return the numbers of a tensor.

    Raises
    ------
    ModelError
        If they are no real numbers, not as many as its dimensions say, or lie in a file that can't be used.
    """
    from onnx import TensorProto, helper, numpy_helper

    called, dims = shown(text_of(tensor.name)) or "a constant", tuple(tensor.dims)
    try:
        dtype = helper.tensor_dtype_to_np_dtype(tensor.data_type)
    except (KeyError, ValueError, TypeError) as error:
        raise ModelError(f"{called} is of a type that ONNX does not know.") from error
    if min(dims, default=0) < 0:
        raise ModelError(f"{called} has a dimension below 0.")
    narrow = tensor.data_type in (TensorProto.BFLOAT16,)
    if not narrow and np.dtype(dtype).kind not in _NUMBERS:
        raise ModelError(f"{called} does not hold plain real numbers; Convograph has no other weights.")
    if tensor.data_location == TensorProto.EXTERNAL:
        return _outside(tensor, called, dims, np.dtype(dtype), folder)
    n_values = prod(dims)
    n_there = _n_values(tensor, np.dtype(dtype).itemsize)
    if n_there != n_values:
        raise ModelError(
            f"{called} says that it is {shape_text(dims) or 'a single number'}, {counted(n_values, 'value')}, "
            f"but it holds {n_there:,}."
        )
    try:
        array: Array = numpy_helper.to_array(tensor)
    except (ValueError, TypeError) as error:
        raise ModelError(f"{called} is damaged: its values cannot be unpacked.") from error
    return array.astype(np.float32) if narrow else array


def text_of(value: str | bytes) -> str:
    """Return a text of a model: protobuf gives bytes where they are no UTF-8."""
    return value if isinstance(value, str) else value.decode("utf-8", "replace")


def _n_values(tensor: TensorProto, itemsize: int) -> int:
    if tensor.HasField("raw_data"):
        return len(tensor.raw_data) // itemsize if len(tensor.raw_data) % itemsize == 0 else -1
    fields = (tensor.float_data, tensor.double_data, tensor.int32_data, tensor.int64_data, tensor.uint64_data)
    return sum(map(len, fields))


def _outside(tensor: TensorProto, called: str, dims: tuple[int, ...], dtype: np.dtype[Any], folder: Path) -> Array:
    """Read an array from a file beside the model, or below its folder."""
    entries = {text_of(entry.key): text_of(entry.value) for entry in tensor.external_data}
    location = entries.get("location", "")
    path = folder / location
    try:
        inside = bool(location) and path.resolve().is_relative_to(folder.resolve()) and not Path(location).is_absolute()
        offset = int(entries.get("offset") or 0)
        length = int(entries["length"]) if entries.get("length") else prod(dims) * dtype.itemsize
    except (ValueError, OSError, RuntimeError) as error:
        raise ModelError(f"{called} lies in a file whose place cannot be read.") from error
    if not inside:
        raise ModelError(
            f"{called} lies in {shown(location) or 'a file without a name'}, outside of the model's folder. "
            "Convograph reads nothing from there: put the file beside the model, and save it anew."
        )
    if dtype.kind not in _NUMBERS:
        raise ModelError(f"{called} lies in a file of its own, in a type that is read only inside the model.")
    if length != prod(dims) * dtype.itemsize or offset < 0:
        raise ModelError(
            f"{called} says that it is {shape_text(dims)}, {bytes_text(prod(dims) * dtype.itemsize)}, but the file "
            f"{shown(location)} is said to hold {bytes_text(max(0, length))} of it."
        )
    try:
        with open_file(path) as file:
            size = os.fstat(file.fileno()).st_size
            if offset + length > size:
                raise ModelError(
                    f"{called} lies in {shown(location)} up to byte {offset + length:,}, and that ends at {size:,}."
                )
            file.seek(offset)
            return np.frombuffer(file.read(length), dtype.newbyteorder("<")).reshape(dims)
    except OSError as error:
        raise ModelError(f"{called} lies in {shown(location)}, which cannot be read: {reason(error)}.") from error
