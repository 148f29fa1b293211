"""Samples and labels that somebody hands in, and whether a network can compute them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

import numpy as np

from core.engine.kernels.definition import samples_last
from core.engine.program import Node
from core.errors import NetworkError
from core.layers.values import Array
from core.text import counted, listing, shape_text

Samples: TypeAlias = "Array | Mapping[str, Array]"
"""(N, H, W, C) or (N, C), or several of them by the ids of their layers."""


def checked_samples(
    x: Samples, nodes: Sequence[Node], what: str, batch: int | None = None, spare: Sequence[Node] = ()
) -> dict[int, Array]:
    """Check arrays against the nodes that they belong to.

    Parameters
    ----------
    x : array or mapping of str to array
    nodes : sequence of Node
    what : str
        What the arrays are, as a sentence names them: "the input".
    batch : int, optional
        How many samples there must be.
    spare : sequence of Node
        Those that may be given as well, but need not.

    Returns
    -------
    dict of int to array
        By the nodes' indices, views with the axes of the engine.

    Raises
    ------
    NetworkError
    """
    # Asking for an array first spares most the dearer question.
    named = {nodes[0].id: x} if isinstance(x, np.ndarray) or not isinstance(x, Mapping) else x
    given = [*nodes, *(node for node in spare if node.id in named)]
    entering = {}
    for node in given:
        if node.id not in named or len(named) > len(given):
            ids = listing([node.id for node in nodes])
            raise NetworkError(f"Give {what} for {ids}, by name; found {listing(named) or 'nothing'}.")
        array = np.asarray(named[node.id])
        if array.dtype.kind not in "fiub":
            raise NetworkError(f"{what.capitalize()} of {node.id} must be real numbers, not {array.dtype.name}.")
        if array.ndim != len(node.shape) + 1 or array.shape[1:] != node.shape:
            raise NetworkError(
                f"{what.capitalize()} of {node.id} must be a batch of N×{shape_text(node.shape)}, "
                f"but it is {shape_text(array.shape) or 'a single number'}."
            )
        if len(array) == 0:
            raise NetworkError(f"{what.capitalize()} of {node.id} is an empty batch. Give one sample or more.")
        batch = len(array) if batch is None else batch
        if len(array) != batch:
            raise NetworkError(f"{what.capitalize()} of {node.id} has {counted(len(array), 'sample')}, not {batch}.")
        entering[node.index] = samples_last(array)
    return entering


def checked_labels(labels: Array, batch: int, output: Node) -> Array:
    """Check that there is one label for each sample, among the classes that the output tells apart.

    Raises
    ------
    NetworkError
    """
    labels = np.asarray(labels)
    if labels.shape != (batch,) or labels.dtype.kind not in "iu":
        raise NetworkError(
            f"Labels must be one whole number for each of the {counted(batch, 'sample')}, "
            f"but they are {shape_text(labels.shape) or 'a single number'} of {labels.dtype.name}."
        )
    classes = output.shape[-1]
    if np.maximum.reduce(labels.view(_unsigned(labels.dtype))) >= classes:  # negative ones are large then
        wrong = next(int(label) for label in labels if not 0 <= label < classes)
        raise NetworkError(
            f"Label {wrong} is not among the {classes} classes 0 to {classes - 1} that {output.id} tells apart."
        )
    return labels


@cache
def _unsigned(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the unsigned integers of the same size and byte order."""
    return np.dtype(dtype.str.replace("i", "u"))
