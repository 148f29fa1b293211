"""An augmentation: what may happen to a training sample that leaves its class as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.augmentation.draws import Draws
from core.kinds import Kind
from core.shapes import Shape
from core.text import values_text

Batch: TypeAlias = NDArray[np.float32]
"""(N, H, W, C), or (N, features) for those that take any samples. Black is 0."""


class Augmentation(Kind):
    """A random change, other for every sample and epoch."""

    needs_images: ClassVar[bool] = True
    """Whether it makes sense for images only, not for rows of features."""

    def refusal(self, shape: Shape) -> str:
        """Say why samples of a shape can't be changed so, in a sentence; "" where they can."""
        if self.needs_images and len(shape) != 3:
            return f"{self.label()} changes images, but the network's Input takes {values_text(shape)}."
        return ""

    def apply(self, x: Batch, draws: Draws) -> Batch:
        """Change samples; `x` may be overwritten."""
        raise NotImplementedError


def augmented(
    x: Batch, augmentations: Sequence[Augmentation], seed: int, epoch: int, samples: NDArray[np.integer]
) -> Batch:
    """Return samples as an epoch sees them; `x` may be overwritten.

    Parameters
    ----------
    x
        (N, H, W, C) or (N, features), before preprocessing.
    samples
        (N,), their places in the data set.

    Examples
    --------
    >>> from core.augmentation.moving import Flip
    >>> pictures = np.arange(6, dtype=np.float32).reshape(2, 1, 3, 1)
    >>> augmented(pictures, [Flip()], seed=0, epoch=1, samples=np.array([0, 1])).reshape(2, 3).tolist()
    [[0.0, 1.0, 2.0], [5.0, 4.0, 3.0]]
    """
    for place, augmentation in enumerate(augmentations):
        x = augmentation.apply(x, Draws(seed, epoch, place, samples))
    return x
