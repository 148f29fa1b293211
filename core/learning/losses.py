"""What training makes small."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[Any]
Labels = NDArray[np.integer[Any]]


def cross_entropy(scores: Scores, labels: Labels) -> tuple[float, Scores]:
    """Measure how surprising the labels are under the softmax of the scores: the mean of `log Σⱼ e^sⱼ − s_label`.

    Softmax and logarithm are taken together: with the largest score subtracted first, neither overflows and no
    probability is rounded to 0 before its logarithm is taken. The gradient is `(p − y)/N`, p the softmax of the scores
    and y 1 at the label.

    Parameters
    ----------
    scores : array of float, (N, C)
    labels : array of int, (N,)
        From 0 to C − 1.

    Returns
    -------
    loss : float
        The mean over the samples.
    dscores : array, (N, C)
        Its gradient.

    Notes
    -----
    Source: CS231n, "Linear Classification", Softmax classifier, Practical issues: Numeric stability.

    Examples
    --------
    >>> loss, dscores = cross_entropy(np.zeros((1, 4)), np.array([2]))
    >>> round(loss, 4), dscores.tolist()  # log 4: no class is preferred
    (1.3863, [[0.25, 0.25, -0.75, 0.25]])
    """
    samples = np.arange(len(scores))
    shifted = scores - scores.max(1, keepdims=True)
    powers = np.exp(shifted)
    sums = powers.sum(1, keepdims=True)
    losses = np.log(sums[:, 0]) - shifted[samples, labels]
    dscores = powers / sums
    dscores[samples, labels] -= 1
    return float(losses.mean(dtype=np.float64)), dscores / len(scores)
