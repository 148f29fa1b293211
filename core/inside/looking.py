"""A copy of everything that explaining a sample needs, taken once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

import numpy as np

from core.engine.kernels.loss import scores_of
from core.engine.network import Network
from core.engine.program import Program
from core.engine.samples import Samples
from core.errors import NetworkError
from core.inside.regions import node_of
from core.layers.values import Array
from core.layers.workings import Cell
from core.shapes import n_scores
from core.text import counted, listing


class Place(NamedTuple):
    """A cell of a layer of the flattened graph: (row, column, channel) or (feature,), all from 0."""

    layer: str
    cell: Cell


class Label(NamedTuple):
    """The loss, if this were the right class."""

    label: int


Aim: TypeAlias = Label | Place
"""What gradients are of: the loss of the sample, or one number, such as a class's score."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """Read-only copies of what a network computes for one sample, and of what it computes with.

    Attributes
    ----------
    program : Program
    outputs : mapping of str to array
        By layer id, (H, W, C) or (C,).
    weights : mapping of str to array
        By name, `conv1/kernel`.
    aim : Label, Place or None
        What the gradients are of.
    gradients : mapping of str to array
        By the ids of the layers that the aim depends on; empty without one. Layers after the scores that the loss is
        taken of have none: a Softmax at the end, under which cross-entropy looks, is part of the loss.
    weight_gradients : mapping of str to array
        Of this sample alone, for the weights that training changes.
    loss : float or None
        Where the aim is a label.
    learning_rate : float
        Of the document's optimiser.
    """

    program: Program
    outputs: Mapping[str, Array]
    weights: Mapping[str, Array]
    aim: Aim | None = None
    gradients: Mapping[str, Array] = field(default_factory=dict)
    weight_gradients: Mapping[str, Array] = field(default_factory=dict)
    loss: float | None = None
    learning_rate: float = 0.0


def look_inside(
    network: Network,
    sample: Array | Mapping[str, Array],
    aim: Aim | None = None,
    layers: Sequence[str] | None = None,
) -> Look:
    """Compute a sample in inference and copy what explains it; the network stays as it is.

    While a run goes on, this belongs between two of its steps.

    Parameters
    ----------
    network : Network
    sample : array, (H, W, C) or (C,), or mapping of str to array
        As the network takes it, after the preprocessing; with several inputs by the ids of their layers.
    aim : Label or Place, optional
        What gradients are wanted of.
    layers : sequence of str, optional
        Those whose cells will be asked for, where that is not all: only their inputs and weights are copied. Gradients
        are always computed for all.

    Raises
    ------
    NetworkError
        If the sample does not fit, or there is nothing of the kind to aim at.

    Examples
    --------
    >>> from core.io.templates import load_template
    >>> look = look_inside(Network(load_template("lenet5"), seed=1), np.ones((28, 28, 1)), Label(4))
    >>> look.outputs["conv2"].shape, look.gradients["conv2"].shape, round(look.loss, 3)
    ((10, 10, 16), (10, 10, 16), 2.688)
    """
    program, by_id = network.program, network.program.by_id
    wanted = list(by_id)
    if layers is not None:
        nodes = [node_of(program, id) for id in layers]
        indices = {node.index for node in nodes}.union(*(node.sources for node in nodes))
        wanted = [program.nodes[index].id for index in sorted(indices)]
    weights = {
        name: network.weights[name]
        for id in (wanted if layers is None else layers)
        for name in (f"{id}/{weight}" for weight in by_id[id].weights)
    }
    batch: Samples
    if isinstance(sample, Mapping):
        batch = {id: np.asarray(x)[None] for id, x in sample.items()}
    else:
        batch = np.asarray(sample)[None]
    rate = float(getattr(network.document.training.optimizer, "learning_rate", 0.0))
    if aim is None:
        outputs = network.activations(batch, wanted)
        return Look(program, _sealed(outputs, first=True), _sealed(weights), learning_rate=rate)
    start, loss = _start(program, aim), None

    def slopes(outputs: Mapping[str, Array]) -> dict[str, Array]:
        nonlocal loss
        if isinstance(aim, Label):
            scores = outputs[start]
            loss, dscores = program.loss.measure(scores.reshape(1, -1).astype(np.float64), np.array([aim.label]))
            return {start: dscores.reshape(scores.shape)}
        dy = np.zeros_like(outputs[start])
        dy[0, *aim.cell] = 1
        return {start: dy}

    derivatives = network.derivatives(batch, slopes)
    outputs = {id: derivatives.outputs[id] for id in wanted if id in derivatives.outputs}
    return Look(
        program,
        _sealed(outputs, first=True),
        _sealed(weights),
        aim,
        _sealed(derivatives.gradients, first=True),
        _sealed(derivatives.weights),
        loss,
        rate,
    )


def scores_layer(program: Program) -> str:
    """Return the id of the layer whose output holds the scores of the classes, before a Softmax that ends the network.

    Raises
    ------
    NetworkError
        If the network has several outputs, or none that is one row of scores.
    """
    outputs = [program.nodes[index].id for index in program.outputs]
    if len(outputs) != 1 or n_scores(program.nodes[program.outputs[0]].shape) is None:
        raise NetworkError(
            f"The loss of a sample needs one output with a row of scores, and this network gives {listing(outputs)}. "
            "Take the gradient of a single cell instead."
        )
    return program.nodes[scores_of(program)].id


def _start(program: Program, aim: Aim) -> str:
    """Return the layer at which the gradient begins."""
    if isinstance(aim, Place):
        node = node_of(program, aim.layer, aim.cell)
        if node.index not in program.ancestors(program.outputs):
            raise NetworkError(f"No output depends on {aim.layer}: nothing is computed for it.")
        return aim.layer
    start = scores_layer(program)
    n_classes = program.by_id[start].shape[-1]
    if not 0 <= aim.label < n_classes:
        raise NetworkError(
            f"There is no class {aim.label}: {start} tells {counted(n_classes, 'class', 'classes')} apart, "
            f"0 to {n_classes - 1}."
        )
    return start


def _sealed(arrays: Mapping[str, Array], *, first: bool = False) -> dict[str, Array]:
    """Make arrays read-only; of a batch of one its only sample."""
    sealed = {}
    for name, array in arrays.items():
        sealed[name] = array[0] if first else array
        sealed[name].flags.writeable = False
    return sealed
