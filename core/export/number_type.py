"""Weights in another number type."""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from core.errors import ExportError
from core.io.weights import Array


def of_type(array: Array, name: str, dtype: DTypeLike) -> Array:
    """Return an array in another number type.

    Raises
    ------
    ExportError
        If its largest number is beyond what the type can hold.

    Examples
    --------
    >>> of_type(np.ones(2), "fc1/bias", "float16").dtype
    dtype('float16')
    """
    dtype = np.dtype(dtype)
    most, end = float(np.abs(array).max(initial=0)), float(np.finfo(dtype).max)
    if most > end:
        raise ExportError(f"{name} holds {most:.3g}, and {dtype} ends at {end:,.0f}. Choose float32.")
    return array.astype(dtype, copy=False)
