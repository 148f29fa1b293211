"""When a run has gone astray, and what its user is told."""

from __future__ import annotations

from collections import deque
from math import isfinite, log
from statistics import median

import numpy as np

from core.engine.network import Network
from core.learning.optimizers import Optimizer
from core.training.messages import Diverged

PATIENCE = 20
"""Batches over which the loss is smoothed."""

LIMIT = 10
"""How many times its start the smoothed loss may reach."""


class Watch:
    """Looks at every loss, and says when the run should end.

    It should at the first loss that is NaN or infinite, and once the loss has risen above `LIMIT` times its start for
    good. The start is the loss of the first batch, but at least `log C`, the loss of guessing among C classes: a few
    easy samples at the beginning must not make the usual look like a failure. For good means that the median of the
    last `PATIENCE` batches is above it: the spikes of a few batches, from which runs often recover, don't count.
    """

    def __init__(self, network: Network, optimizer: Optimizer) -> None:
        self.network, self.optimizer = network, optimizer
        self._recent: deque[float] = deque(maxlen=PATIENCE)
        self._start = log(network.program.nodes[network.program.outputs[0]].shape[0])

    def batch(self, step: int, loss: float) -> Diverged | None:
        """Judge the loss of a batch, measured before its step."""
        if not isfinite(loss):
            return self._not_finite(step, "the loss", self.network.first_nonfinite())
        if step == 1:
            self._start = max(self._start, loss)
        self._recent.append(loss)
        if loss > LIMIT * self._start and len(self._recent) == PATIENCE:
            smoothed = median(self._recent)
            if smoothed > LIMIT * self._start:
                return self._risen(step, smoothed)
        return None

    def parameters(self, step: int) -> Diverged | None:
        """Judge the parameters after a step."""
        if np.isfinite(self.network.parameters).all():
            return None
        weights = self.network.weights
        name = next(name for name in weights if not np.isfinite(weights[name]).all())
        return self._not_finite(step, f"the {name.rpartition('/')[2]}", name.rpartition("/")[0])

    def validation(self, step: int, loss: float) -> Diverged | None:
        """Judge the summed loss of a batch of validation samples."""
        if isfinite(loss):
            return None
        return self._not_finite(step, "the loss of the validation samples", self.network.first_nonfinite())

    def _not_finite(self, step: int, what: str, layer: str | None) -> Diverged:
        where = f", first in {layer}" if layer else ""
        what = f"Training stopped in step {step:,}: {what} became NaN or infinite{where}."
        return Diverged(layer, step, what, self._advice())

    def _risen(self, step: int, smoothed: float) -> Diverged:
        what = (
            f"Training stopped in step {step:,}: the loss rose to {smoothed:.3g}, "
            f"more than {LIMIT} times the {self._start:.3g} it began with, and stayed there."
        )
        return Diverged(None, step, what, self._advice())

    def _advice(self) -> str:
        rate = self.optimizer.learning_rate
        return f"The steps were too large. Try a learning rate of {rate / 10:g} instead of {rate:g}."
