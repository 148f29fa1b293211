"""Layers that put rows, columns or channels around an image, or take them away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

import numpy as np

from core.declare import LARGEST, MarginsField, hyper
from core.layers.explanation import by_axis, index_text
from core.layers.kind import IMAGE, Array, Arrays, Context, Example, Family, Kind
from core.layers.sight import AnySight, Sight, as_image, listed, same, shifted
from core.layers.working_out import copied
from core.layers.workings import Cell, Workings
from core.problems import Problem, set_fix
from core.shapes import Padding, Pair, Shape, margins, shortest_padding
from core.text import setting_text, shape_text, with_article


def _sum_formula(n: int, before: int, after: int, sign: str) -> str:
    out = n + before + after if sign == "+" else n - before - after
    change = f"2·{before}" if before == after else f"{before} {sign} {after}"
    return f"{n} {sign} {change} = {out}"


def _moved(sides: Padding, sign: int, letters: str = "ij") -> str:
    """Write the index of a pixel, moved by the rows and columns before it."""
    (top, _), (left, _) = margins(sides)
    return ", ".join(index_text(place, 1, before=sign * n) for place, n in zip(letters, (top, left), strict=True))


class Pad(Kind):
    """What paddings of images have in common."""

    stem: ClassVar = "pad"
    family: ClassVar[Family] = "merge"
    ranks: ClassVar = IMAGE

    padding: MarginsField = hyper(letter="P", start=1, help="Rows and columns to put around the image.")

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        (top, bottom), (left, right) = margins(self.padding)
        high, wide, c = inputs[0]
        return (high + top + bottom, wide + left + right, c)

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        formulas = [_sum_formula(n, *sides, "+") for n, sides in zip(inputs[0], margins(self.padding), strict=False)]
        yield from dict.fromkeys(formulas)


class ZeroPad2D(Pad):
    """Puts rows and columns of zeros around an image: `W' = W + left + right`."""

    aliases: ClassVar = ("padding", "border", "margin")
    source: ClassVar = "CS231n, “Convolutional Networks”, Spatial arrangement, zero-padding"
    examples: ClassVar = (
        Example({"padding": 1}, ((28, 28, 3),), (30, 30, 3), explanation=("28 + 2·1 = 30",)),
        Example(
            {"padding": ((0, 1), (2, 3))},
            ((5, 4, 2),),
            (6, 9, 2),
            explanation=("5 + 0 + 1 = 6", "4 + 2 + 3 = 9"),
        ),
        Example({"padding": (2, 0)}, ((3, 4, 1),), (7, 4, 1)),
    )

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield f"y[i, j, c] = x[{_moved(self.padding, 1)}, c] inside the image, 0 around it"

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield f"∂ℓ/∂x[p, q, c] = ∂ℓ/∂y[{_moved(self.padding, -1, 'pq')}, c]: the border is cut off again"

    def sights(self, inputs: Sequence[Shape]) -> tuple[AnySight, ...]:
        ((top, _), (left, _)), (high, wide, _) = margins(self.padding), self.output_shape(inputs)
        rows, columns = shifted(inputs[0][0], high, top, pads=True), shifted(inputs[0][1], wide, left, pads=True)
        return (Sight(rows, columns, same(inputs[0][2])),)

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        return copied(xs, self.sights([x.shape for x in xs]), at)

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        return np.pad(ctx.keep("x", xs[0]), ((0, 0), *margins(self.padding), (0, 0)))

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        (top, _), (left, _) = margins(self.padding)
        _, high, wide, _ = ctx.kept("x").shape
        return (dy[:, top : top + high, left : left + wide],), {}


class ReflectPad2D(Pad):
    """Continues an image beyond its border by its mirror image, without repeating the border: 3 2 | 1 2 3 | 2 1.

    `W' = W + left + right`; no side may be wider than W − 1 pixels. The gradients of a pixel and its images add up.
    """

    aliases: ClassVar = ("mirror", "padding", "border")
    source: ClassVar = "PyTorch, `torch.nn.ReflectionPad2d`"
    examples: ClassVar = (
        Example({"padding": 1}, ((28, 28, 3),), (30, 30, 3), explanation=("28 + 2·1 = 30",)),
        Example({"padding": ((0, 3), (2, 1))}, ((4, 3, 2),), (7, 6, 2)),
        Example({"padding": (2, 0)}, ((3, 1, 1),), (7, 1, 1)),
    )

    def problems(self, inputs: Sequence[Shape]) -> Iterator[Problem]:
        sides = margins(self.padding)
        high, wide, _ = inputs[0]
        wrong = next(((n, max(side)) for n, side in zip((high, wide), sides, strict=True) if max(side) >= n), None)
        if wrong is not None:
            less = [(min(side[0], n - 1), min(side[1], n - 1)) for n, side in zip((high, wide), sides, strict=True)]
            most = shortest_padding((less[0], less[1]))
            if isinstance(self.padding, int):
                most = min(high, wide) - 1
            yield Problem(
                "SHAPE-SMALL",
                field="padding",
                what=f"{with_article(shape_text((high, wide)))} input has too few pixels to reflect {wrong[1]} of them",
                why=f"Without its border there are {wrong[0]} − 1 = {wrong[0] - 1}, and {wrong[1]} are asked for.",
                fixes=(set_fix(f"Use padding {setting_text(most)}", padding=most),),
                spoils="output",
            )

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        high, wide, _ = inputs[0]
        yield f"y[i, j, c] = x[{_moved(self.padding, 1)}, c], where an index outside the image is turned back:"
        yield "below 0, −n for n;"
        yield from by_axis(*(f"above {n - 1}, {2 * (n - 1)} − n for n" for n in (high, wide)))

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield "∂ℓ/∂x[p, q, c] = Σ ∂ℓ/∂y[i, j, c] over the pixel itself and all its mirror images"

    def sights(self, inputs: Sequence[Shape]) -> tuple[AnySight, ...]:
        rows, columns = (
            listed(n, np.pad(np.arange(n), side, mode="reflect")[:, None])
            for n, side in zip(inputs[0], margins(self.padding), strict=False)
        )
        return (Sight(rows, columns, same(inputs[0][2])),)

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        return copied(xs, self.sights([x.shape for x in xs]), at)

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        return np.pad(xs[0], ((0, 0), *margins(self.padding), (0, 0)), mode="reflect")

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        high, wide = margins(self.padding)
        return (_folded(_folded(dy, 1, *high), 2, *wide),), {}


def _folded(padded: Array, axis: int, before: int, after: int) -> Array:
    """Add what lies beyond the border to the pixels that it reflects."""
    values = np.moveaxis(padded, axis, 0)
    n = len(values) - before - after
    folded = values[before : before + n].copy()
    folded[1 : before + 1] += values[:before][::-1]
    folded[n - 1 - after : n - 1] += values[before + n :][::-1]
    return np.moveaxis(folded, 0, axis)


class Crop2D(Kind):
    """Cuts rows and columns off the border of an image: `W' = W − left − right`."""

    stem: ClassVar = "crop"
    family: ClassVar[Family] = "merge"
    ranks: ClassVar = IMAGE
    aliases: ClassVar = ("cropping", "cut", "trim")
    source: ClassVar = "Keras, `layers.Cropping2D`; Ronneberger et al., “U-Net”, MICCAI 2015"
    examples: ClassVar = (
        Example({"cropping": 2}, ((28, 28, 3),), (24, 24, 3), explanation=("28 − 2·2 = 24",)),
        Example(
            {"cropping": ((1, 0), (2, 3))},
            ((5, 9, 2),),
            (4, 4, 2),
            explanation=("5 − 1 − 0 = 4", "9 − 2 − 3 = 4"),
        ),
        Example({"cropping": (0, 1)}, ((3, 4, 1),), (3, 2, 1)),
    )

    cropping: MarginsField = hyper(start=1, help="Rows and columns to cut off.")

    def problems(self, inputs: Sequence[Shape]) -> Iterator[Problem]:
        sides = margins(self.cropping)
        gone = next(((n, side) for n, side in zip(inputs[0], sides, strict=False) if sum(side) >= n), None)
        if gone is not None:
            n, side = gone
            high, wide = (_within(n, side) for n, side in zip(inputs[0], sides, strict=False))
            less = shortest_padding((high, wide))
            yield Problem(
                "SHAPE-SMALL",
                field="cropping",
                what=f"cropping {setting_text(self.cropping)} leaves nothing "
                f"of {with_article(shape_text(inputs[0][:2]))} input",
                why=f"{_sum_formula(n, *side, '−')}, and at least 1 must be left.",
                fixes=(set_fix(f"Use cropping {setting_text(less)}", cropping=less),),
                spoils="output",
            )

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        (top, bottom), (left, right) = margins(self.cropping)
        high, wide, c = inputs[0]
        return (high - top - bottom, wide - left - right, c)

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        formulas = [_sum_formula(n, *sides, "−") for n, sides in zip(inputs[0], margins(self.cropping), strict=False)]
        yield from dict.fromkeys(formulas)

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield f"y[i, j, c] = x[{_moved(self.cropping, -1)}, c]"

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield f"∂ℓ/∂x[p, q, c] = ∂ℓ/∂y[{_moved(self.cropping, 1, 'pq')}, c], and 0 for what was cut off"

    def sights(self, inputs: Sequence[Shape]) -> tuple[AnySight, ...]:
        ((top, _), (left, _)), (high, wide, _) = margins(self.cropping), self.output_shape(inputs)
        rows, columns = shifted(inputs[0][0], high, -top), shifted(inputs[0][1], wide, -left)
        return (Sight(rows, columns, same(inputs[0][2])),)

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        return copied(xs, self.sights([x.shape for x in xs]), at)

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        (top, _), (left, _) = margins(self.cropping)
        high, wide, _ = self.output_shape((ctx.keep("x", xs[0]).shape[1:],))
        return xs[0][:, top : top + high, left : left + wide]

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        return (np.pad(dy, ((0, 0), *margins(self.cropping), (0, 0))),), {}


def _within(n: int, side: Pair) -> Pair:
    """Return the nearest margins that leave a pixel, taken evenly from both sides."""
    if sum(side) < n:
        return side
    before = min(side[0], max((n - 1) // 2, n - 1 - side[1]))
    return before, min(side[1], n - 1 - before)


class PadChannels(Kind):
    """Puts channels of zeros before and after those of the input: `C' = before + C + after`.

    With it a shortcut between layers of different depth needs no parameters, as in the ResNets for CIFAR-10.
    """

    stem: ClassVar = "pad"
    family: ClassVar[Family] = "merge"
    aliases: ClassVar = ("zero channels", "shortcut", "option A")
    source: ClassVar = "He et al., “Deep Residual Learning for Image Recognition”, CVPR 2016, section 4.2, option A"
    examples: ClassVar = (
        Example({"before": 8, "after": 8}, ((16, 16, 16),), (16, 16, 32), explanation=("8 + 16 + 8 = 32",)),
        Example({"before": 0, "after": 3}, ((4, 3, 2),), (4, 3, 5), explanation=("0 + 2 + 3 = 5",)),
        Example({"before": 2, "after": 1}, ((5,),), (8,)),
    )

    before: int = hyper(ge=0, le=LARGEST, start=8, help="How many channels of zeros come before the input's.")
    after: int = hyper(ge=0, le=LARGEST, start=8, help="How many channels of zeros come after the input's.")

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        return (*inputs[0][:-1], self.before + inputs[0][-1] + self.after)

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        c = inputs[0][-1]
        yield f"{self.before} + {c} + {self.after} = {self.before + c + self.after}"

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        first, last = self.before + 1, self.before + inputs[0][-1]
        yield f"Channels {first} to {last} of y are x, the other {self.before + self.after} are 0."

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        first, last = self.before + 1, self.before + inputs[0][-1]
        yield f"∂ℓ/∂x is channels {first} to {last} of ∂ℓ/∂y."

    def sights(self, inputs: Sequence[Shape]) -> tuple[AnySight, ...]:
        high, wide, c = as_image(inputs[0])
        channels = shifted(c, self.before + c + self.after, self.before)
        return (Sight(same(high), same(wide), channels),)

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        return copied(xs, self.sights([x.shape for x in xs]), at)

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        return np.pad(xs[0], [(0, 0)] * (xs[0].ndim - 1) + [(self.before, self.after)])

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        return (dy[..., self.before : dy.shape[-1] - self.after],), {}
