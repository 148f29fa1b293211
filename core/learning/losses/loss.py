"""What a loss is: how wrong each sample is, and what the mean of a batch is."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from core.kinds import Kind
from core.learning.losses.slope import SlopeStep, divided, multiplied

Outputs = NDArray[Any]
Labels = NDArray[np.integer[Any]]
ClassWeights = NDArray[np.float64]


GRADIENT = "∂L/∂s"
"""What the gradient by an output is called."""


class Loss(Kind):
    """A measure of how wrong the outputs are for the labels; an instance is its settings."""

    source: ClassVar[str] = ""
    under: ClassVar[str] = ""
    """The kind of a last layer that the loss looks under: it takes what that layer reads. "" where it takes the output
    of the network, whatever the last layer is."""
    needs_room: ClassVar[str] = ""
    """Why scores that cannot be far apart are bad for it, a sentence without its full stop; "" where they are not."""

    def each(self, outputs: Outputs, labels: Labels, class_weights: ClassWeights | None = None) -> tuple[Any, Outputs]:
        """Measure every sample by itself.

        Parameters
        ----------
        outputs : array of float, (N, C)
        labels : array of int, (N,)
            From 0 to C − 1.
        class_weights : array, (C,), optional
            How much samples of each class count.

        Returns
        -------
        losses : array, (N,)
        doutputs : array, (N, C)
            The gradient of their sum.
        """
        losses, doutputs = self.unweighted(outputs, labels)
        if class_weights is None:
            return losses, doutputs
        weights = class_weights[labels].astype(outputs.dtype)
        return losses * weights, doutputs * weights[:, None]

    def unweighted(self, outputs: Outputs, labels: Labels) -> tuple[Any, Outputs]:
        """Do what `each` says, where all classes count alike."""
        raise NotImplementedError

    def measure(
        self, outputs: Outputs, labels: Labels, class_weights: ClassWeights | None = None
    ) -> tuple[float, Outputs]:
        """Return the mean over the samples, and its gradient (N, C).

        With class weights it is `Σᵢ w(yᵢ)·Lᵢ / Σᵢ w(yᵢ)`, so that weights which are all alike change nothing.
        """
        losses, doutputs = self.each(outputs, labels, class_weights)
        total = len(labels) if class_weights is None else float(class_weights[labels].sum())
        return float(losses.sum(dtype=np.float64)) / total, doutputs / total

    def slope(
        self,
        outputs: Outputs,
        label: int,
        place: int,
        class_weights: ClassWeights | None = None,
        total: float = 1.0,
    ) -> tuple[SlopeStep, ...]:
        """Write out the gradient of a sample's part in the loss by one of its outputs.

        Parameters
        ----------
        outputs : array of float, (C,)
        label, place : int
            The right class, and the output that the gradient is by.
        class_weights : array, (C,), optional
        total : float
            What the sum over the samples is divided by: their number, or the sum of their weights.

        Returns
        -------
        tuple of SlopeStep
            The last one's result is what `each` gives of this output, divided by `total`.

        Examples
        --------
        >>> from core.learning.losses import CrossEntropy
        >>> steps = CrossEntropy().slope(np.array([0.0, 0.0]), 1, 1)
        >>> [(step.name, step.result) for step in steps[-2:]]
        [('p', 0.5), ('∂L/∂s', -0.5)]
        """
        steps = self.slope_of_one(outputs.astype(np.float64), label, place)
        if class_weights is not None:
            weight = (f"weight of class {label}", float(class_weights[label]))
            steps = (*steps, multiplied(GRADIENT, [(steps[-1].name, steps[-1].result), weight]))
        return over_samples(steps, total)

    def slope_of_one(self, outputs: Outputs, label: int, place: int) -> tuple[SlopeStep, ...]:
        """Do what `slope` says for one sample, where all classes count alike."""
        raise NotImplementedError

    def initial(self, n_classes: int, output: float = 0.0) -> float:
        """Return the loss of a network that prefers no class yet, as one with small weights begins.

        Parameters
        ----------
        n_classes : int
        output : float
            What each output is then: 0 for scores; for a loss that looks under no last layer, 1/C after a Softmax.
        """
        return self.measure(np.full((1, n_classes), float(output)), np.zeros(1, np.int64))[0]

    def guessing(self, shares: NDArray[np.float64]) -> float:
        """Return the least loss of a network that gives all samples the same answer.

        Parameters
        ----------
        shares : array, (C,)
            The share of each class in the samples; 1 together.
        """
        raise NotImplementedError


def over_samples(steps: tuple[SlopeStep, ...], total: float) -> tuple[SlopeStep, ...]:
    """Divide what comes out by the number of samples, or the sum of their weights, where that is not 1."""
    if total == 1:
        return steps
    return (*steps, divided(GRADIENT, (steps[-1].name, steps[-1].result), ("n", total)))


def one_hot(outputs: Outputs, labels: Labels) -> Outputs:
    """Return 1 at each label and 0 elsewhere, in the shape and dtype of the outputs."""
    targets = np.zeros_like(outputs)
    targets[np.arange(len(labels)), labels] = 1
    return targets
