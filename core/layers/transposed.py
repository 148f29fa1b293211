"""Layers that slide learned filters over their output: the transpose of a convolution."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import ClassVar

import numpy as np

from core.declare import LARGEST, EndField, PaddingField, SizeField, hyper
from core.layers.even_division import sharing_problems
from core.layers.kind import IMAGE, Array, Arrays, Context, Example, Family, Kind, ReceptiveField, Weight
from core.layers.sight import Sight, crossed, in_groups, uneven
from core.layers.spread import Spread
from core.layers.transposed_explained import (
    WrittenFilters,
    transposed_backward,
    transposed_field,
    transposed_forward,
    transposed_matrices,
)
from core.layers.working_out import filtered
from core.layers.workings import Block, Cell, Workings
from core.problems import Problem, set_fix
from core.shapes import Padding, Pair, Shape, margins, pair, shortest_size
from core.sliding_windows import Window, window
from core.text import number_text, setting_text, shape_text, with_article


class ConvTranspose2D(Kind):
    """Writes every input value into the output as a filter of F×F×K, S pixels apart, and adds what overlaps.

    It is the transpose of a convolution: its forward is the other's backward. Per axis `W' = S·(W − 1) + F − 2P`, plus
    `output_padding` rows or columns at the bottom or right; with dilation, F counts as `dilation·(F − 1) + 1`; with
    padding "same", `W' = S·W`. Parameters `F·F·C·K/groups + K`.
    """

    stem: ClassVar = "upconv"
    family: ClassVar[Family] = "convolution"
    ranks: ClassVar = IMAGE
    aliases: ClassVar = ("deconvolution", "deconv", "upconvolution", "fractionally strided", "upsampling", "filter")
    source: ClassVar = (
        "CS231n 2017, lecture 11, “Transpose Convolution”; "
        "Dumoulin and Visin, “A Guide to Convolution Arithmetic for Deep Learning”, 2016"
    )
    examples: ClassVar = (
        Example(
            {"filters": 8, "kernel_size": 4, "stride": 2, "padding": 1},
            ((7, 7, 3),),
            (14, 14, 8),
            parameters=392,
            macs=18_816,
            explanation=("2·(7 − 1) + 4 − 2·1 = 14", "4·4·3·8 + 8 = 392"),
        ),
        Example({"filters": 64, "kernel_size": 2, "stride": 2}, ((4, 4, 8),), (8, 8, 64), 2_112, 32_768),
        Example(
            {
                "filters": 4,
                "kernel_size": (3, 2),
                "stride": (2, 1),
                "padding": ((0, 1), (1, 0)),
                "output_padding": (1, 0),
            },
            ((3, 5, 2),),
            (7, 5, 4),
            parameters=52,
            macs=720,
            explanation=("2·(3 − 1) + 3 − 0 − 1 + 1 = 7", "1·(5 − 1) + 2 − 1 − 0 = 5", "3·2·2·4 + 4 = 52"),
        ),
        Example(
            {"filters": 6, "kernel_size": 3, "stride": 2, "dilation": (2, 1), "groups": 2, "bias": False},
            ((3, 4, 4),),
            (9, 9, 6),
            parameters=108,
            macs=1_296,
            explanation=("2·(3 − 1) + 2·(3 − 1) + 1 = 9", "2·(4 − 1) + 3 = 9", "3·3·4·6/2 = 108"),
        ),
        Example(
            {"filters": 2, "kernel_size": 3, "stride": (2, 4), "padding": "same"},
            ((3, 2, 1),),
            (6, 8, 2),
            parameters=20,
            macs=108,
            explanation=("3·2 = 6", "2·4 = 8", "3·3·1·2 + 2 = 20"),
        ),
    )

    filters: int = hyper(
        letter="K", ge=1, le=LARGEST, start=16, steps="doubling", help="How many channels the output has."
    )
    kernel_size: SizeField = hyper(letter="F", start=2, help="Height and width of what one value writes.")
    stride: SizeField = hyper(1, letter="S", help="How many pixels lie between what two neighbours write.")
    padding: PaddingField = hyper(0, letter="P", help="Pixels that are cut off around the output.")
    output_padding: EndField = hyper(0, help="Rows and columns that are added at the bottom and right.")
    dilation: SizeField = hyper(1, help="Distance between the pixels that one value writes; 1 means neighbours.")
    groups: int = hyper(1, ge=1, le=LARGEST, help="Splits the channels; each group writes its own part of the output.")
    bias: bool = hyper(True, help="One more learned number per channel of the output.")

    def spreads(self, image: Shape) -> tuple[Spread, Spread]:
        """Lay the filters over the output of an image, height first."""
        sizes, strides, dilations = pair(self.kernel_size), pair(self.stride), pair(self.dilation)
        spans = [d * (f - 1) + 1 for f, d in zip(sizes, dilations, strict=True)]
        extras = pair(self.output_padding)
        high, wide = (
            Spread(n, f, s, d, before, after, extra, self.padding == "same")
            for n, f, s, d, (before, after), extra in zip(
                image[:2], sizes, strides, dilations, _sides(self.padding, spans, strides), extras, strict=True
            )
        )
        return high, wide

    def problems(self, inputs: Sequence[Shape]) -> Iterator[Problem]:
        yield from sharing_problems("groups", self.groups, channel=inputs[0][2], filter=self.filters)
        spreads = self.spreads(inputs[0])
        yield from self._problems_of_extra(spreads)
        gone = next((axis for axis in spreads if axis.out < 1), None)
        if gone is not None:
            high, wide = (max(0, (axis.canvas - 1) // 2) for axis in spreads)
            most = min(high, wide) if isinstance(self.padding, int) else shortest_size((high, wide))
            yield Problem(
                "SHAPE-SMALL",
                field="padding",
                what=f"padding {setting_text(self.padding)} leaves no output "
                f"of {with_article(shape_text(inputs[0][:2]))} input",
                why=f"{gone.formula()}, and at least 1 must be left.",
                fixes=tuple(set_fix(f"Use padding {setting_text(new)}", padding=new) for new in {most: 1, 0: 1}),
                spoils="output",
            )

    def _problems_of_extra(self, spreads: tuple[Spread, Spread]) -> Iterator[Problem]:
        if self.padding == "same" and self.output_padding:
            yield Problem(
                "OUTPUT-PADDING",
                field="output_padding",
                what=f'output padding {setting_text(self.output_padding)} has no place with padding "same"',
                why=f'"same" makes the output {shape_text(tuple(a.n * a.stride for a in spreads))}, whatever is added.',
                fixes=(set_fix("Use no output padding", output_padding=0),),
                spoils="output",
            )
            return
        most = tuple(max(axis.stride, axis.dilation) - 1 for axis in spreads)
        wrong = next((axis for axis, limit in zip(spreads, most, strict=True) if axis.extra > limit), None)
        if wrong is not None:
            less = shortest_size((min(spreads[0].extra, most[0]), min(spreads[1].extra, most[1])))
            yield Problem(
                "OUTPUT-PADDING",
                field="output_padding",
                what=f"output padding {setting_text(self.output_padding)} is too large",
                why=f"It must be below the stride or the dilation: {wrong.extra} is not below "
                f"{max(wrong.stride, wrong.dilation)}.",
                fixes=(set_fix(f"Use output padding {setting_text(less)}", output_padding=less),),
                spoils="output",
            )

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        high, wide = self.spreads(inputs[0])
        return (high.out, wide.out, self.filters)

    def weights(self, inputs: Sequence[Shape]) -> Mapping[str, Weight]:
        (fh, fw), (sh, sw), c = pair(self.kernel_size), pair(self.stride), inputs[0][2]
        depth = self.filters // self.groups
        # S pixels apart, no more than ⌈F/S⌉ filters meet in one pixel.
        met = -(-fh // sh) * -(-fw // sw)
        kernel = Weight((fh, fw, c, depth), fan_in=met * c // self.groups, fan_out=fh * fw * depth)
        return {"kernel": kernel} | ({"bias": Weight((self.filters,), init="zeros")} if self.bias else {})

    def macs(self, inputs: Sequence[Shape]) -> int:
        high, wide, _ = inputs[0]
        return high * wide * self.weights(inputs)["kernel"].size

    def receptive_field(
        self, inputs: Sequence[Shape], fields: Sequence[ReceptiveField | None]
    ) -> ReceptiveField | None:
        """Widen by the neighbours that write to the same pixel: `r += (⌈F/S⌉ − 1)·j`, then `j /= S`."""
        if fields[0] is None:
            return None
        axes = list(zip(self.spreads(inputs[0]), fields[0].size, fields[0].jump, strict=True))
        high, wide = (size + (-(-axis.span // axis.stride) - 1) * jump for axis, size, jump in axes)
        jump_h, jump_w = (Fraction(jump) / axis.stride for axis, _, jump in axes)
        return ReceptiveField((high, wide), (jump_h, jump_w))

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        high, wide = self.spreads(inputs[0])
        yield high.formula()
        if wide != high:
            yield wide.formula()
        (fh, fw), c = pair(self.kernel_size), inputs[0][2]
        shared = f"/{self.groups}" if self.groups > 1 else ""
        n_kernel = self.weights(inputs)["kernel"].size
        yield f"{fh}·{fw}·{c}·{self.filters}{shared}{f' + {self.filters}' if self.bias else ''} = " + number_text(
            n_kernel + self.bias * self.filters
        )

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield from transposed_forward(self._written(inputs[0]))

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield from transposed_backward(self._written(inputs[0]))

    def explain_matrices(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield from transposed_matrices(self._written(inputs[0]))

    def explain_field(self, inputs: Sequence[Shape], fields: Sequence[ReceptiveField | None]) -> Iterator[str]:
        yield from transposed_field(self.spreads(inputs[0]), fields[0], self.receptive_field(inputs, fields))

    def _written(self, image: Shape) -> WrittenFilters:
        return WrittenFilters(self.spreads(image), image[2], self.filters, self.groups, self.bias)

    def sights(self, inputs: Sequence[Shape]) -> tuple[Sight]:
        rows, columns = (
            uneven(axis.n, [axis.cells_at(i) for i in range(axis.out)]) for axis in self.spreads(inputs[0])
        )
        return (Sight(rows, columns, in_groups(inputs[0][2], self.filters, self.groups)),)

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        (x,), (sight,) = xs, self.sights([xs[0].shape])
        block = Block.read(x, sight, at)
        offsets = [
            [axis.offset(place, cell) for cell in along.read_by(place).tolist()]
            for axis, along, place in zip(self.spreads(x.shape), (sight.rows, sight.columns), at[:2], strict=True)
        ]
        channels = sight.channels.read_by(at[2])
        taps = crossed(*offsets, channels, (at[2] % weights["kernel"].shape[3],))[:, :, :, 0]
        return filtered(block, taps, weights, at[2:])

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        (x,) = xs
        n, high, wide, c = ctx.keep("x", x).shape
        grouped = x.reshape(n, high, wide, self.groups, c // self.groups)
        columns = np.einsum("nhwgc,fgck->nhwfgk", grouped, self._grouped(weights["kernel"]), optimize=True)
        canvas = self._canvas(x.shape[1:]).scatter(columns.reshape(n, high, wide, *pair(self.kernel_size), -1))
        rows, across = self.spreads(x.shape[1:])
        y = np.zeros((n, rows.out, across.out, self.filters), x.dtype)
        y[:, : rows.kept, : across.kept] = canvas[:, *_cut(rows, across)]
        return y + weights["bias"] if self.bias else y

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        x = ctx.kept("x")
        n, high, wide, c = x.shape
        rows, across = self.spreads(x.shape[1:])
        dcanvas = np.zeros((n, rows.canvas, across.canvas, self.filters), dy.dtype)
        dcanvas[:, *_cut(rows, across)] = dy[:, : rows.kept, : across.kept]
        dcolumns = self._canvas(x.shape[1:]).columns(dcanvas)  # (N, H, W, F, F, K), a view
        dcolumns = dcolumns.reshape(n, high, wide, -1, self.groups, self.filters // self.groups)
        grouped = x.reshape(n, high, wide, self.groups, c // self.groups)
        dkernel = np.einsum("nhwgc,nhwfgk->fgck", grouped, dcolumns, optimize=True).reshape(weights["kernel"].shape)
        dx = np.einsum("nhwfgk,fgck->nhwgc", dcolumns, self._grouped(weights["kernel"]), optimize=True)
        return (dx.reshape(x.shape),), {"kernel": dkernel} | ({"bias": dy.sum((0, 1, 2))} if self.bias else {})

    def _canvas(self, image: Shape) -> Window:
        """Lay the convolution whose transpose this is over the canvas; it has as many places as the image has cells."""
        rows, across = self.spreads(image)
        return window((rows.canvas, across.canvas, self.filters), self.kernel_size, self.stride, 0, self.dilation)

    def _grouped(self, kernel: Array) -> Array:
        """(F, F, C, K/groups) -> (F·F, groups, C/groups, K/groups)."""
        return kernel.reshape(-1, self.groups, kernel.shape[2] // self.groups, kernel.shape[3])


def _sides(padding: Padding, spans: Sequence[int], strides: Pair) -> tuple[Pair, Pair]:
    """Return what is cut off before and after, per axis; below 0 where zeros are added."""
    if padding != "same":
        return margins(padding)
    totals = [span - s for span, s in zip(spans, strides, strict=True)]
    high, wide = ((max(0, total) // 2, total - max(0, total) // 2) for total in totals)
    return high, wide


def _cut(rows: Spread, across: Spread) -> tuple[slice, slice]:
    """Return the part of the canvas that is kept."""
    return slice(rows.before, rows.before + rows.kept), slice(across.before, across.before + across.kept)
