"""The numbers a network holds: flat arrays for the engine, named ones with axes as in the files for everybody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import prod
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from core.engine.kernels.kernel import LayerWeights
from core.engine.memory_limit import refuse_beyond_memory
from core.engine.program import Node, Program
from core.errors import WeightsError
from core.layers import Weight
from core.layers.values import Array
from core.learning.initializers import Initializer
from core.text import nearest_name, shape_text

Allocate: TypeAlias = Callable[[tuple[int, ...], DTypeLike], Array]

EXCHANGED_PER_STATISTIC = 2
"""How many numbers a replica tells the others for each number of a statistic: one forwards, one backwards."""


def bytes_of_weights(program: Program, dtype: DTypeLike, n_replicas: int) -> int:
    """Return the memory of a network's weights, and of the gradients that each replica finds of those that learn."""
    n_values = 0
    for node in program.nodes:
        for weight in node.weights.values():
            learns = node.trainable and weight.role == "parameter"
            n_values += weight.size * (1 + n_replicas if learns else 1)
    return n_values * np.dtype(dtype).itemsize


class WeightStore:
    """All weights of a network, in flat arrays.

    A layer's kernel and bias follow each other, so that together they are one matrix whose last row is the bias.

    Parameters
    ----------
    n_replicas : int
        How many replicas of the network compute gradients, each of its part of a batch.
    allocate : callable
        Takes memory of a shape and dtype, filled with zeros.

    Attributes
    ----------
    parameters : array, (n,)
        What training changes, in the order of the layers.
    fixed : array, (m,)
        What it does not: statistics and frozen layers.
    shares : array, (replicas, n)
        Beside the parameters, what every replica found of the loss's gradient.
    exchanged : array of float64, (replicas, k)
        What the replicas tell each other of the whole batch's statistics.
    gradients : array, (n,)
        The first share; after a step the whole gradient.
    arrays : mapping of str to array
        Every weight by its name, as a view: `conv1/kernel`.
    n_bytes : int
        The memory of all these.
    gradient_arrays : mapping of str to array
        Views of the gradients of the weights that training changes.
    """

    def __init__(
        self,
        program: Program,
        dtype: DTypeLike,
        n_replicas: int = 1,
        allocate: Allocate = np.zeros,
    ) -> None:
        self.declared: dict[str, Weight] = {}
        self._starts: dict[str, int] = {}
        learned: list[str] = []
        for node in program.nodes:
            for name, weight in node.weights.items():
                self.declared[f"{node.id}/{name}"] = weight
                if node.trainable and weight.role == "parameter":
                    learned.append(f"{node.id}/{name}")
        fixed = [name for name in self.declared if name not in set(learned)]
        self.n_bytes = bytes_of_weights(program, dtype, n_replicas)
        refuse_beyond_memory(self.n_bytes, f"The network with its {self._size([*self.declared]):,} weights")
        self.parameters = allocate((self._size(learned),), dtype)
        self.shares = allocate((n_replicas, self._size(learned)), dtype)
        self.fixed = allocate((self._size(fixed),), dtype)
        statistics = [name for name, weight in self.declared.items() if weight.role == "statistic"]
        self.exchanged = allocate((n_replicas, EXCHANGED_PER_STATISTIC * self._size(statistics)), np.float64)
        self.gradients = self.shares[0]
        views = self._views(self.parameters, learned) | self._views(self.fixed, fixed)
        self.arrays = {name: views[name] for name in self.declared}
        self._share_arrays = [self._views(share, learned) for share in self.shares]
        self.gradient_arrays = self._share_arrays[0]

    def _size(self, names: list[str]) -> int:
        return sum(self.declared[name].size for name in names)

    def _views(self, flat: Array, names: list[str]) -> dict[str, Array]:
        views, end = {}, 0
        for name in names:
            start, end = end, end + self.declared[name].size
            self._starts[name] = start
            views[name] = flat[start:end].reshape(self.declared[name].shape)
        return views

    def learned_views(self, flat: Array) -> dict[str, Array]:
        """View an array like `parameters` by name."""
        return self._views(flat, [*self.gradient_arrays])

    def draw(self, rng: np.random.Generator, initializer: Initializer, own: Mapping[str, Initializer]) -> None:
        """Set every weight to its first value; those drawn at random are drawn in the order of the layers.

        Parameters
        ----------
        own : mapping of str to Initializer
            By the ids of the layers that have one of their own.
        """
        for name, weight in self.declared.items():
            values = self.arrays[name].reshape(-1)
            if weight.filling is not None:
                values.fill(weight.filling)
                continue
            rule = own.get(name.rpartition("/")[0], initializer)
            rule.fill(values, rng, weight.shape[-1], weight.fan_in, weight.fan_out)

    def add_shares(self, n_parts: int) -> None:
        """Add up what the replicas found, in their order, so that `gradients` is the whole."""
        for number in range(1, n_parts):
            np.add(self.gradients, self.shares[number], out=self.gradients)

    def of(self, node: Node, replica: int = 0) -> LayerWeights:
        """Return a layer's weights, as views, by the names its kind uses."""
        names = {name: f"{node.id}/{name}" for name in node.weights}
        parameters = [names[name] for name, weight in node.weights.items() if weight.role == "parameter"]
        flat, gradients = self.parameters if node.trainable else self.fixed, self._share_arrays[replica]
        return LayerWeights(
            values={name: self.arrays[path] for name, path in names.items()},
            gradients={name: gradients[path] for name, path in names.items() if path in gradients},
            matrix=self._matrix(flat, parameters),
            dmatrix=self._matrix(self.shares[replica], parameters) if node.trainable else None,
        )

    def _matrix(self, flat: Array, names: list[str]) -> Array:
        """View a layer's parameters as one matrix, where they have their last axis in common."""
        units = {self.declared[name].shape[-1] for name in names}
        if len(units) != 1:
            return flat[:0].reshape(0, 1)
        start = self._starts[names[0]]
        return flat[start : start + self._size(names)].reshape(-1, units.pop())


class NamedWeights(Mapping[str, Array]):
    """A network's weights by name, `conv1/kernel`, with axes as in the weights files: channels last.

    Reading returns a copy; setting checks shape and values. Statistics are included; the order is that of the layers.
    """

    def __init__(self, store: WeightStore) -> None:
        self._store = store

    def __getitem__(self, name: str) -> Array:
        return self.view(name).copy()

    def __setitem__(self, name: str, values: ArrayLike) -> None:
        self.view(name)[...] = self._fitted(name, values)

    def update(self, values: Mapping[str, ArrayLike]) -> None:
        """Set several: all of them, or none where one is refused."""
        for name, array in {name: self._fitted(name, array) for name, array in values.items()}.items():
            self.view(name)[...] = array

    def _fitted(self, name: str, values: ArrayLike) -> Array:
        view = self.view(name)
        array = fitting(name, values, view.shape)
        with np.errstate(over="ignore"):
            rounded = array.astype(view.dtype)
        if not np.isfinite(rounded).all():
            raise WeightsError(f"{name} holds NaN, infinity or numbers that {view.dtype.name} cannot hold.")
        return rounded

    def __iter__(self) -> Iterator[str]:
        return iter(self._store.arrays)

    def __len__(self) -> int:
        return len(self._store.arrays)

    def __contains__(self, name: object) -> bool:
        return name in self._store.arrays

    def __repr__(self) -> str:
        arrays = ", ".join(f"{name} {shape_text(array.shape)}" for name, array in self._store.arrays.items())
        return f"<weights {arrays}>"

    def view(self, name: str) -> Array:
        """Return the network's own memory of an array: what is written there is not checked."""
        if name not in self._store.arrays:
            near = nearest_name(str(name), self)
            meant = f" Did you mean {near}?" if near else ""
            raise WeightsError(f"The network has no weights named {name}.{meant}")
        return self._store.arrays[name]


def fitting(name: str, values: ArrayLike, shape: tuple[int, ...]) -> Array:
    """Return values as an array of real numbers of the expected shape.

    Raises
    ------
    WeightsError
        If they have another shape or are not real numbers.
    """
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise WeightsError(f"{name} must be {shape_text(shape)} numbers, but its rows differ in length.") from error
    if array.dtype.kind not in "fiub":
        raise WeightsError(f"{name} must hold real numbers, but it holds {array.dtype.name}.")
    if array.shape != shape:
        has = shape_text(array.shape) if array.shape else "a single number"
        turned = f" Both hold {prod(shape):,} numbers: is an axis out of place?" if array.size == prod(shape) else ""
        raise WeightsError(f"{name} must be {shape_text(shape)}, but it is {has}.{turned}")
    return array
