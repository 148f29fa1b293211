"""The curves of a document's runs: which there are, what they are called, and which of them are drawn."""

from __future__ import annotations

from collections.abc import Iterable

from core.training.messages import Batch, Epoch, Started
from designer.views.curve_data import CurveData

MOST_EARLIER = 6
"""More curves of earlier runs could not be told apart."""


class RunCurves:
    """Curves by the names of their runs, the oldest first."""

    def __init__(self) -> None:
        self._runs: list[CurveData] = []
        self._hidden: frozenset[str] = frozenset()

    def begin(self, started: Started, name: str) -> CurveData:
        """Add the curve of a run that has started; those of which nothing came go."""
        self._runs = [run for run in self._runs if len(run.loss)]
        self._runs.append(CurveData(started, name))
        return self._runs[-1]

    def add_read(self, name: str, started: Started, batches: list[Batch], epochs: Iterable[Epoch]) -> CurveData | None:
        """Add what a run reported that was read from its folder, or what it has reported since; None for nothing new.

        A curve of which only epochs were there has no beginning: it is made anew as soon as there are batches.
        """
        known = self.named(name)
        data = CurveData(started, name) if known is None or (batches and not len(known.loss)) else known
        new = [batch for batch in batches if batch.step > data.last_step]
        data.add_batches(new)
        later = [epoch for epoch in epochs if not data.epochs or epoch.epoch > data.epochs[-1].epoch]
        for epoch in later:
            data.add_epoch(epoch)
        if known is None:
            self._runs.insert(0, data)
        elif data is known and not new and not later:
            return None
        else:
            self._runs = [data if run is known else run for run in self._runs]
        return data

    def named(self, name: str) -> CurveData | None:
        """Return the curve of a run."""
        return next((run for run in self._runs if run.name == name), None)

    def rename(self, before: str, name: str) -> None:
        """Call a run something else."""
        data = self.named(before)
        if data is not None:
            data.name = name
        if before in self._hidden:
            self._hidden = self._hidden - {before} | {name}

    def set_shown(self, name: str, shown: bool) -> None:
        """Draw a curve behind that of the run that is looked at, or don't."""
        self._hidden = self._hidden - {name} if shown else self._hidden | {name}

    def behind(self, front: CurveData | None) -> list[CurveData]:
        """Return what is drawn behind a curve."""
        drawn = [run for run in self._runs if run is not front and run.name not in self._hidden]
        return drawn[-MOST_EARLIER:]
