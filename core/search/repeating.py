"""A trial repeated with other seeds: how much of its accuracy is its settings', and how much is chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev

from core.graph.values import Document
from core.search.drawing import Draw, Drawing
from core.search.ranges import Choice
from core.search.search import Search
from core.search.space import TRAINING, Space, with_values
from core.search.stages import Stage
from core.search.trials import Trial, ranked

N_SEEDS = 5
SEED = f"{TRAINING}seed"


class Repeating(Search):
    """Trains the settings of a trial with several seeds, to the epochs of its stage; none is stopped early.

    The first seed is the document's own: it gives the trial's own bits. Each seed draws other weights, another order
    of samples, and another split, as a search over seeds would.

    Parameters
    ----------
    document : Document
        The one that was searched.
    trial : Trial
    epochs : int
        How long a trial of its stage is trained.
    base : Path
        Where the path of a data set starts.

    Raises
    ------
    SearchError, EditError
        As for `Search`, and if the trial's values don't fit the document.
    """

    def __init__(self, document: Document, trial: Trial, epochs: int, *, base: Path, side_by_side: int = 1) -> None:
        first = document.training.settings.seed
        space = Space({SEED: Choice(tuple(range(first, first + N_SEEDS)))})
        super().__init__(
            with_values(document, trial.values),
            space,
            [Stage(epochs, N_SEEDS)],
            base=base,
            side_by_side=side_by_side,
            stop_early=False,
        )
        self.trial = trial

    def _new_drawing(self) -> Drawing:
        return _InTurn()


class _InTurn:
    """Draws the values of a choice one after the other."""

    def __init__(self) -> None:
        self._number = 0
        self._ended: list[Trial] = []

    def draw(self, place: int, stage: Stage, space: Space) -> Draw | None:
        """Return the trial with the next value; None when all had their turn."""
        ((path, range),) = space.ranges.items()
        values = range.ends()
        if self._number >= len(values):
            return None
        self._number += 1
        return Draw(self._number, {path: values[self._number - 1]})

    def others(self, place: int) -> list[Trial]:
        """Return all trials that have ended."""
        return self._ended

    def end(self, trial: Trial) -> None:
        """Keep how a trial ended, for as long as this lasts."""
        self._ended.append(trial)

    def close(self) -> None:
        """Do nothing: nothing is written."""


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
        ('98.1 % ± 0.4 with 5 seeds', '90.0 % ± 5.0 with 4 seeds, 1 diverged or failed')
        """
        lost = f", {self.n_lost} diverged or failed" if self.n_lost else ""
        return f"{100 * self.mean:.1f} % ± {100 * self.deviation:.1f} with {self.n} seeds{lost}"


def repeated(trials: Sequence[Trial]) -> Repeated | None:
    """Return mean and deviation of repeated trials; None where fewer than two reached an accuracy."""
    reached = [trial.accuracy for trial in ranked(trials) if trial.accuracy is not None]
    if len(reached) < 2:
        return None
    return Repeated(len(reached), mean(reached), stdev(reached), len(trials) - len(reached))
