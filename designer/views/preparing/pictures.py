"""Pictures of values in any range."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from designer import theme
from designer.theme import colormaps
from designer.views.sample_image import picture_of

Values = NDArray[np.floating]


def signed_picture(values: Values) -> QImage:
    """Draw a sample, (H, W, C) or (features,): as a picture where it is one, else by the signs of its values.

    Values from 0 to 1 are shades, or colours where C is 3. Others are orange below and blue above 0, each picture to
    its own largest; of three channels 0 is a middle grey.
    """
    values = np.asarray(values, np.float32)
    if values.min() >= 0 and values.max() <= 1:
        return picture_of(values)
    limit = colormaps.symmetric_limit(values)
    if values.ndim == 3 and values.shape[2] == 3:
        return picture_of(values / np.float32(2 * limit) + np.float32(0.5))
    flat = values.mean(axis=2) if values.ndim == 3 else _square(values)
    pixels = np.ascontiguousarray(colormaps.colourise(flat, colormaps.weights(theme.current()), -limit, limit))
    high, wide = flat.shape
    return QImage(pixels.data, wide, high, 4 * wide, QImage.Format.Format_RGBA8888).copy()


def range_text(values: Values) -> str:
    """Write between which numbers values lie.

    >>> range_text(np.array([-0.5333, 0.9])), range_text(np.array([0.0, 1.0]))
    ('−0.53 … 0.9', '0 … 1')
    """
    return f"{values.min():.2g} … {values.max():.2g}".replace("-", "−")


def _square(values: Values) -> Values:
    side = int(np.ceil(np.sqrt(len(values))))
    padded = np.zeros(side * side, np.float32)
    padded[: len(values)] = values
    return padded.reshape(side, side)
