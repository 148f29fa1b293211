"""How kernels are drawn before the first step: one class per initialisation, from the fans of the kernel.

`fan_in` is how many values one output reads, `fan_out` how many outputs one value feeds. All are drawn in float64 and
rounded later, so that networks of either precision start from the same numbers.
"""

from __future__ import annotations

from math import sqrt
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.declare import hyper
from core.kinds import Kind, table_of

Drawn = NDArray[np.float64]
Shape: TypeAlias = int | tuple[int, ...]

DRAWN_AT_ONCE = 2**20
"""Values; a large kernel is drawn piece by piece, as drawing needs more memory than the kernel itself."""


class Initializer(Kind):
    """A rule for the first values of kernels; an instance is its settings."""

    source: ClassVar[str] = ""

    def draw(self, rng: np.random.Generator, shape: Shape, fan_in: int, fan_out: int) -> Drawn:
        """Draw values of a kernel, or of a piece of one: each by itself."""
        raise NotImplementedError

    def fill(self, values: NDArray[Any], rng: np.random.Generator, n_units: int, fan_in: int, fan_out: int) -> None:
        """Set a whole kernel in place.

        Parameters
        ----------
        values : array, (n,)
            The kernel, flat.
        n_units : int
            The length of its last axis.
        """
        for start in range(0, values.size, DRAWN_AT_ONCE):
            part = values[start : start + DRAWN_AT_ONCE]
            part[...] = self.draw(rng, part.size, fan_in, fan_out)


class _Normal(Initializer):
    """A normal distribution around 0."""

    def draw(self, rng: np.random.Generator, shape: Shape, fan_in: int, fan_out: int) -> Drawn:
        return rng.standard_normal(shape) * self.spread(fan_in, fan_out)

    def spread(self, fan_in: int, fan_out: int) -> float:
        """Return the standard deviation."""
        raise NotImplementedError


class _Uniform(Initializer):
    """All values between two bounds alike."""

    def draw(self, rng: np.random.Generator, shape: Shape, fan_in: int, fan_out: int) -> Drawn:
        bound = self.bound(fan_in, fan_out)
        return rng.uniform(-bound, bound, shape)

    def bound(self, fan_in: int, fan_out: int) -> float:
        """Return how far from 0 values may lie."""
        raise NotImplementedError


class HeNormal(_Normal):
    """Draws from a normal distribution of variance `2/fan_in`: ReLU halves the variance, this doubles it."""

    name: ClassVar = "he_normal"
    title: ClassVar = "He normal"
    source: ClassVar = "He et al., “Delving Deep into Rectifiers”, ICCV 2015, equation 10"

    def spread(self, fan_in: int, fan_out: int) -> float:
        return sqrt(2 / fan_in)


class HeUniform(_Uniform):
    """Draws evenly from ±√(6/fan_in), which has the variance `2/fan_in` of `he_normal`."""

    name: ClassVar = "he_uniform"
    title: ClassVar = "He uniform"
    source: ClassVar = "He et al., “Delving Deep into Rectifiers”, ICCV 2015, equation 10"

    def bound(self, fan_in: int, fan_out: int) -> float:
        return sqrt(6 / fan_in)


class XavierNormal(_Normal):
    """Draws from a normal distribution of variance `2/(fan_in + fan_out)`, for Tanh and Sigmoid; also called Glorot."""

    name: ClassVar = "xavier_normal"
    title: ClassVar = "Xavier normal"
    source: ClassVar = (
        "Glorot and Bengio, “Understanding the Difficulty of Training Deep Feedforward Neural Networks”, AISTATS 2010, "
        "equation 12"
    )

    def spread(self, fan_in: int, fan_out: int) -> float:
        return sqrt(2 / (fan_in + fan_out))


class XavierUniform(_Uniform):
    """Draws evenly from ±√(6/(fan_in + fan_out)); for Tanh and Sigmoid. Also called Glorot's."""

    name: ClassVar = "xavier_uniform"
    title: ClassVar = "Xavier uniform"
    source: ClassVar = (
        "Glorot and Bengio, “Understanding the Difficulty of Training Deep Feedforward Neural Networks”, AISTATS 2010, "
        "equation 16"
    )

    def bound(self, fan_in: int, fan_out: int) -> float:
        return sqrt(6 / (fan_in + fan_out))


class XavierCourse(_Normal):
    """Draws from a normal distribution of variance `1/fan_in`, as the course has it: `randn(n)/sqrt(n)`."""

    name: ClassVar = "xavier_course"
    title: ClassVar = "Xavier, course's"
    source: ClassVar = (
        "CS231n, “Neural Networks Part 2”, Weight Initialization, Calibrating the variances with 1/sqrt(n)"
    )

    def spread(self, fan_in: int, fan_out: int) -> float:
        return sqrt(1 / fan_in)


class LecunNormal(_Normal):
    """Draws from a normal distribution of variance `1/fan_in`, for SELU; the values are those of `xavier_course`.

    Keras cuts the distribution off at twice its spread; here it is whole.
    """

    name: ClassVar = "lecun_normal"
    title: ClassVar = "LeCun normal"
    source: ClassVar = "LeCun et al., “Efficient BackProp”, 1998, section 4.6"

    def spread(self, fan_in: int, fan_out: int) -> float:
        return sqrt(1 / fan_in)


class LecunUniform(_Uniform):
    """Draws evenly from ±√(3/fan_in), which has the variance `1/fan_in` of `lecun_normal`."""

    name: ClassVar = "lecun_uniform"
    title: ClassVar = "LeCun uniform"
    source: ClassVar = "LeCun et al., “Efficient BackProp”, 1998, section 4.6"

    def bound(self, fan_in: int, fan_out: int) -> float:
        return sqrt(3 / fan_in)


class Orthogonal(Initializer):
    """Draws a matrix whose rows or columns, whichever are fewer, are of length 1 and at right angles to each other.

    A convolution's kernel is taken as the matrix (F·F·C, K). It is the Q of a random matrix's QR decomposition, with
    the signs of R's diagonal, as in PyTorch with a gain of 1. Kernels of millions of values take their time.
    """

    name: ClassVar = "orthogonal"
    source: ClassVar = (
        "Saxe, McClelland and Ganguli, “Exact Solutions to the Nonlinear Dynamics of Learning”, ICLR 2014"
    )

    def draw(self, rng: np.random.Generator, shape: Shape, fan_in: int, fan_out: int) -> Drawn:
        """Draw one matrix, (rows, columns)."""
        rows, columns = shape if isinstance(shape, tuple) else (shape, 1)
        q, r = np.linalg.qr(rng.standard_normal((max(rows, columns), min(rows, columns))))
        q *= np.where(np.diagonal(r) < 0, -1, 1)
        return q if rows >= columns else q.T

    def fill(self, values: NDArray[Any], rng: np.random.Generator, n_units: int, fan_in: int, fan_out: int) -> None:
        """Set a whole kernel in place; one that differs from place to place is a matrix at each."""
        whole, matrix = values.size // n_units, fan_in * n_units
        rows = fan_in if values.size % matrix == 0 else whole
        for place in values.reshape(-1, rows, n_units):
            place[...] = self.draw(rng, (rows, n_units), fan_in, fan_out)


class Zeros(Initializer):
    """Begins with zeros, by which all units of a layer stay alike: a pitfall to be seen, or for a last layer."""

    name: ClassVar = "zeros"
    source: ClassVar = "CS231n, “Neural Networks Part 2”, Weight Initialization, Pitfall: all zero initialization"

    def draw(self, rng: np.random.Generator, shape: Shape, fan_in: int, fan_out: int) -> Drawn:
        return np.zeros(shape)


class Constant(Initializer):
    """Begins with the same number everywhere, by which all units of a layer stay alike."""

    name: ClassVar = "constant"

    value: float = hyper(ge=-1e6, le=1e6, help="The number.", start=0.01)

    def draw(self, rng: np.random.Generator, shape: Shape, fan_in: int, fan_out: int) -> Drawn:
        return np.full(shape, self.value)


INITIALIZERS: dict[str, type[Initializer]] = table_of(
    HeNormal,
    HeUniform,
    XavierNormal,
    XavierUniform,
    XavierCourse,
    LecunNormal,
    LecunUniform,
    Orthogonal,
    Zeros,
    Constant,
)
"""Every initialisation, by the name that documents use."""
