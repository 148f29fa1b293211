"""What a search says while it goes on: frozen messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from core.search.space import Space
from core.search.stages import Stage
from core.search.trials import Trial


@dataclass(frozen=True, slots=True)
class StageBegan:
    """A stage begins.

    Attributes
    ----------
    space : Space
        Where its values are drawn from.
    around : tuple of Trial
        The best trials before, around which it searches.
    """

    number: int
    stage: Stage
    space: Space
    around: tuple[Trial, ...] = ()


@dataclass(frozen=True, slots=True)
class TrialBegan:
    """A trial begins, with these values."""

    number: int
    stage: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TrialEpoch:
    """A trial ended an epoch."""

    number: int
    epoch: int
    accuracy: float
    loss: float


@dataclass(frozen=True, slots=True)
class TrialEnded:
    """A trial ended.

    Attributes
    ----------
    known : bool
        Whether it was read from the journal of an earlier search.
    """

    trial: Trial
    known: bool = False


@dataclass(frozen=True, slots=True)
class SearchEnded:
    """All trials ended; they are in the order of their numbers."""

    trials: tuple[Trial, ...]


Message: TypeAlias = StageBegan | TrialBegan | TrialEpoch | TrialEnded | SearchEnded
