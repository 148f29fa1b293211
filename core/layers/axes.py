"""Linear maps along height and width, as one small matrix for each axis."""

from __future__ import annotations

from core.layers.kind import Array


def map_axes(rows: Array, columns: Array, x: Array) -> Array:
    """Map height and width: `y[i, j] = Σ rows[i, h]·columns[j, w]·x[h, w]`; transposed matrices give the backward.

    Parameters
    ----------
    rows, columns : array, (H', H) and (W', W)
    x : array, (N, H, W, C)

    Returns
    -------
    array, (N, H', W', C)
    """
    across = columns.astype(x.dtype) @ x  # (N, H, W', C)
    n, high, wide, c = across.shape
    return (rows.astype(x.dtype) @ across.reshape(n, high, wide * c)).reshape(n, len(rows), wide, c)
