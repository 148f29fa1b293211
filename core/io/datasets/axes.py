"""Which axis of an array is which: samples first, channels last, decided by what the sizes allow."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.io.datasets.stored import Anything, is_mapped
from core.text import counted, shape_text

_FEW = 4
"""Channels that images have at most, where they are no activation maps."""
_COLOURS = {1, 3}


def arranged(images: Anything, n: int, what: str, *, samples_last: bool = False) -> tuple[Anything, tuple[str, ...]]:
    """Return images as (N, H, W, C), or rows as (N, features), and what a report says of it.

    Channels are the last axis if that is 1 or 3; if only the one after the samples is, they stand first.

    Parameters
    ----------
    n
        How many labels there are.
    what
        What sentences call the array: "x_train of mnist.npz".
    samples_last
        Whether samples are looked for at the last axis first, as MATLAB has them.

    Raises
    ------
    DataError
        No axis has one place for each label, or there are too many axes.

    Examples
    --------
    >>> images, notes = arranged(np.zeros((5, 3, 32, 32)), 5, "x")
    >>> images.shape, notes
    ((5, 32, 32, 3), ('channels stood first (3×32×32), now last (32×32×3)',))
    >>> arranged(np.zeros((28, 28, 5)), 5, "x")[1]
    ('samples stood last (28×28×5), now first',)
    """
    notes: list[str] = []
    if not images.size:
        raise DataError(f"{what} has the shape {images.shape}: there is nothing in it. Give at least one image.")
    if images.ndim == 1:
        images = images.reshape(-1, 1)
    at_ends = [axis for axis in (0, images.ndim - 1) if images.shape[axis] == n]
    if not at_ends:
        raise DataError(
            f"{what} has the shape {images.shape}, but there are {counted(n, 'label')}: they do not belong together. "
            "Give one label for each image."
        )
    if at_ends[-1 if samples_last else 0] != 0:
        notes.append(f"samples stood last ({shape_text(images.shape)}), now first")
        images = np.moveaxis(images, -1, 0)
        if not is_mapped(images):
            images = np.ascontiguousarray(images)
    if images.ndim == 3:
        images = images[..., np.newaxis]
    if images.ndim not in {2, 4}:
        raise DataError(
            f"{what} has the shape {images.shape}; give samples × height × width, samples × height × width × channels, "
            "or samples × values."
        )
    if images.ndim == 4:
        images, note = _channels_last(images)
        notes += note
    return images, tuple(notes)


def _channels_last(images: Anything) -> tuple[Anything, list[str]]:
    _, first, middle, last = images.shape
    as_first, as_last = f"{first}×{middle}×{last}", f"{middle}×{last}×{first}"
    if (first in _COLOURS) != (last in _COLOURS):
        is_last = last in _COLOURS
    elif first in _COLOURS:
        return images, [f"{as_first} taken as height × width × channels; it could also be channels first"]
    elif (first <= _FEW) != (last <= _FEW):
        is_last = last <= _FEW
    else:
        return images, [f"{as_first} taken as height × width × channels: no axis is 1 or 3"]
    if is_last:
        return images, []
    return np.moveaxis(images, 1, -1), [f"channels stood first ({as_first}), now last ({as_last})"]


def planes_or_pixels(rows: NDArray[Any], side: int) -> tuple[Anything, str]:
    """Return rows of side·side·3 values as colour images, and in which order their values were.

    Neighbours in a picture are alike: of the two usual orders, the three planes of CIFAR one after the other or the
    three colours of each pixel together, the one is taken in which they differ less.
    """
    n = len(rows)
    planes = np.moveaxis(rows.reshape(n, 3, side, side), 1, -1)
    pixels = rows.reshape(n, side, side, 3)
    some = slice(0, min(n, 100))
    as_planes, as_pixels = (
        float(np.abs(np.diff(images[some].astype(np.float32), axis=2)).mean()) for images in (planes, pixels)
    )
    if as_planes < as_pixels:
        return planes, "the planes of red, green and blue one after the other"
    return pixels, "red, green and blue of each pixel together"


def sample_size(images: Anything) -> int:
    """Return how many values one sample has."""
    return prod(images.shape[1:])
