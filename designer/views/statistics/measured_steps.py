"""The steps of a run that were measured, as arrays: drawing a thousand of them must not take as many Python objects."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.training.step_statistics import StepStatistics

KEPT = 2000
"""Measured steps that are remembered."""
LAST = 50
"""Batches that count as the last ones."""


class MeasuredSteps:
    """Remembers the newest measured steps; a run that begins anew, or has other layers, replaces what there was.

    Attributes
    ----------
    layers : tuple of str
        From the input on.

    Examples
    --------
    >>> from core.training.step_statistics import LayerStatistics
    >>> steps = MeasuredSteps()
    >>> for n in (40, 80, 120):
    ...     steps.append(StepStatistics(n, {"fc1": LayerStatistics(1e-3, 0.5)}))
    >>> steps.batches.tolist(), steps.first_recent, steps.update_ratios.shape
    ([40, 80, 120], 1, (3, 1))
    """

    def __init__(self) -> None:
        self.layers: tuple[str, ...] = ()
        self._end = 0
        self.clear()

    def __len__(self) -> int:
        return min(self._end, KEPT)

    @property
    def batches(self) -> NDArray[np.int64]:
        """Return after how many batches each was measured, (steps,)."""
        return self._batches[self._end - len(self) : self._end]

    @property
    def update_ratios(self) -> NDArray[np.float64]:
        """Return ‖Δw‖/‖w‖, (steps, layers)."""
        return self._figures[self._end - len(self) : self._end, :, 0]

    @property
    def gradient_norms(self) -> NDArray[np.float64]:
        """Return ‖∂L/∂w‖, (steps, layers)."""
        return self._figures[self._end - len(self) : self._end, :, 1]

    @property
    def first_recent(self) -> int:
        """Return the place of the first step of the last `LAST` batches."""
        return int(np.searchsorted(self.batches, self.batches[-1] - LAST, side="right")) if len(self) else 0

    def append(self, step: StepStatistics) -> None:
        """Remember another step."""
        layers = tuple(step.layers)
        if layers != self.layers or (len(self) and step.step <= self.batches[-1]):
            self.layers = layers
            self.clear()
        if self._end == len(self._batches):  # seldom: there is room for twice as many
            kept, self._end = slice(self._end - KEPT, self._end), KEPT
            self._batches[:KEPT], self._figures[:KEPT] = self._batches[kept].copy(), self._figures[kept].copy()
        self._batches[self._end] = step.step
        self._figures[self._end] = [(one.update_ratio, one.gradient_norm) for one in step.layers.values()]
        self._end += 1

    def clear(self) -> None:
        """Forget all."""
        self._end = 0
        self._batches = np.empty(2 * KEPT, np.int64)
        self._figures = np.empty((2 * KEPT, len(self.layers), 2))
