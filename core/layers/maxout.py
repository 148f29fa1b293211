"""An activation that learns its own shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

import numpy as np

from core.declare import LARGEST, hyper
from core.layers.even_division import sharing_problems
from core.layers.kind import Array, Arrays, Context, Example, Family, Kind
from core.layers.sight import AnySight, Sight, as_image, listed, same
from core.layers.working_out import choice
from core.layers.workings import Cell, Workings
from core.problems import Problem
from core.shapes import Shape


class Maxout(Kind):
    """Keeps the largest of every `pieces` consecutive channels: `y[c] = max(x[c·k], …, x[c·k + k − 1])`.

    After a layer with k times as many filters it is a convex curve of k straight pieces whose slopes are learned. The
    first maximum wins ties and gets the whole gradient.
    """

    stem: ClassVar = "maxout"
    family: ClassVar[Family] = "activation"
    aliases: ClassVar = ("max feature map", "pieces", "activation")
    source: ClassVar = "Goodfellow et al., “Maxout Networks”, ICML 2013; CS231n, “Neural Networks Part 1”, Maxout"
    examples: ClassVar = (
        Example({}, ((4, 3, 6),), (4, 3, 3), explanation=("6/2 = 3",)),
        Example({"pieces": 5}, ((10,),), (2,), explanation=("10/5 = 2",)),
        Example({"pieces": 3}, ((2, 5, 3),), (2, 5, 1)),
    )

    pieces: int = hyper(2, ge=1, le=LARGEST, letter="k", headline=True, help="How many channels share one output.")

    def problems(self, inputs: Sequence[Shape]) -> Iterator[Problem]:
        yield from sharing_problems("pieces", self.pieces, channel=inputs[0][-1])

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        return (*inputs[0][:-1], inputs[0][-1] // self.pieces)

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield f"{inputs[0][-1]}/{self.pieces} = {inputs[0][-1] // self.pieces}"

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        k = self.pieces
        yield f"y[c] = max(x[{k}·c], …, x[{k}·c + {k} − 1]), the largest of {k} channels in every place"

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield "∂ℓ/∂x[m] = ∂ℓ/∂y[c]·1[x[m] is the first largest of its pieces]"
        yield f"One of every {self.pieces} values gets the gradient, the others get 0."

    def sights(self, inputs: Sequence[Shape]) -> tuple[AnySight, ...]:
        high, wide, c = as_image(inputs[0])
        return (Sight(same(high), same(wide), listed(c, np.arange(c).reshape(-1, self.pieces))),)

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        return choice(self.read_at(xs, at).patches(0))

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        pieces = xs[0].reshape(*xs[0].shape[:-1], -1, self.pieces)  # (N, …, C/k, k)
        first = ctx.keep("first", pieces.argmax(-1)[..., None])
        return np.take_along_axis(pieces, first, -1)[..., 0]

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        dx = np.zeros((*dy.shape, self.pieces), dy.dtype)
        np.put_along_axis(dx, ctx.kept("first"), dy[..., None], -1)
        return (dx.reshape(*dy.shape[:-1], -1),), {}
