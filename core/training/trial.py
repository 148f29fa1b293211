"""Learning rates that are tried before one is offered to somebody whose run has diverged."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.engine.network import Network
from core.io.datasets import Indices
from core.learning.optimizers import Flat, Optimizer
from core.training.messages import Diverged, Trying
from core.training.penalty import Penalty

Learned: TypeAlias = tuple[NDArray[np.float32], NDArray[np.int64]]
"""Samples as they reach the network, and their labels."""

BATCHES = 20
"""Steps that are taken with each rate."""
MOST_RATES = 8
"""Rates that are tried, each a tenth of the one before."""
MOST_JUDGED = 64
"""The loss is judged on the first batches that hold so many samples."""
HOPELESS = 10
"""A loss that is so many times that of the start ends the trial of a rate."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it.

    Attributes
    ----------
    before : float
        The loss with the weights that training begins with.
    rate, after : float or None
        The best rate, and the loss after `BATCHES` steps with it; None where no rate brought the loss down.
    last : float
        The smallest rate that was tried.
    """

    before: float
    rate: float | None
    after: float | None
    last: float


class RateTrial:
    """Tries rates from the weights that the network has, on a few batches; the caller puts the weights back.

    Parameters
    ----------
    take : callable
        Returns samples as they are learned from.
    moments, scratch : array, (n,)
        What the optimiser needs; their values are lost.
    """

    def __init__(
        self,
        network: Network,
        take: Callable[[Indices], Learned],
        batches: Sequence[Indices],
        penalty: Penalty,
        moments: tuple[Flat, ...],
        scratch: Flat,
    ) -> None:
        self.network, self.take, self.batches = network, take, batches
        self.penalty, self.moments, self.scratch = penalty, moments, scratch
        n_judged = -(-MOST_JUDGED // len(batches[0]))
        self._judged = batches[:n_judged]

    def run(self, optimizer: Optimizer, diverged: Diverged) -> Generator[Trying, None, Trial]:
        """Yield a message before each step, so that it can be ended there.

        From the first rate that brings the loss down it goes on only while smaller ones do better: the largest that
        just works may fail a little later.
        """
        start = self.network.parameters.copy(), self.network.statistics.copy()
        before = self._loss()
        best: tuple[float, float] | None = None
        rate = optimizer.learning_rate
        for _ in range(MOST_RATES):
            rate /= 10
            self.network.parameters[...], self.network.statistics[...] = start
            after = yield from self._try(optimizer.with_settings({"learning_rate": rate}), diverged, before)
            if after < before and (best is None or after < best[1]):
                best = rate, after
            elif best is not None:
                break
        return Trial(before, best and best[0], best and best[1], rate)

    def _try(self, optimizer: Optimizer, diverged: Diverged, before: float) -> Generator[Trying, None, float]:
        """Return the loss after some steps; infinity where it is hopeless."""
        for moment in self.moments:
            moment.fill(0)
        for step in range(1, BATCHES + 1):
            yield Trying(diverged, optimizer.learning_rate)
            loss = self._measure(self.batches[(step - 1) % len(self.batches)])
            if not isfinite(loss) or loss > HOPELESS * before:
                return float("inf")
            with np.errstate(all="ignore"):
                self.penalty.amend(self.network.parameters, self.network.gradients, self.scratch)
                optimizer.update(self.network.parameters, self.network.gradients, self.moments, step, self.scratch)
        after = self._loss()
        return after if isfinite(after) else float("inf")

    def _loss(self) -> float:
        losses = [self._measure(samples) * len(samples) for samples in self._judged]
        return sum(losses) / sum(len(samples) for samples in self._judged)

    def _measure(self, samples: Indices) -> float:
        with np.errstate(all="ignore"):
            return self.network.loss_and_gradient(*self.take(samples))[0]


def advice(trial: Trial, rate: float) -> str:
    """Say what to do about steps that were too large.

    >>> advice(Trial(2.31, 0.05, 1.62, 0.005), 5)
    'The steps were too large. Try a learning rate of 0.05 instead of 5: in 20 batches from the weights of the \
start it brought the loss from 2.31 to 1.62.'
    """
    if trial.rate is None:
        return (
            f"The steps were too large, but none of the learning rates from {rate / 10:g} down to {trial.last:g} "
            f"brought the loss down in {BATCHES} batches from the weights of the start ({trial.before:.3g}) either. "
            "Look at the data, or begin with other weights: another seed or initializer."
        )
    return (
        f"The steps were too large. Try a learning rate of {trial.rate:g} instead of {rate:g}: in {BATCHES} batches "
        f"from the weights of the start it brought the loss from {trial.before:.3g} to {trial.after:.3g}."
    )
