"""The normalisation between neighbouring channels that AlexNet used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from core.declare import LARGEST, hyper
from core.layers.explanation import index_text
from core.layers.kind import IMAGE, Array, Arrays, Context, Example, Family, Kind
from core.layers.sight import AnySight, Sight, same, uneven
from core.layers.working_out import quotient_step, sum_step, terms_within
from core.layers.workings import Cell, Step, Term, Workings
from core.shapes import Shape
from core.text import setting_text


class LocalResponseNorm(Kind):
    """Weakens values whose neighbours in depth are large: `y = x/(k + α/n·Σx²)^β`, over n channels around its own.

    The sum goes from channel c − ⌊n/2⌋ to c + ⌊(n − 1)/2⌋, as far as there are any. α is divided by n, as Caffe,
    PyTorch and ONNX do; the paper does not divide, so that its α = 1e-4 with n = 5 is 5e-4 here.
    """

    stem: ClassVar = "lrn"
    family: ClassVar[Family] = "normalisation"
    ranks: ClassVar = IMAGE
    aliases: ClassVar = ("lrn", "brightness normalization", "normalise")
    source: ClassVar = (
        "Krizhevsky, Sutskever and Hinton, “ImageNet Classification with Deep Convolutional Neural Networks”, "
        "NIPS 2012, section 3.3"
    )
    examples: ClassVar = (
        Example({}, ((4, 3, 8),), (4, 3, 8), explanation=("x/(2 + 0.0001/5·Σx²)^0.75, Σ over 5 channels",)),
        Example({"size": 2, "alpha": 0.5, "beta": 0.5, "k": 1.0}, ((3, 2, 4),), (3, 2, 4)),
        Example({"size": 9, "alpha": 1.0}, ((2, 3, 4),), (2, 3, 4)),
    )

    size: int = hyper(5, ge=1, le=LARGEST, letter="n", help="How many channels the sum goes over.")
    alpha: float = hyper(1e-4, ge=0, le=1e6, letter="α", help="How much the neighbours count; it is divided by n.")
    beta: float = hyper(0.75, ge=0, le=100, letter="β", help="How strongly large sums weaken.")
    k: float = hyper(2.0, gt=0, le=1e6, letter="k", help="What is divided by where all neighbours are 0.")

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        k, alpha, beta = (setting_text(value) for value in (self.k, self.alpha, self.beta))
        yield f"x/({k} + {alpha}/{self.size}·Σx²)^{beta}, Σ over {self.size} channels"

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        k, alpha, beta = (setting_text(value) for value in (self.k, self.alpha, self.beta))
        first, last = index_text("c", 1, before=self.size // 2), index_text("c", 1, before=-((self.size - 1) // 2))
        yield f"s[c] = {k} + {alpha}/{self.size}·Σ x[m]², over the channels m from {first} to {last} that there are"
        yield f"y[c] = x[c]/s[c]^{beta}, in every place by itself"

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        alpha, beta = setting_text(self.alpha), setting_text(self.beta)
        factor = f"2·{alpha}·{beta}/{self.size}"
        yield f"∂ℓ/∂x[c] = ∂ℓ/∂y[c]/s[c]^{beta} − {factor}·x[c]·Σ ∂ℓ/∂y[m]·x[m]/s[m]^({beta} + 1)"
        yield "Σ is over the channels m in whose s[m] x[c] has a part."

    def sights(self, inputs: Sequence[Shape]) -> tuple[AnySight, ...]:
        high, wide, c = inputs[0]
        before, after = self.size // 2, (self.size - 1) // 2
        near = [range(max(0, k - before), min(c, k + after + 1)) for k in range(c)]
        return (Sight(same(high), same(wide), uneven(c, near)),)

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        block = self.read_at(xs, at)
        x, share = float(xs[0][at]), self.alpha / self.size
        (squares,) = block.patches(0, block.values)
        total = sum_step("Σx²", terms_within(squares))
        weighed = Term("α/n·Σx²", share * total.result, (share, total.result))
        base = sum_step("s", [Term("k", self.k), weighed])
        exponent = Term("β", self.beta, is_given=True)
        power = Step("power", "s^β", (Term("s", base.result), exponent), float(np.power(base.result, self.beta)))
        own = (block.cells == at).all(-1)
        felt = 2 * self.beta * share * x * block.values / base.result
        (patch,) = block.patches((own - felt) / power.result)
        last = quotient_step("y", Term("x", x, source=(0, at)), Term("s^β", power.result))
        return Workings((total, base, power, last), (patch,))

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        x = ctx.keep("x", xs[0])
        base = ctx.keep("base", self.k + self.alpha / self.size * self._sums(np.square(x), self.size // 2))
        return x * base**-self.beta

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        x, base = ctx.kept("x"), ctx.kept("base")
        # A value has a part in the sums of the channels that see it: the same window, turned round.
        felt = self._sums(dy * x * base ** (-self.beta - 1), (self.size - 1) // 2)
        return (dy * base**-self.beta - 2 * self.alpha * self.beta / self.size * x * felt,), {}

    def _sums(self, values: Array, before: int) -> Array:
        """Add up windows of `size` channels that begin so many channels before."""
        n_channels = values.shape[-1]
        first = min(before, n_channels - 1)
        last = min(self.size - 1 - before, n_channels - 1)
        padded = np.pad(values, [(0, 0)] * 3 + [(first, last)])
        return sliding_window_view(padded, first + last + 1, -1).sum(-1)
