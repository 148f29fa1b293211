"""Steps that centre samples and scale their deviation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from core.declare import hyper
from core.preprocessing.moments import CONSTANT, mean_and_deviation, mean_of
from core.preprocessing.step import Array, Batch, Blocks, Preprocessing
from core.shapes import Shape


class MeanImage(Preprocessing):
    """Subtracts the mean image: `x − μ`, a mean for every pixel and channel.

    Source: CS231n, "Neural Networks Part 2", Data Preprocessing (AlexNet).
    """

    usual_place: ClassVar[int] = 2
    title: ClassVar[str] = "Mean image"

    def array_shapes(self, shape: Shape) -> Mapping[str, Shape]:
        """Return that of the mean image."""
        return {"mean": shape}

    def fit(self, blocks: Blocks, shape: Shape) -> dict[str, Array]:
        """Return the mean image."""
        return {"mean": mean_of(blocks, "pixel")}

    def apply(self, x: Batch, arrays: Mapping[str, Array]) -> Batch:
        """Subtract it."""
        return np.subtract(x, arrays["mean"], out=x)

    def facts(self, arrays: Mapping[str, Array]) -> tuple[str, ...]:
        """Say how bright the mean image is."""
        return (f"mean {numbers(arrays['mean'].mean(dtype=np.float64, keepdims=True))}",)


class ChannelMean(Preprocessing):
    """Subtracts the mean of every channel: `x − μ`, one number for each of them.

    Source: CS231n, "Neural Networks Part 2", Data Preprocessing (VGG).
    """

    usual_place: ClassVar[int] = 2
    title: ClassVar[str] = "Channel mean"

    def array_shapes(self, shape: Shape) -> Mapping[str, Shape]:
        """Return that of the means."""
        return {"mean": shape[-1:]}

    def fit(self, blocks: Blocks, shape: Shape) -> dict[str, Array]:
        """Return the means."""
        return {"mean": mean_of(blocks, "channel")}

    def apply(self, x: Batch, arrays: Mapping[str, Array]) -> Batch:
        """Subtract them."""
        return np.subtract(x, arrays["mean"], out=x)

    def facts(self, arrays: Mapping[str, Array]) -> tuple[str, ...]:
        """Say what the means are."""
        return (f"mean {numbers(arrays['mean'])}",)


class Standardize(Preprocessing):
    """Subtracts the mean and divides by the standard deviation: `(x − μ)/σ`.

    A pixel that has one value in all training samples has no deviation: it is not divided.

    Source: CS231n, "Neural Networks Part 2", Data Preprocessing, Normalization (ResNet: per channel).
    """

    usual_place: ClassVar[int] = 2

    per: Literal["channel", "pixel"] = hyper("channel", help="What has one mean and deviation: a channel, or a pixel.")

    def array_shapes(self, shape: Shape) -> Mapping[str, Shape]:
        """Return those of means and deviations."""
        each = shape if self.per == "pixel" else shape[-1:]
        return {"mean": each, "deviation": each}

    def fit(self, blocks: Blocks, shape: Shape) -> dict[str, Array]:
        """Return means and deviations."""
        mean, deviation = mean_and_deviation(blocks, self.per)
        return {
            "mean": mean,
            "deviation": np.where(deviation > CONSTANT * np.maximum(np.abs(mean), CONSTANT), deviation, 1),
        }

    def apply(self, x: Batch, arrays: Mapping[str, Array]) -> Batch:
        """Subtract and divide."""
        np.subtract(x, arrays["mean"], out=x)
        return np.divide(x, arrays["deviation"], out=x)

    def facts(self, arrays: Mapping[str, Array]) -> tuple[str, ...]:
        """Say what they are; of pixels, their means."""
        return f"mean {numbers(arrays['mean'])}", f"deviation {numbers(arrays['deviation'])}"


MOST_NUMBERS = 4
"""Numbers that are written out; of more, their mean is."""


def numbers(array: Array) -> str:
    """Write a few numbers, or the mean of many.

    >>> numbers(np.array([0.49139968, 0.48215841, 0.44653091])), numbers(np.ones((28, 28, 1)))
    ('0.4914, 0.4822, 0.4465', '1.0000')
    """
    shown = array.ravel() if array.size <= MOST_NUMBERS else [array.mean(dtype=np.float64)]
    return ", ".join(f"{number:.4f}" for number in np.round(shown, 4) + 0.0).replace("-", "−")
