"""Cross-entropy of each class by itself, as a question that is answered yes or no."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from core.learning.losses.loss import GRADIENT, Labels, Loss, Outputs, one_hot
from core.learning.losses.slope import SlopeStep, divided, mapped, summed


class BinaryCrossEntropy(Loss):
    """A yes-or-no question for every class, on logits: the mean over all values of `log(1 + e^z) − y·z`.

    y is 1 for the class of the label and 0 for the others. Sigmoid and logarithm are taken together, as
    `max(z, 0) − y·z + log(1 + e^−|z|)`, which does not overflow; so a last Sigmoid is looked under. The gradient is
    `(σ(z) − y)/C` for each sample.

    Examples
    --------
    >>> loss, dlogits = BinaryCrossEntropy().measure(np.zeros((1, 4)), np.array([2]))
    >>> round(loss, 4), dlogits.tolist()  # log 2: each question is open
    (0.6931, [[0.125, 0.125, -0.125, 0.125]])
    """

    name: ClassVar = "binary_cross_entropy"
    title: ClassVar = "binary cross-entropy"
    under: ClassVar = "Sigmoid"
    needs_room: ClassVar = (
        "Sigmoid turns each score into a probability; where scores cannot be far from 0, no answer can be certain"
    )
    source: ClassVar = "CS231n, “Neural Networks Part 2”, Attribute classification, in PyTorch's form"

    def unweighted(self, outputs: Outputs, labels: Labels) -> tuple[Any, Outputs]:
        targets, powers = one_hot(outputs, labels), np.exp(-np.abs(outputs))
        losses = np.maximum(outputs, 0) - targets * outputs + np.log1p(powers)
        chances = np.where(outputs >= 0, 1, powers) / (1 + powers)
        return losses.mean(1), (chances - targets) / outputs.shape[1]

    def slope_of_one(self, outputs: Outputs, label: int, place: int) -> tuple[SlopeStep, ...]:
        z = float(outputs[place])
        power = np.exp(-abs(z))
        chance = mapped("σ", ("z", z), (1 if z >= 0 else power) / (1 + power), "1/(1 + e⁻ˣ)")
        error = summed("σ − y", [("σ", chance.result), ("y", -float(place == label))])
        n = ("C, the number of classes", float(len(outputs)))
        return chance, error, divided(GRADIENT, (error.name, error.result), n, "(σ − y)/C")

    def guessing(self, shares: NDArray[np.float64]) -> float:
        chances = shares[(shares > 0) & (shares < 1)]
        entropies = chances * np.log(chances) + (1 - chances) * np.log1p(-chances)
        return float(-entropies.sum() / len(shares))
