"""Runs that learn nothing: a loss no better than guessing, and the same answer to everything."""

from __future__ import annotations

from math import log
from typing import ClassVar

import numpy as np

from core.learning.losses import CrossEntropy
from core.text import counted
from core.training.findings.cures import balanced, drawn, faster, slower
from core.training.findings.facts import Facts, Look
from core.training.findings.sign import Sign, series
from core.training.messages import Batch, Epoch, Finding

NEAR = 0.03
"""A loss that is less than this share below that of guessing is as good as guessing."""
BLOCK = 20
"""Batches over which the loss is averaged."""
LONG = 100
"""Batches after which a loss that is no better than guessing is not a slow start any more."""
FALLING = 0.95
"""A loss that has come down to less than this share of what it was is counted anew: it still falls."""
MOST_MEANS = 60
"""Means that are remembered."""
BURST = 3
"""A loss that was so many times that of guessing shows that steps were too large."""


class OnlyGuessing(Sign):
    """The loss stays where guessing has it: cross-entropy at ln C for C classes that occur equally often."""

    code: ClassVar = "only_guessing"
    title: ClassVar = "The network only guesses"
    cures: ClassVar = (
        "a tenth of the learning rate where steps were too large; else 10 and 100 times it, and He's weights"
    )

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._n_classes, self._guess = facts.n_classes, facts.guess
        self._is_logarithm = isinstance(facts.network.program.loss, CrossEntropy)
        self._highest = self._sum = 0.0
        self._means: list[tuple[int, float]] = []
        self._n = self._block = 0
        self._since: int | None = None
        self._first_mean = 0.0

    def after_batch(self, batch: Batch) -> Finding | None:
        """Judge the mean loss of every `BLOCK` batches."""
        if not self._n:
            self._block = batch.step
        self._sum += batch.loss * batch.n
        self._n += batch.n
        self._highest = max(self._highest, batch.loss)
        if batch.step - self._block + 1 < BLOCK:
            return None
        mean, self._sum, self._n = self._sum / self._n, 0.0, 0
        self._means = [*self._means[1 - MOST_MEANS :], (batch.step, mean)]
        if not self._is_guessing(mean):
            self._since = None
        elif self._since is None or mean < FALLING * self._first_mean:
            self._since, self._first_mean = self._block, mean
        elif batch.step - self._since + 1 >= LONG:
            return self._finding(batch.step, f"has stayed near {mean:.3f} since batch {self._since:,}")
        return None

    def after_epoch(self, epoch: Epoch, *, is_last: bool) -> Finding | None:
        """Judge a run that ends before it was long."""
        if not is_last or epoch.step < BLOCK or not self._is_guessing(epoch.train_loss):
            return None
        if epoch.val_loss is not None and not self._is_guessing(epoch.val_loss):
            return None
        return self._finding(epoch.step, f"averages {epoch.train_loss:.3f} over epoch {epoch.epoch:,}")

    def _is_guessing(self, loss: float) -> bool:
        return self._n_classes > 1 and loss >= (1 - NEAR) * self._guess

    def _finding(self, step: int, stand: str) -> Finding:
        is_even = self._is_logarithm and abs(self._guess / log(self._n_classes) - 1) < 0.01
        guess = f"ln {self._n_classes} = {log(self._n_classes):.3f}" if is_even else f"a loss of {self._guess:.3f}"
        what = (
            f"The loss {stand}, no better than guessing among "
            f"the {self._n_classes} classes ({guess}): the network learns nothing."
        )
        training, document = self.facts.training, self.facts.network.document
        evidence = series("mean loss", [*self._means, (step, self._means[-1][1])] if self._means else [])
        if self._highest > BURST * self._guess or self.facts.zero_since is not None:
            why = "The steps were too large: start over with a smaller learning rate."
            cures = (*slower(training, 10), *slower(training, 100))
        else:
            why = "Start over with another learning rate, and check that the labels belong to the samples."
            cures = (*faster(training, 100), *faster(training, 10), *drawn(document, training, "he_normal"))
        return self.found(step, what, why, evidence=evidence, cures=cures)


class OneAnswer(Sign):
    """Every sample is taken for the same class."""

    code: ClassVar = "one_class_predicted"
    title: ClassVar = "One answer to everything"
    cures: ClassVar = "a tenth of the learning rate; balanced class weights; 10 times the learning rate"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._before: int | None = None

    def after_look(self, look: Look) -> Finding | None:
        """Believe it the second time, or at the end: after its first steps a network may still be on its way."""
        before, self._before = self._before, None
        answer = int(look.predicted[0])
        if (look.predicted != answer).any() or (n_classes := len(np.unique(look.labels))) < 2:
            return None
        self._before = answer
        if before is None and not look.is_last:
            return None
        classes = self.facts.dataset.classes
        name = classes[answer] if answer < len(classes) else str(answer)
        what = (
            f"After epoch {look.epoch:,} each of {counted(len(look.predicted), 'sample')} of {n_classes} classes "
            f"is taken for “{name}”: the network gives one answer to everything."
        )
        training = self.facts.training
        cures = (*slower(training, 10), *balanced(training), *faster(training, 10))
        return self.found(look.step, what, "Start over with another learning rate, or with another seed.", cures=cures)
