"""What is to be explained: the score that a network gives a class, for one sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.engine.network import Network
from core.engine.program import Node, Program
from core.errors import NetworkError
from core.inside.passes import Pass
from core.layers.values import Array
from core.shapes import n_scores
from core.text import counted, shape_text
from core.training.predictions import class_scores
from core.work import Work


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """The score of a class for a sample.

    Attributes
    ----------
    network : Network
        Nobody else's while it is explained; its weights stay as they are.
    x : array, (H, W, C) or (C,)
        The sample as the network takes it: after preprocessing.
    label : int
        The class.
    black : array, (H, W, C) or (C,)
        What stands for "nothing to see": a black picture, after the same preprocessing.

    Raises
    ------
    NetworkError
        The network gives no scores, or none for this class; the sample does not suit it.
    """

    network: Network
    x: Array
    label: int
    black: Array

    def __post_init__(self) -> None:
        """Refuse what no explanation could work on."""
        node = score_node(self.network.program)
        n = n_scores(node.shape)
        if n is None or not 0 <= self.label < n:
            raise NetworkError(f"There is no class {self.label}: {node.id} gives {counted(n or 0, 'score')}.")
        shape = self.input.shape
        for array in (self.x, self.black):
            if array.shape != shape:
                raise NetworkError(f"{self.input.id} takes {shape_text(shape)}, not {shape_text(array.shape)}.")

    @property
    def input(self) -> Node:
        """The layer where the sample enters."""
        return self.network.program.nodes[self.network.program.read_inputs[0]]

    @property
    def score_node(self) -> Node:
        """The layer whose outputs are the scores."""
        return score_node(self.network.program)

    def forward(self, xs: Array) -> Work[Pass]:
        """Compute the scores of some samples, with every output on the way: (N, …)."""
        done = Pass(self.network, xs, self.score_node.id)
        yield from done.forward()
        return done

    def scores(self, done: Pass) -> Array:
        """Return the scores of the class, (N,)."""
        rows = done.outputs[self.score_node.id]
        return rows.reshape(len(rows), -1)[:, self.label]

    def one(self, n: int) -> Array:
        """Return the gradient of the class's score by all scores: 1 there, 0 elsewhere, for each of n samples."""
        dy = np.zeros((n, *self.score_node.shape), self.network.dtype)
        dy.reshape(n, -1)[:, self.label] = 1
        return dy


def score_node(program: Program) -> Node:
    """Return the layer that gives the class scores: the output, or what a Softmax there reads.

    Probabilities are no good to explain: where one is near 1, all of its derivatives are near 0.

    Raises
    ------
    NetworkError
        The network has several Inputs or outputs, or its output is not one row of numbers.

    Examples
    --------
    >>> from core.engine.program import compile_program
    >>> from core.io.templates import load_template
    >>> score_node(compile_program(load_template("lenet5"))).id
    'fc3'
    """
    if len(program.read_inputs) != 1 or len(program.outputs) != 1:
        ends = f"{counted(len(program.read_inputs), 'Input')} and {counted(len(program.outputs), 'output')}"
        raise NetworkError(f"Decisions are explained of networks with one Input and one output; this one has {ends}.")
    node = program.nodes[program.outputs[0]]
    if n_scores(node.shape) is None:
        raise NetworkError(
            f"{node.id} gives {shape_text(node.shape)}, which is no row of class scores. Put a Flatten and a Dense "
            "after it."
        )
    return class_scores(program)
