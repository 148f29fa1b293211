"""Fitting a data set to the shape of a network's Input."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.io.datasets.resize import bilinear
from core.io.datasets.values import Dataset, Pixels, sample_text
from core.shapes import VALUE_BYTES, Shape, channels_last, count
from core.text import bytes_text, counted, shape_text

MEMORY_LIMIT = 2 << 30
"""Bytes that resized images may fill."""

LUMINANCE = np.array((0.299, 0.587, 0.114), np.float32)
"""Shares of red, green and blue in grey (ITU-R BT.601)."""

_BLOCK = 1 << 20  # values worked on at a time, so that temporaries stay in the cache


def fit_to(dataset: Dataset, shape: Shape) -> Dataset:
    """Return the same samples in the shape that a network's Input has, with a note for everything that was done.

    Height and width are resized bilinearly (`core.io.datasets.resize`). One channel is repeated for an Input with
    three; red, green and blue are weighted and added to grey (`LUMINANCE`) for an Input with one. An Input of features
    takes the values in the order height, width, channels, when their number is the same.

    Parameters
    ----------
    dataset
        Stays as it is; where nothing has to be done, it is returned itself.
    shape
        (H, W, C) or (features,) of the Input.

    Raises
    ------
    DataError
        The channels or the number of values clash, or the resized images would not fit into `MEMORY_LIMIT`.
    """
    if dataset.shape == shape:
        return dataset
    if len(dataset.shape) == len(shape) == 3:
        return _image(dataset, shape)
    if len(dataset.shape) != len(shape) and count(dataset.shape) == count(shape):
        note = f"rearranged from {sample_text(dataset.shape)} to {sample_text(shape)}"
        return replace(dataset, images=dataset.images.reshape(-1, *shape), notes=(*dataset.notes, note))
    product = f"{'·'.join(map(str, dataset.shape))} = " if len(dataset.shape) > 1 else ""
    raise DataError(
        f"{dataset.name} holds samples of {sample_text(dataset.shape)}, but the network's Input takes "
        f"{sample_text(shape)}: {product}{count(dataset.shape):,} is not {count(shape):,}. "
        f"Set the Input's shape to {list(dataset.shape) if len(shape) > 1 else [count(dataset.shape)]}."
    )


def _image(dataset: Dataset, shape: Shape) -> Dataset:
    (high, wide, channels), (new_high, new_wide, new_channels) = dataset.shape, shape
    if channels != new_channels and (channels, new_channels) not in {(1, 3), (3, 1)}:
        why = (
            f"{dataset.name} has images with {counted(channels, 'channel')} ({sample_text(dataset.shape)}), but the "
            f"network's Input takes {new_channels} ({sample_text(shape)})."
        )
        meant = channels_last(shape)
        if meant is not None:
            suited = [*meant[:2], meant[2] if channels in (1, 3) else channels]
            raise DataError(f"{why} That looks like channels first (C×H×W): set the Input's shape to {suited}.")
        raise DataError(
            f"{why} Only 1 can become 3 (repeated) and 3 become 1 (grey). "
            f"Set the Input's shape to {[new_high, new_wide, channels]}."
        )
    notes = dataset.notes
    images: Pixels = dataset.images
    scale = dataset.scale
    if (high, wide) != (new_high, new_wide) or channels > new_channels:
        images, scale = _resampled(dataset, (new_high, new_wide, min(channels, new_channels))), 1.0
    if channels > new_channels:
        notes = (*notes, "red, green and blue weighted and added to one grey channel (0.299, 0.587, 0.114)")
    if (high, wide) != (new_high, new_wide):
        notes = (*notes, f"resized from {high}×{wide} to {new_high}×{new_wide} (bilinear)")
    if channels < new_channels:
        notes = (*notes, f"the one channel repeated {new_channels} times")
        images = np.broadcast_to(images, (*images.shape[:3], new_channels))  # a view: costs no memory
    return replace(dataset, images=images, scale=scale, notes=notes)


def _resampled(dataset: Dataset, shape: Shape) -> NDArray[np.float32]:
    n_bytes = len(dataset) * count(shape) * VALUE_BYTES
    if n_bytes > MEMORY_LIMIT:
        raise DataError(
            f"{dataset.name} holds {counted(len(dataset), 'image')}. Resized from {shape_text(dataset.shape)} to "
            f"{shape_text(shape)} they would fill {bytes_text(n_bytes)}; the limit is {bytes_text(MEMORY_LIMIT)}. "
            "Make the Input smaller, or use a smaller data set."
        )
    high, wide, channels = shape
    resampled = np.empty((len(dataset), *shape), np.float32)
    step = max(1, _BLOCK // max(count(shape), count(dataset.shape)))
    for start in range(0, len(dataset), step):
        block = dataset.pixels(slice(start, start + step))
        if channels < block.shape[3]:
            block = (block * LUMINANCE).sum(axis=3, keepdims=True)
        resampled[start : start + step] = bilinear(block, high, wide)
    return resampled
