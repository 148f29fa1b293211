"""What is said of the difference of two moments."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def most_changed(difference: NDArray[np.floating], what: str) -> str:
    """Say which part of an array has changed most, by the norm of its change; the parts are along the last axis.

    >>> most_changed(np.array([[0.0, 3.0], [0.5, -4.0]]), "filter")
    'filter 2 changed most (norm 5)'
    >>> most_changed(np.zeros((2, 2)), "filter")
    'nothing changed'
    """
    known = np.where(np.isfinite(difference), difference, 0).reshape(-1, difference.shape[-1])
    norms = np.sqrt(np.square(known, dtype=np.float64).sum(axis=0))
    if not norms.any():
        return "nothing changed"
    most = int(norms.argmax())
    return f"{what} {most + 1:,} changed most (norm {norms[most]:.3g})"


def change_text(value: float) -> str:
    """Write a change with its sign and three significant digits.

    >>> change_text(0.01234), change_text(-2.0), change_text(0.0)
    ('+0.0123', '−2', '0')
    """
    return f"{value:+.3g}".replace("-", "−") if value else "0"
