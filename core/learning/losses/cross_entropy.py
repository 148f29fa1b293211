"""Cross-entropy of the softmax of scores."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from core.declare import hyper
from core.learning.losses.loss import GRADIENT, ClassWeights, Labels, Loss, Outputs, one_hot, over_samples
from core.learning.losses.slope import SlopeStep, divided, multiplied, power_of_e, summed


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

    def slope(
        self,
        outputs: Outputs,
        label: int,
        place: int,
        class_weights: ClassWeights | None = None,
        total: float = 1.0,
    ) -> tuple[SlopeStep, ...]:
        scores, top = outputs.astype(np.float64), float(outputs.max())
        powers = np.exp(scores - top)
        own = power_of_e("e^(s − m)", [("s", float(scores[place])), ("m", -top)], "m is the largest score")
        summed_up = summed("Σ", [(f"class {i}", float(power)) for i, power in enumerate(powers)], "e^(s − m), all")
        p = divided("p", (own.name, own.result), (summed_up.name, summed_up.result), "softmax")
        steps: tuple[SlopeStep, ...] = (own, summed_up, p)
        targets = one_hot(scores[None], np.array([label]))[0] * (1 - self.label_smoothing)
        targets += self.label_smoothing / len(scores)
        wanted, name = float(targets[place]), "y"
        if self.label_smoothing:
            certain = (1 - self.label_smoothing) * (place == label)
            spread = self.label_smoothing / len(scores)
            smooth = summed("q", [("(1 − ε)·y", certain), ("ε/C", spread)], f"ε = {self.label_smoothing:g}")
            steps, name = (*steps, smooth), "q"
        if class_weights is None:
            return over_samples((*steps, summed(GRADIENT, [("p", p.result), (name, -wanted)], f"p − {name}")), total)
        own_part = multiplied(f"w·{name}", [("w", float(class_weights[place])), (name, wanted)])
        parts = [(f"class {i}", float(w * t)) for i, (w, t) in enumerate(zip(class_weights, targets, strict=True)) if t]
        everything = summed(f"Σw·{name}", parts)
        pulled = multiplied(f"p·Σw·{name}", [("p", p.result), (everything.name, everything.result)])
        last = summed(GRADIENT, [(pulled.name, pulled.result), (own_part.name, -own_part.result)])
        return over_samples((*steps, own_part, everything, pulled, last), total)

    def guessing(self, shares: NDArray[np.float64]) -> float:
        smooth = (1 - self.label_smoothing) * shares + self.label_smoothing / len(shares)
        present = smooth[smooth > 0]
        return float(-(present * np.log(present)).sum())
