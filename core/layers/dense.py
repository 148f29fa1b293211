"""Fully connected layers and what leads to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

import numpy as np

from core.declare import LARGEST, hyper
from core.layers.kind import FEATURES, Array, Arrays, Context, Example, Family, Kind, ReceptiveField, Weight
from core.layers.sight import AnySight, crossed
from core.layers.working_out import copied, filtered, moved
from core.layers.workings import Block, Cell, Workings
from core.shapes import Shape, count
from core.text import number_text, values_text


class Dense(Kind):
    """Every unit sees every feature: `y = x·W + b`.

    Parameters `(C + 1)·units`.
    """

    stem: ClassVar = "fc"
    family: ClassVar[Family] = "dense"
    ranks: ClassVar = FEATURES
    aliases: ClassVar = ("fc", "fully connected", "linear", "affine")
    source: ClassVar = "CS231n, “Convolutional Networks”, Fully-connected layer"
    examples: ClassVar = (
        Example({"units": 10}, ((4704,),), (10,), 47_050, 47_040, ("(4,704 + 1)·10 = 47,050",)),
        Example({"units": 3, "bias": False}, ((4,),), (3,), 12, 12, ("4·3 = 12",)),
    )

    units: int = hyper(ge=1, le=LARGEST, start=10, help="How many outputs; in the last layer, how many classes.")
    bias: bool = hyper(True, help="One more learned number per unit.")

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        return (self.units,)

    def weights(self, inputs: Sequence[Shape]) -> Mapping[str, Weight]:
        kernel = Weight((inputs[0][0], self.units), fan_in=inputs[0][0], fan_out=self.units)
        return {"kernel": kernel} | ({"bias": Weight((self.units,), init="zeros")} if self.bias else {})

    def macs(self, inputs: Sequence[Shape]) -> int:
        return inputs[0][0] * self.units

    def receptive_field(
        self, inputs: Sequence[Shape], fields: Sequence[ReceptiveField | None]
    ) -> ReceptiveField | None:
        return None

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        c = inputs[0][0]
        features = f"({number_text(c)} + 1)" if self.bias else number_text(c)
        yield f"{features}·{number_text(self.units)} = {number_text((c + self.bias) * self.units)}"

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield f"y[k] = Σ x[c]·w[c, k]{' + b[k]' if self.bias else ''}, over {number_text(inputs[0][0])} features"

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield "∂ℓ/∂w[c, k] = x[c]·∂ℓ/∂y[k], summed over the batch"
        if self.bias:
            yield "∂ℓ/∂b[k] = ∂ℓ/∂y[k], summed over the batch"
        yield f"∂ℓ/∂x[c] = Σ w[c, k]·∂ℓ/∂y[k], over {number_text(self.units)} units"

    def explain_matrices(self, inputs: Sequence[Shape]) -> Iterator[str]:
        c, k = inputs[0][0], self.units
        yield f"Y = X·W is N×{c} · {c}×{k} = N×{k}, for a batch of N"
        yield f"∂ℓ/∂W = Xᵀ·∂ℓ/∂Y is {c}×N · N×{k} = {c}×{k}; ∂ℓ/∂X = ∂ℓ/∂Y·Wᵀ is N×{k} · {k}×{c} = N×{c}"

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        (sight,) = self.sights([xs[0].shape])
        taps = crossed((0,), (0,), range(len(xs[0])), at)[:, :, :, 0, 2:]
        return filtered(Block.read(xs[0], sight, at), taps, weights, at)

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        y = ctx.keep("x", xs[0]) @ weights["kernel"]
        return y + weights["bias"] if self.bias else y

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        gradients = {"kernel": ctx.kept("x").T @ dy} | ({"bias": dy.sum(0)} if self.bias else {})
        return (dy @ weights["kernel"].T,), gradients


class Flatten(Kind):
    """Lays an image out as one row of features, row by row, each pixel's channels together."""

    stem: ClassVar = "flat"
    family: ClassVar[Family] = "dense"
    aliases: ClassVar = ("reshape", "vector")
    examples: ClassVar = (
        Example({}, ((28, 28, 6),), (4704,), explanation=("28·28·6 = 4,704",)),
        Example({}, ((5,),), (5,)),
    )

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        return (count(inputs[0]),)

    def receptive_field(
        self, inputs: Sequence[Shape], fields: Sequence[ReceptiveField | None]
    ) -> ReceptiveField | None:
        return None

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        if len(inputs[0]) > 1:
            yield f"{'·'.join(map(str, inputs[0]))} = {number_text(count(inputs[0]))}"

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        if len(inputs[0]) == 1:
            yield "y = x: a row of features is flat already."
        else:
            _, wide, c = inputs[0]
            yield f"y[(i·{wide} + j)·{c} + c] = x[i, j, c]: row by row, the {c} channels of each pixel together"

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield f"∂ℓ/∂x holds the values of ∂ℓ/∂y, laid out as {values_text(inputs[0])} again; nothing is computed."

    def sights(self, inputs: Sequence[Shape]) -> tuple[AnySight, ...]:
        return (moved(self, inputs[0]),)

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        return copied(xs, self.sights([x.shape for x in xs]), at)

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        return np.reshape(ctx.keep("x", xs[0]), (len(xs[0]), -1))

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        return (dy.reshape(ctx.kept("x").shape),), {}
