"""How the numbers inside each layer are distributed, counted on a training's way without changing it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import inf, sqrt
from time import perf_counter

import numpy as np

from core.engine.network import Network
from core.errors import NetworkError
from core.layers.values import Array
from core.shapes import count
from core.training.step_histograms import BINS, Histogram, LayerHistograms, StepHistograms

SHARE = 0.02
"""What counting may take of the time: after a count it rests so long. The steps after it, with cold caches, take as
much longer again."""
MOST_COUNTED = 1 << 16
"""Values of a layer that are counted at once; of more, evenly spaced ones."""
SAMPLES, MOST_VALUES = 16, 1 << 22
"""Samples of a batch whose activations are counted, and values that all layers together may have for them."""
MOST = 64
"""Counted steps that are kept for whoever takes them; the oldest go first."""


class Counter:
    """Counts values of steps while it is on; a step that is not counted costs nothing.

    Which steps it counts depends on the clock, so that the cost is bounded for any network; what is learned does not.

    Parameters
    ----------
    network : Network
    clock : callable
        Returns the time in seconds.

    Attributes
    ----------
    is_on : bool
        Whether anybody looks.
    is_counting : bool
        Whether the step that goes on is one of those that are counted.
    """

    def __init__(self, network: Network, clock: Callable[[], float] = perf_counter) -> None:
        self._network, self._clock = network, clock
        self._steps: list[StepHistograms] = []
        self._activations: dict[str, Histogram] = {}
        self._before: dict[str, tuple[Histogram, Histogram]] = {}
        self._spent = self._next = 0.0
        self.is_on = self.is_counting = self._has_plan = False

    def look(self, x: Array) -> None:
        """Count what the layers make of the first samples (N, …) of a batch that is to be learned from.

        They are computed in inference mode, as Dropout would otherwise draw: nothing is changed by it.
        """
        self.is_counting = self.is_on and self._clock() >= self._next
        if not self.is_counting:
            return
        started = self._clock()
        total = sum(count(node.shape) for node in self._network.program.nodes)
        n = max(1, min(SAMPLES, MOST_VALUES // total))
        try:
            with np.errstate(all="ignore"):
                seen = self._network.activations(x[:n])
        except (MemoryError, NetworkError):  # a run does not end because somebody looks
            self.is_counting, self._next = False, inf
            return
        self._activations = {id: histogram([values]) for id, values in seen.items()}
        self._spent = self._clock() - started if self._has_plan else 0.0  # it is made once
        self._has_plan = True

    def before(self, parameters: Array, gradients: Array) -> None:
        """Count weights and the loss's gradient before they are changed, (n,) each."""
        started = self._clock()
        weights, gradient = self._by_layer(parameters), self._by_layer(gradients)
        self._before = {id: (weights[id], gradient[id]) for id in weights}
        self._spent += self._clock() - started

    def after(self, step: int, updates: Array) -> None:
        """Count how far the step moved each parameter, (n,)."""
        started = self._clock()
        moved = self._by_layer(updates)
        layers = {}
        for id, activations in self._activations.items():
            weights, gradients = self._before.get(id, (None, None))
            layers[id] = LayerHistograms(activations, weights, gradients, moved.get(id))
        self._steps = [*self._steps[-MOST + 1 :], StepHistograms(step, layers)]
        self.is_counting = False
        self._spent += self._clock() - started
        self._next = self._clock() + self._spent * (1 / SHARE - 1)

    def take(self) -> tuple[StepHistograms, ...]:
        """Return what was counted since the last time."""
        steps, self._steps = self._steps, []
        return tuple(steps)

    def _by_layer(self, flat: Array) -> Mapping[str, Histogram]:
        """Count all parameters of each layer together, by layer id."""
        arrays: dict[str, list[Array]] = {}
        for name, array in self._network.by_name(flat).items():
            arrays.setdefault(name.rpartition("/")[0], []).append(array)
        return {id: histogram(parts) for id, parts in arrays.items()}


def histogram(arrays: Sequence[Array]) -> Histogram:
    """Count the values of arrays together, in bins of equal width from the smallest to the largest.

    NaN and infinities are left out. Of more than `MOST_COUNTED` values evenly spaced ones are counted; the norm is
    that of all.

    >>> one = histogram([np.array([3.0, 0.0]), np.array([-4.0])])
    >>> one.norm, one.low, one.high, one.n, one.counts[[0, -1]].tolist()
    (5.0, -4.0, 3.0, 3, [1, 1])
    """
    size = sum(array.size for array in arrays)
    every = max(1, -(-size // MOST_COUNTED))
    flat = [array.ravel(order="K") for array in arrays]
    values = np.concatenate([part[::every] for part in flat]).astype(np.float64)
    if not (is_finite := np.isfinite(values)).all():
        values = values[is_finite]
    norm = sqrt(sum(float(np.dot(part, part)) for part in flat))
    counts = np.zeros(BINS, np.uint32)
    if not len(values):
        return Histogram(size, 0, norm, 0.0, 0.0, 0.0, 0.0, counts)
    low, high = float(values.min()), float(values.max())
    if high > low:
        places = np.minimum((values - low) / (high - low) * BINS, BINS - 1).astype(np.intp)
        counts[:] = np.bincount(places, minlength=BINS)
    else:
        counts[0] = len(values)
    counts.setflags(write=False)
    zeros = 1 - np.count_nonzero(values) / len(values)
    return Histogram(size, len(values), norm, low, high, float(values.mean()), zeros, counts)
