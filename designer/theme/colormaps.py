"""Colours for numbers: diverging for weights, sequential for activations. Pure NumPy: tables in, pixels out.

Both are readable without red–green vision: the diverging one tells signs apart as orange and blue, the sequential one
rises in lightness all the way.
"""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from designer.theme.colours import Theme

__all__ = [
    "ACTIVATIONS",
    "NOT_A_NUMBER",
    "_WEIGHTS_ON_LIGHT",
    "colourise",
    "symmetric_limit",
    "weights",
]

Table = NDArray[np.uint8]

NOT_A_NUMBER: Final = np.array([255, 0, 200, 255], dtype=np.uint8)


def _table(*anchors: str) -> Table:
    """Return 256 colours (256, RGBA) that run through evenly spaced `#rrggbb` anchors."""
    rgb = np.array([list(bytes.fromhex(anchor[1:])) for anchor in anchors], dtype=np.float64)  # (anchors, 3)
    at = np.linspace(0, len(anchors) - 1, 256)
    channels = [np.interp(at, np.arange(len(anchors)), rgb[:, channel]) for channel in range(3)]
    table = np.column_stack([*channels, np.full(256, 255.0)]).round().astype(np.uint8)
    table.flags.writeable = False
    return table


@cache
def _weights_on_dark(ground: str) -> Table:
    return _table("#ffb27a", "#e0703a", "#7a422c", ground, "#27477f", "#3f80ea", "#93bdff")


_WEIGHTS_ON_LIGHT: Final = _table("#a8410c", "#e8763e", "#f5b99c", "#f4f5f8", "#a9c8fb", "#4a8df0", "#154db0")
ACTIVATIONS: Final = _table("#0d1126", "#1b2f6b", "#1a6396", "#1f9c9a", "#79cc86", "#fff2a0")


def weights(theme: Theme) -> Table:
    """Return the diverging table (256, RGBA): orange is negative, blue positive, zero the theme's background."""
    return _weights_on_dark(theme.panel) if theme.is_dark else _WEIGHTS_ON_LIGHT


def symmetric_limit(values: ArrayLike) -> float:
    """Return the largest finite magnitude, so that −limit … limit has zero in the middle; 1 if all values are zero.

    >>> symmetric_limit([0.5, -2.0, float("nan")])
    2.0
    """
    magnitudes = np.abs(np.asarray(values, dtype=np.float32))
    largest = float(np.max(magnitudes, initial=0.0, where=np.isfinite(magnitudes)))
    return largest or 1.0


def colourise(values: ArrayLike, table: Table, low: float, high: float) -> NDArray[np.uint8]:
    """Return the pixels of an array: each number's place between `low` and `high`, looked up in the table.

    Parameters
    ----------
    values
        Any shape (…). Numbers beyond the limits, infinities too, take the end colours; NaN takes `NOT_A_NUMBER`.
    table
        (256, RGBA) uint8: `ACTIVATIONS`, or `weights(theme)` with limits −`symmetric_limit` … `symmetric_limit`.
    low, high
        Finite limits. If they are equal, all values between them take the first colour.

    Returns
    -------
    NDArray[np.uint8]
        (…, RGBA), a new contiguous array.
    """
    numbers = np.asarray(values, dtype=np.float32)
    span = high - low if high > low else 1.0
    missing = np.isnan(numbers)
    place = np.clip((numbers - np.float32(low)) * np.float32(255.0 / span), 0.0, 255.0)
    place[missing] = 0.0
    pixels = np.take(table, np.rint(place).astype(np.intp), axis=0)  # (…) -> (…, RGBA)
    pixels[missing] = NOT_A_NUMBER
    return pixels
