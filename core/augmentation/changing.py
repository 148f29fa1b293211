"""Augmentations that change the values of pixels where they are."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from core.augmentation.augmentation import Augmentation, Batch
from core.augmentation.draws import Draws
from core.declare import hyper
from core.shapes import count


class Noise(Augmentation):
    """Adds noise to every value, normally distributed."""

    needs_images: ClassVar[bool] = False

    std: float = hyper(0.05, gt=0, le=1e3, help="The standard deviation of the noise, where white is 1.")

    def apply(self, x: Batch, draws: Draws) -> Batch:
        """Add noise."""
        x += np.float32(self.std) * draws.normal(count(x.shape[1:])).reshape(x.shape)
        return x


class Cutout(Augmentation):
    """Makes a square of every image black; its middle may be any pixel, so that it may stick out.

    Source: DeVries and Taylor, "Improved Regularization of Convolutional Neural Networks with Cutout", 2017.
    """

    size: int = hyper(8, ge=1, le=1024, help="The side of the square, in pixels.")

    def apply(self, x: Batch, draws: Draws) -> Batch:
        """Make squares black."""
        _, high, wide, _ = x.shape
        rows = self._beyond(high, draws)
        columns = self._beyond(wide, draws)
        return np.multiply(x, (rows[:, :, None] | columns[:, None, :])[..., None], out=x)

    def _beyond(self, side: int, draws: Draws) -> NDArray[np.bool_]:
        """Say which rows or columns lie outside the square, (N, side)."""
        first = draws.whole(0, side - 1)[:, None] - self.size // 2
        places = np.arange(side)
        return (places < first) | (places >= first + self.size)


class Brightness(Augmentation):
    """Makes every image brighter or darker: `x + b`, without leaving black and white."""

    range: float = hyper(0.2, gt=0, le=1, help="How much at most, where white is 1.")

    def apply(self, x: Batch, draws: Draws) -> Batch:
        """Add to every pixel of an image, or subtract."""
        low, high = _limits(x)
        by = draws.uniform(-self.range, self.range).astype(np.float32)
        np.add(x, by[:, None, None, None], out=x)
        return np.clip(x, low, high, out=x)


class Contrast(Augmentation):
    """Brings out differences in an image or weakens them: `μ + f·(x − μ)`, μ the mean of each of its channels.

    The values don't leave black and white.
    """

    range: float = hyper(0.2, gt=0, le=1, help="How much at most: with 0.2, f is from 0.8 to 1.2.")

    def apply(self, x: Batch, draws: Draws) -> Batch:
        """Stretch the values of an image around their mean, or bring them together."""
        low, high = _limits(x)
        by = draws.uniform(1 - self.range, 1 + self.range).astype(np.float32)
        mean = x.reshape(len(x), -1, x.shape[-1]).mean(axis=1)[:, None, None]
        np.subtract(x, mean, out=x)
        np.multiply(x, by[:, None, None, None], out=x)
        np.add(x, mean, out=x)
        return np.clip(x, low, high, out=x)


def _limits(x: Batch) -> tuple[Batch, Batch]:
    """Return black and white of each image: 0 and 1, or beyond where the image itself is."""
    rows = x.reshape(len(x), -1)
    low, high = np.minimum(rows.min(axis=1), np.float32(0)), np.maximum(rows.max(axis=1), np.float32(1))
    return low[:, None, None, None], high[:, None, None, None]
