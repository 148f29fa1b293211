"""Trials that differ in their seed only: how accurate they are, and how much of that is chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, stdev

from core.search.trials import Trial, ranked

N_SEEDS = 5


@dataclass(frozen=True, slots=True)
class Repeated:
    """What came of trials that differ in their seed only.

    Attributes
    ----------
    n : int
        How many were trained to an accuracy.
    mean, deviation : float
        Of their best accuracies; the deviation is that of a sample, with n − 1.
    n_lost : int
        How many diverged or failed.
    """

    n: int
    mean: float
    deviation: float
    n_lost: int = 0

    def __str__(self) -> str:
        """Say it in a few words.

        >>> str(Repeated(5, 0.9812, 0.0041)), str(Repeated(4, 0.9, 0.05, 1))
        ('98.1% ± 0.4 with 5 seeds', '90.0% ± 5.0 with 4 seeds, 1 diverged or failed')
        """
        lost = f", {self.n_lost} diverged or failed" if self.n_lost else ""
        return f"{self.mean:.1%} ± {100 * self.deviation:.1f} with {self.n} seeds{lost}"


def repeated(trials: Sequence[Trial]) -> Repeated | None:
    """Return mean and deviation of repeated trials; None where fewer than two reached an accuracy."""
    reached = [trial.accuracy for trial in ranked(trials) if trial.accuracy is not None]
    if len(reached) < 2:
        return None
    return Repeated(len(reached), mean(reached), stdev(reached), len(trials) - len(reached))
