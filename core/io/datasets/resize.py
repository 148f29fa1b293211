"""Bilinear resizing of many images at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


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
    return _along(_along(images, 1, height), 2, width)


def _along(images: NDArray[np.float32], axis: int, target: int) -> NDArray[np.float32]:
    size = images.shape[axis]
    if size == target:
        return images
    place = ((2 * np.arange(target) + 1) * size / (2 * target) - 0.5).clip(0, size - 1)
    before = place.astype(np.intp)
    after = np.minimum(before + 1, size - 1)
    share = (place - before).astype(np.float32).reshape((-1,) + (1,) * (images.ndim - axis - 1))
    a: NDArray[np.float32] = images.take(before, axis)
    b: NDArray[np.float32] = images.take(after, axis)
    b -= a
    b *= share
    b += a
    return b
