"""The pull of kernels towards zero."""

from __future__ import annotations

import numpy as np

from core.engine.network import Network
from core.engine.program import Program


class L2Penalty:
    """Adds the gradient `l2·w` of `l2/2·Σw²` to that of the loss, for every kernel that learns.

    Biases and the parameters of normalisations are left alone, and so is the reported loss: like the weight decay of
    other frameworks, the penalty acts on the steps only, so that losses of different settings can be compared.

    Source: CS231n, "Neural Networks Part 2", Regularization.
    """

    def __init__(self, network: Network, l2: float) -> None:
        self.l2 = l2
        self.kernels = kernel_slices(network.program) if l2 else []

    def add_gradient(self, parameters: np.ndarray, gradient: np.ndarray, scratch: np.ndarray) -> None:
        """Add it in place; all three arrays have the shape (n,)."""
        for kernel in self.kernels:
            pull = np.multiply(parameters[kernel], self.l2, out=scratch[kernel])
            np.add(gradient[kernel], pull, out=gradient[kernel])


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
