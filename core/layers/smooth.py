"""Activations without a corner, and the two that stand in for them where time is short."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import pi, sqrt
from typing import ClassVar

import numpy as np

from core.declare import hyper
from core.layers.activation import SAME, Curve, logistic
from core.layers.kind import Array, Example
from core.layers.normal_distribution import normal_cdf, normal_density
from core.shapes import Shape

_GELU_CUBE = 0.044715


class GELU(Curve):
    """Weighs values by how likely a normal number is below them: `x·Φ(x)`.

    With `approximate` it computes `x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³)))`, which differs by less than 0.0005.
    """

    stem: ClassVar = "gelu"
    aliases: ClassVar = ("gaussian error linear", "activation")
    source: ClassVar = "Hendrycks and Gimpel, “Gaussian Error Linear Units (GELUs)”, 2016"
    examples: ClassVar = (
        Example({}, ((4, 3, 2),), (4, 3, 2), explanation=("x·Φ(x)",)),
        Example({"approximate": True}, ((5,),), (5,), explanation=("x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³)))",)),
    )

    approximate: bool = hyper(False, help="Whether tanh stands in for the normal distribution.")

    def equations(self) -> tuple[str, str]:
        (curve,) = self.explain(())
        slope = "Φ(x) + x·φ(x), Φ the normal distribution and φ its density"
        return curve, f"nearly {slope}" if self.approximate else slope

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield f"x/2·(1 + tanh(√(2/π)·(x + {_GELU_CUBE}·x³)))" if self.approximate else "x·Φ(x)"

    def curve(self, x: Array) -> Array:
        return x * (logistic(2 * self._inner(x)) if self.approximate else normal_cdf(x))

    def derivative(self, x: Array) -> Array:
        if not self.approximate:
            return normal_cdf(x) + x * normal_density(x)
        bend = 2 * self._inner(x)
        rise = 2 * sqrt(2 / pi) * (1 + 3 * _GELU_CUBE * x * x)
        return logistic(bend) * (1 + x * logistic(-bend) * rise)

    def _inner(self, x: Array) -> Array:
        return sqrt(2 / pi) * (x + _GELU_CUBE * x * x * x)


class SiLU(Curve):
    """Weighs values by their sigmoid: `x·σ(x) = x/(1 + e⁻ˣ)`; smallest, −0.278, at −1.278."""

    stem: ClassVar = "silu"
    aliases: ClassVar = ("swish", "sigmoid linear", "activation")
    source: ClassVar = "Elfwing, Uchibe and Doya, “Sigmoid-Weighted Linear Units”, 2017"
    examples: ClassVar = SAME

    def equations(self) -> tuple[str, str]:
        return "x·σ(x) = x/(1 + e⁻ˣ)", "σ(x)·(1 + x·(1 − σ(x)))"

    def curve(self, x: Array) -> Array:
        return x * logistic(x)

    def derivative(self, x: Array) -> Array:
        weight = logistic(x)
        return weight * (1 + x * logistic(-x))


class Mish(Curve):
    """Weighs values by the tanh of their softplus: `x·tanh(ln(1 + eˣ))`."""

    stem: ClassVar = "mish"
    aliases: ClassVar = ("self-regularised", "activation")
    source: ClassVar = "Misra, “Mish: A Self Regularized Non-Monotonic Activation Function”, BMVC 2020"
    examples: ClassVar = SAME

    def equations(self) -> tuple[str, str]:
        return "x·tanh(ln(1 + eˣ))", "t + x·σ(x)·(1 − t²) with t = tanh(ln(1 + eˣ))"

    def curve(self, x: Array) -> Array:
        return x * np.tanh(np.logaddexp(0, x))

    def derivative(self, x: Array) -> Array:
        weight = np.tanh(np.logaddexp(0, x))
        square = np.square(logistic(-x))  # e^(−2·ln(1 + eˣ)); 1 − t² would lose its digits where t is nearly 1
        return weight + x * logistic(x) * 4 * square / np.square(1 + square)


class Softplus(Curve):
    """A ReLU with its corner rounded: `ln(1 + eˣ)`; its derivative is the sigmoid."""

    stem: ClassVar = "softplus"
    aliases: ClassVar = ("smooth rectifier", "activation")
    source: ClassVar = "Glorot, Bordes and Bengio, “Deep Sparse Rectifier Neural Networks”, AISTATS 2011"
    examples: ClassVar = SAME

    def equations(self) -> tuple[str, str]:
        return "ln(1 + eˣ)", "σ(x) = 1/(1 + e⁻ˣ)"

    def curve(self, x: Array) -> Array:
        return np.logaddexp(0, x)

    def derivative(self, x: Array) -> Array:
        return logistic(x)


class Softsign(Curve):
    """Squashes values into (−1, 1) more gently than tanh: `x/(1 + |x|)`; its derivative is `1/(1 + |x|)²`."""

    stem: ClassVar = "softsign"
    aliases: ClassVar = ("squash", "activation")
    source: ClassVar = "Glorot and Bengio, “Understanding the Difficulty of Training Deep Networks”, AISTATS 2010"
    examples: ClassVar = SAME

    def equations(self) -> tuple[str, str]:
        return "x/(1 + |x|)", "1/(1 + |x|)²"

    def curve(self, x: Array) -> Array:
        return x / (1 + np.abs(x))

    def derivative(self, x: Array) -> Array:
        return 1 / np.square(1 + np.abs(x))


class HardSigmoid(Curve):
    """A sigmoid of three straight pieces: `x/6 + 1/2`, cut off below 0 and above 1."""

    stem: ClassVar = "hsigmoid"
    aliases: ClassVar = ("hsigmoid", "piecewise sigmoid", "activation")
    source: ClassVar = "Howard et al., “Searching for MobileNetV3”, ICCV 2019, section 5.2"
    examples: ClassVar = SAME

    def equations(self) -> tuple[str, str]:
        return "x/6 + 1/2, cut off at 0 and 1", "1/6 where −3 < x < 3, else 0"

    def curve(self, x: Array) -> Array:
        return np.clip((x + 3) / 6, 0, 1)

    def derivative(self, x: Array) -> Array:
        return (np.abs(x) < 3) / x.dtype.type(6)


class HardSwish(Curve):
    """A SiLU with a hard sigmoid: `x·(x/6 + 1/2)` between −3 and 3, 0 below and x above."""

    stem: ClassVar = "hswish"
    aliases: ClassVar = ("hswish", "activation")
    source: ClassVar = "Howard et al., “Searching for MobileNetV3”, ICCV 2019, section 5.2"
    examples: ClassVar = SAME

    def equations(self) -> tuple[str, str]:
        return "x·(x/6 + 1/2) where −3 < x < 3, 0 below and x above", "x/3 + 1/2 where −3 < x < 3, 0 below and 1 above"

    def curve(self, x: Array) -> Array:
        return x * np.clip((x + 3) / 6, 0, 1)

    def derivative(self, x: Array) -> Array:
        return np.where(np.abs(x) < 3, (2 * x + 3) / 6, (x > 0).astype(x.dtype))
