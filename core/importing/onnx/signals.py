"""Values of a model, followed through its nodes: which layer of ours computes them, and in what order they stand.

A model moves values about, channels first: it transposes, reshapes, flattens. Convograph's layers have one layout. So
each value is a layer's output together with an order: an array with the value's dimensions that says which of the
layer's numbers stands where. Nodes that only move values change the order, and no layer is drawn; a kind that needs
an image or features asks whether the order is one that it can take, or that a kind of ours makes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import permutations
from math import prod
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from core.shapes import Shape
from core.text import number_text, shape_text

Order: TypeAlias = NDArray[np.int32]

MOST_ORDERED = 1 << 24
"""Values that are followed one by one when they are moved; for a sample, 20 times what a network for ImageNet moves."""


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """A value that depends on the samples.

    Attributes
    ----------
    layer : str
        The layer whose output it is.
    shape : (H, W, C) or (C,)
        Of that output.
    dims : tuple of int
        Of the value in the model, without the batch.
    order : array of dims, optional
        Which number of the flattened output stands where. None: (C, H, W) of an image, features as they are.
    batch_last : bool
        Whether the batch is the last axis in the model, not the first; only of features.
    moved_by : str
        The name of the node that moved its values last.
    """

    layer: str
    shape: Shape
    dims: tuple[int, ...]
    order: Order | None = None
    batch_last: bool = False
    moved_by: str = ""

    @property
    def places(self) -> Order:
        """The order, written out."""
        return first_order(self.shape) if self.order is None else self.order

    def moved(self, order: Order) -> Signal:
        """Return the same numbers in another order."""
        plain = order.shape == first_dims(self.shape) and np.array_equal(order, first_order(self.shape))
        return replace(self, dims=order.shape, order=None if plain else order)

    @property
    def complete(self) -> bool:
        """Whether each of the layer's numbers stands in one place."""
        if self.order is None:
            return True
        n_values = prod(self.shape)
        seen = np.zeros(n_values, bool)
        seen[self.order.reshape(-1)] = True
        return self.order.size == n_values and bool(seen.all())


def first_dims(shape: Shape) -> tuple[int, ...]:
    """Return the dimensions of a layer's output, channels first.

    >>> first_dims((28, 32, 3)), first_dims((10,))
    ((3, 28, 32), (10,))
    """
    return (shape[2], *shape[:2]) if len(shape) == 3 else shape


def last_shape(dims: tuple[int, ...]) -> Shape:
    """Return our shape of channels-first dimensions.

    >>> last_shape((3, 28, 32)), last_shape((10,))
    ((28, 32, 3), (10,))
    """
    return (*dims[1:], dims[0])


def first_order(shape: Shape) -> Order:
    """Return the order of a layer's output, channels first."""
    require_followable(shape)
    own = np.arange(prod(shape), dtype=np.int32).reshape(shape)
    return own.transpose(2, 0, 1) if len(shape) == 3 else own


def require_followable(shape: Shape) -> None:
    """Raise where too many values would be followed one by one."""
    if prod(shape) > MOST_ORDERED:
        raise ModelError(
            f"it moves {shape_text(shape)} values about; Convograph follows up to {number_text(MOST_ORDERED)}."
        )


def upright(signal: Signal) -> tuple[Signal, tuple[int, ...]]:
    """Turn a value so that its channels come first, if turning is all that it takes.

    Returns
    -------
    Signal
        Channels first, or the signal itself where no turn does it.
    axes : tuple of int
        Which axis of the value each axis of the result is.
    """
    rank = len(signal.dims)
    straight = tuple(range(rank))
    if rank != 3 or signal.order is None:
        return signal, straight
    for axes in ((0, 1, 2), (2, 0, 1), *permutations(range(3))):
        turned = signal.order.transpose(axes)
        if len(signal.shape) == 3 and turned.shape == first_dims(signal.shape):
            if np.array_equal(turned, first_order(signal.shape)):
                return replace(signal, dims=turned.shape, order=None), axes
        elif len(signal.shape) == 1 and turned.shape == (*signal.shape, 1, 1) and is_counting(turned):
            return signal.moved(turned), axes
    return signal, straight


def turned_by(signal: Signal, axes: tuple[int, ...]) -> Signal:
    """Return a value with its axes in another order."""
    return signal if axes == tuple(range(len(axes))) else signal.moved(signal.places.transpose(axes))


def turned_back(signal: Signal, axes: tuple[int, ...]) -> Signal:
    """Undo the turn that `upright` found."""
    return turned_by(signal, tuple(int(axis) for axis in np.argsort(axes)))


def is_counting(order: NDArray[Any]) -> bool:
    """Say whether an order is 0, 1, 2, …, read row by row."""
    return np.array_equal(order.reshape(-1), np.arange(order.size))
