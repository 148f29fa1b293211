"""Activations that pass positive values on, as ReLU does, and differ in what becomes of the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np

from core.declare import hyper
from core.layers.activation import SAME, Activation, Curve
from core.layers.kind import Array, Arrays, Context, Example, Weight
from core.layers.workings import Cell, Learned, Term, Workings
from core.shapes import Shape
from core.text import setting_text

SELU_SCALE = 1.0507009873554804934193349852946
SELU_ALPHA = 1.6732632423543772848170429916717


class ReLU6(Curve):
    """Cuts values off below 0 and above 6: `min(max(x, 0), 6)`. At both bounds the gradient is 0."""

    stem: ClassVar = "relu"
    aliases: ClassVar = ("relu 6", "clipped rectifier", "activation")
    source: ClassVar = "Krizhevsky, “Convolutional Deep Belief Networks on CIFAR-10”, 2010"
    examples: ClassVar = SAME

    def equations(self) -> tuple[str, str]:
        return "min(max(x, 0), 6)", "1 where 0 < x < 6, else 0"

    def curve(self, x: Array) -> Array:
        return np.clip(x, 0, 6)

    def derivative(self, x: Array) -> Array:
        return (x > 0) & (x < 6)


class LeakyReLU(Curve):
    """Lets a little of negative values through: `x` above 0, else `slope·x`; no unit can die."""

    stem: ClassVar = "lrelu"
    aliases: ClassVar = ("lrelu", "leaky rectifier", "activation")
    source: ClassVar = (
        "Maas, Hannun and Ng, “Rectifier Nonlinearities Improve Neural Network Acoustic Models”, ICML 2013; "
        "CS231n, “Neural Networks Part 1”, Leaky ReLU"
    )
    examples: ClassVar = (
        Example({}, ((4, 3, 2),), (4, 3, 2), explanation=("x > 0: x, else 0.01·x",)),
        Example({"slope": 0.2}, ((5,),), (5,), explanation=("x > 0: x, else 0.2·x",)),
    )

    slope: float = hyper(0.01, ge=0, le=1, headline=True, help="What negative values are multiplied by.")

    def equations(self) -> tuple[str, str]:
        return f"x where x > 0, else {setting_text(self.slope)}·x", f"1 where x > 0, else {setting_text(self.slope)}"

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield f"x > 0: x, else {setting_text(self.slope)}·x"

    def curve(self, x: Array) -> Array:
        return np.where(x > 0, x, self.slope * x)

    def derivative(self, x: Array) -> Array:
        return np.where(x > 0, x.dtype.type(1), x.dtype.type(self.slope))


class PReLU(Activation):
    """A leaky ReLU that learns its slopes: `x` above 0, else `slope·x`, with a slope for each channel.

    Slopes start at 0.25. Parameters: C, or 1 where all channels share it.
    """

    stem: ClassVar = "prelu"
    elementwise: ClassVar = False  # it has weights to show
    aliases: ClassVar = ("parametric rectifier", "learned leaky", "activation")
    source: ClassVar = "He et al., “Delving Deep into Rectifiers”, ICCV 2015, section 2.1"
    examples: ClassVar = (
        Example({}, ((4, 3, 2),), (4, 3, 2), parameters=2, explanation=("2 slopes, one for each channel",)),
        Example({"shared": True}, ((4, 3, 2),), (4, 3, 2), parameters=1, explanation=("1 slope for all 2 channels",)),
        Example({}, ((5,),), (5,), parameters=5),
    )

    shared: bool = hyper(False, help="Whether one slope serves all channels.")

    def weights(self, inputs: Sequence[Shape]) -> Mapping[str, Weight]:
        return {"slope": Weight((1 if self.shared else inputs[0][-1],), init=0.25)}

    def equations(self) -> tuple[str, str]:
        slope = "slope" if self.shared else "slope[c]"
        return f"x where x > 0, else {slope}·x", f"1 where x > 0, else {slope}"

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        c = inputs[0][-1]
        yield f"1 slope for all {c} channels" if self.shared else f"{c} slopes, one for each channel"

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield from super().explain_backward(inputs)
        over = "all channels, all" if self.shared else "all"
        yield f"∂ℓ/∂slope{'' if self.shared else '[c]'} = Σ ∂ℓ/∂y·x where x ≤ 0, over {over} places and the batch"

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        channel = 0 if self.shared else at[-1]
        workings = super().workings(xs, {"slope": weights["slope"][channel : channel + 1].astype(np.float64)}, at)
        (step,) = workings.steps
        slope = Term("slope", float(weights["slope"][channel]))
        learned = Learned("slope", np.array([[channel]]), workings.learned[0].slopes)
        formula = f"x where x > 0, else {slope.value:.4g}·x".replace("-", "−")
        return Workings((replace(step, terms=(*step.terms, slope), formula=formula),), workings.patches, (learned,))

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        x = ctx.keep("x", xs[0])
        return np.where(x > 0, x, weights["slope"] * x)

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        x = ctx.kept("x")
        below = np.where(x > 0, 0, dy * x).sum(tuple(range(x.ndim - 1)))  # (C,)
        dslope = below.sum(keepdims=True) if self.shared else below
        return (np.where(x > 0, dy, weights["slope"] * dy),), {"slope": dslope}


class ELU(Curve):
    """Bends negative values towards −alpha: `x` above 0, else `alpha·(eˣ − 1)`; means stay nearer to 0."""

    stem: ClassVar = "elu"
    aliases: ClassVar = ("exponential linear", "activation")
    source: ClassVar = (
        "Clevert, Unterthiner and Hochreiter, “Fast and Accurate Deep Network Learning by ELUs”, ICLR 2016"
    )
    examples: ClassVar = (
        Example({}, ((4, 3, 2),), (4, 3, 2), explanation=("x > 0: x, else 1·(eˣ − 1)",)),
        Example({"alpha": 0.5}, ((5,),), (5,), explanation=("x > 0: x, else 0.5·(eˣ − 1)",)),
    )

    alpha: float = hyper(1.0, ge=0, le=100, help="How far below 0 the output may get.")

    def equations(self) -> tuple[str, str]:
        alpha = setting_text(self.alpha)
        return f"x where x > 0, else {alpha}·(eˣ − 1)", f"1 where x > 0, else {alpha}·eˣ"

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield f"x > 0: x, else {setting_text(self.alpha)}·(eˣ − 1)"

    def curve(self, x: Array) -> Array:
        return np.where(x > 0, x, self.alpha * np.expm1(np.minimum(x, 0)))

    def derivative(self, x: Array) -> Array:
        return np.where(x > 0, 1, self.alpha * np.exp(np.minimum(x, 0)))


class SELU(Curve):
    """An ELU scaled so that mean 0 and variance 1 pass through many layers: `λ·x` above 0, else `λα·(eˣ − 1)`.

    λ = 1.0507… and α = 1.6733… follow from that; kernels should be drawn with a variance of 1/fan-in.
    """

    stem: ClassVar = "selu"
    aliases: ClassVar = ("scaled exponential linear", "self-normalising", "activation")
    source: ClassVar = "Klambauer et al., “Self-Normalizing Neural Networks”, NeurIPS 2017"
    examples: ClassVar = SAME

    def equations(self) -> tuple[str, str]:
        return "1.0507·x where x > 0, else 1.0507·1.6733·(eˣ − 1)", "1.0507 where x > 0, else 1.0507·1.6733·eˣ"

    def curve(self, x: Array) -> Array:
        return SELU_SCALE * np.where(x > 0, x, SELU_ALPHA * np.expm1(np.minimum(x, 0)))

    def derivative(self, x: Array) -> Array:
        return SELU_SCALE * np.where(x > 0, 1, SELU_ALPHA * np.exp(np.minimum(x, 0)))
