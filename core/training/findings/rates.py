"""Steps that move the weights by too much or too little of their size."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from math import floor, log10
from statistics import median, median_low
from typing import ClassVar

from core.graph.training import UnreadableOptimizer
from core.training.findings.cures import clipped, faster, slower
from core.training.findings.gauges import Gauge
from core.training.findings.sign import Sign, series
from core.training.messages import Evidence, Finding

BLOCK = 5
"""Measured steps that are judged together."""
HEALTHY = 1e-3
"""By so much of their size a step moves the weights of a healthy run."""
HIGH, LOW = 2.5e-2, 1e-4
"""Beyond these, more than ten times either way, a run is not healthy any more."""
HARMED, HELD_UP = 0.55, 0.9
"""Of guessing: a run whose loss came below the first learns in spite of large steps, below the second of small ones."""
WARM = 0.5
"""Steps with less than this share of the learning rate that is set are small by the schedule's will."""


class RateTooHigh(Sign):
    """A step moves the weights by more than 2.5 % of their size, where about 0.1 % is healthy."""

    code: ClassVar = "learning_rate_too_high"
    title: ClassVar = "The learning rate is too high"
    cures: ClassVar = "a third and a tenth of the learning rate; gradients clipped to a norm of 1"

    def after_gauge(self, gauges: Sequence[Gauge]) -> Finding | None:
        """Judge the last `BLOCK` measured steps."""
        if len(gauges) <= BLOCK:  # the first step is no measure of the others
            return None
        ratios = ratios_of(last(gauges))
        typical = median_low(ratios.values())
        if typical <= HIGH or mean_loss(gauges) < HARMED * self.facts.guess:
            return None
        most = max(ratios, key=lambda id: ratios[id])
        newest = gauges[-1]
        what = (
            f"A step moves the weights by {percent(typical)} of their size, {most} by {percent(ratios[most])} "
            f"({span(gauges)}); healthy is about {percent(HEALTHY)}."
        )
        why = f"The learning rate of {newest.rate:.3g} is too high: use a smaller one."
        training = self.facts.training
        cures = (*slower(training, 3), *slower(training, 10), *clipped(training))
        return self.found(newest.step, what, why, evidence=ratio_series(gauges), cures=cures)


class RateTooLow(Sign):
    """A step moves no layer by more than 0.01 % of its size, and the loss is still near that of guessing."""

    code: ClassVar = "learning_rate_too_low"
    title: ClassVar = "The learning rate is too low"
    cures: ClassVar = "10, 100 and 1,000 times the learning rate"

    def after_gauge(self, gauges: Sequence[Gauge]) -> Finding | None:
        """Judge the last `BLOCK` measured steps, unless the schedule or a gradient of 0 makes them small."""
        newest = gauges[-1]
        training = self.facts.training
        if (
            len(gauges) < BLOCK
            or self.facts.zero_since is not None
            or isinstance(training.optimizer, UnreadableOptimizer)
        ):
            return None
        loss = mean_loss(gauges)
        if newest.rate < WARM * training.optimizer.learning_rate or loss < HELD_UP * self.facts.guess:
            return None
        ratios = ratios_of(last(gauges))
        most = max(ratios, key=lambda id: ratios[id])
        if ratios[most] >= LOW or not ratios[most]:
            return None
        what = (
            f"A step moves no layer by more than {percent(ratios[most])} of its weights ({most}; "
            f"{span(gauges)}); healthy is about {percent(HEALTHY)}. "
            f"The loss is still {loss:.3f}."
        )
        why = f"The learning rate of {newest.rate:.3g} is too low: use a larger one."
        wanted = HEALTHY / ratios[most]
        factors = [factor for factor in (10, 100, 1000) if factor <= 10 * wanted]
        cures = [cure for factor in reversed(factors) for cure in faster(training, factor)]
        return self.found(newest.step, what, why, evidence=ratio_series(gauges), cures=cures)


def last(gauges: Sequence[Gauge]) -> list[Gauge]:
    """Return those that are judged, the newest first."""
    return list(islice(reversed(gauges), BLOCK))


def percent(share: float) -> str:
    """Write a share with two digits, however small.

    >>> percent(0.001), percent(0.0644), percent(2.1e-5), percent(1.2)
    ('0.1%', '6.4%', '0.0021%', '120%')
    """
    value = 100 * share
    digits = max(0, 1 - floor(log10(value))) if value else 0
    return f"{value:.{digits}f}".rstrip("0").rstrip(".") + "%" if digits else f"{value:.0f}%"


def span(gauges: Sequence[Gauge]) -> str:
    """Say which batches are judged."""
    newest, *_, oldest = last(gauges)
    return f"batches {oldest.step:,} to {newest.step:,}"


def mean_loss(gauges: Sequence[Gauge]) -> float:
    """Return the mean loss of the batches that are judged."""
    return sum(gauge.loss for gauge in last(gauges)) / BLOCK


def ratios_of(gauges: Sequence[Gauge]) -> dict[str, float]:
    """Return the median ratio of each layer over measured steps."""
    return {id: median(gauge.layers[id].ratio for gauge in gauges) for id in gauges[0].layers}


def ratio_series(gauges: Sequence[Gauge]) -> Evidence | None:
    """Return the median ratio of the layers, step by step."""
    points = ((gauge.step, median_low(layer.ratio for layer in gauge.layers.values())) for gauge in gauges)
    return series("update/weight ratio, median of the layers", ((step, 100 * ratio) for step, ratio in points), "%")
