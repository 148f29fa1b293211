"""What is counted of one step, as plain numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

BINS = 64
"""Of a histogram, from its smallest value to its largest."""

Source: TypeAlias = Literal["weights", "gradients", "activations", "updates"]
"""Where the values come from: what a layer has learned, the loss's gradient by that, what it makes of samples, and how
far a step moves what it has learned."""

SOURCES: tuple[Source, ...] = get_args(Source)


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """How often values of which size occur.

    Attributes
    ----------
    size, n : int
        How many values there are, and how many of them were counted.
    norm : float
        The Euclidean norm of all.
    low, high, mean : float
        Of those that were counted.
    zeros : float
        The share of them that is exactly 0.
    counts : array of int, (BINS,)
        In bins of equal width from `low` to `high`, read-only; where both are the same, all values are in the first.
    """

    size: int
    n: int
    norm: float
    low: float
    high: float
    mean: float
    zeros: float
    counts: NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class LayerHistograms:
    """The values inside a layer.

    Attributes
    ----------
    activations : Histogram
        Of its outputs for the first samples of the batch, in inference mode, before the step.
    weights, gradients, updates : Histogram or None
        Of all its parameters before the step, of the loss's gradient by them without penalties and before clipping, and
        of what the step adds to them; None for a layer that learns nothing.
    """

    activations: Histogram
    weights: Histogram | None = None
    gradients: Histogram | None = None
    updates: Histogram | None = None

    def of(self, source: Source) -> Histogram | None:
        """Return the histogram of one source."""
        histogram: Histogram | None = getattr(self, source)
        return histogram


@dataclass(frozen=True, slots=True)
class StepHistograms:
    """What was counted of a step, by layer id, in the network's order."""

    step: int
    layers: Mapping[str, LayerHistograms]
