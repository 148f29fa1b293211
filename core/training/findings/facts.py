"""What findings are made from: a few cheap facts about a network and its data, beside the messages of the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.engine.kernels.loss import scores_of
from core.engine.network import Network
from core.graph.training import Training
from core.io.datasets import Dataset, Indices
from core.layers.activation import ReLU, Sigmoid, Tanh
from core.layers.rectifiers import ReLU6
from core.layers.values import Array
from core.shapes import count
from core.training.findings.gauges import Gauges
from core.training.messages import Batch, Epoch
from core.training.preparation import Preparation

SHARE, LEAST, MOST = 32, 16, 64
"""Of so many training samples one is looked at, within these limits."""
MOST_VALUES = 2**23
"""Values that are looked at, of all layers together: this bounds the memory."""
COST = 100
"""Samples that are learned from for each that is looked at: a look costs a third of a step, so less than 1 %."""
FIRST_LOOKS = 2
"""After the first epochs, however short: most of what goes wrong goes wrong early."""
NEAR = 0.01
"""Of the way between its bounds: an output so close to one of them is saturated."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What the network does with a few samples, in inference mode.

    Attributes
    ----------
    labels, predicted : array of int, (n,)
        The class of each sample, and the output that is highest.
    dead : tuple of str
        The ReLU layers all of whose outputs are 0 for every sample.
    quiet : mapping of str to array of bool, (units,)
        Which units of each ReLU layer give 0 for every sample.
    saturated : mapping of str to float
        The share of outputs of each hidden Tanh and Sigmoid layer that are close to a bound.
    is_last : bool
        Whether the run ends with this epoch.
    """

    step: int
    epoch: int
    labels: NDArray[np.int64]
    predicted: NDArray[np.int64]
    dead: tuple[str, ...]
    quiet: Mapping[str, NDArray[np.bool_]]
    saturated: Mapping[str, float]
    is_last: bool


class Facts:
    """Looks into a network on its way, without changing what it computes.

    Attributes
    ----------
    learned, validation : array of int, (n,)
        Places of the samples that are learned from, and that are kept back.
    training : Training
        The settings as they are now.
    counts : array of int, (C,)
        How many samples of each class are learned from.
    hidden : tuple of Node
        The layers before the one whose outputs are the scores.
    guess : float
        The loss of a network that knows how common the classes are, and nothing else.
    n_learned, loss_sum
        How many samples were learned from, and the sum of their losses.
    zero_since : int or None
        The first step of those since which the first layer that learns got a gradient of exactly 0.
    """

    def __init__(
        self,
        network: Network,
        dataset: Dataset,
        samples: tuple[Indices, Indices],
        preparation: Preparation,
        training: Training,
    ) -> None:
        self.network, self.dataset, self.training = network, dataset, training
        self.learned, self.validation = samples
        self._preparation = preparation
        self.zero_since: int | None = None
        self.gauges = Gauges(network)
        self._first_gradient = _first_gradient(network)
        self._n_looks, self.n_learned, self.loss_sum = 0, 0, 0.0
        program = network.program
        n_outputs = program.nodes[program.outputs[0]].shape[-1]
        self.counts = np.bincount(dataset.labels[self.learned], minlength=n_outputs)
        weighed = self.counts if network.class_weights is None else self.counts * network.class_weights
        self.guess = program.loss.guessing(weighed / max(1, weighed.sum()))
        self.hidden = program.nodes[: scores_of(program)]
        self._relus = [node.id for node in program.nodes if isinstance(node.kind, ReLU | ReLU6)]
        self._curves = {
            node.id: float(isinstance(node.kind, Tanh)) for node in self.hidden if isinstance(node.kind, Tanh | Sigmoid)
        }
        n = min(max(len(self.learned) // SHARE, LEAST), MOST)
        n_values = sum(count(program.by_id[id].shape) for id in (*self._relus, *self._curves))
        n = max(1, min(n, MOST_VALUES // max(1, n_values)))
        self._samples = spread(self.validation if len(self.validation) >= LEAST else self.learned, dataset.labels, n)

    def begin_anew(self, training: Training) -> None:
        """Forget what was measured with other settings."""
        self.training = training
        self.gauges.steps.clear()
        for gate in self.gauges.gates:
            gate.forget()

    def note_gradient(self, step: int) -> None:
        """Look at the loss's gradient, before penalties and the optimiser change it."""
        if np.count_nonzero(self._first_gradient):  # a tenth of the time that `any` takes
            self.zero_since = None
        elif self.zero_since is None:
            self.zero_since = step
        self.gauges.before(step)

    def note_step(self, step: int, rate: float, loss: float) -> None:
        """Look at how far a step went."""
        self.gauges.after(step, rate, loss)

    def note_batch(self, batch: Batch) -> None:
        """Count what was learned from, and its loss."""
        self.n_learned += batch.n
        self.loss_sum += batch.loss * batch.n

    @property
    def n_classes(self) -> int:
        """How many classes occur."""
        return int(np.count_nonzero(self.counts))

    def look(self, epoch: Epoch, *, is_last: bool) -> Look | None:
        """Look at a few samples of every class; None where too little was learned since the last time."""
        n_looks = max(0, self._n_looks - FIRST_LOOKS) + 1
        if not is_last and self._n_looks >= FIRST_LOOKS and self.n_learned < n_looks * COST * len(self._samples):
            return None
        self._n_looks += 1
        output = self.network.output_ids[0]
        asked = [*self._relus, *self._curves, output]
        with np.errstate(all="ignore"):
            seen = self.network.activations(self._preparation.of(self.dataset, self._samples), asked)
        predicted = seen[output].reshape(len(self._samples), -1).argmax(axis=1)
        quiet = {id: np.all(seen[id].reshape(-1, seen[id].shape[-1]) == 0, axis=0) for id in self._relus}
        dead = tuple(id for id in self._relus if quiet[id].all())
        saturated = {id: _saturation(seen[id], -symmetric) for id, symmetric in self._curves.items()}
        labels = self.dataset.labels[self._samples]
        return Look(epoch.step, epoch.epoch, labels, predicted, dead, quiet, saturated, is_last)


def _saturation(outputs: Array, lower: float) -> float:
    """Return the share of outputs that are close to `lower` or to 1."""
    near = NEAR * (1 - lower)
    return float(np.mean((outputs < lower + near) | (outputs > 1 - near)))


def spread(samples: Indices, labels: NDArray[np.int64], n: int) -> Indices:
    """Choose samples, from every class as many as from the others as far as there are.

    >>> spread(np.arange(8), np.array([0, 0, 0, 0, 0, 2, 1, 1]), 4).tolist()
    [0, 6, 5, 1]
    """
    ordered = samples[np.argsort(labels[samples], kind="stable")]
    own = labels[ordered]
    place_in_class = np.arange(len(own)) - np.searchsorted(own, own)
    return ordered[np.argsort(place_in_class, kind="stable")[:n]]


def _first_gradient(network: Network) -> Array:
    """View the gradient of the bias of the first layer that learns, or of its kernel where it has no bias."""
    first = next(node for node in network.program.nodes if node.learns)
    *before, last = [weight.size for weight in first.weights.values() if weight.role == "parameter"]
    start = sum(before)
    gradient: Array = network.gradients[start : start + last]
    return gradient
