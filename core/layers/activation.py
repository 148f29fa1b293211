"""Element-wise non-linear functions, and Softmax."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

import numpy as np

from core.layers.explanation import values_product
from core.layers.kind import Array, Arrays, Context, Example, Family, Kind
from core.layers.sight import AnySight, all_channels, place_by_place
from core.layers.working_out import cell_name, largest_terms, quotient_step, shortened, single, sum_step
from core.layers.workings import Cell, Learned, Step, Term, Workings
from core.shapes import Shape
from core.text import shape_text

SAME = (Example({}, ((4, 3, 2),), (4, 3, 2)), Example({}, ((5,),), (5,)))
"""What a kind does that leaves shapes as they are and has nothing to learn."""


class Activation(Kind):
    """A function of each value alone."""

    family: ClassVar[Family] = "activation"
    elementwise: ClassVar = True

    def equations(self) -> tuple[str, str] | None:
        """Write the function of x and its derivative; by default they are left to the docstring."""
        return None

    def sights(self, inputs: Sequence[Shape]) -> tuple[AnySight, ...]:
        return (place_by_place(inputs[0]),)

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        """Compute one value by the definition, as a sample of one feature."""
        ctx, x = Context(), float(xs[0][at])
        y = float(self.forward((np.array([[x]]),), weights, ctx)[0, 0])
        (dx,), gradients = self.backward(np.ones((1, 1)), weights, ctx)
        formula = (self.equations() or ("",))[0]
        step = Step("function", "y", (Term("x", x, source=(0, at)),), y, formula)
        learned = tuple(Learned(name, np.zeros((1, 1), int), slope[:1]) for name, slope in gradients.items())
        return Workings((step,), (single(xs[0], at, float(dx[0, 0])),), learned)

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        equations = self.equations()
        if equations is None:
            yield from super().explain_forward(inputs)
        else:
            yield f"y = {equations[0]}, for each of {values_product(inputs[0])} values by itself"

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        equations = self.equations()
        if equations is not None:
            yield f"dy/dx = {equations[1]}"
        yield "∂ℓ/∂x = ∂ℓ/∂y·dy/dx, value by value"


class Curve(Activation):
    """An activation that is written as a curve and its derivative."""

    def curve(self, x: Array) -> Array:
        """Return the output for each value."""
        raise NotImplementedError

    def derivative(self, x: Array) -> Array:
        """Return the slope of the curve at each value."""
        raise NotImplementedError

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        return self.curve(ctx.keep("x", xs[0]))

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        return (dy * self.derivative(ctx.kept("x")),), {}


def logistic(x: Array) -> Array:
    """Return `1/(1 + e⁻ˣ)`, to a few units in the last place also where it is tiny; nothing overflows.

    >>> logistic(np.array([-40.0, 0.0, 40.0])).tolist()
    [4.248354255291589e-18, 0.5, 1.0]
    """
    power = np.exp(-np.abs(x))
    return np.where(x < 0, power, x.dtype.type(1)) / (1 + power)


class ReLU(Activation):
    """Sets negative values to 0: `max(0, x)`. At 0 the gradient is 0."""

    stem: ClassVar = "relu"
    aliases: ClassVar = ("rectifier", "activation")
    source: ClassVar = "Nair and Hinton, “Rectified Linear Units Improve Restricted Boltzmann Machines”, ICML 2010"
    examples: ClassVar = SAME

    def equations(self) -> tuple[str, str]:
        return "max(0, x)", "1 where x > 0, else 0"

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        return np.maximum(ctx.keep("x", xs[0]), 0)

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        return (dy * (ctx.kept("x") > 0),), {}


class Sigmoid(Curve):
    """Squashes values into (0, 1): `1/(1 + e⁻ˣ)`; its derivative is `y·(1 − y)`, 1/4 at most."""

    stem: ClassVar = "sigmoid"
    aliases: ClassVar = ("logistic", "activation")
    source: ClassVar = "CS231n, “Neural Networks Part 1”, Commonly used activation functions"
    examples: ClassVar = SAME

    def equations(self) -> tuple[str, str]:
        return "1/(1 + e⁻ˣ)", "y·(1 − y), 1/4 at most: after many layers little of the gradient is left"

    def curve(self, x: Array) -> Array:
        return logistic(x)

    def derivative(self, x: Array) -> Array:
        power = np.exp(-np.abs(x))  # y·(1 − y) would be 0 where y is nearly 1
        return power / np.square(1 + power)


class Tanh(Curve):
    """Squashes values into (−1, 1): `(eˣ − e⁻ˣ)/(eˣ + e⁻ˣ)`; its derivative is `1 − y²`."""

    stem: ClassVar = "tanh"
    aliases: ClassVar = ("hyperbolic tangent", "activation")
    source: ClassVar = "CS231n, “Neural Networks Part 1”, Commonly used activation functions"
    examples: ClassVar = SAME

    def equations(self) -> tuple[str, str]:
        return "(eˣ − e⁻ˣ)/(eˣ + e⁻ˣ)", "1 − y², 1 at most"

    def curve(self, x: Array) -> Array:
        return np.tanh(x)

    def derivative(self, x: Array) -> Array:
        power = np.exp(-2 * np.abs(x))  # 1 − y² would be 0 where y is nearly 1
        return 4 * power / np.square(1 + power)


class Softmax(Kind):
    """Turns the channels of each position into probabilities: `eˣₖ / Σⱼ eˣⱼ`.

    The largest score is subtracted first, which changes nothing but keeps `eˣ` finite. Its backward is
    `dx = y·(dy − Σⱼ dyⱼ·yⱼ)`.
    """

    stem: ClassVar = "softmax"
    family: ClassVar[Family] = "activation"
    gives_probabilities: ClassVar = True
    aliases: ClassVar = ("probabilities", "normalised exponential")
    source: ClassVar = "CS231n, “Linear Classification”, Softmax classifier"
    examples: ClassVar = (*SAME, Example({}, ((10,),), (10,), explanation=("10 numbers above 0 that add up to 1",)))

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        *place, channels = inputs[0]
        where = f" at each of {shape_text(tuple(place))} places" if place else ""
        yield f"{channels} numbers above 0 that add up to 1{where}"

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield f"y[k] = exp(x[k])/Σ exp(x[j]), over the {inputs[0][-1]} channels of each place"
        yield "The largest x is subtracted first: it changes nothing, and no power overflows."

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        n = inputs[0][-1]
        yield f"∂y[k]/∂x[j] = y[k]·(1[k = j] − y[j]): a matrix of {n}×{n} for each place"
        yield "∂ℓ/∂x[k] = y[k]·(∂ℓ/∂y[k] − Σ ∂ℓ/∂y[j]·y[j])"
        yield "Last before a cross-entropy, both together give ∂ℓ/∂x[k] = y[k] − 1[k is the right class]."

    def sights(self, inputs: Sequence[Shape]) -> tuple[AnySight, ...]:
        return (all_channels(inputs[0]),)

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        block = self.read_at(xs, at)
        scores = block.values.reshape(-1)
        top, own = float(scores.max()), float(scores[at[-1]])
        powers = np.exp(scores - top)
        y = powers / powers.sum()
        slopes = y[at[-1]] * ((np.arange(len(y)) == at[-1]) - y)
        (patch,) = block.patches(slopes.reshape(block.values.shape))
        largest = Step("largest", "max", tuple(largest_terms(patch)), top)
        above = Step("exp of sum", "eˣ", (Term("x", own), Term("−max", -top)), float(powers[at[-1]]))
        terms = [
            Term(cell_name(patch.cell((k,)), patch), float(powers[k]), source=(0, patch.cell((k,))))
            for k in range(len(y))
        ]
        below = sum_step("Σeˣ", shortened(terms), "Σ e^(x − max)")
        last = quotient_step("y", Term("eˣ", above.result), Term("Σeˣ", below.result))
        return Workings((largest, above, below, last), (patch,))

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        powers = np.exp(xs[0] - xs[0].max(-1, keepdims=True))
        return ctx.keep("y", powers / powers.sum(-1, keepdims=True))

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        y = ctx.kept("y")
        return (y * (dy - (dy * y).sum(-1, keepdims=True)),), {}
