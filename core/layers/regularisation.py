"""Layers that disturb the training so that the network generalises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from core.declare import hyper
from core.layers.kind import IMAGE, Array, Arrays, Context, Example, Family, Kind
from core.layers.working_out import copied
from core.layers.workings import Cell, Workings
from core.shapes import Shape
from core.text import setting_text


class Dropout(Kind):
    """Sets each value to 0 with probability `rate` while training, and scales the others by `1/(1 − rate)`.

    Because of the scaling ("inverted dropout") nothing needs to be done at inference, where it passes its input on.
    """

    stem: ClassVar = "drop"
    family: ClassVar[Family] = "normalisation"
    elementwise: ClassVar = True
    stochastic: ClassVar = True
    aliases: ClassVar = ("drop", "regularisation")
    source: ClassVar = "Srivastava et al., “Dropout”, JMLR 2014; CS231n, “Neural Networks Part 2”, inverted dropout"
    examples: ClassVar = (
        Example({}, ((6,),), (6,), explanation=("kept values × 1/(1 − 0.5) = 2",)),
        Example({"rate": 0.2}, ((4, 3, 2),), (4, 3, 2)),
    )

    rate: float = hyper(0.5, ge=0, lt=1, headline=True, help="The share of values that are set to 0 in training.")

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield f"kept values × 1/(1 − {setting_text(self.rate)}) = {1 / (1 - self.rate):.4g}"

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        kept = setting_text(round(1 - self.rate, 10))
        yield f"In training y = m·x/(1 − {setting_text(self.rate)}), with m = 1 with probability {kept}, else 0"
        yield f"One m is drawn for every value. The mean stays, {kept}·x/{kept} = x, so that at inference y = x."

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield f"∂ℓ/∂x = m·∂ℓ/∂y/(1 − {setting_text(self.rate)}), with the m of forward: dropped values get no gradient"

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        return copied(xs, self.sights([x.shape for x in xs]), at)

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        (x,) = xs
        if not ctx.training:
            return ctx.keep("scale", 1) * x
        survives = ctx.rng.random(x.shape, dtype="float32") >= self.rate
        return x * ctx.keep("scale", (survives / (1 - self.rate)).astype(x.dtype))

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        return (dy * ctx.kept("scale"),), {}


class SpatialDropout(Kind):
    """Sets whole channels to 0 with probability `rate` while training, and scales the others by `1/(1 − rate)`.

    Neighbouring pixels tell nearly the same, so that dropping single ones would change little. At inference it passes
    its input on.
    """

    stem: ClassVar = "drop"
    family: ClassVar[Family] = "normalisation"
    ranks: ClassVar = IMAGE
    elementwise: ClassVar = True
    stochastic: ClassVar = True
    aliases: ClassVar = ("dropout2d", "drop channels", "regularisation")
    source: ClassVar = "Tompson et al., “Efficient Object Localization Using Convolutional Networks”, CVPR 2015"
    examples: ClassVar = (
        Example({}, ((4, 3, 6),), (4, 3, 6), explanation=("kept channels × 1/(1 − 0.5) = 2",)),
        Example({"rate": 0.2}, ((2, 5, 3),), (2, 5, 3), explanation=("kept channels × 1/(1 − 0.2) = 1.25",)),
    )

    rate: float = hyper(0.5, ge=0, lt=1, headline=True, help="The share of channels that are set to 0 in training.")

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield f"kept channels × 1/(1 − {setting_text(self.rate)}) = {1 / (1 - self.rate):.4g}"

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        kept = setting_text(round(1 - self.rate, 10))
        yield f"In training y = m[c]·x/(1 − {setting_text(self.rate)}), with m[c] = 1 with probability {kept}, else 0"
        yield f"One m is drawn for each of the {inputs[0][2]} channels of each sample. At inference y = x."

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield f"∂ℓ/∂x = m[c]·∂ℓ/∂y/(1 − {setting_text(self.rate)}), with the m of forward: none for dropped channels"

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        return copied(xs, self.sights([x.shape for x in xs]), at)

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        (x,) = xs
        if not ctx.training:
            return ctx.keep("scale", 1) * x
        survives = ctx.rng.random((len(x), 1, 1, x.shape[3]), dtype="float32") >= self.rate
        return x * ctx.keep("scale", (survives / (1 - self.rate)).astype(x.dtype))

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        return (dy * ctx.kept("scale"),), {}


class GaussianNoise(Kind):
    """Adds random numbers of mean 0 and deviation `std` while training; at inference it passes its input on."""

    stem: ClassVar = "noise"
    family: ClassVar[Family] = "normalisation"
    elementwise: ClassVar = True
    stochastic: ClassVar = True
    aliases: ClassVar = ("jitter", "regularisation")
    source: ClassVar = "Bishop, “Training with Noise is Equivalent to Tikhonov Regularization”, 1995"
    examples: ClassVar = (
        Example({}, ((4, 3, 2),), (4, 3, 2), explanation=("x + 0.1·z, z normal",)),
        Example({"std": 2.0}, ((5,),), (5,), explanation=("x + 2·z, z normal",)),
    )

    std: float = hyper(0.1, ge=0, le=1000, headline=True, help="The standard deviation of what is added in training.")

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield f"x + {setting_text(self.std)}·z, z normal"

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield f"In training y = x + {setting_text(self.std)}·z, z normal and drawn for every value; at inference y = x."

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield "∂ℓ/∂x = ∂ℓ/∂y: the noise does not depend on x"

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        return copied(xs, self.sights([x.shape for x in xs]), at)

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        (x,) = xs
        if not ctx.training:
            return x
        # Drawn in single precision always, so that networks of both precisions meet the same noise.
        return x + self.std * ctx.rng.standard_normal(x.shape, dtype="float32").astype(x.dtype)

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        return (dy,), {}
