"""Trials: what was drawn, how its training went, and which of several is better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

Outcome: TypeAlias = Literal["finished", "stopped early", "diverged", "failed"]
OUTCOMES: tuple[str, ...] = get_args(Outcome)

LEAST_OTHERS = 4
"""So many other trials must have come as far before one is compared with them."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A short training with drawn values.

    Attributes
    ----------
    number : int
        Counts from 1 over all stages.
    stage : int
        From 0.
    values : mapping
        What was drawn, by the paths of settings.
    outcome : {"finished", "stopped early", "diverged", "failed"}
    accuracies, losses : tuple of float
        Of the validation samples after each epoch.
    seconds : float
    why : str
        A sentence where it diverged or failed.
    """

    number: int
    stage: int
    values: Mapping[str, Any]
    outcome: Outcome
    accuracies: tuple[float, ...] = ()
    losses: tuple[float, ...] = ()
    seconds: float = 0.0
    why: str = ""

    @property
    def epochs(self) -> int:
        """How many epochs it was trained."""
        return len(self.accuracies)

    @property
    def best_epoch(self) -> int:
        """The epoch, from 1, after which it was most accurate; of equals the one with the smallest loss. 0 if none."""
        pairs = zip(self.accuracies, self.losses, strict=True)
        ranked = [(accuracy, -loss, -epoch) for epoch, (accuracy, loss) in enumerate(pairs, 1)]
        return -max(ranked)[2] if ranked else 0

    @property
    def accuracy(self) -> float | None:
        """The best accuracy of its validation samples; None if no epoch ended."""
        return self.accuracies[self.best_epoch - 1] if self.accuracies else None

    @property
    def loss(self) -> float | None:
        """The loss of its validation samples at that epoch."""
        return self.losses[self.best_epoch - 1] if self.losses else None

    def as_json(self) -> dict[str, Any]:
        """Return the object that `search --json` prints."""
        return {
            "trial": self.number,
            "stage": self.stage,
            "values": dict(self.values),
            "outcome": self.outcome,
            "val_accuracy": self.accuracy,
            "val_loss": self.loss,
            "best_epoch": self.best_epoch or None,
            "epochs": self.epochs,
            "accuracies": list(self.accuracies),
            "losses": list(self.losses),
            "seconds": self.seconds,
            "why": self.why,
        }


def read_trial(raw: Mapping[str, Any]) -> Trial:
    """Read a trial from the object that `as_json` makes.

    Raises
    ------
    KeyError, TypeError, ValueError
        If it is none.
    """
    if raw["outcome"] not in OUTCOMES:
        raise ValueError(raw["outcome"])
    return Trial(
        int(raw["trial"]),
        int(raw["stage"]),
        dict(raw["values"]),
        raw["outcome"],
        tuple(map(float, raw["accuracies"])),
        tuple(map(float, raw["losses"])),
        float(raw["seconds"]),
        str(raw["why"]),
    )


def ranked(trials: Sequence[Trial]) -> list[Trial]:
    """Sort trials from the best to the worst: by accuracy, then loss; what diverged or failed is left out.

    >>> trials = [Trial(n, 0, {}, "finished", (a,), (0.1,)) for n, a in [(1, 0.9), (2, 0.97), (3, 0.95)]]
    >>> [trial.number for trial in ranked(trials)]
    [2, 3, 1]
    """
    sound = [trial for trial in trials if trial.accuracies and trial.outcome in ("finished", "stopped early")]
    return sorted(sound, key=lambda trial: (-(trial.accuracy or 0.0), trial.loss or 0.0, trial.number))


def as_good_as(best: Trial, trials: Sequence[Trial], n_validation: int) -> list[Trial]:
    """Return the trials that so many samples can't tell from the best: within two of them, or a standard error.

    Source of the error: the standard deviation of a share p of n samples, √(p·(1 − p)/n).
    """
    if best.accuracy is None or not n_validation:
        return [best]
    p = best.accuracy
    least = p - max(2 / n_validation, sqrt(p * (1 - p) / n_validation))
    return [trial for trial in ranked(trials) if trial.accuracy is not None and trial.accuracy >= least]


def is_hopeless(accuracies: Sequence[float], others: Sequence[Trial], margin: float) -> bool:
    """Say whether a trial is to be stopped: it lies further below the median of the others than the margin.

    The others are compared at the same epoch; as long as fewer than `LEAST_OTHERS` have come so far, nothing is
    stopped. Source: the median rule of Golovin et al., "Google Vizier", KDD 2017, section 3.2.
    """
    epoch = len(accuracies)
    then = [trial.accuracies[epoch - 1] for trial in others if trial.epochs >= epoch]
    return len(then) >= LEAST_OTHERS and accuracies[-1] < float(np.median(then)) - margin
