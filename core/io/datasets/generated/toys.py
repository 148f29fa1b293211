"""Points in the plane, whose classes a network separates in plain sight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.io.datasets.generated.draws import Draws
from core.io.datasets.values import Labels

Points = NDArray[np.float32]
"""(N, 2): x to the right and y upwards."""

_DECIMALS = 4
"""Coordinates are rounded, since sine and cosine differ in the last bit between processors."""


def spiral(seed: int, n: int) -> tuple[Points, Labels]:
    """Draw three arms that wind around one another, within 1 of the centre, where all of them begin.

    `r` goes from 0 to 1 and the angle from 4·k to 4·(k + 1) for class k, plus normal noise of 0.2: CS231n, “Minimal
    neural network case study”.

    >>> points, labels = spiral(0, 300)
    >>> points.shape, np.bincount(labels).tolist()
    ((300, 2), [100, 100, 100])
    """
    labels, place = np.divmod(np.arange(n), n // 3)
    r = place / (n // 3 - 1)
    angle = 4 * (labels + r) + Draws(seed).normal(0.2, (n,))
    return _points(r * np.sin(angle), r * np.cos(angle)), labels


def moons(seed: int, n: int) -> tuple[Points, Labels]:
    """Draw two half circles of radius 1 that reach into one another, with normal noise of 0.1 on both coordinates.

    The upper one is around (0, 0), the lower one around (1, ½): `make_moons` of scikit-learn.
    """
    labels, place = np.divmod(np.arange(n), n // 2)
    angle = np.pi * place / (n // 2 - 1)
    upper = labels == 0
    x, y = np.where(upper, np.cos(angle), 1 - np.cos(angle)), np.where(upper, np.sin(angle), 0.5 - np.sin(angle))
    noise_x, noise_y = Draws(seed).normal(0.1, (2, n))
    return _points(x + noise_x, y + noise_y), labels


def circles(seed: int, n: int) -> tuple[Points, Labels]:
    """Draw a disc of radius 2.5 and the ring from 3.5 to 5 around it: `circle` of TensorFlow Playground."""
    labels, draws = np.arange(n) * 2 // n, Draws(seed)
    share, turn = draws.uniform(0, 1, (n,)), draws.uniform(0, 2 * np.pi, (n,))
    r = np.where(labels == 0, 2.5 * share, 3.5 + 1.5 * share)
    return _points(r * np.sin(turn), r * np.cos(turn)), labels


def xor(seed: int, n: int) -> tuple[Points, Labels]:
    """Draw a square from −5 to 5 whose quarters belong crosswise together, 0.3 apart: `xor` of TensorFlow Playground.

    Class 0 is where the signs of x and y differ, class 1 where they agree.
    """
    labels, draws = np.arange(n) * 2 // n, Draws(seed)
    x, y = draws.uniform(-5, 5, (2, n))
    y = np.where((x * y >= 0) == (labels == 1), y, -y)
    return _points(*(value + np.where(value > 0, 0.3, -0.3) for value in (x, y))), labels


def gaussians(seed: int, n: int) -> tuple[Points, Labels]:
    """Draw two clouds of variance 1 around (−2, −2) and (2, 2): `gauss` of TensorFlow Playground, with a little noise.

    The best line separates them with an error of 0.2 %.
    """
    labels = np.arange(n) * 2 // n
    noise_x, noise_y = Draws(seed).normal(1, (2, n))
    centre = 4.0 * labels - 2
    return _points(centre + noise_x, centre + noise_y), labels


def _points(x: NDArray[np.float64], y: NDArray[np.float64]) -> Points:
    return np.stack([x, y], axis=1).round(_DECIMALS).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Toy:
    """A way to draw points.

    Attributes
    ----------
    draw : callable
        Draws points and labels from a seed and a number of points.
    n : int
        How many there are in a data set.
    n_classes : int
        How many classes they have.
    """

    draw: Callable[[int, int], tuple[Points, Labels]]
    n: int = 500
    n_classes: int = 2

    @property
    def name(self) -> str:
        """What documents call it."""
        return self.draw.__name__


TOYS = (Toy(spiral, n=300, n_classes=3), Toy(moons), Toy(circles), Toy(xor), Toy(gaussians))
"""In the order of the list that users choose from."""
