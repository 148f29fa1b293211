"""The normal distribution's cumulative function, which NumPy does not have."""

from __future__ import annotations

from functools import cache
from math import erfc, exp, log, pi, sqrt

import numpy as np

from core.layers.values import Array

_DEGREE = 27


def normal_cdf(x: Array) -> Array:
    """Return how likely a standard normal number is below each value: `Φ(x) = (1 + erf(x/√2))/2`.

    To the last digit or two of the array's dtype, also far below 0, where Φ is tiny. The tail is
    `erfc(z) = t·exp(P(t) − z²)` with `t = 2/(2 + z)`; P is smooth, and a Chebyshev series of it ends soon.

    Examples
    --------
    >>> normal_cdf(np.array([-1.0, 0.0, 1.0])).round(6).tolist()
    [0.158655, 0.5, 0.841345]
    """
    z = np.abs(x) * sqrt(0.5)
    t = 2 / (2 + z)
    series = np.polynomial.chebyshev.chebval(2 * t - 1, _series(x.dtype.name))
    tail = t * np.exp(series) * _bell(x) / 2
    return np.where(x < 0, tail, 1 - tail)


def normal_density(x: Array) -> Array:
    """Return the density of the standard normal distribution: `φ(x) = e^(−x²/2)/√(2π)`.

    >>> normal_density(np.array([0.0, 1.0])).round(6).tolist()
    [0.398942, 0.241971]
    """
    return _bell(x) / sqrt(2 * pi)


def _bell(x: Array) -> Array:
    """Return `e^(−x²/2)`; a part of x whose square is exact goes first, as rounding a large exponent would show."""
    x = np.clip(x, -64, 64)  # beyond, it is 0 in every dtype
    head = np.round(x * 256) / 256
    return np.exp(-head * head / 2) * np.exp((head - x) * (head + x) / 2)


@cache
def _series(dtype: str) -> Array:
    """Return the Chebyshev coefficients of P for t from 0 to 1, as many as the dtype can tell from 0."""
    nodes = np.polynomial.chebyshev.chebpts1(_DEGREE + 1)
    series = np.polynomial.chebyshev.chebfit(nodes, [_log_tail((u + 1) / 2) for u in nodes], _DEGREE)
    telling = np.flatnonzero(np.abs(series) > np.finfo(dtype).eps / 8)
    return series[: telling[-1] + 1].astype(dtype)


def _log_tail(t: float) -> float:
    """Return P."""
    return log(_scaled_erfc(2 / t - 2) / t)


def _scaled_erfc(z: float) -> float:
    """Return `erfc(z)·exp(z²)`; above 2, where both factors run away, by Laplace's continued fraction."""
    if z < 2:
        return erfc(z) * exp(z * z)
    below = z
    for k in range(200, 0, -1):
        below = z + k / 2 / below
    return 1 / (below * sqrt(pi))
