"""How kernels are drawn before the first step: one function per initialisation, from the fans of the kernel.

`fan_in` is how many values one output reads, `fan_out` how many outputs one value feeds. All are drawn in float64 and
rounded later, so that networks of either precision start from the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Drawn = NDArray[np.float64]
Shape: TypeAlias = int | tuple[int, ...]
Draw: TypeAlias = Callable[[np.random.Generator, Shape, int, int], Drawn]


def he_normal(rng: np.random.Generator, shape: Shape, fan_in: int, fan_out: int) -> Drawn:
    """Draw from a normal distribution of variance `2/fan_in`: ReLU halves the variance, this doubles it.

    Source: He et al., "Delving Deep into Rectifiers", ICCV 2015, equation 10.
    """
    return rng.standard_normal(shape) * sqrt(2 / fan_in)


def he_uniform(rng: np.random.Generator, shape: Shape, fan_in: int, fan_out: int) -> Drawn:
    """Draw evenly from ±√(6/fan_in), which has the variance `2/fan_in` of `he_normal`.

    Source: He et al., "Delving Deep into Rectifiers", ICCV 2015, equation 10.
    """
    return _even(rng, shape, sqrt(6 / fan_in))


def xavier_normal(rng: np.random.Generator, shape: Shape, fan_in: int, fan_out: int) -> Drawn:
    """Draw from a normal distribution of variance `2/(fan_in + fan_out)`.

    Source: Glorot and Bengio, "Understanding the Difficulty of Training Deep Feedforward Neural Networks",
    AISTATS 2010, equation 12.
    """
    return rng.standard_normal(shape) * sqrt(2 / (fan_in + fan_out))


def xavier_uniform(rng: np.random.Generator, shape: Shape, fan_in: int, fan_out: int) -> Drawn:
    """Draw evenly from ±√(6/(fan_in + fan_out)).

    Source: Glorot and Bengio, "Understanding the Difficulty of Training Deep Feedforward Neural Networks",
    AISTATS 2010, equation 16.
    """
    return _even(rng, shape, sqrt(6 / (fan_in + fan_out)))


def _even(rng: np.random.Generator, shape: Shape, bound: float) -> Drawn:
    return rng.uniform(-bound, bound, shape)


INITIALIZERS: dict[str, Draw] = {draw.__name__: draw for draw in (he_normal, he_uniform, xavier_normal, xavier_uniform)}
"""Every initialisation, by the name that documents use."""
