"""Layers that reckon with several paths, place by place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from math import prod
from typing import ClassVar

import numpy as np

from core.layers.explanation import numbered, values_product
from core.layers.kind import Array, Arrays, Context, Example
from core.layers.merge import PlaceByPlace
from core.layers.sight import AnySight, Sight, as_image, everything, place_by_place, same
from core.layers.working_out import choice, combined, single
from core.layers.workings import Cell, Step, Term, Workings
from core.shapes import Shape
from core.text import shape_text


class Subtract(PlaceByPlace):
    """Subtracts its second input from its first, value by value; both must have the same shape."""

    stem: ClassVar = "sub"
    done: ClassVar = "subtracted"
    n_inputs: ClassVar = (2, 2)
    aliases: ClassVar = ("minus", "difference", "merge")
    source: ClassVar = "Keras, `layers.Subtract`"
    examples: ClassVar = (
        Example({}, ((8, 6, 4), (8, 6, 4)), (8, 6, 4), explanation=("8×6×4 − 8×6×4 = 8×6×4",)),
        Example({}, ((5,), (5,)), (5,)),
    )

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield f"{' − '.join(map(shape_text, inputs))} = {shape_text(inputs[0])}"

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield f"y = x₁ − x₂, for each of {values_product(inputs[0])} values"

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield "∂ℓ/∂x₁ = ∂ℓ/∂y and ∂ℓ/∂x₂ = −∂ℓ/∂y"

    def sights(self, inputs: Sequence[Shape]) -> tuple[AnySight, ...]:
        return tuple(map(place_by_place, inputs))

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        return combined(xs, at, [1.0, -1.0])

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        return xs[0] - xs[1]

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        return (dy, -dy), {}


class Multiply(PlaceByPlace):
    """Multiplies its inputs, value by value; a factor for each channel, 1×1×C or C, scales whole channels of H×W×C.

    The latter is how squeeze-and-excitation weighs channels. An input's gradient is `dy` times the product of the
    others, summed over what it was spread over.
    """

    stem: ClassVar = "mul"
    done: ClassVar = "multiplied"
    aliases: ClassVar = ("times", "product", "scale", "gate", "squeeze-and-excitation", "attention", "merge")
    source: ClassVar = "Hu, Shen and Sun, “Squeeze-and-Excitation Networks”, CVPR 2018"
    examples: ClassVar = (
        Example({}, ((8, 6, 4), (8, 6, 4)), (8, 6, 4), explanation=("8×6×4 · 8×6×4 = 8×6×4",)),
        Example({}, ((8, 6, 4), (1, 1, 4)), (8, 6, 4), explanation=("8×6×4 · 1×1×4 = 8×6×4",)),
        Example({}, ((4,), (8, 6, 4), (1, 1, 4)), (8, 6, 4)),
        Example({}, ((5,), (5,), (5,)), (5,)),
    )

    def whole(self, inputs: Sequence[Shape]) -> Shape:
        return max(inputs, key=lambda shape: (len(shape), shape[:-1] != (1, 1)))

    def joins(self, shape: Shape, whole: Shape) -> bool:
        per_channel = ((1, 1, whole[-1]), (whole[-1],)) if len(whole) == 3 else ()
        return shape == whole or shape in per_channel

    def rule(self, whole: Shape) -> str:
        if len(whole) == 1:
            return super().rule(whole)
        return f"an input must be {shape_text(whole)}, or one factor for each channel: 1×1×{whole[2]} or {whole[2]}"

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield f"{' · '.join(map(shape_text, inputs))} = {shape_text(self.whole(inputs))}"

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        whole = self.whole(inputs)
        yield f"y = {'·'.join(numbered('x', len(inputs)))}, for each of {values_product(whole)} values"
        for name, shape in zip(numbered("x", len(inputs)), inputs, strict=True):
            if shape != whole:
                yield f"{name} has one factor for each of {whole[2]} channels, for all {whole[0]}·{whole[1]} places"

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        names, whole = numbered("x", len(inputs)), self.whole(inputs)
        for name, shape in zip(names, inputs, strict=True):
            others = "·".join(other for other in names if other != name)
            places = values_product(whole[:2])
            spread = "" if shape == whole else f", summed over the {places} places that it was spread over"
            yield f"∂ℓ/∂{name} = ∂ℓ/∂y·{others}{spread}"

    def sights(self, inputs: Sequence[Shape]) -> tuple[AnySight, ...]:
        high, wide, c = as_image(self.whole(inputs))
        return tuple(
            place_by_place(shape)
            if as_image(shape) == (high, wide, c)
            else Sight(everything(1, high), everything(1, wide), same(c))
            for shape in inputs
        )

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        whole = self.whole([x.shape for x in xs])
        cells = [at if x.shape == whole else (0, 0, at[-1])[3 - x.ndim :] for x in xs]
        values = [float(x[cell]) for x, cell in zip(xs, cells, strict=True)]
        names = [f"{{{port}}}" for port in range(len(xs))]
        terms = [Term(names[port], values[port], source=(port, cell)) for port, cell in enumerate(cells)]
        patches = [
            single(x, cell, prod(values[:port] + values[port + 1 :]), port, names[port])
            for port, (x, cell) in enumerate(zip(xs, cells, strict=True))
        ]
        return Workings((Step("product", "y", tuple(terms), prod(values)),), tuple(patches))

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        return reduce(np.multiply, _as_images(ctx.keep("xs", xs)))

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        xs = ctx.kept("xs")
        factors = _as_images(xs)
        dxs = []
        for port, x in enumerate(xs):
            dx = reduce(np.multiply, factors[:port] + factors[port + 1 :], dy)
            dxs.append(dx if x.shape == dy.shape else dx.sum((1, 2)).reshape(x.shape))
        return tuple(dxs), {}


def _as_images(xs: Arrays) -> Arrays:
    """Let rows of features stand as images of one pixel where there are images."""
    rank = max(x.ndim for x in xs)
    return tuple(x if x.ndim == rank else x[:, None, None] for x in xs)


class Average(PlaceByPlace):
    """Averages its inputs, value by value; all must have the same shape."""

    stem: ClassVar = "avg"
    done: ClassVar = "averaged"
    aliases: ClassVar = ("mean", "ensemble", "merge")
    source: ClassVar = "Keras, `layers.Average`"
    examples: ClassVar = (
        Example({}, ((8, 6, 4), (8, 6, 4)), (8, 6, 4), explanation=("(8×6×4 + 8×6×4)/2 = 8×6×4",)),
        Example({}, ((5,), (5,), (5,)), (5,)),
    )

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield f"({' + '.join(map(shape_text, inputs))})/{len(inputs)} = {shape_text(inputs[0])}"

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        names = " + ".join(numbered("x", len(inputs)))
        yield f"y = ({names})/{len(inputs)}, for each of {values_product(inputs[0])} values"

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        slopes = " = ".join(f"∂ℓ/∂{name}" for name in numbered("x", len(inputs)))
        yield f"{slopes} = ∂ℓ/∂y/{len(inputs)}"

    def sights(self, inputs: Sequence[Shape]) -> tuple[AnySight, ...]:
        return tuple(map(place_by_place, inputs))

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        return combined(xs, at, [1.0] * len(xs), len(xs))

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        return reduce(np.add, xs) / ctx.keep("n", len(xs))

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        return (dy / ctx.kept("n"),) * ctx.kept("n"), {}


class Maximum(PlaceByPlace):
    """Keeps the largest of its inputs in every place; all must have the same shape.

    The first maximum wins ties and gets the whole gradient.
    """

    stem: ClassVar = "max"
    done: ClassVar = "compared"
    aliases: ClassVar = ("largest", "merge")
    source: ClassVar = "Keras, `layers.Maximum`"
    examples: ClassVar = (
        Example({}, ((8, 6, 4), (8, 6, 4)), (8, 6, 4), explanation=("max(8×6×4, 8×6×4) = 8×6×4",)),
        Example({}, ((5,), (5,), (5,)), (5,)),
    )

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield f"max({', '.join(map(shape_text, inputs))}) = {shape_text(inputs[0])}"

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        names = ", ".join(numbered("x", len(inputs)))
        yield f"y = max({names}), for each of {values_product(inputs[0])} values"

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        for name in numbered("x", len(inputs)):
            yield f"∂ℓ/∂{name} = ∂ℓ/∂y·1[{name} is the first largest]"

    def sights(self, inputs: Sequence[Shape]) -> tuple[AnySight, ...]:
        return tuple(map(place_by_place, inputs))

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        return choice([single(x, at, 0, port, f"{{{port}}}") for port, x in enumerate(xs)])

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        ctx.keep("n", len(xs))
        ctx.keep("first", np.stack(xs).argmax(0))
        return reduce(np.maximum, xs)

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        first = ctx.kept("first")
        return tuple(dy * (first == port) for port in range(ctx.kept("n"))), {}
