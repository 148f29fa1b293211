"""What every tenth step or so is measured for: how far it moves each layer, and which units get no gradient."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from core.engine.network import Network
from core.engine.program import Node, Program
from core.layers.activation import ReLU
from core.layers.rectifiers import ReLU6
from core.layers.values import Array

OFTEN, RARELY = 10, 50
"""Of so many steps one is measured, often at first; its gradient is compared with that of the step before."""
FIRST = 200
"""Steps that are measured often: most of what goes wrong goes wrong early."""
MOST = 4096
"""Parameters of a layer that are measured, evenly spread over it: this bounds cost and memory for any network."""
KEPT = 100
"""Measured steps that are remembered."""


@dataclass(frozen=True, slots=True)
class LayerGauge:
    """How a step moves a layer.

    Attributes
    ----------
    ratio : float
        ‖Δw‖/‖w‖, about 1e-3 in a healthy training (CS231n, "Neural Networks Part 3", Ratio of weights:updates).
    gradient : float
        The root mean square of ∂L/∂w, without penalties and before clipping.
    pull : float
        ‖∂L/∂w‖/‖w‖: how the gradient compares with the weights, whatever the rate.
    """

    ratio: float
    gradient: float
    pull: float


@dataclass(frozen=True, slots=True)
class Gauge:
    """What was measured in a step.

    Attributes
    ----------
    layers : mapping of str to LayerGauge
        Of every layer with a kernel that learns, in the network's order.
    agreement : float
        The cosine between the gradient of this batch and that of the batch before.
    shut : mapping of str to int
        How many units of a layer before a ReLU get no gradient since some measured steps.
    """

    step: int
    rate: float
    loss: float
    layers: Mapping[str, LayerGauge]
    agreement: float
    shut: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Gate:
    """A layer before a ReLU: units that the ReLU shuts get a gradient of exactly 0.

    Attributes
    ----------
    layer, relu : str
        The layer that has the weights, and the ReLU.
    gradient : array, (units,)
        A view of the gradient of its bias.
    since, n : array of int, (units,)
        The first measured step of those since which it has been 0, and how many they are; 0 where it is not.
    """

    layer: str
    relu: str
    gradient: Array
    since: NDArray[np.int64]
    n: NDArray[np.int64]

    def note(self, step: int) -> None:
        """Look at the gradient of a measured step."""
        shut = self.gradient == 0
        self.since[shut & (self.n == 0)] = step
        self.n[...] = (self.n + 1) * shut
        self.since[~shut] = 0

    def forget(self) -> None:
        """Begin anew."""
        self.since.fill(0)
        self.n.fill(0)


class Gauges:
    """Measures some steps of a training, and changes nothing.

    Attributes
    ----------
    steps : deque of Gauge
        What was measured, the newest last.
    gates : tuple of Gate
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self.gates = gates_of(network)
        self.steps: deque[Gauge] = deque(maxlen=KEPT)
        measured = [(node, start, stop) for node, start, stop in spans(network.program) if "kernel" in node.weights]
        parts = [np.arange(start, stop, -(-(stop - start) // MOST)) for _, start, stop in measured]
        self._ids = tuple(node.id for node, _, _ in measured)
        self._places = np.concatenate(parts) if parts else np.zeros(0, np.intp)
        self._starts = np.cumsum([0, *map(len, parts)])[:-1]
        self._sizes = [len(part) for part in parts]
        self._is_measuring = False
        self._weights = self._gradient = self._previous = np.zeros(0, network.dtype)

    def before(self, step: int) -> None:
        """Note weights and the loss's gradient, before penalties and the optimiser change them."""
        self._is_measuring = is_measured(step)
        if not self._is_measuring and not is_measured(step + 1):
            return
        gradient = self._network.gradients.take(self._places)
        if not self._is_measuring:
            self._previous = gradient
            return
        self._gradient = gradient
        self._weights = self._network.parameters.take(self._places)
        for gate in self.gates:
            gate.note(step)

    def after(self, step: int, rate: float, loss: float) -> None:
        """Measure how far the step went, after `before` in the same step."""
        if not self._is_measuring or not self._ids:
            return
        moved = self._norms(self._network.parameters.take(self._places) - self._weights)
        weights, gradients = self._norms(self._weights), self._norms(self._gradient)
        layers = {
            id: LayerGauge(m / w if w else 0.0, g / sqrt(n), g / w if w else 0.0)
            for id, m, w, g, n in zip(self._ids, moved, weights, gradients, self._sizes, strict=True)
        }
        shut = {gate.layer: int(np.count_nonzero(gate.since)) for gate in self.gates}
        self.steps.append(Gauge(step, rate, loss, layers, self._agreement(), shut))

    def _norms(self, values: Array) -> list[float]:
        """Return the Euclidean norm of each layer's part."""
        squares: list[float] = np.sqrt(np.add.reduceat(np.square(values, dtype=np.float64), self._starts)).tolist()
        return squares

    def _agreement(self) -> float:
        one, other = self._gradient, self._previous
        if len(one) != len(other):
            return 1.0
        lengths = sqrt(float(one @ one) * float(other @ other))
        return float(one @ other) / lengths if lengths else 1.0


def is_measured(step: int) -> bool:
    """Tell whether a step is measured: the first too, after which some runs are lost."""
    return step % (OFTEN if step <= FIRST else RARELY) == 0 or step == 1


def spans(program: Program) -> list[tuple[Node, int, int]]:
    """Return where the parameters of each layer that learns begin and end among all parameters."""
    found, start = [], 0
    for node in program.nodes:
        if node.learns:
            stop = start + sum(weight.size for weight in node.weights.values() if weight.role == "parameter")
            found.append((node, start, stop))
            start = stop
    return found


def gates_of(network: Network) -> tuple[Gate, ...]:
    """Return the layers with a bias that feed nothing but a ReLU."""
    nodes = network.program.nodes
    fed = [source for node in nodes for source in node.sources]
    views = network.by_name(network.gradients)
    found = []
    for node in nodes:
        if isinstance(node.kind, ReLU | ReLU6) and fed.count(node.sources[0]) == 1:
            before = nodes[node.sources[0]]
            last = next(reversed([name for name, weight in before.weights.items() if weight.role == "parameter"]), "")
            gradient = views.get(f"{before.id}/{last}")
            if gradient is not None and gradient.shape == node.shape[-1:]:
                found.append(
                    Gate(
                        before.id,
                        node.id,
                        gradient,
                        np.zeros(len(gradient), np.int64),
                        np.zeros(len(gradient), np.int64),
                    )
                )
    return tuple(found)
