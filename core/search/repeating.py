"""A trial repeated with other seeds: how much of its accuracy is its settings', and how much is chance."""

from __future__ import annotations

from pathlib import Path

from core.graph.values import Document
from core.search.drawing import Draw, Drawing
from core.search.ranges import Choice
from core.search.search import Search
from core.search.seeds import N_SEEDS
from core.search.space import TRAINING, Space, with_values
from core.search.stages import Stage
from core.search.trials import Trial

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
