"""The moments of a run, and two of them that are looked at beside each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Course:
    """The moments of a run that can be looked at.

    Attributes
    ----------
    name : str
        Of the run; "" without one.
    ticks : mapping of int to Path
        Weights files by the steps that were taken before, in order.
    first, last : int
        Steps that were taken before it, and until now.
    epochs : mapping of int to int
        Epochs by the steps with which they ended.
    changes : tuple of int
        The steps before which settings were changed.
    is_on : bool
        Whether it goes on.
    is_elsewhere : bool
        Whether another process trains it.
    """

    name: str = ""
    ticks: Mapping[int, Path] = field(default_factory=dict)
    first: int = 0
    last: int = 0
    epochs: Mapping[int, int] = field(default_factory=dict)
    changes: tuple[int, ...] = ()
    is_on: bool = False
    is_elsewhere: bool = False

    @property
    def now(self) -> str:
        """What the end of its time is called."""
        return "live" if self.is_on else "newest" if self.is_elsewhere else "end"

    def at(self, step: int | None) -> int:
        """Return how many steps had been taken at a moment; None is now."""
        return self.last if step is None else step

    def batch(self, step: int | None) -> str:
        """Say which moment it is, by batch: "batch 30"; of now also what it is called: "end, batch 90"."""
        return f"batch {self.at(step):,}" if step is not None else f"{self.now}, batch {self.last:,}"

    def words(self, step: int | None) -> str:
        """Say which moment it is, by batch and epoch.

        >>> course = Course("run 1", last=90, epochs={45: 1, 90: 2})
        >>> [course.words(step) for step in (0, 30, 45, None)]
        ['batch 0, untrained', 'batch 30, in epoch 1', 'batch 45, after epoch 1', 'end, batch 90, after epoch 2']
        """
        at = self.at(step)
        ended = max((epoch for end, epoch in self.epochs.items() if end <= at), default=None)
        words = self.batch(step)
        if at == 0:
            return f"{words}, untrained"
        if at in self.epochs:
            return f"{words}, after epoch {ended}"
        first = min(self.epochs.values(), default=1) - 1
        return f"{words}, in epoch {(first if ended is None else ended) + 1}"

    def difference(self, moments: Moments) -> str:
        """Say what is subtracted from what.

        >>> Course("run 1", last=90).difference(Moments(10, None, is_difference=True))
        'B − A: run 1 at batch 90 minus run 1 at batch 10'
        """
        b, a = (
            f"{self.name}, live," if step is None and self.is_on else f"{self.name} at batch {self.at(step):,}"
            for step in (moments.b, moments.a)
        )
        return f"B − A: {b} minus {a}"


@dataclass(frozen=True, slots=True)
class Moments:
    """Two moments that are looked at beside each other; None is now.

    Attributes
    ----------
    a : int or None
        Stays.
    b : int or None
        Moves with the slider: it is what all views show that cannot show two.
    is_difference : bool
        Whether views that can show B − A in the place of A.
    """

    a: int | None
    b: int | None
    is_difference: bool = False

    @property
    def swapped(self) -> Moments:
        """The same two the other way round.

        >>> Moments(30, None).swapped
        Moments(a=None, b=30, is_difference=False)
        """
        return Moments(self.b, self.a, self.is_difference)
