"""Losses that ask for a distance between the score of the label and the others: support vector machines."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from core.declare import hyper
from core.learning.losses.loss import GRADIENT, Labels, Loss, Outputs
from core.learning.losses.slope import SlopeStep, mapped, summed


class _Margins(Loss):
    """What both have in common: by how much each score comes too close to that of the label."""

    under: ClassVar = "Softmax"
    needs_room: ClassVar = (
        "The score of the label should lie above the others by the margin, at any scale of the scores"
    )
    source: ClassVar = "CS231n, “Linear Classification”, Multiclass Support Vector Machine loss"

    margin: float = hyper(1.0, gt=0, le=1e6, help="How far the score of the label should lie above every other.")

    def _excess(self, outputs: Outputs, labels: Labels) -> Outputs:
        samples = np.arange(len(labels))
        excess = np.maximum(outputs - outputs[samples, labels][:, None] + self.margin, 0)
        excess[samples, labels] = 0
        return excess

    @staticmethod
    def _towards_label(doutputs: Outputs, labels: Labels) -> Outputs:
        """Let the score of the label take against all that the others give."""
        doutputs[np.arange(len(labels)), labels] = -doutputs.sum(1)
        return doutputs

    def slope_of_one(self, outputs: Outputs, label: int, place: int) -> tuple[SlopeStep, ...]:
        if place != label:
            near = self._nearness(outputs, label, place)
            return near, self._pushed(near)
        others = [self._nearness(outputs, label, other) for other in range(len(outputs)) if other != label]
        pushes = [(near.name, -self._pushed(near).result) for near in others if near.result > 0]
        return (summed(GRADIENT, pushes, "what the other classes are pushed by, taken off"),)

    def _nearness(self, outputs: Outputs, label: int, other: int) -> SlopeStep:
        """Return by how much the score of another class comes too close."""
        terms = [(f"s of {other}", float(outputs[other])), (f"s of {label}", -float(outputs[label]))]
        return summed(f"class {other} too close by", [*terms, ("margin", self.margin)], "s − s of the label + margin")

    def _pushed(self, near: SlopeStep) -> SlopeStep:
        """Return the gradient by the score of another class."""
        raise NotImplementedError

    def _splits(self, shares: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        """Return for k = 1…C the share of the k most frequent classes, k, and C − k."""
        k = np.arange(1.0, len(shares) + 1)
        return np.sort(shares)[::-1].cumsum(), k, len(shares) - k


class Hinge(_Margins):
    """The sum over the other classes of how much their scores come too close: `Σⱼ max(0, sⱼ − s_label + margin)`.

    A last Softmax is looked under: support vector machines compare scores. PyTorch's MultiMarginLoss is this divided by
    C, and divides by the number of samples also where classes have weights.

    Examples
    --------
    The course's three scores, of which the first is right:

    >>> loss, dscores = Hinge(margin=10).measure(np.array([[13.0, -7.0, 11.0]]), np.array([0]))
    >>> loss, dscores.tolist()  # max(0, −7 − 13 + 10) + max(0, 11 − 13 + 10)
    (8.0, [[-1.0, 0.0, 1.0]])
    """

    name: ClassVar = "hinge"
    title: ClassVar = "hinge loss"

    def unweighted(self, outputs: Outputs, labels: Labels) -> tuple[Any, Outputs]:
        excess = self._excess(outputs, labels)
        return excess.sum(1), self._towards_label((excess > 0).astype(outputs.dtype), labels)

    def _pushed(self, near: SlopeStep) -> SlopeStep:
        return mapped(GRADIENT, (near.name, near.result), float(near.result > 0), "[x > 0]")

    def guessing(self, shares: NDArray[np.float64]) -> float:
        """Return the least of those answers that put the most frequent classes by the margin above the others."""
        above, k, rest = self._splits(shares)
        answers = above * (k - 1) + (1 - above) * (2 * k + np.maximum(rest - 1, 0))
        return float(self.margin * min(len(shares) - 1, answers.min()))


class SquaredHinge(_Margins):
    """The hinge loss with each term squared: `Σⱼ max(0, sⱼ − s_label + margin)²`, which punishes large errors more.

    A last Softmax is looked under, as by the hinge loss. PyTorch's MultiMarginLoss with p = 2 is this divided by C.

    Examples
    --------
    >>> loss, dscores = SquaredHinge(margin=10).measure(np.array([[13.0, -7.0, 11.0]]), np.array([0]))
    >>> loss, dscores.tolist()
    (64.0, [[-16.0, 0.0, 16.0]])
    """

    name: ClassVar = "squared_hinge"
    title: ClassVar = "squared hinge loss"

    def unweighted(self, outputs: Outputs, labels: Labels) -> tuple[Any, Outputs]:
        excess = self._excess(outputs, labels)
        return (excess * excess).sum(1), self._towards_label(2 * excess, labels)

    def _pushed(self, near: SlopeStep) -> SlopeStep:
        return mapped(GRADIENT, (near.name, near.result), 2 * max(0.0, near.result), "2·max(0, x)")

    def guessing(self, shares: NDArray[np.float64]) -> float:
        """Return the least of those answers that put the most frequent classes above the others."""
        above, k, rest = self._splits(shares)
        # Of d between 0 and 1, above·rest·(1 − d)² + (1 − above)·k·(1 + d)² is least here.
        near, far = above * rest, (1 - above) * k
        d = np.clip((near - far) / np.maximum(near + far, 1e-300), 0, 1)
        same = above * (k - 1) + (1 - above) * np.maximum(rest - 1, 0)
        return float(self.margin**2 * (same + near * (1 - d) ** 2 + far * (1 + d) ** 2).min())
