"""What tells runs apart: the settings in which they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.graph.training import Training, UnreadableOptimizer
from core.text import setting_text


def differing_settings(trainings: Sequence[Training]) -> list[dict[str, Any]]:
    """Return of each run's settings those that are not the same in all runs that have them.

    Examples
    --------
    >>> from core.graph.training import TrainingSettings
    >>> from core.learning.optimizers import SGD, Adam
    >>> slow, fast = (Training(optimizer=SGD(learning_rate=rate)) for rate in (0.01, 0.1))
    >>> differing_settings([slow, fast])
    [{'learning_rate': 0.01}, {'learning_rate': 0.1}]
    >>> differing_settings([fast, Training(TrainingSettings(seed=1), Adam(learning_rate=0.1))])[1]
    {'optimizer': 'Adam', 'seed': 1}
    """
    every = [_flat(training) for training in trainings]
    names = dict.fromkeys(name for settings in every for name in settings)
    told = [name for name in names if _differ([settings[name] for settings in every if name in settings])]
    return [{name: settings[name] for name in told if name in settings} for settings in every]


def settings_text(settings: Mapping[str, Any]) -> str:
    """Write settings in a line.

    >>> settings_text({"learning_rate": 0.01, "schedule": {"kind": "Step", "every": 3}, "augmentation": []})
    'learning rate 0.01 · schedule Step, every 3 · augmentation none'
    >>> settings_text({"optimizer": "SGD", "seed": 1})
    'SGD · seed 1'
    """
    words = (("" if name == "optimizer" else f"{name.replace('_', ' ')} ", value) for name, value in settings.items())
    return " · ".join(f"{name}{_value_text(value)}" for name, value in words)


def _flat(training: Training) -> dict[str, Any]:
    optimizer = training.optimizer
    if isinstance(optimizer, UnreadableOptimizer):
        own: dict[str, Any] = {"optimizer": optimizer.kind, **optimizer.config}
    else:
        own = {"optimizer": type(optimizer).__name__, **optimizer.config(whole=True)}
    return own | training.settings.config(whole=True)


def _differ(values: Sequence[Any]) -> bool:
    return any(value != values[0] for value in values[1:])


def _value_text(value: Any) -> str:
    match value:
        case {"kind": str(kind), **settings}:
            return ", ".join([kind, *(f"{name} {_value_text(part)}" for name, part in settings.items())])
        case dict():
            return ", ".join(f"{name} {_value_text(part)}" for name, part in value.items())
        case list() | tuple():
            return " then ".join(map(_value_text, value)) or "none"
        case str():
            return value
        case int() | float() | bool() | None:
            return setting_text(value)
    return str(value)
