"""Augmentations that move the pixels of an image; what comes in from outside is black."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.augmentation.augmentation import Augmentation, Batch
from core.augmentation.draws import Draws
from core.augmentation.resampling import resampled
from core.declare import hyper


class Flip(Augmentation):
    """Mirrors every other image by chance, left to right or upside down."""

    axis: Literal["horizontal", "vertical"] = hyper("horizontal", help="Left and right are swapped, or top and bottom.")

    def apply(self, x: Batch, draws: Draws) -> Batch:
        """Mirror images."""
        chosen = draws.uniform() < 0.5
        x[chosen] = x[chosen, :, ::-1] if self.axis == "horizontal" else x[chosen, ::-1]
        return x


class Shift(Augmentation):
    """Moves every image by whole pixels, up or down and left or right."""

    pixels: int = hyper(2, ge=1, le=1024, help="How far at most.")

    def apply(self, x: Batch, draws: Draws) -> Batch:
        """Move images."""
        return moved(x, draws.whole(-self.pixels, self.pixels), draws.whole(-self.pixels, self.pixels))


class Crop(Augmentation):
    """Puts black around every image and cuts an image of the same size out of it, anywhere.

    That moves it by up to `padding` pixels, as Shift does: it is how papers on CIFAR-10 speak of it.

    Source: He et al., "Deep Residual Learning for Image Recognition", CVPR 2016, section 4.2.
    """

    padding: int = hyper(4, ge=1, le=1024, help="Rows and columns of black on every side.")

    def apply(self, x: Batch, draws: Draws) -> Batch:
        """Cut images out."""
        return moved(x, draws.whole(-self.padding, self.padding), draws.whole(-self.padding, self.padding))


class Rotate(Augmentation):
    """Turns every image about its middle, bilinearly."""

    degrees: float = hyper(10.0, gt=0, le=180, help="How far at most, in either direction.")

    def apply(self, x: Batch, draws: Draws) -> Batch:
        """Turn images."""
        angles = np.radians(draws.uniform(-self.degrees, self.degrees))
        cos, sin = np.cos(angles), np.sin(angles)
        return resampled(x, np.stack([cos, sin, -sin, cos], axis=1))


class Zoom(Augmentation):
    """Enlarges or shrinks every image about its middle, bilinearly."""

    range: float = hyper(0.1, gt=0, lt=1, help="How much at most: with 0.1, from 0.9 to 1.1 times its size.")

    def apply(self, x: Batch, draws: Draws) -> Batch:
        """Enlarge or shrink images."""
        shrunk = 1 / draws.uniform(1 - self.range, 1 + self.range)
        none = np.zeros_like(shrunk)
        return resampled(x, np.stack([shrunk, none, none, shrunk], axis=1))


def moved(x: Batch, down: NDArray[np.int64], right: NDArray[np.int64]) -> Batch:
    """Return images moved by whole pixels, each its own way.

    >>> moved(np.float32([1, 2, 3]).reshape(1, 1, 3, 1), np.array([0]), np.array([1])).ravel().tolist()
    [0.0, 1.0, 2.0]
    """
    there = np.zeros_like(x)
    for i, by in enumerate(zip(down.tolist(), right.tolist(), strict=True)):  # faster than to gather single pixels
        to = tuple(_left_over(side, step) for side, step in zip(x.shape[1:3], by, strict=True))
        source = tuple(_left_over(side, -step) for side, step in zip(x.shape[1:3], by, strict=True))
        there[i][to] = x[i][source]
    return there


def _left_over(side: int, step: int) -> slice:
    """Return where a row lies that was moved by a step, as far as it is still inside.

    >>> _left_over(5, 2), _left_over(5, -2), _left_over(5, 9)
    (slice(2, 5, None), slice(0, 3, None), slice(5, 5, None))
    """
    return slice(min(max(step, 0), side), max(side + min(step, 0), 0))
