"""The settings that can be gone to by their names: those of the selected layers, and those of training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.graph.training import Training, TrainingSettings
from core.learning.optimizers import OPTIMIZERS
from designer.forms.field_row import FieldRow

TRAINING, LAYER = "training.", "layer."
"""How the keys of settings begin."""


@dataclass(frozen=True, slots=True)
class FindableSetting:
    """One setting.

    Attributes
    ----------
    key : str
        What `Inspector.go_to_setting` is given.
    where : str
        Whose setting it is.
    """

    key: str
    name: str
    where: str
    help: str


def training_settings(training: Training) -> Iterator[FindableSetting]:
    """Yield the settings of training, then those that only other optimisers have."""
    kind = type(training.optimizer).__name__
    for name, setting in TrainingSettings.settings().items():
        yield FindableSetting(TRAINING + name, name, "training", setting.help)
    yield FindableSetting(
        f"{TRAINING}optimizer", "optimizer", "training", "The rule by which parameters follow their gradients."
    )
    seen: set[str] = set()
    for optimizer in sorted(OPTIMIZERS, key=lambda name: name != kind):
        for name, setting in OPTIMIZERS[optimizer].settings().items():
            if name not in seen:
                seen.add(name)
                where = "training" if optimizer == kind else f"with {optimizer}"
                yield FindableSetting(TRAINING + name, name, where, setting.help)


def layer_settings(rows: Mapping[str, FieldRow], layer: str) -> Iterator[FindableSetting]:
    """Yield the settings of the form that is shown for a layer."""
    for name, row in rows.items():
        yield FindableSetting(LAYER + name, name, f"of {layer}", row.setting.help)
