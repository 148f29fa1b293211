"""Pools whose windows follow from the image instead of from settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import gcd
from typing import ClassVar

import numpy as np

from core.declare import SizeField, hyper
from core.layers.explanation import values_product
from core.layers.kind import IMAGE, Array, Arrays, Context, Example, Family, Kind, ReceptiveField
from core.layers.sight import AnySight, Sight, everything, same, uneven
from core.layers.working_out import choice, mean
from core.layers.workings import Cell, Workings
from core.shapes import Shape, count, pair
from core.text import counted, number_text, ratio_text


class GlobalPool(Kind):
    """One number for each channel, from all of its pixels."""

    family: ClassVar[Family] = "pooling"
    ranks: ClassVar = IMAGE

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        return (inputs[0][2],)

    def receptive_field(
        self, inputs: Sequence[Shape], fields: Sequence[ReceptiveField | None]
    ) -> ReceptiveField | None:
        return None

    def sights(self, inputs: Sequence[Shape]) -> tuple[AnySight, ...]:
        high, wide, c = inputs[0]
        return (Sight(everything(high, 1), everything(wide, 1), same(c)),)


class GlobalAvgPool2D(GlobalPool):
    """Averages each channel over the whole image: `y[c] = Σ x[i, j, c]/(H·W)`.

    It stands for the flattening and the large dense layers of older networks, and has nothing to learn.
    """

    stem: ClassVar = "gap"
    aliases: ClassVar = ("gap", "avgpool", "averagepool", "mean")
    source: ClassVar = "Lin, Chen and Yan, “Network In Network”, ICLR 2014, section 3.2"
    examples: ClassVar = (
        Example({}, ((7, 7, 512),), (512,), explanation=("7·7 = 49 values in each average",)),
        Example({}, ((3, 5, 2),), (2,)),
        Example({}, ((1, 1, 4),), (4,)),
    )

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        high, wide, _ = inputs[0]
        yield f"{high}·{wide} = {counted(high * wide, 'value')} in each average"

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        high, wide, c = inputs[0]
        yield f"y[c] = Σ x[i, j, c]/{high * wide}, over {values_product((high, wide))} pixels of each of {c} channels"

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        high, wide, _ = inputs[0]
        yield f"∂ℓ/∂x[i, j, c] = ∂ℓ/∂y[c]/{high * wide}: every pixel of a channel gets the same share"

    def explain_matrices(self, inputs: Sequence[Shape]) -> Iterator[str]:
        high, wide, c = inputs[0]
        n = high * wide
        yield f"y is a row of {n} times 1/{n} before the pixels: 1×{n} · {n}×{c} = 1×{c}"

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        return mean(self.read_at(xs, at), xs[0].shape[0] * xs[0].shape[1])

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        return ctx.keep("x", xs[0]).mean((1, 2))

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        n, high, wide, c = ctx.kept("x").shape
        return (np.broadcast_to((dy / (high * wide))[:, None, None], (n, high, wide, c)),), {}


class GlobalMaxPool2D(GlobalPool):
    """Keeps the largest value of each channel: `y[c] = max x[i, j, c]`.

    The first maximum, row by row, wins ties and gets the whole gradient.
    """

    stem: ClassVar = "gmp"
    aliases: ClassVar = ("gmp", "maxpool")
    source: ClassVar = "Oquab et al., “Is Object Localization for Free?”, CVPR 2015, section 3.1"
    examples: ClassVar = (
        Example({}, ((7, 7, 512),), (512,), explanation=("the largest of 7·7 = 49 values",)),
        Example({}, ((3, 5, 2),), (2,)),
    )

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        high, wide, _ = inputs[0]
        yield f"the largest of {high}·{wide} = {counted(high * wide, 'value')}"

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        high, wide, c = inputs[0]
        yield f"y[c] = max x[i, j, c], over {values_product((high, wide))} pixels of each of {c} channels"

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield "∂ℓ/∂x[i, j, c] = ∂ℓ/∂y[c]·1[(i, j) is the first largest pixel of channel c]"
        c, total = inputs[0][2], number_text(count(inputs[0]))
        yield f"So {number_text(c)} of {total} values get a gradient, one a channel, and all others 0."

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        return choice(self.read_at(xs, at).patches(0))

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        n, high, wide, c = ctx.keep("x", xs[0]).shape
        pixels = xs[0].reshape(n, high * wide, c)
        first = ctx.keep("first", pixels.argmax(1)[:, None])  # (N, 1, C)
        return np.take_along_axis(pixels, first, 1)[:, 0]

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        n, high, wide, c = ctx.kept("x").shape
        dx = np.zeros((n, high * wide, c), dy.dtype)
        np.put_along_axis(dx, ctx.kept("first"), dy[:, None], 1)
        return (dx.reshape(n, high, wide, c),), {}


class AdaptiveAvgPool2D(Kind):
    """Averages so many bins of nearly equal size that the output has the size asked for, whatever the input has.

    Bin i of an axis with W pixels and W' bins goes from pixel `⌊i·W/W'⌋` up to, not including, `⌈(i + 1)·W/W'⌉`; bins
    overlap by a pixel where W/W' is not whole.
    """

    stem: ClassVar = "pool"
    family: ClassVar[Family] = "pooling"
    ranks: ClassVar = IMAGE
    aliases: ClassVar = ("avgpool", "averagepool", "mean", "resize")
    source: ClassVar = "PyTorch, `torch.nn.AdaptiveAvgPool2d`"
    examples: ClassVar = (
        Example(
            {"output_size": 7},
            ((7, 14, 3),),
            (7, 7, 3),
            explanation=("7 rows in 7 bins of 1", "14 columns in 7 bins of 2"),
        ),
        Example(
            {"output_size": (3, 2)},
            ((7, 5, 2),),
            (3, 2, 2),
            explanation=("7 rows in 3 bins of 7/3 = 2.33: 1–3, 3–5, 5–7", "5 columns in 2 bins of 5/2 = 2.5: 1–3, 3–5"),
        ),
        Example({"output_size": 4}, ((3, 2, 1),), (4, 4, 1)),
        Example({"output_size": 1}, ((5, 6, 2),), (1, 1, 2)),
    )

    output_size: SizeField = hyper(start=1, help="Height and width of the output.")

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        return (*pair(self.output_size), inputs[0][2])

    def receptive_field(
        self, inputs: Sequence[Shape], fields: Sequence[ReceptiveField | None]
    ) -> ReceptiveField | None:
        """Widen by the largest bin; a single one sees the whole input."""
        if fields[0] is None or self.output_size == 1:
            return None
        axes = list(zip(inputs[0], pair(self.output_size), fields[0].size, fields[0].jump, strict=False))
        high, wide = (size + (_largest_bin(n, out) - 1) * jump for n, out, size, jump in axes)
        jump_h, jump_w = (Fraction(n, out) * jump for n, out, _, jump in axes)
        return ReceptiveField((high, wide), (jump_h, jump_w))

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        for n, out, noun in zip(inputs[0], pair(self.output_size), ("row", "column"), strict=False):
            size, bins = Fraction(n, out), f"{counted(n, noun)} in {counted(out, 'bin')} of"
            if size.denominator == 1:
                yield f"{bins} {size}"
            else:
                first = [f"{start + 1}–{end}" for start, end in (_bin(i, n, out) for i in range(min(out, 4)))]
                more = ", …" if out > 4 else ""
                yield f"{bins} {n}/{out} = {ratio_text(size)}: {', '.join(first)}{more}"

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield "y[i, j, c] is the mean of x over the rows of bin i and the columns of bin j, each channel by itself."
        for noun, place, n, out in zip(("row", "column"), "ij", inputs[0], pair(self.output_size), strict=False):
            yield f"Bin {place} has the {noun}s from ⌊{place}·{n}/{out}⌋ to below ⌈({place} + 1)·{n}/{out}⌉."

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield "∂ℓ/∂x[p, q, c] = Σ ∂ℓ/∂y[i, j, c]/(number of pixels in the bin) over the bins that contain (p, q)"

    def explain_matrices(self, inputs: Sequence[Shape]) -> Iterator[str]:
        (high, wide, _), (rows, columns) = inputs[0], pair(self.output_size)
        yield (
            f"For each channel Y = R·X·Cᵀ: {rows}×{high} · {high}×{wide} · {wide}×{columns} = {rows}×{columns}, where "
            "every row of R and of C holds the shares of a bin, which add up to 1"
        )
        yield "∂ℓ/∂X = Rᵀ·∂ℓ/∂Y·C"

    def sights(self, inputs: Sequence[Shape]) -> tuple[AnySight, ...]:
        rows, columns = (
            uneven(n, [range(*_bin(i, n, out)) for i in range(out)])
            for n, out in zip(inputs[0], pair(self.output_size), strict=False)
        )
        return (Sight(rows, columns, same(inputs[0][2])),)

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        block = self.read_at(xs, at)
        return mean(block, block.values.size)

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        (x,) = xs
        return _along_axes(*self._shares(ctx.keep("image", x.shape[1:])), x)

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        rows, columns = self._shares(ctx.kept("image"))
        return (_along_axes(rows.T, columns.T, dy),), {}

    def _shares(self, image: Shape) -> tuple[Array, Array]:
        """Return what share each pixel has in each bin, (H', H) and (W', W)."""
        rows, columns = (_averaging(n, out) for n, out in zip(image, pair(self.output_size), strict=False))
        return rows, columns


def _bin(i: int, n: int, out: int) -> tuple[int, int]:
    return i * n // out, -(-(i + 1) * n // out)


def _largest_bin(n: int, out: int) -> int:
    """Return the size of the largest bin: `i·n mod out` takes every multiple of their common divisor."""
    shared = gcd(n, out)
    return -(-(n // shared + out // shared - 1) // (out // shared))


def _averaging(n: int, out: int) -> Array:
    starts, ends = np.array([_bin(i, n, out) for i in range(out)]).T[:, :, None]
    pixels = np.arange(n)
    return ((pixels >= starts) & (pixels < ends)) / (ends - starts)


def _along_axes(rows: Array, columns: Array, x: Array) -> Array:
    """Map height and width: `y[i, j] = Σ rows[i, h]·columns[j, w]·x[h, w]`; transposed matrices give the backward.

    Parameters
    ----------
    rows, columns : array, (H', H) and (W', W)
    x : array, (N, H, W, C)

    Returns
    -------
    array, (N, H', W', C)
    """
    across = columns.astype(x.dtype) @ x  # (N, H, W', C)
    n, high, wide, c = across.shape
    return (rows.astype(x.dtype) @ across.reshape(n, high, wide * c)).reshape(n, len(rows), wide, c)
