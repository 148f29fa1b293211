"""A network's arrays as PyTorch's modules hold them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from core.export.pytorch.scopes import Line, Scope
from core.io.prepared import Beside
from core.io.weights import Array

PREPARATION = "preparation_{place}_{name}"
"""What an array of preprocessing is called as a buffer of the network's class."""


def placed_lines(scope: Scope, path: str = "") -> Iterator[tuple[str, Line]]:
    """Yield every layer with the path of its module: `stage1.0.conv1`."""
    for line in scope.lines:
        own = f"{path}{line.name}"
        if line.node is not None:
            yield own, line
        for number, copy in enumerate(line.copies):
            yield from placed_lines(copy, f"{own}." if len(line.copies) == 1 else f"{own}.{number}.")


def state_names(scope: Scope) -> dict[str, str]:
    """Return what PyTorch calls each array, by our names: `{"conv1/kernel": "conv1.weight"}`."""
    return {
        f"{line.node.id}/{ours}": f"{path}.{theirs}"
        for path, line in placed_lines(scope)
        if line.node is not None and line.said is not None
        for ours, (theirs, _) in line.said.arrays.items()
    }


def state_of(scope: Scope, weights: Mapping[str, Array], beside: Beside) -> dict[str, Array]:
    """Return the `state_dict` of the network's class.

    Parameters
    ----------
    weights : mapping of str to array
        By our names, channels last.
    """
    state = {
        PREPARATION.format(place=place, name=name): np.asarray(array)
        for place, step in enumerate(beside.steps)
        for name, array in step.used.items()
    }
    for path, line in placed_lines(scope):
        if line.node is None or line.said is None:
            continue
        for ours, (theirs, turn) in line.said.arrays.items():
            state[f"{path}.{theirs}"] = np.ascontiguousarray(turn(weights[f"{line.node.id}/{ours}"]))
        if "moving_mean" in line.said.arrays:
            state[f"{path}.num_batches_tracked"] = np.zeros((), np.int64)
    return state
