"""Runs that learn nothing: a loss no better than guessing, and the same answer to everything."""

from __future__ import annotations

from math import log
from typing import ClassVar

import numpy as np

from core.learning.losses import CrossEntropy
from core.text import counted
from core.training.findings.facts import Facts, Look
from core.training.findings.sign import Sign
from core.training.messages import Batch, Epoch, Finding

NEAR = 0.03
"""A loss that is less than this share below that of guessing is as good as guessing."""
BLOCK = 20
"""Batches over which the loss is averaged."""
LONG = 100
"""Batches after which a loss that is no better than guessing is not a slow start any more."""
FALLING = 0.95
"""A loss that has come down to less than this share of what it was is counted anew: it still falls."""
BURST = 3
"""A loss that was so many times that of guessing shows that steps were too large."""


class OnlyGuessing(Sign):
    """The loss stays where guessing has it: cross-entropy at ln C for C classes that occur equally often."""

    code: ClassVar = "only_guessing"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        program, weights = facts.network.program, facts.network.class_weights
        n_outputs = program.nodes[program.outputs[0]].shape[-1]
        counts = np.bincount(facts.dataset.labels[facts.training], minlength=n_outputs)
        self._n_classes = int(np.count_nonzero(counts))
        weighed = counts if weights is None else counts * weights
        self._guess = program.loss.guessing(weighed / max(1, weighed.sum()))
        self._is_logarithm = isinstance(program.loss, CrossEntropy)
        self._highest = self._sum = 0.0
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
        if self._highest > BURST * self._guess or self.facts.zero_since is not None:
            return self.found(step, what, "The steps were too large: start over with a smaller learning rate.")
        return self.found(
            step, what, "Start over with another learning rate, and check that the labels belong to the samples."
        )


class OneAnswer(Sign):
    """Every sample is taken for the same class."""

    code: ClassVar = "one_class_predicted"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._before: int | None = None

    def after_look(self, look: Look) -> Finding | None:
        """Believe it the second time, or at the end: after its first steps a network may still be on its way."""
        before, self._before = self._before, None
        n_classes = len(np.unique(look.labels))
        answer = int(look.predicted[0])
        if n_classes < 2 or (look.predicted != answer).any():
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
        return self.found(look.step, what, "Start over with another learning rate, or with another seed.")
