"""What stored values mean: which of them becomes 1, and in which of the two types they are kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.io.datasets.axes import sample_size
from core.io.datasets.stored import Anything, is_mapped, refuse_beyond_memory
from core.io.datasets.values import Pixels

BYTE = 255
_DEPTHS = {bits: (1 << bits) - 1 for bits in (10, 12, 14, 16)}
_BLOCK = 1 << 22  # values looked at at a time
_LOOKED_AT = 64  # blocks of a mapped array that are looked at: all of it would have to come from the disk
_NEARLY_ONE = 2  # resampled pictures reach a little beyond 1
_FEWEST_PIXELS = 64  # a row of fewer values is no picture


@dataclass(frozen=True, slots=True)
class Scaled:
    """The images of each part in a type that data sets keep, and the stored value that becomes 1."""

    parts: list[Pixels]
    scale: float
    notes: tuple[str, ...]


class Extremes(NamedTuple):
    """The smallest and the largest finite value, and whether all values are whole."""

    low: float
    high: float
    whole: bool


def scaled(parts: Sequence[Anything], path: Path, what: str) -> Scaled:
    """Decide what the values of images or rows mean, for all parts of a data set alike.

    Bytes are pixels from 0 to 255. Other whole numbers are pixels of 8, 10, 12, 14 or 16 bits, fractions pixels from
    0 to 1 or, where they go beyond, to 255. Rows of few values are no pixels, and stay as they are.

    Parameters
    ----------
    parts
        (N, H, W, C) or (N, features) of any real type.
    path
        The file that they come from.
    what
        What sentences call them.

    Raises
    ------
    DataError
        They hold no numbers, or would not fit into memory in the type that they need.

    Examples
    --------
    >>> kept = scaled([np.full((1, 28, 28, 1), 255.0)], Path("a.npz"), "x")
    >>> kept.parts[0].dtype, kept.scale, kept.notes
    (dtype('uint8'), 255.0, ('whole numbers up to 255, kept as bytes',))
    """
    for part in parts:
        if part.dtype.kind not in "fiub":
            kind = "Python objects (pickled)" if part.dtype.hasobject else str(part.dtype)
            raise DataError(
                f"{what} holds {kind}; images are numbers. Save them as uint8 (0 … 255) or float32 (0 … 1)."
            )
    extremes = _joint([extremes_of(part) for part in parts])
    are_bytes = all(part.dtype == np.uint8 for part in parts)
    scale, note = _meaning(extremes, parts[0], are_bytes)
    as_bytes = extremes.whole and extremes.low >= 0 and scale <= BYTE and extremes.high <= BYTE
    dtype = np.dtype(np.uint8 if as_bytes else np.float32)
    if note and dtype == np.uint8 and not are_bytes and scale == BYTE:
        note = "whole numbers up to 255, kept as bytes"
    return Scaled([_kept(part, dtype, path) for part in parts], float(scale), (note,) if note else ())


def _meaning(extremes: Extremes, first: Anything, are_bytes: bool) -> tuple[float, str]:
    """Return the value that becomes 1, and what a report says of it."""
    low, high, whole = extremes
    size = sample_size(first)
    are_pictures = first.ndim == 4 or size >= _FEWEST_PIXELS
    if are_bytes or (whole and are_pictures and low >= 0):
        if high == 1:
            return 1, "0 and 1 taken as they are" if are_bytes else ""
        if high == 16 and size == 64:  # the digits of UCI and scikit-learn
            return 16, "values from 0 to 16: divided by 16"
        if high <= BYTE:
            return BYTE, "" if are_bytes else "values up to 255: divided by 255"
        bits = next((bits for bits, top in _DEPTHS.items() if high <= top), None)
        if bits is not None:
            return _DEPTHS[bits], f"{bits}-bit values up to {high:,.0f}: divided by {_DEPTHS[bits]:,}"
    if first.ndim == 4 and low >= 0 and _NEARLY_ONE < high <= BYTE:
        return BYTE, "fractions up to 255: divided by 255"
    if first.ndim == 4 and (low < -1 or high > _NEARLY_ONE):
        return 1, f"values from {low:g} to {high:g} taken as they are"
    return 1, ""


def extremes_of(images: Anything) -> Extremes:
    """Return the smallest and largest value; of a mapped array, those of blocks spread over it."""
    low, high, whole = np.inf, -np.inf, True
    for block in _blocks(images):
        values = block
        if values.dtype.kind == "f":
            values = values[np.isfinite(values)]
            whole = whole and bool((values == np.trunc(values)).all()) and values.size == block.size
        if values.size:
            low, high = min(low, float(values.min())), max(high, float(values.max()))
    return Extremes(low, high, whole) if low <= high else Extremes(0, 0, whole=False)


def _joint(found: Sequence[Extremes]) -> Extremes:
    return Extremes(min(e.low for e in found), max(e.high for e in found), all(e.whole for e in found))


def _blocks(images: Anything) -> Iterator[NDArray[Any]]:
    step = max(1, _BLOCK // sample_size(images))
    starts = range(0, len(images), step)
    if is_mapped(images) and len(starts) > _LOOKED_AT:
        starts = starts[:: -(-len(starts) // _LOOKED_AT)]
    for start in starts:
        yield images[start : start + step]


def _kept(images: Anything, dtype: np.dtype[Any], path: Path) -> Pixels:
    """Return images in one of the two types that data sets keep, made block by block."""
    if images.dtype == dtype:
        return images
    if images.dtype == np.bool_ and dtype == np.uint8:
        return images.view(np.uint8)
    refuse_beyond_memory(path, images.size * dtype.itemsize, f"Save the images as {dtype}, which can stay on the disk.")
    kept = np.empty(images.shape, dtype)
    step = max(1, _BLOCK // sample_size(images))
    with np.errstate(over="ignore", invalid="ignore"):  # what is beyond float32 becomes infinite, and is said to be
        for start in range(0, len(images), step):
            kept[start : start + step] = images[start : start + step]
    return kept
