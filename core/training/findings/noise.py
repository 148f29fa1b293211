"""Gradients of batches that are too small to agree on a direction."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean
from typing import ClassVar

from core.training.findings.cures import larger_batch, slower
from core.training.findings.facts import Facts
from core.training.findings.gauges import Gauge
from core.training.findings.sign import Sign, series
from core.training.messages import Finding

SAMPLES = 384
"""Over so many the loss is averaged, and compared with as many before."""
SMALL = 8
"""Samples of a batch; with more a stagnating loss has other reasons."""
AGREED = 0.1
"""The mean cosine of successive gradients of a run that still goes somewhere."""
FALLING = 0.95
"""A loss below this share of what it was before still falls."""
LEARNED = 0.25
"""Once the loss is below this share of guessing, gradients disagree because little is left to learn."""


class NoisyGradient(Sign):
    """The gradients of successive small batches disagree, and the loss does not fall any more."""

    code: ClassVar = "noisy_gradient"
    title: ClassVar = "The gradient is noisy"
    cures: ClassVar = "batches of 32; a tenth of the learning rate"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._n, self._sum, self._first = facts.n_learned, facts.loss_sum, 0
        self._mean: float | None = None

    def after_gauge(self, gauges: Sequence[Gauge]) -> Finding | None:
        """Compare the mean losses of every `SAMPLES` samples."""
        n, total = self.facts.n_learned, self.facts.loss_sum
        if n - self._n < SAMPLES:
            return None
        before, self._mean = self._mean, (total - self._sum) / (n - self._n)
        first, self._first = self._first, gauges[-1].step
        self._n, self._sum = n, total
        judged = [gauge for gauge in gauges if gauge.step > first]
        return None if before is None else self._compare(judged, before, self._mean)

    def _compare(self, gauges: Sequence[Gauge], before: float, now: float) -> Finding | None:
        facts = self.facts
        size = facts.training.settings.batch_size
        if size > SMALL or facts.zero_since is not None or now < FALLING * before or now < LEARNED * facts.guess:
            return None
        agreement = mean(gauge.agreement for gauge in gauges)
        if agreement > AGREED:
            return None
        newest = gauges[-1]
        noun = "sample" if size == 1 else "samples"
        what = (
            f"Gradients of successive batches of {size} {noun} point in different directions (mean cosine "
            f"{agreement:.2f}), and the loss went from {before:.3f} to {now:.3f} from one "
            f"stretch of {SAMPLES} samples to the next (batches {gauges[0].step:,} to {newest.step:,})."
        )
        why = f"Use larger batches than {size}, or a smaller learning rate than {newest.rate:.3g}."
        evidence = series("cosine of successive gradients", ((gauge.step, gauge.agreement) for gauge in gauges))
        cures = (*larger_batch(facts.training), *slower(facts.training, 10))
        return self.found(newest.step, what, why, evidence=evidence, cures=cures)
