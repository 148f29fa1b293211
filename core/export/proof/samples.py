"""Samples with what Convograph computes of them, and weights that hide no mistake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.analysis.report import Report
from core.engine.network import Network
from core.engine.program import Program, compile_program
from core.export.proof.own_samples import OwnSamples
from core.io.prepared import Beside
from core.io.weights import Array
from core.layers.normalisation import BatchNorm
from core.preprocessing.step import treated
from core.shapes import count

DRAWN = "drawn"
MOST_SAMPLES, LEAST_SAMPLES = 8, 2
MOST_VALUES = 1 << 24
"""Values of layers that are stored; of larger networks fewer samples, and then fewer layers, are compared."""


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """What a proof compares with.

    Attributes
    ----------
    samples : mapping of str to array
        As they are in a data set, (N, H, W, C) or (N, C), by the ids of the Inputs.
    layers : mapping of str to array
        What Convograph computes of them, by the ids of layers in the order of computing.
    outputs : tuple of str
        The ids of those where results leave.
    source : str
        Where the samples are from: the name of a data set, or `DRAWN`.
    """

    samples: Mapping[str, Array]
    layers: Mapping[str, Array]
    outputs: tuple[str, ...]
    source: str


def telling_weights(program: Program, seed: int = 0) -> dict[str, Array]:
    """Draw weights in which nothing is left as it begins, so that swapped or forgotten arrays show.

    Scales are near 1, variances above 0, everything else differs from 0.

    Returns
    -------
    mapping of str to array of float32
        All weights of the network by name.
    """
    rng = np.random.default_rng(seed)
    drawn = {}
    for node in program.nodes:
        for name, weight in node.weights.items():
            values = rng.standard_normal(weight.shape)
            if name == "kernel":
                values *= np.sqrt(2 / max(1, weight.fan_in))
            elif name in {"gamma", "moving_variance"}:
                values = 0.5 + rng.random(weight.shape)
            else:
                values *= 0.2
            drawn[f"{node.id}/{name}"] = values.astype(np.float32)
    return drawn


def settled_weights(
    report: Report, weights: Mapping[str, Array], beside: Beside, own: OwnSamples | None = None, seed: int = 0
) -> dict[str, Array]:
    """Set the statistics of weights that were drawn near those of the samples that are compared.

    With any others values would grow from block to block where branches are added, to tens where a ReLU6 lets 6 pass:
    what is rounded before it would be ten times as large behind it. One pass in training measures each BatchNorm's
    batch. What is set differs from it by a tenth in the mean and up to a half in the variance, so that neither can be
    forgotten.

    Raises
    ------
    NetworkError
        If the document has errors, or needs more memory than there is.
    """
    program = compile_program(report.document, report)
    needed = program.ancestors(program.outputs)
    norms = [
        (node, node.kind.momentum)
        for node in program.nodes
        if isinstance(node.kind, BatchNorm) and node.index in needed and node.kind.momentum < 1
    ]  # with a momentum of 1 they keep what they are given
    if not norms:
        return dict(weights)
    network = Network(report.document, report=report)
    network.weights.update(weights)
    for node, _ in norms:
        for name in ("moving_mean", "moving_variance"):
            network.weights[f"{node.id}/{name}"] = np.zeros(node.weights[name].shape, np.float32)
    samples = _samples(program, own, seed)
    network.forward({id: treated(x, beside.steps) for id, x in samples.items()}, training=True)
    rng, settled = np.random.default_rng(seed), dict(weights)
    for node, momentum in norms:
        mean, variance = (network.weights[f"{node.id}/moving_{name}"] / (1 - momentum) for name in ("mean", "variance"))
        spread = 0.5 + rng.random(variance.shape)
        variance = variance + 0.1 * variance.mean() + 1e-3
        mean += 0.1 * np.sqrt(variance) * rng.standard_normal(mean.shape)
        settled[f"{node.id}/moving_mean"] = mean.astype(np.float32)
        settled[f"{node.id}/moving_variance"] = (variance * spread * (1 / spread).mean()).astype(np.float32)
    return settled


def _n_compared(program: Program) -> int:
    needed = program.ancestors(program.outputs)
    n_values = sum(count(node.shape) for node in program.nodes if node.index in needed)
    return max(LEAST_SAMPLES, min(MOST_SAMPLES, MOST_VALUES // n_values))


def _samples(program: Program, own: OwnSamples | None, seed: int) -> Mapping[str, Array]:
    if own is None:
        return drawn_samples(program, seed)
    return {id: x[: _n_compared(program)].astype(np.float32) for id, x in own.arrays.items()}


def drawn_samples(program: Program, seed: int = 0) -> dict[str, Array]:
    """Draw samples from 0 to 1, as pictures are, (N, H, W, C) or (N, C), by the ids of the Inputs."""
    n, rng = _n_compared(program), np.random.default_rng(seed)
    return {
        program.nodes[index].id: rng.random((n, *program.nodes[index].shape), dtype=np.float32)
        for index in program.inputs
    }


def stored_samples(
    report: Report, weights: Mapping[str, Array], beside: Beside, own: OwnSamples | None = None, seed: int = 0
) -> Stored:
    """Compute samples, by default such as are drawn.

    Raises
    ------
    NetworkError
        If the document has errors, or needs more memory than there is.
    WeightsError
        If the weights don't suit the network.
    """
    network = Network(report.document, report=report)
    network.weights.update(weights)
    program = network.program
    nodes = [node for node in program.nodes if node.index in program.ancestors(program.outputs)]
    samples = _samples(program, own, seed)
    n = len(next(iter(samples.values())))
    prepared = {id: treated(x.copy(), beside.steps) for id, x in samples.items()}
    left, compared = MOST_VALUES // n, {program.nodes[index].id for index in program.outputs}
    for node in sorted(nodes, key=lambda node: count(node.shape)):
        left -= count(node.shape)
        if left >= 0:
            compared.add(node.id)
    values = network.activations(prepared, [node.id for node in nodes if node.id in compared])
    return Stored(samples, values, network.output_ids, DRAWN if own is None else own.source)
