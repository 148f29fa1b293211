"""The histograms of a run that are remembered, evenly over all of it, and the shape in which one is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from core.training.step_histograms import BINS, SOURCES, Histogram, Source, StepHistograms

KEPT = 120
"""Counted steps that are remembered: of more, those are dropped that lie closest to their neighbours."""
BEYOND = 0.001
"""Share of the values at either end that need not be in sight, lest a single one decide what is."""

SMOOTHING = (1, 4, 6, 4, 1)
"""Weights of neighbours: few values would make needles."""


class History:
    """What was counted of a run while somebody looked.

    Attributes
    ----------
    steps : list of StepHistograms
        In the order in which they were taken.
    """

    def __init__(self) -> None:
        self.steps: list[StepHistograms] = []

    def add(self, steps: Iterable[StepHistograms]) -> None:
        """Remember more; a run that begins anew replaces what there was."""
        for one in steps:
            if self.steps and (one.step <= self.steps[-1].step or one.layers.keys() != self.steps[-1].layers.keys()):
                self.steps.clear()
            self.steps.append(one)
            if len(self.steps) > KEPT:
                at = np.array([step.step for step in self.steps])
                del self.steps[1 + int(np.argmin(at[2:] - at[:-2]))]

    def of(self, layer: str, source: Source) -> list[tuple[int, Histogram]]:
        """Return the histograms of a layer by step; none where it has none."""
        known = [(step.step, step.layers[layer].of(source)) for step in self.steps if layer in step.layers]
        return [(step, histogram) for step, histogram in known if histogram is not None]

    def rows(self, layer: str) -> list[list[object]]:
        """Return a row of headings, and one for every step and source of a layer."""
        head = ["step", "layer", "source", "size", "counted", "norm", "low", "high", "mean", "zeros"]
        rows: list[list[object]] = [[*head, *(f"bin_{number}" for number in range(1, BINS + 1))]]
        for step in self.steps:
            for source in SOURCES:
                one = step.layers[layer].of(source) if layer in step.layers else None
                if one is not None:
                    figures = (one.size, one.n, one.norm, one.low, one.high, one.mean, one.zeros)
                    rows.append([step.step, layer, source, *figures, *one.counts.tolist()])
        return rows


def evenly(histograms: Sequence[tuple[int, Histogram]], n: int) -> list[tuple[int, Histogram]]:
    """Choose at most n of them, evenly by step, the first and the last among them."""
    if len(histograms) <= n:
        return list(histograms)
    at = np.array([step for step, _ in histograms])
    wanted = np.linspace(at[0], at[-1], n)
    nearest = sorted({int(np.abs(at - step).argmin()) for step in wanted})
    return [histograms[place] for place in nearest]


def span(histograms: Iterable[Histogram]) -> tuple[float, float]:
    """Return the least and the largest value that are to be in sight, different ones."""
    ends = []
    for one in histograms:
        shares = np.cumsum(without_zeros(one)) / max(1, without_zeros(one).sum())
        edges = _edges(one)
        inside = np.flatnonzero((shares > BEYOND) & (np.append(0, shares[:-1]) < 1 - BEYOND))
        if len(inside):
            ends += [edges[inside[0]], edges[inside[-1] + 1]]
    low, high = (min(ends), max(ends)) if ends else (0.0, 0.0)
    if high - low < 1e-9 * max(abs(low), abs(high), 1e-30):
        apart = abs(low) / 2 or 1.0
        return float(low - apart), float(high + apart)
    return float(low), float(high)


def without_zeros(one: Histogram) -> NDArray[np.float64]:
    """Return the counts (BINS,) of the values that are not exactly 0: those of a ReLU would dwarf all others."""
    counts = one.counts.astype(np.float64)
    if one.zeros:
        width = (one.high - one.low) / BINS
        place = min(BINS - 1, int(-one.low / width)) if width else 0
        counts[place] = max(0.0, counts[place] - round(one.zeros * one.n))
    return counts


def outline(one: Histogram, low: float, high: float, n: int) -> NDArray[np.float64]:
    """Return how dense the values are in n equal parts of a span, (n,), a little smoothed, as shares of the densest."""
    so_far = np.append(0.0, np.cumsum(without_zeros(one)))
    density = np.diff(np.interp(np.linspace(low, high, n + 1), _edges(one), so_far))
    density = np.convolve(density, SMOOTHING, "same")
    most = density.max()
    return density / most if most else density


def _edges(one: Histogram) -> NDArray[np.float64]:
    high = one.high if one.high > one.low else one.low + max(abs(one.low), 1e-30) * 1e-9
    return np.linspace(one.low, high, BINS + 1)
