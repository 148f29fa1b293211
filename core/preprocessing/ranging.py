"""Steps that put values into another range."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from core.declare import hyper
from core.preprocessing.moments import smallest_and_largest
from core.preprocessing.step import Array, Batch, Blocks, Preprocessing
from core.shapes import Shape


class Range(Preprocessing):
    """Stretches values evenly, so that the smallest of the training samples becomes `low` and the largest `high`.

    Source: CS231n, "Neural Networks Part 2", Data Preprocessing, Normalization; here one range for all values, since
    pixels have the same scale.
    """

    usual_place: ClassVar[int] = 1

    low: float = hyper(-1.0, ge=-1e6, le=1e6, help="What the smallest value becomes.")
    high: float = hyper(1.0, ge=-1e6, le=1e6, help="What the largest value becomes.")

    def array_shapes(self, shape: Shape) -> Mapping[str, Shape]:
        """Return those of the smallest and the largest value."""
        return {"smallest": (1,), "largest": (1,)}

    def fit(self, blocks: Blocks, shape: Shape) -> dict[str, Array]:
        """Return the smallest and the largest value."""
        smallest, largest = smallest_and_largest(blocks)
        return {"smallest": np.array([smallest]), "largest": np.array([largest])}

    def apply(self, x: Batch, arrays: Mapping[str, Array]) -> Batch:
        """Stretch values."""
        smallest, largest = arrays["smallest"], arrays["largest"]
        if largest <= smallest:  # one value everywhere
            return np.add(np.subtract(x, smallest, out=x), np.float32(self.low), out=x)
        np.subtract(x, smallest, out=x)
        np.multiply(x, np.float32(self.high - self.low) / (largest - smallest), out=x)
        return np.add(x, np.float32(self.low), out=x)

    def facts(self, arrays: Mapping[str, Array]) -> tuple[str, ...]:
        """Say what the range was."""
        return (f"from {arrays['smallest'][0]:g} … {arrays['largest'][0]:g}",)


class Invert(Preprocessing):
    """Makes white black: `1 − x`."""

    usual_place: ClassVar[int] = 1

    def apply(self, x: Batch, arrays: Mapping[str, Array]) -> Batch:
        """Invert samples."""
        return np.subtract(np.float32(1), x, out=x)
