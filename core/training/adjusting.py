"""Settings changed while a training goes on: which apply from the next batch, and which wait for the next run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.graph.training import Training, TrainingSettings
from core.learning.optimizers import Optimizer

LIVE = frozenset({"batch_size", "epochs", "l1", "l2", "clip_norm", "schedule", "early_stopping"})
"""The settings beside the optimiser's own that a training takes over while it goes on.

The others decide what it began with: its samples, their order, its first weights.
"""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A setting that was changed: `learning_rate` from 0.1 to 0.01; the values are those of the file."""

    name: str
    before: Any
    after: Any


def adjusted(running: Training, edited: Training) -> tuple[Training, tuple[Adjustment, ...]]:
    """Take over what of edited settings can change while a training goes on.

    Returns
    -------
    training : Training
        What the training goes on with.
    adjustments : tuple of Adjustment
        What that changes.

    Examples
    --------
    >>> from core.learning.optimizers import SGD
    >>> running = Training(TrainingSettings(seed=1, epochs=5), SGD(learning_rate=0.1))
    >>> edited = Training(TrainingSettings(seed=2, epochs=9), SGD(learning_rate=0.01))
    >>> training, adjustments = adjusted(running, edited)
    >>> [(a.name, a.before, a.after) for a in adjustments], training.settings.seed
    ([('epochs', 5, 9), ('learning_rate', 0.1, 0.01)], 1)
    >>> waiting(training, edited)
    frozenset({'seed'})
    """
    changes = {name: getattr(edited.settings, name) for name in _differing(running.settings, edited.settings) & LIVE}
    settings = running.settings.model_copy(update=changes)
    before, after = (each.settings.config(whole=True) for each in (running, edited))
    found = [Adjustment(name, before[name], after[name]) for name in sorted(changes)]
    optimizer, new = running.optimizer, edited.optimizer
    if isinstance(new, Optimizer) and type(new) is type(optimizer):
        names = [name for name in type(new).model_fields if getattr(optimizer, name) != getattr(new, name)]
        found += [Adjustment(name, getattr(optimizer, name), getattr(new, name)) for name in names]
        optimizer = new
    return Training(settings, optimizer), tuple(found)


def waiting(running: Training, edited: Training) -> frozenset[str]:
    """Return the names of the settings that differ and that only the next run takes over.

    `optimizer` stands for another rule, whatever its settings.
    """
    names = _differing(running.settings, edited.settings) - LIVE
    return names if type(running.optimizer) is type(edited.optimizer) else names | {"optimizer"}


def _differing(one: TrainingSettings, other: TrainingSettings) -> frozenset[str]:
    return frozenset(name for name in TrainingSettings.model_fields if getattr(one, name) != getattr(other, name))
