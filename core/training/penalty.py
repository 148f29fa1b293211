"""What is done to the gradient of the loss before the optimiser follows it: kernels pull to zero, long ones are cut."""

from __future__ import annotations

from math import sqrt

import numpy as np

from core.engine.network import Network
from core.engine.program import Program
from core.graph.training import TrainingSettings

TINY = 1e-6
"""Keeps the division by a norm finite; PyTorch's clip_grad_norm_ has the same."""


class Penalty:
    """Holds the steps back, as the settings `l1`, `l2` and `clip_norm` say.

    It adds the gradients `l1·sign(w)` of `l1·Σ|w|` and `l2·w` of `l2/2·Σw²` to that of the loss, for every kernel.

    Biases, the parameters of normalisations and frozen layers are left alone, and so is the reported loss: like the
    weight decay of other frameworks, the penalties act on the steps only, so that losses of different settings can be
    compared. Where a weight is 0, `l1` does not pull.

    A gradient, penalties included, that is longer than `clip_norm` is cut to it.

    Source: CS231n, "Neural Networks Part 2", Regularization, with the course's half in `l2/2·Σw²`.
    """

    def __init__(self, network: Network, settings: TrainingSettings) -> None:
        self.l1, self.l2, self.clip_norm = settings.l1, settings.l2, settings.clip_norm
        self.kernels = kernel_slices(network.program) if self.l1 or self.l2 else []

    def amend(self, parameters: np.ndarray, gradient: np.ndarray, scratch: np.ndarray) -> None:
        """Do so in place; all three arrays have the shape (n,)."""
        for kernel in self.kernels:
            if self.l1:
                pull = np.multiply(np.sign(parameters[kernel], out=scratch[kernel]), self.l1, out=scratch[kernel])
                np.add(gradient[kernel], pull, out=gradient[kernel])
            if self.l2:
                pull = np.multiply(parameters[kernel], self.l2, out=scratch[kernel])
                np.add(gradient[kernel], pull, out=gradient[kernel])
        if self.clip_norm is not None:
            clip(gradient, self.clip_norm, scratch)


def clip(gradient: np.ndarray, clip_norm: float, scratch: np.ndarray) -> None:
    """Shorten a gradient in place to the norm `clip_norm`, over all parameters together, where it is longer.

    It is the gradient of loss and penalties that is measured; the weight decay of an optimiser comes after it. So it is
    in PyTorch, where penalties are part of the loss, and clip_grad_norm_ stands between backward and the step.

    >>> gradient = np.array([3.0, 4.0])
    >>> clip(gradient, 1.0, np.empty(2))
    >>> gradient.round(5).tolist()
    [0.6, 0.8]
    """
    np.multiply(gradient, gradient, out=scratch)
    share = clip_norm / (sqrt(np.add.reduce(scratch, dtype=np.float64)) + TINY)
    if share < 1:
        gradient *= share


def kernel_slices(program: Program) -> list[slice]:
    """Find the kernels among a network's flat parameters."""
    slices, end = [], 0
    for node in program.nodes:
        for name, weight in node.weights.items():
            if node.trainable and weight.role == "parameter":
                start, end = end, end + weight.size
                if name == "kernel":
                    slices.append(slice(start, end))
    return slices
