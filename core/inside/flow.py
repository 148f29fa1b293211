"""How large the gradient of the loss is on its way back, wire by wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import sqrt

import numpy as np

from core.engine.kernels.loss import scores_of
from core.engine.program import Node
from core.inside.looking import scores_layer
from core.inside.passes import Pass
from core.layers.values import Array
from core.shapes import count
from core.training.evaluating import Trial
from core.work import Work

SAMPLES = 16
"""Samples that the gradient is measured of."""
MOST_VALUES = 1 << 23
"""Values that a pass may keep, of all layers and samples together."""


@dataclass(frozen=True, slots=True)
class Flow:
    """What came back over each wire of the flattened graph.

    Attributes
    ----------
    norms : mapping of (str, str, int) to float
        By source, layer and port: of `∂loss/∂x`, x what goes over the wire for one sample, the Euclidean norm; of the
        samples the root of the mean square. 0 where nothing comes back.
    n : int
        How many samples that is of.
    """

    n: int
    norms: Mapping[tuple[str, str, int], float] = field(default_factory=dict)


def gradient_flow(trial: Trial) -> Work[Flow]:
    """Measure the gradient of each sample's own loss on the way back; the network is only read.

    Raises
    ------
    NetworkError
        The network has several Inputs or no row of scores, or a pass does not fit into memory.

    Examples
    --------
    >>> from core.engine.network import Network
    >>> from core.io.datasets import load_dataset
    >>> from core.io.templates import load_template
    >>> from core.training.preparation import Preparation
    >>> from core.work import outcome_of
    >>> digits = load_dataset("digits")
    >>> trial = Trial(Network(load_template("digits_cnn")), Preparation(), digits, np.arange(8))
    >>> flow = outcome_of(gradient_flow(trial))
    >>> flow.n, len(flow.norms), flow.norms["flat", "fc1", 0] > 0
    (8, 9, True)
    """
    network = trial.network
    program = network.program
    end = scores_layer(program)
    n = min(SAMPLES, len(trial.samples), max(1, MOST_VALUES // sum(count(node.shape) for node in program.nodes)))
    samples = trial.samples[:n]
    run = Pass(network, trial.preparation.of(trial.dataset, samples), end)
    yield from run.forward()
    scores = run.outputs[end].reshape(n, -1)
    _, dscores = program.loss.each(scores.astype(np.float64), trial.dataset.labels[samples])
    norms: dict[tuple[str, str, int], float] = {}

    def told(node: Node, port: int, dx: Array) -> None:
        # Neither the squares of large gradients nor those of small ones leave the range of the double.
        square = float(np.square(dx, dtype=np.float64).sum()) / n
        norms[program.nodes[node.sources[port]].id, node.id, port] = sqrt(square)

    yield from run.backward(dscores.reshape(run.outputs[end].shape), told=told)
    last = program.nodes[program.outputs[0]]
    if scores_of(program) != last.index:  # a last layer under which the loss looks is part of it
        norms[end, last.id, 0] = sqrt(float(np.square(dscores).sum()) / n)
    return Flow(n, norms)
