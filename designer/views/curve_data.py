"""The numbers behind the curves of a run: points that accumulate, a smoothed line, and which of them are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.text import setting_text
from core.training.adjusting import Adjustment
from core.training.messages import Adjusted, Batch, Epoch, Finished, Started
from designer.pictures import Numbers

Floats: TypeAlias = NDArray[np.float64]
Measure: TypeAlias = Literal["loss", "accuracy"]

DRAWN_BUCKETS = 1000
"""A curve of more than twice this many points is drawn as the extremes of this many stretches."""

COLUMNS = (
    *("step", "epoch", "batch_loss", "batch_accuracy", "smoothed_loss", "smoothed_accuracy"),
    *("train_loss", "train_accuracy", "val_loss", "val_accuracy"),
)


def decimate(x: Floats, y: Floats, buckets: int = DRAWN_BUCKETS) -> tuple[Floats, Floats]:
    """Keep the smallest and the largest value of every stretch of a curve, and its first and last points.

    Drawn no wider than `buckets` pixels, they look like the whole curve, and autoscaling sees the same extremes.

    Parameters
    ----------
    x : array, (n,)
        In ascending order.
    y : array, (n,)
        Without NaN.

    Returns
    -------
    Two arrays of the same length, at most `2·buckets + 4`; all points if there are no more than `2·buckets`.
    """
    n = len(x)
    if n <= 2 * buckets:
        return x, y
    size = n // buckets
    whole = size * buckets
    stretches = y[:whole].reshape(buckets, size)
    starts = np.arange(0, whole, size)
    kept = [np.array([0, n - 1]), starts + stretches.argmin(1), starts + stretches.argmax(1)]
    if whole < n:
        kept.append(np.array([whole + int(y[whole:].argmin()), whole + int(y[whole:].argmax())]))
    places = np.unique(np.concatenate(kept))
    return x[places], y[places]


class Track:
    """One measure of a run, batch by batch, with an exponential mean beside it.

    Parameters
    ----------
    window : float
        About how many batches the mean looks back. It starts as the plain mean of the first values.
    """

    def __init__(self, window: float) -> None:
        self._decay = max(0.0, 1 - 1 / window)
        self._weighted = 0.0
        self._weight = 0.0
        self._values = np.empty((1024, 2))
        self._n = 0

    def __len__(self) -> int:
        return self._n

    def append(self, values: Sequence[float]) -> None:
        """Add the values of further batches; the mean skips those that are not finite."""
        if self._n + len(values) > len(self._values):
            larger = np.empty((2 * (self._n + len(values)), 2))
            larger[: self._n] = self._values[: self._n]
            self._values = larger
        for value in values:
            if isfinite(value):
                self._weighted = self._decay * self._weighted + (1 - self._decay) * value
                self._weight = self._decay * self._weight + (1 - self._decay)
            mean = self._weighted / self._weight if self._weight else float("nan")
            self._values[self._n] = value, mean
            self._n += 1

    @property
    def raw(self) -> Floats:
        """The values as they came, (n,)."""
        return self._values[: self._n, 0]

    @property
    def smooth(self) -> Floats:
        """Their mean so far, (n,); NaN before the first finite value."""
        return self._values[: self._n, 1]


@dataclass(frozen=True, slots=True)
class Curve:
    """What one plot shows: a measure per batch, the same smoothed, and its validation value per epoch."""

    raw: tuple[Floats, Floats]
    smooth: tuple[Floats, Floats]
    validation: tuple[Floats, Floats]


class CurveData:
    """Everything a run has reported about its loss and accuracy.

    Attributes
    ----------
    name : str
        What the run is called.
    first_step : int
        Steps that were taken before it: those of the run that it went on from.
    total_steps : int
        At which step it will end, as far as is known.
    changes : list of (int, str)
        After which steps settings were changed, and how.
    """

    def __init__(self, started: Started, name: str = "") -> None:
        per_epoch = max(1, started.batches_per_epoch)
        self.name = name
        self.first_step = started.step
        self.total_steps = started.step + (started.epochs - started.epoch) * per_epoch
        self.changes: list[tuple[int, str]] = []
        self._epoch_starts: list[tuple[int, int]] = []
        window = min(200.0, max(8.0, per_epoch / 4))
        self.loss, self.accuracy = Track(window), Track(window)
        self.epochs: list[Epoch] = []

    @property
    def last_step(self) -> int:
        """The number of the last step."""
        return self.first_step + len(self.loss)

    def mark(self, change: Adjusted | Finished) -> None:
        """Note that settings were changed, or why the run ended before its epochs were done."""
        if isinstance(change, Finished):
            self.changes.append((change.step, f"{change.reason}\nEpoch {change.best_epoch} was the best."))
            self.total_steps = change.step
            return
        self.changes.append((change.step, "\n".join(map(adjustment_text, change.adjustments))))
        epochs_done = self.epochs[-1].epoch if self.epochs else 0
        self.total_steps = change.step + (change.epochs - epochs_done) * change.batches_per_epoch

    def add_batches(self, batches: Sequence[Batch]) -> None:
        """Add new batches, which follow those already there."""
        for batch in batches:
            if not self._epoch_starts or batch.epoch != self._epoch_starts[-1][1]:
                self._epoch_starts.append((batch.step, batch.epoch))
        self.loss.append([batch.loss for batch in batches])
        self.accuracy.append([batch.accuracy for batch in batches])

    def add_epoch(self, epoch: Epoch) -> None:
        """Add what was measured at the end of an epoch."""
        self.epochs.append(epoch)

    def track(self, measure: Measure) -> Track:
        """Return a measure, batch by batch."""
        return self.loss if measure == "loss" else self.accuracy

    def validation(self, measure: Measure) -> list[tuple[int, float]]:
        """Return the steps at which a measure was validated, each with its value."""
        pairs = [(e.step, e.val_loss if measure == "loss" else e.val_accuracy) for e in self.epochs]
        return [(step, value) for step, value in pairs if value is not None]

    def curve(self, measure: Measure, first: float, last: float, *, positive: bool = False) -> Curve:
        """Return what is drawn of a range of steps: finite values, and few enough of them.

        Parameters
        ----------
        measure : {"loss", "accuracy"}
        first, last : float
            Steps; one point beyond either side is kept, so that lines run out of the picture.
        positive : bool
            Leave out values that have no logarithm.
        """
        track, before = self.track(measure), self.first_step
        start = min(len(track), max(0, int(first) - before - 2))
        end = max(start, min(len(track), int(last) - before + 2))
        x = np.arange(before + start + 1, before + end + 1, dtype=np.float64)
        marks = np.array(self.validation(measure), dtype=np.float64).reshape(-1, 2)
        return Curve(
            decimate(*_drawable(x, track.raw[start:end], positive)),
            decimate(*_drawable(x, track.smooth[start:end], positive)),
            _drawable(marks[:, 0], marks[:, 1], positive),
        )

    def at(self, measure: Measure, step: int) -> tuple[float, float]:
        """Return the value of a step, and the mean so far."""
        track = self.track(measure)
        return float(track.raw[step - self.first_step - 1]), float(track.smooth[step - self.first_step - 1])

    def numbers(self) -> Numbers:
        """Return a row for every batch; the last batch of an epoch also has what was measured at its end."""
        ends = {epoch.step: epoch for epoch in self.epochs}
        tracks = (self.loss.raw, self.accuracy.raw, self.loss.smooth, self.accuracy.smooth)
        starts, epoch = dict(self._epoch_starts), 0
        rows = list[tuple[float | None, ...]]()
        for step, values in enumerate(zip(*tracks, strict=True), self.first_step + 1):
            epoch = starts.get(step, epoch)
            end = ends.get(step)
            at_end = (end.train_loss, end.train_accuracy, end.val_loss, end.val_accuracy) if end else (None,) * 4
            rows.append((step, epoch, *map(float, values), *at_end))
        array = np.array(rows, np.float64).reshape(len(rows), len(COLUMNS))  # None becomes NaN
        return Numbers(array, [COLUMNS, *([*row[:2], *map(_cell, row[2:])] for row in rows)])


def values_text(data: CurveData, measure: Measure, step: int) -> str:
    """Write the values at the cursor line: "loss 0.14 · mean 0.12 · validation 0.09 · batch 412"."""
    value, mean = data.at(measure, step)
    parts = [f"{measure} {value:.3g}", f"mean {mean:.3g}"]
    before = [value for at, value in data.validation(measure) if at <= step]
    if before:
        parts.append(f"validation {before[-1]:.3g}")
    return " · ".join([*parts, f"batch {step:,}"])


def heading_text(data: CurveData | None, measure: Measure, step: int | None, pinned: int | None) -> str:
    """Say what is drawn, or the values at a step; of two moments that are compared, those of both."""
    if data is not None and pinned is not None:
        both = (("A", pinned), ("B", data.last_step if step is None else step))
        return "   ".join(f"{letter}: {values_text(data, measure, at or 1)}" for letter, at in both)
    return f"{measure} by batch" if data is None or step is None else values_text(data, measure, step or 1)


def figures_text(data: CurveData, step: int) -> str:
    """Say what the loss was after so many steps, and the accuracy at validation until then."""
    if not data.first_step < step <= data.last_step:
        return ""
    known = validation_at(data, "accuracy", step)
    loss = f"loss {data.at('loss', step)[1]:.3g}".replace("e-", "e−")
    return loss if known is None else f"{loss}, validation {100 * known:.1f} % right"


def validation_at(data: CurveData | None, measure: Measure, step: int | None) -> float | None:
    """Return the newest validation value, or the newest at a step; None where there is none."""
    known = [] if data is None else data.validation(measure)
    return next((value for at, value in reversed(known) if step is None or at <= step), None)


def adjustment_text(adjustment: Adjustment) -> str:
    """Say how a setting was changed.

    >>> adjustment_text(Adjustment("learning_rate", 0.1, 0.01))
    'learning rate 0.1 → 0.01'
    """
    before, after = map(setting_text, (adjustment.before, adjustment.after))
    return f"{adjustment.name.replace('_', ' ')} {before} → {after}"


def _drawable(x: Floats, y: Floats, positive: bool) -> tuple[Floats, Floats]:
    good = np.isfinite(y) & (y > 0) if positive else np.isfinite(y)
    return (x, y) if good.all() else (x[good], y[good])


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"
