"""Bilinear resizing of many images at once, and what becomes of their sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Resize: TypeAlias = Literal["stretch", "fit", "crop"]
"""What is done where height and width have another ratio than is asked for."""

RESIZES: Final[dict[Resize, str]] = {
    "stretch": "stretched",
    "fit": "ratio kept, black borders added",
    "crop": "ratio kept, the middle cut out",
}
"""The ways, each with the phrase that says what was done."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Which part of an image is resized to which part of the new one.

    Attributes
    ----------
    top, left, height, width : float
        The part of the image that is read, in its pixels, which may be cut.
    at : tuple of int
        Top and left of the part of the new image that is written.
    size : tuple of int
        Height and width of that part; the rest of the new image is black.
    """

    top: float
    left: float
    height: float
    width: float
    at: tuple[int, int]
    size: tuple[int, int]


def placement(have: tuple[float, float], want: tuple[int, int], resize: Resize = "stretch") -> Placement:
    """Return which part of an image of one size goes where in another.

    Parameters
    ----------
    have, want
        Height and width; what is there may end at a fraction of a pixel.

    Examples
    --------
    >>> placement((20, 40), (10, 10), "fit")
    Placement(top=0.0, left=0.0, height=20.0, width=40.0, at=(2, 0), size=(5, 10))
    >>> placement((20, 40), (10, 10), "crop")
    Placement(top=0.0, left=10.0, height=20.0, width=20.0, at=(0, 0), size=(10, 10))
    """
    high, wide = have
    if resize == "fit":
        factor = min(want[0] / high, want[1] / wide)
        size = (max(1, round(high * factor)), max(1, round(wide * factor)))
        return Placement(0.0, 0.0, float(high), float(wide), ((want[0] - size[0]) // 2, (want[1] - size[1]) // 2), size)
    height, width = float(high), float(wide)
    if resize == "crop" and high * want[1] > wide * want[0]:
        height = wide * want[0] / want[1]
    elif resize == "crop":
        width = high * want[1] / want[0]
    return Placement((high - height) / 2, (wide - width) / 2, height, width, (0, 0), want)


def resize_text(have: tuple[int, int], want: tuple[int, int], resize: Resize) -> str:
    """Say what becomes of the sides; nothing where their ratio stays.

    >>> resize_text((20, 40), (10, 10), "fit"), resize_text((20, 40), (10, 20), "fit")
    ('ratio kept, black borders added', '')
    """
    same = resize == "stretch" or placement(have, want, resize) == placement(have, want)
    return "" if same else RESIZES[resize]


def resized(images: NDArray[np.float32], height: int, width: int, resize: Resize = "stretch") -> NDArray[np.float32]:
    """Resize as `bilinear` does, by one of the ways of `RESIZES`.

    Parameters
    ----------
    images
        (N, H, W, C).
    height, width
        The new size.

    Returns
    -------
    (N, height, width, C); borders are 0.

    Examples
    --------
    >>> resized(np.ones((1, 1, 2, 1), np.float32), 2, 2, "fit").ravel().tolist()
    [1.0, 1.0, 0.0, 0.0]
    """
    place = placement((images.shape[1], images.shape[2]), (height, width), resize)
    rows = _along(images, 1, place.size[0], place.top, place.height)
    inner = _along(rows, 2, place.size[1], place.left, place.width)
    if place.size == (height, width):
        return inner
    whole = np.zeros((len(images), height, width, images.shape[3]), np.float32)
    (top, left), (high, wide) = place.at, place.size
    whole[:, top : top + high, left : left + wide] = inner
    return whole


def bilinear(images: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    """Resize with half-pixel centres, the edge repeated outwards, and no smoothing before shrinking.

    Pixel i of W' reads the image at `x = (i + ½)·W/W' − ½`, clamped to [0, W − 1], as `(1 − t)·a + t·b` of its two
    neighbours, t the fraction of x; rows first, then columns. The same as ONNX "Resize" with mode linear and
    coordinate_transformation_mode half_pixel, and as PyTorch's `interpolate(mode="bilinear", align_corners=False)`.

    Parameters
    ----------
    images
        (N, H, W, C).
    height, width
        The new size.

    Returns
    -------
    (N, height, width, C), each value between the smallest and the largest of its image.

    Examples
    --------
    >>> bilinear(np.float32([0, 1]).reshape(1, 1, 2, 1), 1, 4).ravel().tolist()
    [0.0, 0.25, 0.75, 1.0]
    """
    return resized(images, height, width)


def _along(images: NDArray[np.float32], axis: int, target: int, start: float, length: float) -> NDArray[np.float32]:
    """Resize the part of an axis that begins at `start` and is so long."""
    size = images.shape[axis]
    if target == size == length:
        return images
    place = ((2 * np.arange(target) + 1) * length / (2 * target) + (start - 0.5)).clip(0, size - 1)
    before = place.astype(np.intp)
    after = np.minimum(before + 1, size - 1)
    share = (place - before).astype(np.float32).reshape((-1,) + (1,) * (images.ndim - axis - 1))
    a: NDArray[np.float32] = images.take(before, axis)
    b: NDArray[np.float32] = images.take(after, axis)
    b -= a
    b *= share
    b += a
    return b
