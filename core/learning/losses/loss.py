"""What a loss is: how wrong each sample is, and what the mean of a batch is."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from core.kinds import Kind

Outputs = NDArray[Any]
Labels = NDArray[np.integer[Any]]
ClassWeights = NDArray[np.float64]


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


def one_hot(outputs: Outputs, labels: Labels) -> Outputs:
    """Return 1 at each label and 0 elsewhere, in the shape and dtype of the outputs."""
    targets = np.zeros_like(outputs)
    targets[np.arange(len(labels)), labels] = 1
    return targets
