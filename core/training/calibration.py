"""Whether a network is as often right as it is sure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

N_BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Samples that a network is about as sure of.

    Attributes
    ----------
    low, high : float
        Between which probabilities the class that is said lies; `high` itself belongs to the bin.
    n : int
    confidence, accuracy : float
        The mean probability of what is said, and the share that is right; 0 where there are no samples.
    """

    low: float
    high: float
    n: int
    confidence: float
    accuracy: float

    def as_json(self) -> dict[str, Any]:
        """Return what `evaluate --json --lists` prints."""
        return {
            "low": self.low,
            "high": self.high,
            "n": self.n,
            "confidence": self.confidence,
            "accuracy": self.accuracy,
        }


@dataclass(frozen=True, slots=True)
class Calibration:
    """How sure and how right, bin by bin.

    Attributes
    ----------
    error : float
        The expected calibration error, 0 … 1: how far accuracy is from confidence, as the mean over all samples.
    bins : tuple of Bin
        Of equal width, from 0 to 1.
    """

    error: float
    bins: tuple[Bin, ...]

    @property
    def words(self) -> str:
        """What that means, in a sentence.

        >>> calibrated(np.array([0.9, 0.9]), np.array([True, False])).words
        'On average it is 90 % sure and 50 % right: too sure.'
        """
        n = sum(each.n for each in self.bins)
        sure = sum(each.confidence * each.n for each in self.bins) / n
        right = sum(each.accuracy * each.n for each in self.bins) / n
        verdict = "too sure" if sure - right > 0.02 else "too unsure" if right - sure > 0.02 else "as it should be"
        return f"On average it is {100 * sure:.0f} % sure and {100 * right:.0f} % right: {verdict}."

    def as_json(self) -> dict[str, Any]:
        """Return what `evaluate --json --lists` prints."""
        return {"error": self.error, "bins": [each.as_json() for each in self.bins]}


def calibrated(confidence: NDArray[np.float64], is_right: NDArray[np.bool_]) -> Calibration:
    """Measure the expected calibration error, `Σ nᵢ/N·|accᵢ − confᵢ|` over bins of equal width.

    Source: Guo et al., "On Calibration of Modern Neural Networks", 2017, section 2, equations 1 to 3.

    Parameters
    ----------
    confidence : array, (N,)
        The probability of the class that is said.
    is_right : array of bool, (N,)

    Examples
    --------
    >>> calibration = calibrated(np.array([0.95, 0.85, 0.85]), np.array([True, True, False]))
    >>> round(calibration.error, 4), [each.n for each in calibration.bins][-2:]
    (0.25, [2, 1])
    """
    places = np.clip(np.ceil(confidence * N_BINS).astype(np.int64) - 1, 0, N_BINS - 1)
    bins, error = [], 0.0
    for place in range(N_BINS):
        inside = places == place
        n = int(inside.sum())
        sure, right = (float(each[inside].mean()) if n else 0.0 for each in (confidence, is_right))
        bins.append(Bin(place / N_BINS, (place + 1) / N_BINS, n, sure, right))
        error += n / len(confidence) * abs(right - sure)
    return Calibration(error, tuple(bins))
