"""Which filters are dead: their rectifier gives 0 for every sample, so that nothing trains them any more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.engine.network import Network
from core.engine.program import Node
from core.engine.threads import ONE_THREAD
from core.inside.passes import node_of
from core.io.datasets import Dataset, Indices
from core.layers.activation import ReLU
from core.layers.rectifiers import ReLU6
from core.shapes import count
from core.training.preparation import Preparation
from core.work import Work

MOST_VALUES = 1 << 22
"""Values of a layer that are looked through at once."""


@dataclass(frozen=True, slots=True)
class Dead:
    """The filters of a layer that are dead.

    Attributes
    ----------
    layer : str
    rectifier : str
        The layer that gives 0; "" where none follows, so that no filter can be dead.
    channels : frozenset of int
    n_samples : int
        How many samples were looked through.
    """

    layer: str
    rectifier: str = ""
    channels: frozenset[int] = frozenset()
    n_samples: int = 0


def dead_filters(
    network: Network, layer: str, dataset: Dataset, preparation: Preparation, samples: Indices
) -> Work[Dead]:
    """Look for filters whose rectifier gives 0 for every sample and at every place.

    Source: CS231n, "Neural Networks Part 1", ReLU: units that can irreversibly die.

    Examples
    --------
    >>> from core.io.datasets import load_dataset
    >>> from core.io.templates import load_template
    >>> from core.work import outcome_of
    >>> network = Network(load_template("digits_cnn"))
    >>> bias = network.weights["conv1/bias"]
    >>> bias[[2, 5]] = -100
    >>> network.weights["conv1/bias"] = bias
    >>> work = dead_filters(network, "conv1", load_dataset("digits"), Preparation(), np.arange(50))
    >>> dead = outcome_of(work)
    >>> dead.rectifier, {2, 5} <= dead.channels
    ('relu1', True)
    """
    rectifier = rectifier_of(network, node_of(network, layer))
    if rectifier is None:
        return Dead(layer)
    is_off = np.ones(rectifier.shape[-1], bool)
    at_once = max(1, min(256, MOST_VALUES // count(rectifier.shape)))
    for start in range(0, len(samples), at_once):
        batch = samples[start : start + at_once]
        with ONE_THREAD, np.errstate(all="ignore"):
            maps = network.activations(preparation.of(dataset, batch), [rectifier.id])[rectifier.id]
        is_off &= (maps == 0).reshape(-1, len(is_off)).all(axis=0)
        yield (start + len(batch)) / len(samples)
        if not is_off.any():
            break
    return Dead(layer, rectifier.id, frozenset(np.flatnonzero(is_off).tolist()), len(samples))


def rectifier_of(network: Network, node: Node) -> Node | None:
    """Return the rectifier that a layer's output goes through, alone or after normalisation; None where none does.

    >>> from core.io.templates import load_template
    >>> network = Network(load_template("resnet20_cifar"))
    >>> rectifier_of(network, network.program.by_id["conv1"]).id
    'relu1'
    """
    while True:
        readers = [reader for reader in network.program.nodes if node.index in reader.sources]
        if len(readers) != 1 or readers[0].shape != node.shape or len(readers[0].sources) != 1:
            return None
        node = readers[0]
        if isinstance(node.kind, ReLU | ReLU6):
            return node
        if node.kind.family != "normalisation":
            return None
