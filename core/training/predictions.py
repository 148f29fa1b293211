"""What a network says of every sample of a data set: its mistakes, what it is unsure of, and what it is surest of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.engine.network import Network
from core.engine.program import Node, Program
from core.engine.threads import ONE_THREAD
from core.errors import NetworkError
from core.io.datasets import Dataset, Indices
from core.layers.values import Array
from core.shapes import n_scores
from core.text import listing
from core.training.batches import batches
from core.training.parts import part_size
from core.training.preparation import Preparation
from core.work import Work

MOST_AT_ONCE = 256
"""Samples of one pass: their values stay near the processor, and giving up takes no longer than that."""


@dataclass(frozen=True, eq=False)
class Predictions:
    """What is said of samples, and how surely.

    Attributes
    ----------
    samples : array of int, (N,)
        Their places in the data set.
    labels, predicted : array of int, (N,)
        The classes that they are of, and that they are taken for.
    log_probabilities : array of float32, (N, C)
        By class. Logarithms tell apart what is nearly certain, where probabilities are rounded to 1.
    hidden : array of float32, (N, D), or None
        What the last hidden layer gives: what the last weights read, of maps the means over their places. None where
        the scores are computed from the sample itself.
    hidden_layer : str
        Its id; "" for none.
    """

    samples: Indices
    labels: NDArray[np.int64]
    predicted: NDArray[np.int64]
    log_probabilities: NDArray[np.float32]
    hidden: NDArray[np.float32] | None = None
    hidden_layer: str = ""

    def __len__(self) -> int:
        return len(self.samples)

    @cached_property
    def is_right(self) -> NDArray[np.bool_]:
        """Which samples are taken for what they are, (N,)."""
        is_right: NDArray[np.bool_] = self.predicted == self.labels
        return is_right

    @cached_property
    def log_right(self) -> NDArray[np.float32]:
        """The logarithm of the probability of the right class, (N,)."""
        return np.take_along_axis(self.log_probabilities, self.labels[:, None], axis=1)[:, 0]

    @cached_property
    def confidence(self) -> NDArray[np.float64]:
        """The probability of the class that is said, (N,)."""
        said = np.take_along_axis(self.log_probabilities, self.predicted[:, None], axis=1)[:, 0]
        confidence: NDArray[np.float64] = np.exp(said.astype(np.float64))
        return confidence

    def probabilities(self, place: int) -> NDArray[np.float64]:
        """Return the probability of every class for the sample at a place of `samples`, (C,)."""
        probabilities: NDArray[np.float64] = np.exp(self.log_probabilities[place].astype(np.float64))
        return probabilities

    @cached_property
    def worst_mistakes(self) -> NDArray[np.int64]:
        """Places of what is taken for something else, the least probability of the right class first."""
        wrong = np.flatnonzero(~self.is_right)
        return wrong[np.argsort(self.log_right[wrong], kind="stable")]

    @cached_property
    def least_sure(self) -> NDArray[np.int64]:
        """Places of all samples, those first whose two likeliest classes are nearly as likely."""
        top = np.sort(self.log_probabilities, axis=1)[:, -2:].astype(np.float64)
        return np.argsort(np.exp(top[:, -1]) - np.exp(top[:, 0]) if top.shape[1] > 1 else top[:, 0], kind="stable")

    @cached_property
    def most_typical(self) -> NDArray[np.int64]:
        """Places of what is right: the surest of each class, then the second of each, and so on."""
        right = np.flatnonzero(self.is_right)
        others = np.where(
            np.arange(self.log_probabilities.shape[1]) == self.labels[right, None],
            -np.inf,
            self.log_probabilities[right],
        )
        lead = self.log_right[right] - others.max(axis=1, initial=-np.inf)
        order = right[np.lexsort((-lead, self.labels[right]))]  # class by class, the surest first
        counts = np.bincount(self.labels[order], minlength=1)
        rank = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
        return order[np.lexsort((self.labels[order], rank))]

    def sort(self) -> None:
        """Put the samples into all orders now, which otherwise is done when one is first asked for."""
        _ = self.worst_mistakes, self.least_sure, self.most_typical

    def taken_for(self, own: int, said: int) -> NDArray[np.int64]:
        """Return places of samples of one class that are taken for a class, the surest first."""
        cell = np.flatnonzero((self.labels == own) & (self.predicted == said))
        return cell[np.argsort(-self.log_probabilities[cell, said], kind="stable")]


def predict(network: Network, preparation: Preparation, dataset: Dataset, samples: Indices) -> Work[Predictions]:
    """Ask a network about samples of a data set that is fitted to its Input; weights stay as they are.

    Raises
    ------
    NetworkError
        The network gives no row of scores, or computes no numbers.

    Examples
    --------
    >>> from core.io.datasets import load_dataset
    >>> from core.io.templates import load_template
    >>> from core.work import outcome_of
    >>> digits = load_dataset("digits")
    >>> predictions = outcome_of(predict(Network(load_template("mlp")), Preparation(), digits, np.arange(50)))
    >>> predictions.log_probabilities.shape, predictions.hidden_layer, predictions.hidden.shape
    ((50, 10), 'relu1', (50, 100))
    """
    program = network.program
    if len(program.outputs) != 1 or n_scores(program.nodes[program.outputs[0]].shape) is None:
        ends = listing(network.output_ids)
        raise NetworkError(f"Predictions are one row of class scores; {ends} gives something else.")
    output, scores = program.nodes[program.outputs[0]], class_scores(program)
    if len(samples) and (most := int(dataset.labels[samples].max())) >= scores.shape[-1]:
        raise NetworkError(
            f"{dataset.name} has a class of number {most}, but {output.id} tells only {scores.shape[-1]} apart."
        )
    hidden = hidden_node(program, scores)
    asked = sorted({output.id, scores.id, *([hidden.id] if hidden else [])})
    said: list[Array] = []
    logs: list[Array] = []
    inner: list[Array] = []
    for batch in batches(samples, min(MOST_AT_ONCE, part_size(program))):
        with ONE_THREAD, np.errstate(all="ignore"):
            found = network.activations(preparation.of(dataset, batch), asked)
            rows = found[scores.id].reshape(len(batch), -1).astype(np.float64)
            if not np.isfinite(rows).all():
                raise NetworkError("The network computes no numbers: its weights are too large, or no numbers.")
            said.append(found[output.id].reshape(len(batch), -1).argmax(axis=1))
            logs.append(_log_probabilities(rows).astype(np.float32))
            if hidden is not None:
                inner.append(_rows(found[hidden.id]).astype(np.float32))
        yield sum(map(len, said)) / len(samples)
    return Predictions(
        np.asarray(samples),
        np.asarray(dataset.labels[samples], np.int64),
        np.concatenate(said),
        np.concatenate(logs),
        np.concatenate(inner) if hidden is not None else None,
        hidden.id if hidden is not None else "",
    )


def class_scores(program: Program) -> Node:
    """Return the layer that gives the class scores: the output, or what a Softmax there reads.

    >>> from core.engine.program import compile_program
    >>> from core.io.templates import load_template
    >>> class_scores(compile_program(load_template("lenet5"))).id
    'fc3'
    """
    node = program.nodes[program.outputs[0]]
    return program.nodes[node.sources[0]] if node.kind.gives_probabilities else node


def hidden_node(program: Program, scores: Node) -> Node | None:
    """Return the layer that the last weights before the scores read; None where nothing before it has weights.

    >>> from core.engine.program import compile_program
    >>> from core.io.templates import load_template
    >>> program = compile_program(load_template("lenet5"))
    >>> hidden_node(program, program.by_id["fc3"]).id
    'relu4'
    """
    node = scores
    while not node.weights and len(node.sources) == 1:
        node = program.nodes[node.sources[0]]
    if not node.weights or len(node.sources) != 1:
        return None
    read = program.nodes[node.sources[0]]
    return read if any(program.nodes[index].weights for index in program.ancestors([read.index])) else None


def _rows(values: Array) -> Array:
    """Return features (N, D); of maps the means over their places."""
    rows: Array = values.mean(axis=(1, 2)) if values.ndim == 4 else values
    return rows


def _log_probabilities(rows: NDArray[np.float64]) -> NDArray[Any]:
    """Return the logarithms of what rows stand for: distributions as they are, scores as cross-entropy takes them.

    >>> np.exp(_log_probabilities(np.array([[1.0, 1.0]]))).tolist(), _log_probabilities(np.array([[1.0, 0.0]]))[0, 0]
    ([[0.5, 0.5]], np.float64(0.0))
    """
    if (rows >= 0).all() and (np.abs(rows.sum(axis=1) - 1) < 1e-3).all():
        return np.log(np.maximum(rows, np.finfo(np.float32).tiny))
    shifted = rows - rows.max(axis=1, keepdims=True)
    logs: NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return logs
