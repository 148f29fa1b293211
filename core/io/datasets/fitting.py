"""Fitting a data set to the shape of a network's Input."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.io.datasets.resize import Resize, resize_text, resized
from core.io.datasets.room import room, room_bytes
from core.io.datasets.values import Dataset, Pixels, sample_text
from core.shapes import VALUE_BYTES, Shape, channels_last, count
from core.text import bytes_text, counted, shape_text

LUMINANCE = np.array((0.299, 0.587, 0.114), np.float32)
"""Shares of red, green and blue in grey (ITU-R BT.601)."""

_WAYS: Final[dict[Resize, str]] = {"stretch": "", "fit": " with black borders", "crop": " and cut"}
_BLOCK = 1 << 20  # values worked on at a time, so that temporaries stay in the cache


@dataclass(frozen=True, slots=True)
class Fitting:
    """What is done to samples of one shape for an Input of another; it follows from the two shapes alone.

    Attributes
    ----------
    notes : tuple of str
        A phrase for everything that is done, for reports.
    brief : str
        The same in a few words, to stand beside the data set's name.
    """

    notes: tuple[str, ...] = ()
    brief: str = ""


def fitting_for(name: str, n: int | None, have: Shape, shape: Shape, resize: Resize = "stretch") -> Fitting:
    """Say what is done to a data set of this name, so many samples and this shape.

    Raises
    ------
    DataError
        The channels or the number of values clash, or there is no room for the resized images.

    Examples
    --------
    >>> fitting_for("digits", 1797, (8, 8, 1), (28, 28, 3)).brief
    '8×8, enlarged to 28×28, grey in 3 channels'
    >>> fitting_for("digits", 1797, (8, 8, 1), (28, 28, 3)).notes
    ('resized from 8×8 to 28×28 (bilinear)', 'the one channel repeated 3 times')
    """
    if have == shape:
        return Fitting(brief=sample_text(have))
    if len(have) == len(shape) == 3:
        return _image_fitting(name, n, have, shape, resize)
    if len(have) != len(shape) and count(have) == count(shape):
        notes = (f"rearranged from {sample_text(have)} to {sample_text(shape)}",)
        return Fitting(notes, f"{sample_text(have)}, rearranged to {sample_text(shape)}")
    product = f"{'·'.join(map(str, have))} = " if len(have) > 1 else ""
    raise DataError(
        f"{name} holds samples of {sample_text(have)}, but the network's Input takes "
        f"{sample_text(shape)}: {product}{count(have):,} is not {count(shape):,}. "
        f"Set the Input's shape to {list(suited_shape(have, shape))}."
    )


def suited_shape(have: Shape, shape: Shape) -> Shape:
    """Return the shape nearest to that of an Input which samples of a shape can be fitted to."""
    if len(have) == len(shape) == 3:
        meant = channels_last(shape)
        if meant is not None:
            return (meant[0], meant[1], meant[2] if have[2] in (1, 3) else have[2])
        return (shape[0], shape[1], have[2])
    return have if len(shape) > 1 else (count(have),)


def fit_to(dataset: Dataset, shape: Shape, resize: Resize = "stretch") -> Dataset:
    """Return the same samples in the shape that a network's Input has, with a note for everything that was done.

    Height and width are resized bilinearly (`core.io.datasets.resize`). One channel is repeated for an Input with
    three; red, green and blue are weighted and added to grey (`LUMINANCE`) for an Input with one. An Input of features
    takes the values in the order height, width, channels, when their number is the same. The test part goes along.

    Parameters
    ----------
    dataset
        Stays as it is; where nothing has to be done, it is returned itself. Its test part is fitted, too.
    shape
        (H, W, C) or (features,) of the Input.
    resize
        What is done where height and width have another ratio (`core.io.datasets.resize`).

    Raises
    ------
    DataError
        The channels or the number of values clash, or there is no room for the resized images.
    """
    test = dataset.test and fit_to(dataset.test, shape, resize)
    if dataset.shape == shape:
        return dataset if test is dataset.test else replace(dataset, test=test)
    notes = (*dataset.notes, *fitting_for(dataset.name, len(dataset), dataset.shape, shape, resize).notes)
    if len(dataset.shape) != len(shape):
        return replace(dataset, images=dataset.images.reshape(-1, *shape), notes=notes, test=test)
    (high, wide, channels), (new_high, new_wide, new_channels) = dataset.shape, shape
    images: Pixels = dataset.images
    scale = dataset.scale
    if (high, wide) != (new_high, new_wide) or channels > new_channels:
        images, scale = _resampled(dataset, (new_high, new_wide, min(channels, new_channels)), resize), 1.0
    if channels < new_channels:
        images = np.broadcast_to(images, (*images.shape[:3], new_channels))  # a view: costs no memory
    return replace(dataset, images=images, scale=scale, notes=notes, test=test)


def _image_fitting(name: str, n: int | None, have: Shape, shape: Shape, resize: Resize) -> Fitting:
    (high, wide, channels), (new_high, new_wide, new_channels) = have, shape
    if channels != new_channels and (channels, new_channels) not in {(1, 3), (3, 1)}:
        suited = list(suited_shape(have, shape))
        why = (
            f"{name} has images with {counted(channels, 'channel')} ({sample_text(have)}), but the "
            f"network's Input takes {new_channels} ({sample_text(shape)})."
        )
        if channels_last(shape) is not None:
            raise DataError(f"{why} That looks like channels first (C×H×W): set the Input's shape to {suited}.")
        raise DataError(
            f"{why} Only 1 can become 3 (repeated) and 3 become 1 (grey). Set the Input's shape to {suited}."
        )
    has_other_size = (high, wide) != (new_high, new_wide)
    if n is not None and (has_other_size or channels > new_channels):
        _refuse_too_large(name, n, have, (new_high, new_wide, min(channels, new_channels)))
    notes, brief = [], [f"{high}×{wide}"]
    if channels > new_channels:
        notes.append("red, green and blue weighted and added to one grey channel (0.299, 0.587, 0.114)")
    if has_other_size:
        way = resize_text((high, wide), (new_high, new_wide), resize)
        notes.append(
            f"resized from {high}×{wide} to {new_high}×{new_wide} ({'; '.join(filter(None, ('bilinear', way)))})"
        )
        brief.append(f"{_change(have, shape)} to {new_high}×{new_wide}{_WAYS[resize] if way else ''}")
    if channels < new_channels:
        notes.append(f"the one channel repeated {new_channels} times")
        brief.append(f"grey in {new_channels} channels")
    elif channels > new_channels:
        brief.append("colours made grey")
    return Fitting(tuple(notes), ", ".join(brief))


def _change(have: Shape, shape: Shape) -> str:
    if shape[0] >= have[0] and shape[1] >= have[1]:
        return "enlarged"
    return "reduced" if shape[0] <= have[0] and shape[1] <= have[1] else "resized"


def _refuse_too_large(name: str, n: int, have: Shape, shape: Shape) -> None:
    n_bytes = n * count(shape) * VALUE_BYTES
    if n_bytes > (limit := room_bytes()):
        raise DataError(
            f"{name} holds {counted(n, 'image')}. Resized from {shape_text(have)} to "
            f"{shape_text(shape)} they would fill {bytes_text(n_bytes)}; there is room for {bytes_text(limit)} "
            "in memory and temporary files. Make the Input smaller, or use a smaller data set."
        )


def _resampled(dataset: Dataset, shape: Shape, resize: Resize) -> NDArray[np.float32]:
    high, wide, channels = shape
    resampled: NDArray[np.float32] = room((len(dataset), *shape), np.float32)
    step = max(1, _BLOCK // max(count(shape), count(dataset.shape)))
    for start in range(0, len(dataset), step):
        block = dataset.pixels(slice(start, start + step))
        if channels < block.shape[3]:
            block = (block * LUMINANCE).sum(axis=3, keepdims=True)
        resampled[start : start + step] = resized(block, high, wide, resize)
    return resampled
