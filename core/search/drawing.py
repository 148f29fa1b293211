"""Who draws the values of trials and remembers them: the seed and a file, or a library with a storage of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from core.search.journal import Journal
from core.search.space import Space
from core.search.stages import Stage
from core.search.trials import Trial


@dataclass(frozen=True, slots=True)
class Draw:
    """A trial that is to be trained, or that was already.

    Attributes
    ----------
    number : int
        Counts from 1 over all stages.
    trial : Trial or None
        Where it was trained before, how it ended.
    """

    number: int
    values: Mapping[str, Any]
    trial: Trial | None = None


class Drawing(Protocol):
    """Draws the trials of a search and keeps how they ended."""

    def draw(self, place: int, stage: Stage, space: Space) -> Draw | None:
        """Return the next trial of a stage; None when it has as many as it needs."""

    def others(self, place: int) -> list[Trial]:
        """Return all trials of a stage that have ended, whoever trained them."""

    def end(self, trial: Trial) -> None:
        """Keep how a trial ended.

        Raises
        ------
        SearchError
            If that can't be written.
        """

    def close(self) -> None:
        """Let others write where it wrote."""


class Random:
    """Draws each trial from the seed and its number alone, so that a search can go on where it was.

    Parameters
    ----------
    journal : Path, optional
        The file that keeps the trials.
    about : mapping
        What decides them, by which the file is known.
    """

    def __init__(self, seed: int, journal: Path | None, about: Mapping[str, Any]) -> None:
        self._seed = seed
        self._journal = None if journal is None else Journal(journal, about)
        self._ended: dict[int, Trial] = {}
        self._place, self._left, self._number = -1, 0, 0

    def draw(self, place: int, stage: Stage, space: Space) -> Draw | None:
        """Return the next trial of a stage; None when it has as many as it needs."""
        if place != self._place:
            self._place, self._left = place, stage.trials
        if not self._left:
            return None
        self._left -= 1
        self._number += 1
        known = self._journal.trials.get(self._number) if self._journal is not None else None
        if known is not None and known.outcome != "failed":  # why it failed may have been mended
            self._ended[self._number] = known
            return Draw(self._number, known.values, known)
        rng = np.random.Generator(np.random.PCG64([self._seed, self._number]))
        return Draw(self._number, space.draw(rng))

    def others(self, place: int) -> list[Trial]:
        """Return all trials of a stage that have ended."""
        return [trial for trial in self._ended.values() if trial.stage == place]

    def end(self, trial: Trial) -> None:
        """Keep how a trial ended."""
        self._ended[trial.number] = trial
        if self._journal is not None:
            self._journal.write(trial)

    def close(self) -> None:
        """Leave what is under way to others."""
        if self._journal is not None:
            self._journal.close()
