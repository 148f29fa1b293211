"""The way of every kind that has no tuned kernel: its own definition, on views with its own axes."""

from __future__ import annotations

import numpy as np

from core.engine.kernels.kernel import Binding, Kernel, Setting
from core.engine.program import Node
from core.errors import NetworkError
from core.layers import Context
from core.layers.values import Array


class DefinitionKernel(Kernel):
    """Runs a kind's definition; what it allocates is the definition's business."""

    pattern = "the definition"

    def __init__(self, nodes: tuple[Node, ...], setting: Setting) -> None:
        super().__init__(nodes, setting)
        (self.node,) = nodes
        self.context = Context()

    def bind(self, arrays: Binding) -> None:
        (self.weights,) = arrays.weights
        self.xs = tuple(samples_first(x) for x in arrays.xs)
        self.y = samples_first(arrays.y)
        self.dxs = [None if dx is None else samples_first(dx) for dx in arrays.dxs]
        if arrays.dy is not None:
            self.dy = samples_first(arrays.dy)

    def forward(self) -> None:
        self.context = Context(training=self.setting.training, rng=self.setting.rng)
        try:
            np.copyto(self.y, self.node.kind.forward(self.xs, self.weights.values, self.context))
        except NetworkError as error:
            raise NetworkError(f"{self.node.id}: {error}") from error
        for name, value in self.context.updates.items():
            np.copyto(self.weights.values[name], value)

    def backward(self) -> None:
        dxs, gradients = self.node.kind.backward(self.dy, self.weights.values, self.context)
        for place, dx in zip(self.dxs, dxs, strict=True):
            if place is not None:
                np.copyto(place, dx)
        for name, place in self.weights.gradients.items():
            np.copyto(place, gradients[name])


def samples_first(array: Array) -> Array:
    """View an array of the engine with the axes of the definitions.

    >>> samples_first(np.zeros((3, 28, 26, 8))).shape, samples_first(np.zeros((10, 8))).shape
    ((8, 28, 26, 3), (8, 10))
    """
    return array.transpose(3, 1, 2, 0) if array.ndim == 4 else array.T


def samples_last(array: Array) -> Array:
    """View an array of the definitions with the axes of the engine.

    >>> samples_last(np.zeros((8, 28, 26, 3))).shape, samples_last(np.zeros((8, 10))).shape
    ((3, 28, 26, 8), (10, 8))
    """
    return array.transpose(3, 1, 2, 0) if array.ndim == 4 else array.T
