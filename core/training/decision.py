"""What a network makes of every point of a plane: where it decides for which class, and how surely."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.errors import NetworkError
from core.shapes import Shape, n_scores
from core.text import shape_text, values_text

if TYPE_CHECKING:  # a view that says what it looks at needs no engine
    from core.engine.network import Network

Bounds: TypeAlias = tuple[float, float, float, float]
"""Left, right, bottom and top of a rectangle."""

MOST_AT_ONCE = 4096
"""Points that are computed at once: their values stay in the cache, and what is kept for them is small."""


def decision_grid(network: Network, bounds: Bounds, n: int) -> NDArray[np.float32]:
    """Return the class probabilities on a grid of points, as the network takes them when it doesn't train.

    Parameters
    ----------
    network
        Its weights stay as they are; one Input of two features, one output with a score for each class.
    bounds
        The rectangle, in the coordinates of the data, before preprocessing; the outermost points lie on its sides.
    n
        Points along each side.

    Returns
    -------
    (n, n, C): rows from the bottom to the top, columns from left to right. Scores that are no probabilities are
    taken as cross-entropy takes them, by softmax.

    Raises
    ------
    NetworkError
        The network is of another sort.

    Examples
    --------
    >>> from core.engine.network import Network
    >>> from core.io.templates import load_template
    >>> grid = decision_grid(Network(load_template("playground")), (-6, 6, -6, 6), 5)
    >>> grid.shape, bool(np.allclose(grid.sum(axis=2), 1))
    ((5, 5, 2), True)
    """
    from core.engine.threads import ONE_THREAD
    from core.preprocessing.step import treated
    from core.training.parts import part_size

    nodes = network.program.nodes
    inputs, outputs = (
        {nodes[i].id: nodes[i].shape for i in ends} for ends in (network.program.inputs, network.program.outputs)
    )
    if reason := why_not_decided(inputs, outputs):
        raise NetworkError(reason)
    left, right, bottom, top = bounds
    x, y = np.meshgrid(np.linspace(left, right, n), np.linspace(bottom, top, n))
    points = treated(np.stack([x, y], axis=-1).reshape(-1, 2).astype(np.float32), network.beside.steps)
    (output,) = network.output_ids
    most = min(MOST_AT_ONCE, part_size(network.program))
    parts = [points[start : start + most] for start in range(0, len(points), most)]
    with ONE_THREAD:
        scores = np.concatenate([network.activations(part, [output])[output].reshape(len(part), -1) for part in parts])
    return _probabilities(scores).reshape(n, n, -1)


def why_not_decided(inputs: Mapping[str, Shape | None], outputs: Mapping[str, Shape | None]) -> str:
    """Say why a network does not decide about points of a plane; nothing where it does.

    Parameters
    ----------
    inputs, outputs
        The shapes of its Inputs and of its outputs, by the ids of their layers; None where one is not known.

    Examples
    --------
    >>> why_not_decided({"input": (8, 8, 1)}, {"softmax": (10,)})
    'This view is for networks with two inputs, the coordinates of a point: input takes 8×8×1.'
    >>> why_not_decided({"input": (2,)}, {"softmax": (3,)})
    ''
    """
    wanted = "This view is for networks with two inputs, the coordinates of a point"
    if len(inputs) != 1:
        return f"{wanted}, in one Input: this network has {len(inputs) or 'none'}."
    if len(outputs) != 1:
        return f"This view is for networks with one output: this network has {len(outputs) or 'none'}."
    ((entry, taken),), ((end, given),) = inputs.items(), outputs.items()
    if taken != (2,):
        return f"{wanted}: {entry} takes {'nothing yet' if taken is None else values_text(taken)}."
    if given is None or (n_scores(given) or 0) < 2:
        return f"This view is for networks that give a number for each class: {end} gives {shape_text(given)}."
    return ""


def _probabilities(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the distributions that rows of scores (N, C) stand for; rows that already are some stay as they are."""
    if (scores >= 0).all() and (np.abs(scores.sum(axis=1) - 1) < 1e-3).all():
        return scores
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities: NDArray[np.float32] = raised / raised.sum(axis=1, keepdims=True)
    return probabilities
