"""The end of a training pass: the loss, with a last layer that belongs to it computed in one."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from core.engine.program import Program
from core.layers.values import Array
from core.learning.losses import CrossEntropy, Loss


class LossKernel(Protocol):
    """Measures the outputs that lie in a plan."""

    def run(self, labels: Array, divisor: float) -> tuple[float, int]:
        """Return the summed loss and how many samples have their highest output, alone or first, at their label.

        Parameters
        ----------
        labels : array, (N,)
        divisor : float
            What the gradient of the sum is divided by: the samples of the whole batch, of which these may be a part,
            or the sum of their weights.
        """


def loss_kernel(loss: Loss, class_weights: Array | None, outputs: Array, doutputs: Array | None) -> LossKernel:
    """Choose the fastest way to compute a loss.

    Parameters
    ----------
    class_weights : array, (C,), or None
    outputs : array, (C, N)
    doutputs : array, (C, N), or None
        Where the gradient goes.
    """
    if loss == CrossEntropy() and class_weights is None:
        return PlainCrossEntropy(outputs, doutputs)
    return LossByDefinition(loss, class_weights, outputs, doutputs)


class LossByDefinition:
    """Computes any loss as it is defined; outputs are few beside all that a network computes before them."""

    def __init__(self, loss: Loss, class_weights: Array | None, outputs: Array, doutputs: Array | None) -> None:
        self.loss, self.class_weights, self.outputs, self.doutputs = loss, class_weights, outputs, doutputs

    def run(self, labels: Array, divisor: float) -> tuple[float, int]:
        """Do what `LossKernel` says."""
        losses, doutputs = self.loss.each(self.outputs.T, labels, self.class_weights)
        if self.doutputs is not None:
            np.divide(doutputs.T, divisor, out=self.doutputs)
        right = int(np.count_nonzero(self.outputs.argmax(0) == labels))
        return float(np.add.reduce(losses, dtype=np.float64)), right


class PlainCrossEntropy:
    """Computes cross-entropy without weights or smoothing in place; its gradient is `(p − y)/N`."""

    def __init__(self, scores: Array, dscores: Array | None) -> None:
        self.scores, self.dscores = scores, dscores
        self.powers = np.empty_like(scores) if dscores is None else dscores
        self.samples = np.arange(scores.shape[1])
        self.top = np.empty_like(scores, shape=scores.shape[1])
        self.sums = np.empty_like(self.top)

    def run(self, labels: Array, divisor: float) -> tuple[float, int]:
        """Do what `LossKernel` says."""
        np.maximum.reduce(self.scores, axis=0, out=self.top)
        right = int(np.count_nonzero(self.scores.argmax(0) == labels))
        np.subtract(self.scores, self.top, out=self.powers)  # (C, N)
        at_label = self.powers[labels, self.samples]
        np.exp(self.powers, out=self.powers)
        np.add.reduce(self.powers, axis=0, out=self.sums)
        np.log(self.sums, out=self.top)
        np.subtract(self.top, at_label, out=self.top)
        loss = float(np.add.reduce(self.top, dtype=np.float64))
        if self.dscores is not None:
            self.sums *= divisor
            self.dscores /= self.sums
            self.dscores[labels, self.samples] -= 1 / divisor
        return loss, right


def scores_of(program: Program) -> int:
    """Find the node whose output the loss takes: what a last layer that it looks under reads, else the output."""
    (output,) = program.outputs
    node = program.nodes[output]
    return node.sources[0] if type(node.kind).__name__ == program.loss.under else output
