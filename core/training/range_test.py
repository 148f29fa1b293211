"""The learning-rate range test: which rate a network can learn with, found in one sweep over all of them.

Source: L. N. Smith, "Cyclical Learning Rates for Training Neural Networks", 2015, section 3.3.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analysis.report import Report
from core.errors import NetworkError
from core.graph.values import Document
from core.io.datasets import Dataset, Indices
from core.problems import Fix, SetTraining
from core.training.penalty import Penalty
from core.training.sanity.subject import Subject
from core.training.sweep import (
    EXPLODED,
    HIGHEST,
    LOWEST,
    MOST_TRIALS,
    RULE,
    STEPS,
    TRIAL_STEPS,
    Message,
    RangeTested,
    Tried,
    TryingOut,
    smoothed,
    steepest,
)


def range_test(
    document: Document,
    data: Dataset | None = None,
    *,
    base: Path | None = None,
    report: Report | None = None,
) -> Generator[Message, None, None]:
    """Train a copy from new weights while the learning rate rises from step to step, until the loss explodes.

    Nothing happens between two messages; to close the generator is to stop. Optimiser and penalties are those of the
    document, batches those of its first epochs, cut to what is computed at once; its schedule and augmentation are left
    out. What is proposed is `RULE`, tried out from new weights.

    Parameters
    ----------
    document, data, base, report
        As for `Trainer`, and so are the failures, which come with the first message.

    Examples
    --------
    >>> from core.io.templates import load_template
    >>> *_, tested = range_test(load_template("mlp"))
    >>> 1e-3 < tested.proposal < 1e-1
    True
    """
    test = _RangeTest(Subject(document, data, base=base, report=report))
    yield from test.messages()


class _RangeTest:
    def __init__(self, subject: Subject) -> None:
        self.subject, self.network, self.optimizer = subject, subject.network, subject.optimizer
        self.penalty = Penalty(self.network, subject.settings.settings)
        self.batches = subject.first_batches(STEPS)
        self.moments: tuple[NDArray[Any], ...] = ()
        self.scratch = np.empty_like(self.network.parameters)

    def messages(self) -> Generator[Message, None, None]:
        tried: list[Tried] = []
        self._begin()
        for step, rate in enumerate(np.geomspace(LOWEST, HIGHEST, STEPS).tolist(), 1):
            loss = self._loss(step)
            if not isfinite(loss):
                break
            tried.append(Tried(step, rate, loss))
            yield tried[-1]
            curve = smoothed([one.loss for one in tried])
            if curve[-1] > EXPLODED * curve.min():
                break
            self._move(step, rate)
        rate = steepest(tried)
        if rate is None:
            yield RangeTested(None, tuple(tried), self._nothing(tried))
            return
        for _ in range(MOST_TRIALS):
            before, after = yield from self._try_out(rate)
            if after < before:
                yield self._proposal(rate, tried, before, after)
                return
            rate = float(f"{rate / 2:.2g}")
        what = (
            f"No learning rate is proposed. The loss falls most steeply near {steepest(tried):g}, but {TRIAL_STEPS} "
            "steps from new weights with that rate, or with half or a quarter of it, do not bring the loss down. "
            "Use a larger batch size: the loss changes much from batch to batch."
        )
        yield RangeTested(None, tuple(tried), what)

    def _try_out(self, rate: float) -> Generator[TryingOut, None, tuple[float, float]]:
        """Return the loss before and after some steps with a rate, as means over the same first batches."""
        self._begin()
        before = self._mean()
        for step in range(1, TRIAL_STEPS + 1):
            if not isfinite(self._loss(step)):
                return before, float("inf")
            self._move(step, rate)
            yield TryingOut(rate, step)
        after = self._mean()
        return before, after if isfinite(after) else float("inf")

    def _begin(self) -> None:
        self.subject.begin()
        self.moments = tuple(np.zeros_like(self.network.parameters) for _ in range(self.optimizer.n_moments))

    def _batch(self, step: int) -> Indices:
        return self.batches[(step - 1) % len(self.batches)]

    def _loss(self, step: int) -> float:
        return self.subject.measure(self.network, self._batch(step))

    def _mean(self) -> float:
        return float(np.mean([self._loss(step) for step in range(1, min(4, len(self.batches)) + 1)]))

    def _move(self, step: int, rate: float) -> None:
        parameters, gradients = self.network.parameters, self.network.gradients
        with np.errstate(all="ignore"):
            self.penalty.amend(parameters, gradients, self.scratch)
            self.optimizer.update(parameters, gradients, self.moments, step, self.scratch, rate)

    def _proposal(self, rate: float, tried: Sequence[Tried], before: float, after: float) -> RangeTested:
        losses = smoothed([one.loss for one in tried])
        lowest = int(losses.argmin())
        end = "" if len(tried) == STEPS else f" and explodes at {tried[-1].rate:.2g}"
        what = (
            f"A learning rate of {rate:g} is proposed: {RULE}. That loss goes from {losses[0]:.3g} to "
            f"{losses[lowest]:.3g} at {tried[lowest].rate:.2g}{end}. {TRIAL_STEPS} steps with {rate:g} from new "
            f"weights bring the loss of the first batches from {before:.3g} to {after:.3g}."
        )
        brief = f"{rate:g} brings the loss from {before:.3g} to {after:.3g} in {TRIAL_STEPS} steps from new weights."
        optimizer = self.subject.settings.optimizer_as_json() | {"learning_rate": rate}
        fix = Fix(f"Use {rate:g}", (SetTraining({"optimizer": optimizer}),))
        return RangeTested(rate, tuple(tried), what, brief, (fix,))

    def _nothing(self, tried: Sequence[Tried]) -> str:
        if not tried:
            raise NetworkError(
                "The loss of the first batch is no number, whatever the learning rate. Look at the data: values that "
                "are far from 0 … 1 need scaling, such as Standardize."
            )
        losses = smoothed([one.loss for one in tried])
        unscaled = self.subject.unscaled()
        todo = unscaled or "Make the sanity checks: they say whether the network can learn at all."
        return (
            f"No learning rate is proposed: from {LOWEST:g} to {tried[-1].rate:.2g} the smoothed loss, {losses[0]:.3g} "
            f"at first, never falls by a twentieth; its lowest is {losses.min():.3g}. {todo}"
        )
