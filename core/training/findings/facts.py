"""What findings are made from: a few cheap facts about a network and its data, beside the messages of the run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.engine.network import Network
from core.io.datasets import Dataset, Indices
from core.layers.activation import ReLU
from core.layers.rectifiers import ReLU6
from core.layers.values import Array
from core.training.messages import Epoch
from core.training.preparation import Preparation

SHARE, LEAST, MOST = 128, 8, 64
"""Of so many training samples one is looked at, within these limits."""
COST = 60
"""Samples that are learned from for each that is looked at: a look costs a third of a step, so less than 1 %."""
SUSPICIOUS = 1.5
"""A network that is right so many times as often as one that always names the commonest class is not looked into."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What the network does with a few samples, in inference mode.

    Attributes
    ----------
    labels, predicted : array of int, (n,)
        The class of each sample, and the output that is highest.
    dead : tuple of str
        The ReLU layers all of whose outputs are 0 for every sample.
    is_last : bool
        Whether the run ends with this epoch.
    """

    step: int
    epoch: int
    labels: NDArray[np.int64]
    predicted: NDArray[np.int64]
    dead: tuple[str, ...]
    is_last: bool


class Facts:
    """Looks into a network on its way, without changing what it computes.

    Attributes
    ----------
    training, validation : array of int, (n,)
        Places of the samples that are learned from, and that are kept back.
    zero_since : int or None
        The first step of those since which the first layer that learns got a gradient of exactly 0.
    """

    def __init__(
        self, network: Network, dataset: Dataset, training: Indices, validation: Indices, preparation: Preparation
    ) -> None:
        self.network, self.dataset, self.training, self.validation = network, dataset, training, validation
        self._preparation = preparation
        self.zero_since: int | None = None
        self._first_gradient = _first_gradient(network)
        self._n_unlooked = 0
        self._commonest = np.bincount(dataset.labels[training]).max() / len(training)
        n = min(max(len(training) // SHARE, LEAST), MOST)
        self._samples = spread(validation if len(validation) >= LEAST else training, dataset.labels, n)

    def note_gradient(self, step: int) -> None:
        """Look at the loss's gradient, before penalties and the optimiser change it."""
        if np.count_nonzero(self._first_gradient):  # a tenth of the time that `any` takes
            self.zero_since = None
        elif self.zero_since is None:
            self.zero_since = step

    def note_samples(self, n: int) -> None:
        """Say that so many more were learned from."""
        self._n_unlooked += n

    def look(self, epoch: Epoch, *, is_last: bool) -> Look | None:
        """Look at a few samples of every class; None where all seems well, or too little was learned since."""
        accuracy = epoch.train_accuracy if epoch.val_accuracy is None else epoch.val_accuracy
        if self.zero_since is None and accuracy > SUSPICIOUS * self._commonest:
            return None
        if not is_last and self._n_unlooked < COST * len(self._samples):
            return None
        self._n_unlooked = 0
        nodes = self.network.program.nodes
        relus = [node.id for node in nodes if isinstance(node.kind, ReLU | ReLU6)]
        output = self.network.output_ids[0]
        with np.errstate(all="ignore"):
            seen = self.network.activations(self._preparation.of(self.dataset, self._samples), [*relus, output])
        predicted = seen[output].reshape(len(self._samples), -1).argmax(axis=1)
        dead = tuple(id for id in relus if not seen[id].any())
        return Look(epoch.step, epoch.epoch, self.dataset.labels[self._samples], predicted, dead, is_last)


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
