"""Layers that disturb the training so that the network generalises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from core.declare import hyper
from core.layers.kind import Array, Arrays, Context, Example, Family, Kind
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

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        (x,) = xs
        if not ctx.training:
            return ctx.keep("scale", 1) * x
        survives = ctx.rng.random(x.shape, dtype="float32") >= self.rate
        return x * ctx.keep("scale", (survives / (1 - self.rate)).astype(x.dtype))

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        return (dy * ctx.kept("scale"),), {}
