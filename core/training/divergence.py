"""When a run has gone astray, and what its user is told."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from math import isfinite
from statistics import median

import numpy as np

from core.engine.network import Network
from core.training.messages import Diverged

PATIENCE = 20
"""Batches over which the loss is smoothed."""

LIMIT = 10
"""How many times its start the smoothed loss may be."""

TOO_LARGE = "The steps were too large. Start over with a smaller learning rate."
"""What is said until rates have been tried."""


class Watch:
    """Looks at every loss, and says when the run should end.

    It should end at the first loss that is NaN or infinite, and once the loss has risen above `LIMIT` times its start
    to stay there. The start is the loss of the first batch, but at least that of preferring none of the C classes:
    a few easy samples at the beginning must not make an ordinary loss look like a failure. It stays there if the median
    of the last `PATIENCE` batches is above the limit: spikes of a few batches, from which runs often recover, don't
    count.

    Parameters
    ----------
    network : Network
    first_nonfinite : callable, optional
        Names the layer in which NaN or infinity began; by default the network does.
    """

    def __init__(self, network: Network, first_nonfinite: Callable[[], str | None] | None = None) -> None:
        self.network = network
        self._first_nonfinite = first_nonfinite or network.first_nonfinite
        self._recent: deque[float] = deque(maxlen=PATIENCE)
        program = network.program
        self._start = program.loss.initial(program.nodes[program.outputs[0]].shape[-1])  # (C,) or (1, 1, C)

    def batch(self, step: int, loss: float) -> Diverged | None:
        """Judge the loss of a batch, measured before its step."""
        if not isfinite(loss):
            return self._not_finite(step, "the loss")
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
        return None if np.isfinite(self.network.parameters).all() else self._not_finite(step, "a parameter")

    def validation(self, step: int, loss: float) -> Diverged | None:
        """Judge the summed loss of a batch of validation samples."""
        return None if isfinite(loss) else self._not_finite(step, "the loss of the validation samples")

    def _not_finite(self, step: int, what: str) -> Diverged:
        # The scores may all be finite and their distance, from which the loss is taken, infinite.
        layer = self._first_nonfinite() or self.network.output_ids[0]
        what = f"Training stopped in step {step:,}: {what} became NaN or infinite, first in {layer}."
        untouched = "No step was taken yet: the weights it began with are too large. Begin with newly drawn ones."
        return Diverged(layer, step, what, TOO_LARGE if step > 1 else untouched)

    def _risen(self, step: int, smoothed: float) -> Diverged:
        risen = f"{smoothed:,.0f}" if smoothed < 1e6 else f"{smoothed:.0e}"
        what = (
            f"Training stopped in step {step:,}: the loss rose to {risen}, "
            f"more than {LIMIT} times the {self._start:.3g} it began with, and stayed there."
        )
        return Diverged(None, step, what, TOO_LARGE)
