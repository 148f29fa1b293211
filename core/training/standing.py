"""Where a training stands between two batches: all that going on from there needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np

from core.graph.training import Training
from core.io.prepared import Beside
from core.layers.values import Array
from core.learning.stopping import Figures
from core.training.best import Best

Carry: TypeAlias = Callable[[Mapping[str, Array]], dict[str, Array]]


@dataclass(slots=True)
class Place:
    """How far a training has come; the only thing about it that counts on, step by step.

    Attributes
    ----------
    step : int
        Steps taken.
    epochs : int
        Epochs that are complete, validation included.
    seen, batches : int
        Samples and batches of the epoch under way.
    weight, loss_sum : float
        How much those samples count, which is their number where classes have no weights; and the sum of their losses.
    n_right : int
        How many of them were right.
    epoch_seconds, seconds : float
        Time spent on the steps of the epoch under way, and on all.
    n_drawn : int
        Passes that drew random numbers, such as those of Dropout.
    epochs_before : int
        Epochs that were complete when those that the settings ask for began to be counted.
    learning_rate : float
        Of the last step.
    history : tuple of Figures
        What was measured after each epoch, as far as epochs can be compared: on the same samples.
    patience_from : int
        From which place of the history on early stopping counts.
    """

    step: int = 0
    epochs: int = 0
    seen: int = 0
    batches: int = 0
    loss_sum: float = 0.0
    n_right: int = 0
    epoch_seconds: float = 0.0
    seconds: float = 0.0
    n_drawn: int = 0
    epochs_before: int = 0
    learning_rate: float = 0.0
    weight: float = 0.0
    history: tuple[Figures, ...] = ()
    patience_from: int = 0

    def begin_epoch(self) -> None:
        """Count the epoch under way from its first sample."""
        self.seen = self.batches = self.n_right = 0
        self.loss_sum = self.weight = self.epoch_seconds = 0.0

    def forget(self) -> None:
        """Measure on other samples from now on, which are not to be compared with those before."""
        self.begin_epoch()
        self.history, self.patience_from = (), 0


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """A training at rest: its weights, what its optimiser remembers, how far it has come, and with which settings.

    Attributes
    ----------
    weights : mapping of str to array
        By name, as in the files; read-only copies.
    moments : tuple of mapping of str to array
        What the optimiser remembers of earlier steps, for each of the weights that it changes; read-only.
    place : Place
    training : Training
        The settings it was trained with last.
    best : Best, optional
        The best epoch so far.
    beside : Beside
        How samples were prepared, and what the classes are called.
    """

    weights: Mapping[str, Array]
    moments: tuple[Mapping[str, Array], ...] = ()
    place: Place = field(default_factory=Place)
    training: Training = field(default_factory=Training)
    best: Best | None = None
    beside: Beside = field(default_factory=Beside)

    @property
    def n_bytes(self) -> int:
        """The memory it takes."""
        best = {} if self.best is None else self.best.weights
        kept = (self.weights, *self.moments, best, self.beside.arrays)
        return sum(array.nbytes for arrays in kept for array in arrays.values())

    def carried(self, carry: Carry) -> Standing:
        """Return it in the form that another drawing of the same network takes."""
        best = self.best and replace(self.best, weights=carry(self.best.weights))
        moments = tuple(carry(moment) for moment in self.moments)
        return replace(self, weights=carry(self.weights), moments=moments, best=best)

    @property
    def is_finite(self) -> bool:
        """Whether all weights are numbers: from NaN or infinity no training goes on."""
        return all(np.isfinite(array).all() for array in self.weights.values())


def fitting_weights(weights: Mapping[str, Array], shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Array]:
    """Return the weights of those layers that another network has with the same shapes.

    A layer goes along whole or not at all: its kernel alone, without its bias, would be neither trained nor new.

    >>> kept = fitting_weights(
    ...     {"conv1/kernel": np.ones((3, 3, 1, 8)), "conv1/bias": np.ones(8), "fc1/kernel": np.ones((72, 10))},
    ...     {"conv1/kernel": (3, 3, 1, 8), "conv1/bias": (8,), "fc1/kernel": (36, 10)},
    ... )
    >>> list(kept)
    ['conv1/kernel', 'conv1/bias']
    """
    differing = {
        name.rpartition("/")[0]
        for name in {*weights, *shapes}
        if name not in weights or name not in shapes or weights[name].shape != shapes[name]
    }
    return {name: weights[name] for name in weights if name.rpartition("/")[0] not in differing}


def layers_of(names: Iterable[str]) -> tuple[str, ...]:
    """Return the layers that weights of these names belong to, each once.

    >>> layers_of(["conv1/kernel", "conv1/bias", "stage1/2/fc/kernel"])
    ('conv1', 'stage1/2/fc')
    """
    return tuple(dict.fromkeys(name.rpartition("/")[0] for name in names))
