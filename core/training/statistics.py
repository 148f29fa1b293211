"""How far steps move each layer, measured on a training's way without changing it."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from core.engine.network import Network
from core.layers.values import Array
from core.training.histograms import Counter
from core.training.step_statistics import LayerStatistics, StepStatistics

EVERY = 2
"""Of so many steps one is measured."""
MOST = 500
"""Measured steps that are kept for whoever takes them; the oldest go first."""


@dataclass(slots=True)
class _Before:
    """What is measured before a step: parameters, and the norm of each layer's weights and gradient, where wanted."""

    parameters: Array
    norms: dict[str, tuple[float, float]] | None


class Meter:
    """Measures steps while it is on; a step that is not measured costs nothing.

    Attributes
    ----------
    is_on : bool
        Whether anybody looks.
    counter : Counter
        Counts values of layers; it is on or off by itself.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._spans = _spans_of(network)
        self.counter = Counter(network)
        self._before: _Before | None = None
        self._steps: list[StepStatistics] = []
        self._buffer: Array | None = None
        self.is_on = False

    def is_measuring(self, step: int) -> bool:
        """Tell whether a step is measured."""
        return (self.is_on and step % EVERY == 0) or self.counter.is_counting

    def before(self, step: int) -> None:
        """Note weights and the loss's gradient before they are changed."""
        self._before = None
        if not self.is_measuring(step):
            return
        is_measured = self.is_on and step % EVERY == 0
        if self._buffer is None:
            self._buffer = np.empty_like(self._network.parameters)
        self._buffer[...] = self._network.parameters
        self._before = _Before(self._buffer, self._norms_before(self._buffer) if is_measured else None)
        if self.counter.is_counting:
            self.counter.before(self._buffer, self._network.gradients)

    def after(self, step: int) -> None:
        """Measure how far the step went."""
        before, self._before = self._before, None
        if before is None:
            return
        updates = np.subtract(self._network.parameters, before.parameters, out=before.parameters)
        if before.norms is not None:
            moved = self._norms(updates)
            layers = {
                id: LayerStatistics(moved[id] / weight if weight else 0.0, gradient)
                for id, (weight, gradient) in before.norms.items()
            }
            self._steps = [*self._steps[-MOST + 1 :], StepStatistics(step, layers)]
        if self.counter.is_counting:
            self.counter.after(step, updates)

    def take(self) -> tuple[StepStatistics, ...]:
        """Return what was measured since the last time."""
        steps, self._steps = self._steps, []
        return tuple(steps)

    def _norms_before(self, parameters: Array) -> dict[str, tuple[float, float]]:
        weights, gradients = self._norms(parameters), self._norms(self._network.gradients)
        return {id: (weights[id], gradients[id]) for id in weights}

    def _norms(self, flat: Array) -> dict[str, float]:
        """Return the Euclidean norm of each layer's part, by layer id."""
        parts = {id: flat[span] for id, span in self._spans.items()}
        return {id: sqrt(float(np.dot(part, part))) for id, part in parts.items()}


def _spans_of(network: Network) -> dict[str, slice]:
    """Return where the parameters of each layer are among all of them, one array after the other, by layer id."""
    spans: dict[str, slice] = {}
    end = 0
    for name, array in network.by_name(network.parameters).items():
        id, start, end = name.rpartition("/")[0], end, end + array.size
        spans[id] = slice(spans[id].start if id in spans else start, end)
    return spans
