"""Which samples are kept back for validation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.io.datasets.values import Indices, Labels


def split(labels: Labels, fraction: float, seed: int) -> tuple[Indices, Indices]:
    """Draw the samples that are kept back for validation, of each class its share.

    Shares that are no whole numbers are rounded by largest remainder, so that as many samples are kept back in all as
    of a set without classes. The last sample of a class stays in training as long as another class can give one.

    Parameters
    ----------
    labels
        (N,) the class of each sample.
    fraction
        Share of the samples kept back: `round(n · fraction)`, but at least one on each side; 0 keeps none back.
    seed
        The same seed draws the same samples (NumPy's PCG64).

    Returns
    -------
    Places of the training samples and of the validation samples, each in ascending order.

    Raises
    ------
    DataError
        The fraction is not in [0, 1).

    Examples
    --------
    >>> labels = np.array([0] * 10 + [1] * 5)
    >>> training, validation = split(labels, 0.2, seed=0)
    >>> np.bincount(labels[training]).tolist(), np.bincount(labels[validation]).tolist()
    ([8, 4], [2, 1])
    """
    if not 0 <= fraction < 1:
        raise DataError(f"The validation split is {fraction:g}. Set it from 0 (no validation) to below 1, such as 0.2.")
    n = len(labels)
    order = np.random.Generator(np.random.PCG64(seed)).permutation(n)
    _, first, classes, sizes = np.unique(labels[order], return_index=True, return_inverse=True, return_counts=True)
    shares = _shares(sizes, n_kept_back(n, fraction), first)
    by_class = np.argsort(classes, kind="stable")
    place_in_class = np.arange(n) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    is_kept = np.empty(n, bool)
    is_kept[order[by_class]] = place_in_class < np.repeat(shares, sizes)
    return np.flatnonzero(~is_kept), np.flatnonzero(is_kept)


def n_kept_back(n: int, fraction: float) -> int:
    """Return how many of `n` samples a split keeps back for validation.

    >>> n_kept_back(10, 0.2), n_kept_back(10, 0), n_kept_back(2, 0.01), n_kept_back(1, 0.5)
    (2, 0, 1, 0)
    """
    return min(max(round(n * fraction), 1), n - 1) if fraction > 0 and n > 1 else 0


def _shares(sizes: NDArray[np.int64], n_kept: int, drawn: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many samples each class gives: its part of `n_kept` in proportion to its size, by largest remainder.

    Parameters
    ----------
    sizes
        Samples of each class; not empty.
    drawn
        Breaks ties: the class with the smaller number gives first.

    >>> _shares(np.array([6, 6, 1]), 4, np.arange(3)).tolist(), _shares(np.array([1, 1, 1]), 1, np.arange(3)).tolist()
    ([2, 2, 0], [1, 0, 0])
    """
    n = int(sizes.sum())
    shares: NDArray[np.int64] = sizes * n_kept // max(n, 1)
    for least in (1, 0):  # that stays in training
        while (left := n_kept - shares.sum()) and (able := np.flatnonzero(shares < sizes - least)).size:
            missing = sizes[able] * n_kept - shares[able] * n
            shares[able[np.lexsort((drawn[able], -missing))[:left]]] += 1
    return shares
