"""Images read at other places, bilinearly; beyond their edge is black."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.augmentation.augmentation import Batch

_BLOCK = 1 << 15
"""Pixels worked on at a time, so that temporaries stay in the cache."""


def resampled(x: Batch, maps: NDArray[np.float64]) -> Batch:
    """Return images whose pixel (row, column) is read at `M·(row, column)`, counted from the middle of the image.

    Parameters
    ----------
    x
        (N, H, W, C).
    maps
        (N, 4): `m00 m01 m10 m11` of each image's M.

    Examples
    --------
    >>> upright = np.float32([[0, 1], [0, 1]]).reshape(1, 2, 2, 1)
    >>> resampled(upright, np.array([[0.0, 1.0, -1.0, 0.0]])).reshape(2, 2).tolist()  # anticlockwise by a quarter
    [[1.0, 1.0], [0.0, 0.0]]
    """
    n, high, wide, _ = x.shape
    at_once = max(1, _BLOCK // (high * wide))
    blocks = [
        _block(x[start : start + at_once], maps[start : start + at_once].astype(np.float32))
        for start in range(0, n, at_once)
    ]
    return blocks[0] if len(blocks) == 1 else np.concatenate(blocks)


def _block(x: Batch, maps: NDArray[np.float32]) -> Batch:
    n, high, wide, channels = x.shape
    row = (np.arange(high, dtype=np.float32) - np.float32((high - 1) / 2))[:, None]
    column = (np.arange(wide, dtype=np.float32) - np.float32((wide - 1) / 2))[None, :]
    m = maps[:, :, None, None]
    # Around every image lies one pixel of black, which everything further out is read from.
    down = m[:, 0] * row + m[:, 1] * column + np.float32((high - 1) / 2 + 1)  # (N, H, W)
    right = m[:, 2] * row + m[:, 3] * column + np.float32((wide - 1) / 2 + 1)
    np.clip(down, 0, high + 1, out=down)
    np.clip(right, 0, wide + 1, out=right)
    # The last row that has one below it: at the edge, the share of that one is then 1.
    top = np.minimum(down.astype(np.intp), high)
    left = np.minimum(right.astype(np.intp), wide)
    down -= top
    right -= left
    above = (np.arange(n)[:, None, None] * (high + 2) + top) * (wide + 2) + left
    below = above + (wide + 2)
    framed = np.zeros((n, high + 2, wide + 2), np.float32)
    read = np.empty_like(x)
    for channel in range(channels):  # single values are gathered several times as fast as rows of three
        framed[:, 1:-1, 1:-1] = x[..., channel]
        pixels = framed.ravel()
        upper = _between(pixels.take(above), pixels[1:].take(above), right)
        lower = _between(pixels.take(below), pixels[1:].take(below), right)
        read[..., channel] = _between(upper, lower, down)
    return read


def _between(one: Batch, other: Batch, share: Batch) -> Batch:
    """Return `(1 − t)·a + t·b`, in the memory of b."""
    other -= one
    other *= share
    other += one
    return other
