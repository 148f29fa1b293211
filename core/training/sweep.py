"""What a range test says: frozen messages, a Tried for each rate, and a RangeTested; and how its curve is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.problems import Fix

LOWEST, HIGHEST, STEPS = 1e-6, 10.0, 100
"""The rates of the sweep, and how many it goes through."""
WIDTH = 3.0
"""Of the smoothing: the standard deviation of its weights, in steps."""
EXPLODED = 4.0
"""A smoothed loss so many times its lowest ends the sweep."""
FALLEN = 0.95
"""The loss has to fall below so much of its start, or no rate is proposed."""
TRIAL_STEPS, MOST_TRIALS = 40, 3
"""Steps that are taken with a rate before it is proposed; one that does not bring the loss down is halved, twice."""

RULE = "the rate at which the smoothed loss falls most steeply, by powers of ten"
"""What is proposed."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A step of the sweep was taken.

    Attributes
    ----------
    step : int
        Counts from 1.
    rate, loss : float
        The learning rate of the step, and the mean loss of its batch before it.
    """

    step: int
    rate: float
    loss: float


@dataclass(frozen=True, slots=True)
class TryingOut:
    """A step was taken with a rate that is about to be proposed."""

    rate: float
    step: int


@dataclass(frozen=True, slots=True)
class RangeTested:
    """What came of it.

    Attributes
    ----------
    proposal : float or None
        A rate that has been tried out; None where there is none to propose.
    tried : tuple of Tried
        The sweep.
    what : str
        Sentences: what is proposed and why, or why nothing is and what to do.
    brief : str
        The same in a few words, where something is proposed.
    fixes : tuple of Fix
        What sets the proposal.
    """

    proposal: float | None
    tried: tuple[Tried, ...]
    what: str
    brief: str = ""
    fixes: tuple[Fix, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the object that `rates --json` prints."""
        curve = smoothed([one.loss for one in self.tried]).tolist()
        return {
            "proposal": self.proposal,
            "what": self.what,
            "tried": [
                {"rate": one.rate, "loss": one.loss, "smoothed": loss}
                for one, loss in zip(self.tried, curve, strict=True)
            ],
        }


Message: TypeAlias = Tried | TryingOut | RangeTested


def smoothed(losses: Sequence[float]) -> NDArray[np.float64]:
    """Return the mean of each loss and its neighbours, (n,), weighted by how near they are.

    Looking both ways, unlike a running mean, it does not shift the curve to larger rates.

    >>> smoothed([1, 1, 1, 1]).round(6).tolist(), smoothed([]).tolist()
    ([1.0, 1.0, 1.0, 1.0], [])
    """
    at = np.arange(len(losses), dtype=np.float64)
    weights = np.exp(-(((at[:, None] - at) / WIDTH) ** 2) / 2)  # (n, n)
    smooth: NDArray[np.float64] = weights @ np.asarray(losses, np.float64) / weights.sum(axis=1)
    return smooth


def steepest(tried: Sequence[Tried]) -> float | None:
    """Return the rate of `RULE`, to two digits; None where the loss never falls below `FALLEN` of its start.

    >>> steepest([Tried(n, 10.0 ** (n / 10 - 6), 2 - 1.5 / (1 + 2.0 ** (30 - n))) for n in range(60)])
    0.001
    """
    losses = smoothed([one.loss for one in tried])
    if len(losses) < 2 or losses.min() > FALLEN * losses[0]:
        return None
    falls = np.gradient(losses)  # rates grow by the same factor from step to step
    return float(f"{tried[int(falls[: losses.argmin() + 1].argmin())].rate:.2g}")
