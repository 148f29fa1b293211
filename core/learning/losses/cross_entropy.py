"""Cross-entropy of the softmax of scores."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from core.declare import hyper
from core.learning.losses.loss import ClassWeights, Labels, Loss, Outputs, one_hot


class CrossEntropy(Loss):
    """How surprising the labels are under the softmax of the scores: `log Σⱼ e^sⱼ − s_label`.

    Softmax and logarithm are taken together: with the largest score subtracted first, neither overflows and no
    probability is rounded to 0 before its logarithm is taken. The gradient is `p − q`, p the softmax of the scores and
    q what they should be: 1 at the label, or with smoothing `1 − ε + ε/C` there and `ε/C` elsewhere.

    With class weights the smoothing weighs every class too, as in PyTorch: `Σⱼ wⱼ·qⱼ·(log Σₖ e^sₖ − sⱼ)`.

    Examples
    --------
    >>> loss, dscores = CrossEntropy().measure(np.zeros((1, 4)), np.array([2]))
    >>> round(loss, 4), dscores.tolist()  # log 4: no class is preferred
    (1.3863, [[0.25, 0.25, -0.75, 0.25]])
    """

    name: ClassVar = "cross_entropy"
    title: ClassVar = "cross-entropy"
    under: ClassVar = "Softmax"
    needs_room: ClassVar = (
        "Softmax turns scores into probabilities; where the scores cannot be far apart, no class can be certain"
    )
    source: ClassVar = "CS231n, “Linear Classification”, Softmax classifier, Practical issues: Numeric stability"

    label_smoothing: float = hyper(
        0.0, ge=0, lt=1, help="The share of certainty that is spread over all classes, so that no score need be huge."
    )

    def each(self, outputs: Outputs, labels: Labels, class_weights: ClassWeights | None = None) -> tuple[Any, Outputs]:
        targets = one_hot(outputs, labels)
        if self.label_smoothing:
            targets *= 1 - self.label_smoothing
            targets += self.label_smoothing / outputs.shape[1]
        if class_weights is not None:
            targets *= class_weights.astype(outputs.dtype)
        shifted = outputs - outputs.max(1, keepdims=True)
        powers = np.exp(shifted)
        sums = powers.sum(1, keepdims=True)
        losses = (targets * (np.log(sums) - shifted)).sum(1)
        return losses, powers / sums * targets.sum(1, keepdims=True) - targets

    def guessing(self, shares: NDArray[np.float64]) -> float:
        smooth = (1 - self.label_smoothing) * shares + self.label_smoothing / len(shares)
        present = smooth[smooth > 0]
        return float(-(present * np.log(present)).sum())
