"""Layers that bring values to mean 0 and variance 1, and may then scale and shift them as learned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import ClassVar

import numpy as np

from core.declare import LARGEST, hyper
from core.errors import NetworkError
from core.layers.even_division import sharing_problems
from core.layers.kind import IMAGE, Array, Arrays, Context, Example, Family, Kind, Weight
from core.layers.sight import AnySight, Sight, as_image, everything, in_groups, place_by_place, same
from core.layers.working_out import quotient_step, single, sum_step, terms_of
from core.layers.workings import Block, Cell, Learned, Step, Term, Workings
from core.problems import Problem
from core.shapes import Shape
from core.text import counted, number_text, setting_text, values_text


class Normalisation(Kind):
    """What all have in common: a learned scale γ and shift β for each channel."""

    family: ClassVar[Family] = "normalisation"

    epsilon: float = hyper(1e-5, gt=0, le=1, help="Added to the variance, so that it is never divided by 0.")
    affine: bool = hyper(True, help="Whether a scale and a shift are learned for each channel.")

    def weights(self, inputs: Sequence[Shape]) -> Mapping[str, Weight]:
        c = inputs[0][-1]
        return {"gamma": Weight((c,), init="ones"), "beta": Weight((c,), init="zeros")} if self.affine else {}

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        if self.affine:
            c = inputs[0][-1]
            yield f"γ and β: 2·{c} = {number_text(2 * c)}"

    def explain_normal(self) -> Iterator[str]:
        """Write the formulas that all have in common."""
        yield f"x̂ = (x − μ)/√(σ² + {setting_text(self.epsilon)})"
        yield "y = γ[c]·x̂ + β[c]" if self.affine else "y = x̂"

    def explain_normal_back(self, over: str, of: str) -> Iterator[str]:
        """Write the gradients that all have in common.

        Parameters
        ----------
        over : str
            What γ and β are summed over.
        of : str
            What μ and σ² are the mean and variance of.
        """
        if self.affine:
            yield f"∂ℓ/∂γ[c] = Σ ∂ℓ/∂y·x̂ and ∂ℓ/∂β[c] = Σ ∂ℓ/∂y, over {over}"
            yield "∂ℓ/∂x̂ = γ[c]·∂ℓ/∂y"
        else:
            yield "∂ℓ/∂x̂ = ∂ℓ/∂y"
        yield f"∂ℓ/∂x = (∂ℓ/∂x̂ − mean(∂ℓ/∂x̂) − x̂·mean(∂ℓ/∂x̂·x̂))/√(σ² + {setting_text(self.epsilon)})"
        yield f"The means are over {of}, because μ and σ² depend on all of them."

    def normalised(
        self, x: float, mean: float, variance: float, weights: Mapping[str, Array], channel: int
    ) -> tuple[tuple[Step, ...], float, float, tuple[Learned, ...]]:
        """Work out a value from mean and variance.

        Returns
        -------
        steps : tuple of Step
        normal, slope : float
            x̂, and what the value changes by for each unit of x while mean and variance stay.
        learned : tuple of Learned
        """
        centred = sum_step("x − μ", [Term("x", x), Term("−μ", -mean)])
        terms = (Term("σ²", variance), Term("ε", self.epsilon, is_given=True))
        deviation = Step("root of sum", "√(σ² + ε)", terms, float(np.sqrt(variance + self.epsilon)))
        below = Term("√(σ² + ε)", deviation.result)
        normal = quotient_step("x̂" if self.affine else "y", Term("x − μ", centred.result), below)
        steps, slope = (centred, deviation, normal), 1 / deviation.result
        if not self.affine:
            return steps, normal.result, slope, ()
        gamma, beta = float(weights["gamma"][channel]), float(weights["beta"][channel])
        scaled = Term("γ·x̂", gamma * normal.result, (gamma, normal.result))
        place = np.array([[channel]])
        learned = (Learned("gamma", place, np.array([normal.result])), Learned("beta", place, np.ones(1)))
        return (*steps, sum_step("y", [scaled, Term("β", beta)])), normal.result, gamma * slope, learned

    def scaled(self, normal: Array, weights: Mapping[str, Array]) -> Array:
        """Scale and shift normalised values, as learned."""
        return normal * weights["gamma"] + weights["beta"] if self.affine else normal

    def scaled_back(self, dy: Array, normal: Array, weights: Mapping[str, Array]) -> tuple[Array, dict[str, Array]]:
        """Return the gradients of the normalised values, and of scale and shift."""
        if not self.affine:
            return dy, {}
        others = tuple(range(dy.ndim - 1))
        return dy * weights["gamma"], {"gamma": (dy * normal).sum(others), "beta": dy.sum(others)}


class BatchNorm(Normalisation):
    """Normalises each channel by its mean and variance over the batch, `γ·(x − μ)/√(σ² + ε) + β`.

    In training μ and σ² are those of the batch's N·H·W values, and moving averages follow them:
    `moving = momentum·moving + (1 − momentum)·batch`, with the unbiased variance. At inference the moving averages take
    their place, so that a sample's output no longer depends on its neighbours. Parameters 2·C; the 2·C averages are
    statistics.
    """

    stem: ClassVar = "bn"
    aliases: ClassVar = ("bn", "batch normalization", "normalise", "spatial batchnorm")
    source: ClassVar = "Ioffe and Szegedy, “Batch Normalization”, ICML 2015, algorithms 1 and 2"
    examples: ClassVar = (
        Example(
            {},
            ((5, 4, 6),),
            (5, 4, 6),
            parameters=12,
            explanation=("γ and β: 2·6 = 12", "mean and variance: 2·6 = 12 statistics"),
        ),
        Example({"momentum": 0.5, "epsilon": 1e-3}, ((7,),), (7,), parameters=14),
        Example({"affine": False}, ((2, 3, 4),), (2, 3, 4), explanation=("mean and variance: 2·4 = 8 statistics",)),
    )

    momentum: float = hyper(0.9, ge=0, le=1, help="How much of the moving averages a batch leaves as it was.")

    def weights(self, inputs: Sequence[Shape]) -> Mapping[str, Weight]:
        c = inputs[0][-1]
        return {
            **super().weights(inputs),
            "moving_mean": Weight((c,), init="zeros", role="statistic"),
            "moving_variance": Weight((c,), init="ones", role="statistic"),
        }

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield from super().explain(inputs)
        c = inputs[0][-1]
        yield f"mean and variance: 2·{c} = {number_text(2 * c)} statistics"

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        left, old = setting_text(round(1 - self.momentum, 10)), setting_text(self.momentum)
        yield f"In training μ and σ² of each channel are those of {self._values(inputs[0])}."
        yield from self.explain_normal()
        yield f"moving mean ← {old}·moving mean + {left}·μ"
        yield f"moving variance ← {old}·moving variance + {left}·σ²·n/(n − 1), for n values"
        yield "At inference the moving mean and variance stand for μ and σ²; x is then only scaled and shifted."

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        values = self._values(inputs[0])
        yield from self.explain_normal_back(values, values)

    def _values(self, image: Shape) -> str:
        *place, _ = image
        return (
            f"all N·{'·'.join(map(str, place))} values of the channel in a batch of N"
            if place
            else "all N values in a batch of N"
        )

    def sights(self, inputs: Sequence[Shape]) -> tuple[AnySight, ...]:
        return (place_by_place(inputs[0]),)

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        mean, variance = (float(weights[name][at[-1]]) for name in ("moving_mean", "moving_variance"))
        steps, _, slope, learned = self.normalised(float(xs[0][at]), mean, variance, weights, at[-1])
        return Workings(steps, (single(xs[0], at, slope),), learned)

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        (x,) = xs
        if ctx.training:
            normal, scale = self._by_the_batch(x, weights, ctx)
        else:
            scale = 1 / np.sqrt(weights["moving_variance"] + self.epsilon)
            normal = (x - weights["moving_mean"]) * scale
        ctx.keep("by the batch", ctx.training)
        ctx.keep("scale", scale)
        return self.scaled(ctx.keep("normal", normal), weights)

    @staticmethod
    def refuse_single_values(n_values: int, image: Shape) -> None:
        """Raise where a channel of a batch has one value only.

        Raises
        ------
        NetworkError
        """
        if n_values == 1:
            size = "N = 1" if len(image) == 1 else "N·H·W = 1·1·1"
            raise NetworkError(
                f"BatchNorm cannot train on a single value per channel ({size}), which has no variance. "
                "Use batches of 2 samples or more."
            )

    def _by_the_batch(self, x: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Array, Array]:
        n_values = prod(x.shape[:-1])
        self.refuse_single_values(n_values, x.shape[1:])
        normal, scale, mean, variance = standardised(x, tuple(range(x.ndim - 1)), self.epsilon)
        for name, batch in (("mean", mean), ("variance", variance * n_values / (n_values - 1))):
            moving = weights[f"moving_{name}"]
            ctx.update(f"moving_{name}", self.momentum * moving + (1 - self.momentum) * batch.reshape(moving.shape))
        return normal, scale

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        normal, scale = ctx.kept("normal"), ctx.kept("scale")
        dnormal, gradients = self.scaled_back(dy, normal, weights)
        if not ctx.kept("by the batch"):
            return (dnormal * scale,), gradients
        return (standardised_back(dnormal, normal, scale, tuple(range(dy.ndim - 1))),), gradients


class SampleNorm(Normalisation):
    """Normalises every sample by itself: in training and inference alike, and for batches of any size."""

    def split(self, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
        """Return a batch's shape as (A, B, C, D), each of whose A×C blocks of B×D values gets its own mean."""
        raise NotImplementedError

    def problems(self, inputs: Sequence[Shape]) -> Iterator[Problem]:
        _, first, _, second = self.split((1, *inputs[0]))
        if first * second == 1:
            yield Problem(
                "NORM-ONE",
                severity="note",
                what=f"every output is {'β' if self.affine else '0'}, whatever the input",
                why=f"In {values_text(inputs[0])} it normalises single values, and each is its own mean.",
            )

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield f"μ and σ² are those of {self._values(inputs[0])}, in training and inference alike."
        yield from self.explain_normal()

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield from self.explain_normal_back("all places and the batch", self._values(inputs[0]))

    def _values(self, image: Shape) -> str:
        n_blocks, first, n_parts, second = self.split((1, *image))
        n, blocks = first * second, n_blocks * n_parts
        values = f"the {counted(n, 'value')} of"
        return f"{values} each of {counted(blocks, 'block')} of a sample" if blocks > 1 else f"{values} a sample"

    def sights(self, inputs: Sequence[Shape]) -> tuple[AnySight, ...]:
        _, first, n_parts, second = self.split((1, *inputs[0]))
        high, wide, c = as_image(inputs[0])
        channels = same(c) if second == 1 else in_groups(c, c, n_parts)
        if first == high * wide:
            return (Sight(everything(high, high), everything(wide, wide), channels),)
        return (Sight(same(high), same(wide), channels),)

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        block = self.read_at(xs, at)
        n = block.values.size
        total = sum_step("Σx", terms_of(block.patches(0)))
        mean = quotient_step("μ", Term("Σx", total.result), Term("n", n, is_given=True))
        around = block.values - mean.result
        squares = Block(0, around, block.cells, block.inside).patches(0, around)
        spread = sum_step("Σ(x − μ)²", terms_of(squares))
        variance = quotient_step("σ²", Term("Σ(x − μ)²", spread.result), Term("n", n, is_given=True))
        steps, normal, slope, learned = self.normalised(float(xs[0][at]), mean.result, variance.result, weights, at[-1])
        others = around / np.sqrt(variance.result + self.epsilon)
        own = (block.cells == at).all(-1)
        patches = block.patches(slope * (own - 1 / n - normal * others / n))
        return Workings((total, mean, spread, variance, *steps), patches, learned)

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        (x,) = xs
        normal, scale, _, _ = standardised(x.reshape(self.split(x.shape)), (1, 3), self.epsilon)
        ctx.keep("blocks", normal)
        ctx.keep("scale", scale)
        return self.scaled(ctx.keep("normal", normal.reshape(x.shape)), weights)

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        blocks = ctx.kept("blocks")
        dnormal, gradients = self.scaled_back(dy, ctx.kept("normal"), weights)
        dx = standardised_back(dnormal.reshape(blocks.shape), blocks, ctx.kept("scale"), (1, 3))
        return (dx.reshape(dy.shape),), gradients


class LayerNorm(SampleNorm):
    """Normalises the channels of each place of each sample, `γ·(x − μ)/√(σ² + ε) + β` with μ and σ² over C values.

    Parameters 2·C.
    """

    stem: ClassVar = "ln"
    aliases: ClassVar = ("ln", "layer normalization", "normalise")
    source: ClassVar = "Ba, Kiros and Hinton, “Layer Normalization”, 2016"
    examples: ClassVar = (
        Example(
            {}, ((5, 4, 6),), (5, 4, 6), parameters=12, explanation=("μ and σ² of 6 values each", "γ and β: 2·6 = 12")
        ),
        Example({"epsilon": 1e-3}, ((7,),), (7,), parameters=14),
        Example({"affine": False}, ((2, 3, 4),), (2, 3, 4), explanation=("μ and σ² of 4 values each",)),
    )

    def split(self, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
        return prod(shape[:-1]), 1, 1, shape[-1]

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield f"μ and σ² of {number_text(inputs[0][-1])} values each"
        yield from super().explain(inputs)


class GroupNorm(SampleNorm):
    """Normalises groups of channels of each sample, `γ·(x − μ)/√(σ² + ε) + β` with μ and σ² over H·W·(C/groups) values.

    One group takes all channels together; as many groups as channels make it an InstanceNorm. Parameters 2·C.
    """

    stem: ClassVar = "gn"
    aliases: ClassVar = ("gn", "group normalization", "normalise")
    source: ClassVar = "Wu and He, “Group Normalization”, ECCV 2018"
    examples: ClassVar = (
        Example(
            {"groups": 2},
            ((5, 4, 6),),
            (5, 4, 6),
            parameters=12,
            explanation=("μ and σ² of 5·4·(6/2) = 60 values each", "γ and β: 2·6 = 12"),
        ),
        Example({"groups": 3, "epsilon": 1e-3}, ((12,),), (12,), parameters=24),
        Example({"groups": 4, "affine": False}, ((2, 3, 4),), (2, 3, 4)),
    )

    groups: int = hyper(ge=1, le=LARGEST, start=8, help="Into how many groups the channels are divided.")

    def split(self, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
        return shape[0], prod(shape[1:-1]), self.groups, shape[-1] // self.groups

    def problems(self, inputs: Sequence[Shape]) -> Iterator[Problem]:
        problems = tuple(sharing_problems("groups", self.groups, channel=inputs[0][-1]))
        yield from problems or super().problems(inputs)

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        *place, c = inputs[0]
        n_values = number_text(prod(place) * c // self.groups)
        yield f"μ and σ² of {'·'.join(map(str, [*place, f'({c}/{self.groups})']))} = {n_values} values each"
        yield from super().explain(inputs)


class InstanceNorm(SampleNorm):
    """Normalises each channel of each sample, `γ·(x − μ)/√(σ² + ε) + β` with μ and σ² over H·W values.

    Parameters 2·C.
    """

    stem: ClassVar = "inorm"
    ranks: ClassVar = IMAGE
    aliases: ClassVar = ("instance normalization", "contrast normalization", "style", "normalise")
    source: ClassVar = "Ulyanov, Vedaldi and Lempitsky, “Instance Normalization”, 2016"
    examples: ClassVar = (
        Example(
            {},
            ((5, 4, 6),),
            (5, 4, 6),
            parameters=12,
            explanation=("μ and σ² of 5·4 = 20 values each", "γ and β: 2·6 = 12"),
        ),
        Example({"affine": False, "epsilon": 1e-3}, ((2, 3, 4),), (2, 3, 4)),
    )

    def split(self, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
        return shape[0], prod(shape[1:-1]), shape[-1], 1

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        high, wide, _ = inputs[0]
        yield f"μ and σ² of {high}·{wide} = {number_text(high * wide)} values each"
        yield from super().explain(inputs)


def standardised(x: Array, axes: tuple[int, ...], epsilon: float) -> tuple[Array, Array, Array, Array]:
    """Bring values to mean 0 and variance 1 along some axes.

    Returns
    -------
    normal : array
        `(x − μ)/√(σ² + ε)`.
    scale, mean, variance : array
        `1/√(σ² + ε)` in the dtype of x, μ and σ² in float64: single precision would lose digits in long sums.
    """
    mean = x.mean(axes, keepdims=True, dtype="float64")
    centred = x - mean.astype(x.dtype)
    variance = np.square(centred).mean(axes, keepdims=True, dtype="float64")
    scale = (1 / np.sqrt(variance + epsilon)).astype(x.dtype)
    return centred * scale, scale, mean, variance


def standardised_back(dnormal: Array, normal: Array, scale: Array, axes: tuple[int, ...]) -> Array:
    """Return the gradient of what was standardised, `(d − mean(d) − x̂·mean(d·x̂))/√(σ² + ε)`.

    The mean and the variance depend on every value too. Source: Ioffe and Szegedy, section 3.
    """
    mean = dnormal.mean(axes, keepdims=True, dtype="float64").astype(dnormal.dtype)
    along = (dnormal * normal).mean(axes, keepdims=True, dtype="float64").astype(dnormal.dtype)
    return (dnormal - mean - normal * along) * scale
