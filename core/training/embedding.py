"""Samples as points of a plane: near each other where a network's last hidden layer says nearly the same of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.engine.threads import ONE_THREAD
from core.errors import NetworkError
from core.text import counted
from core.training.neighbours import by_neighbours, perplexity_for
from core.work import Work

Method: TypeAlias = Literal["pca", "t-sne"]

MOST_POINTS: dict[Method, int] = {"pca": 10_000, "t-sne": 1_000}
"""Samples that are drawn; of more, so many at even distances."""


@dataclass(frozen=True, slots=True, eq=False)
class Embedding:
    """Points of a plane.

    Attributes
    ----------
    method : {"pca", "t-sne"}
    at : array, (n, 2)
    places : array of int, (n,)
        Which of the samples they are.
    note : str
        What is to be known to read it.
    """

    method: Method
    at: NDArray[np.float64]
    places: NDArray[np.int64]
    note: str


def embed(hidden: NDArray[np.float32], method: Method) -> Work[Embedding]:
    """Lay samples out in a plane by what a hidden layer gives for them, (N, D).

    Nothing is drawn at random: the same numbers give the same picture. Giving the work up ends it at once.

    Raises
    ------
    NetworkError
        The hidden layer gives no numbers, t-SNE is not installed or failed, or there are too few samples for it.

    Examples
    --------
    >>> from core.work import outcome_of
    >>> points = outcome_of(embed(np.array([[0, 0, 1], [2, 0, 1], [4, 0, 1]], np.float32), "pca"))
    >>> points.at.round(6).tolist(), points.note
    ([[-2.0, 0.0], [0.0, 0.0], [2.0, 0.0]], 'the two directions keep 100 % of the variance')
    """
    if not np.isfinite(hidden).all():
        raise NetworkError("The last hidden layer computes no numbers, so there is nothing to lay out.")
    step = -(-len(hidden) // MOST_POINTS[method])
    places = np.arange(0, len(hidden), step)
    rows = hidden[places].astype(np.float64)
    yield 0.0
    if method == "pca":
        with ONE_THREAD:
            at, note = _by_variance(rows)
    else:
        at = yield from by_neighbours(rows)
        note = f"perplexity {perplexity_for(len(rows)):.0f}: distances between groups mean nothing"
    if step > 1:
        note += f"; {len(places):,} of {counted(len(hidden), 'sample')}"
    return Embedding(method, at, places, note)


def _by_variance(rows: NDArray[np.float64]) -> tuple[NDArray[np.float64], str]:
    """Project on the two directions of most variance; the largest entry of each is positive, so that none flips."""
    centred = rows - rows.mean(axis=0)
    n, depth = centred.shape
    if depth <= n:
        variances, directions = np.linalg.eigh(centred.T @ centred)  # ascending
    else:
        variances, left = np.linalg.eigh(centred @ centred.T)
        directions = centred.T @ left / np.sqrt(np.maximum(variances, 1e-300))
    top = directions[:, ::-1][:, :2]
    signs = np.sign(top[np.abs(top).argmax(axis=0), np.arange(top.shape[1])])
    at = np.zeros((n, 2))
    at[:, : top.shape[1]] = centred @ (top * signs)
    total = float(np.maximum(variances, 0).sum())
    kept = float(np.maximum(variances[-2:], 0).sum()) / total if total > 0 else 1.0
    return at, f"the two directions keep {100 * kept:.0f} % of the variance"
