"""How much samples of each class count in the loss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from core.learning.losses.loss import ClassWeights, Labels


def class_weights(
    setting: Literal["balanced"] | Sequence[float] | None, labels: Labels, n_outputs: int
) -> ClassWeights | None:
    """Return the weight of each class.

    Parameters
    ----------
    setting : "balanced", sequence of float, or None
        Balanced are `n/(C·nᵢ)`, of n samples in C classes nᵢ in class i: then all classes count alike together.
    labels : array of int, (n,)
        Of the samples that are learned from.
    n_outputs : int
        Outputs beyond the classes get the weight 1, which no sample asks for.

    Returns
    -------
    array of float64, (n_outputs,), or None
        None where all samples count alike.

    Notes
    -----
    Source: King and Zeng, "Logistic Regression in Rare Events Data", 2001, in scikit-learn's form.

    Examples
    --------
    >>> class_weights("balanced", np.array([0, 0, 0, 1]), 3).round(3).tolist()
    [0.667, 2.0, 1.0]
    """
    if setting is None:
        return None
    weights = np.ones(n_outputs)
    if setting == "balanced":
        numbers = np.bincount(labels, minlength=n_outputs)[:n_outputs]
        present = numbers > 0
        weights[present] = len(labels) / (np.count_nonzero(present) * numbers[present])
    else:
        weights[: len(setting)] = setting[:n_outputs]
    return weights
