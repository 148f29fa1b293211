"""The axes of the plots of a run: a few round numbers, written so that they can be read."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyqtgraph as pg

UNREADABLE: Final = 1e6
"""From here on numbers are written by their power of ten: a run that diverges reaches numbers of thirty digits."""


class ValueAxis(pg.AxisItem):
    """A few round numbers, written as in the rest of the window; on a logarithmic scale 1, 2 and 5 of every decade."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        n = max(2, int(size / (26 if self.orientation == "left" else 50)))
        if self.logMode:
            return [(1.0, _log_ticks(minVal, maxVal, n))]
        step = _round_step((maxVal - minVal) / n, whole=self.orientation == "bottom")
        first = np.ceil(minVal / step - 1e-9)
        return [(step, [float(i * step) for i in np.arange(first, np.floor(maxVal / step + 1e-9) + 1)])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        if self.logMode:
            return [power_text(f"{10**value:.3g}") for value in values]
        if max((abs(value) for value in values), default=0.0) >= UNREADABLE:
            return [power_text(f"{value + 0.0:.3g}") for value in values]
        decimals = max(0, int(np.ceil(-np.log10(spacing) - 1e-9)))
        return [f"{value + 0.0:,.{decimals}f}" for value in values]


def power_text(number: str) -> str:
    """Write "1e+28" as 1e28, and with a real minus."""
    return number.replace("e+", "e").replace("-", "−")


def _round_step(least: float, *, whole: bool) -> float:
    """Round up to one of 1, 2, 5, 10, 20, 25, 50, …, or to such tenths and hundredths."""
    power = 10.0 ** np.floor(np.log10(max(least, 1e-12)))
    factors = (1, 2, 2.5, 5, 10) if whole and power >= 10 else (1, 2, 5, 10)
    step = next(float(power * factor) for factor in factors if power * factor >= least * (1 - 1e-9))
    return max(1.0, step) if whole else step


def _log_ticks(low: float, high: float, n: int) -> list[float]:
    powers = range(int(np.floor(low)), int(np.ceil(high)) + 1)
    ticks: list[float] = []
    for factors in ((1, 2, 5), (1, 3), (1,)):
        ticks = [power + float(np.log10(factor)) for power in powers for factor in factors]
        ticks = [tick for tick in ticks if low <= tick <= high]
        if len(ticks) <= n + 1:
            return ticks
    return ticks[:: len(ticks) // n + 1]
