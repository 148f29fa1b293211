"""Layers that slide learned filters over an image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

import numpy as np

from core.declare import LARGEST, PaddingField, SizeField, hyper
from core.layers.convolution_explained import Filters, convolution_backward, convolution_forward, convolution_matrices
from core.layers.even_division import sharing_problems
from core.layers.kind import IMAGE, Array, Arrays, Context, Example, Family, Kind, ReceptiveField, Weight
from core.layers.sight import AnySight, crossed, in_groups, slid_over
from core.layers.sliding import slide_field, slide_field_lines
from core.layers.working_out import filtered
from core.layers.workings import Block, Cell, Workings
from core.problems import Problem
from core.shapes import Shape, pair
from core.sliding_windows import Rounding, Window, window, window_problems
from core.text import number_text


class Conv2D(Kind):
    """K filters of F×F×(C/groups) slide over the image; each writes one channel of the output.

    Per axis `W' = (W − F + 2P)/S + 1`; with dilation, F counts as `dilation·(F − 1) + 1`. It computes the
    cross-correlation, as all frameworks do: `y[i, j, k] = Σ w[a, b, c, k]·x[S·i + a − P, S·j + b − P, c] + bias[k]`.
    Parameters `(F·F·C/groups + 1)·K`.
    """

    stem: ClassVar = "conv"
    family: ClassVar[Family] = "convolution"
    ranks: ClassVar = IMAGE
    aliases: ClassVar = ("conv", "convolution", "filter", "kernel")
    source: ClassVar = "CS231n, “Convolutional Networks”, Convolutional Layer"
    examples: ClassVar = (
        Example(
            {"filters": 10, "kernel_size": 5, "padding": 2},
            ((32, 32, 3),),
            (32, 32, 10),
            parameters=760,
            macs=768_000,
            explanation=("(32 − 5 + 2·2)/1 + 1 = 32", "(5·5·3 + 1)·10 = 760"),
        ),
        Example({"filters": 96, "kernel_size": 11, "stride": 4}, ((227, 227, 3),), (55, 55, 96), 34_944, 105_415_200),
        Example({"filters": 3, "kernel_size": 5, "stride": 2}, ((11, 11, 4),), (4, 4, 3), 303, 4_800),
        Example(
            {"filters": 1, "kernel_size": 5, "stride": 2, "rounding": "floor"},
            ((100, 100, 1),),
            (48, 48, 1),
            26,
            57_600,
        ),
        Example({"filters": 4, "kernel_size": 3, "padding": "same", "stride": 2}, ((6, 5, 2),), (3, 3, 4), 76, 648),
        Example(
            {
                "filters": 6,
                "kernel_size": (1, 3),
                "padding": ((0, 1), (2, 0)),
                "dilation": (1, 2),
                "groups": 2,
                "bias": False,
            },
            ((5, 6, 4),),
            (6, 4, 6),
            parameters=36,
            macs=864,
        ),
        Example({"filters": 8, "kernel_size": 3, "groups": 4}, ((5, 5, 4),), (3, 3, 8), 80, 648),
    )

    filters: int = hyper(
        letter="K", ge=1, le=LARGEST, start=32, steps="doubling", help="How many filters: the depth of the output."
    )
    kernel_size: SizeField = hyper(letter="F", start=3, steps="odd", help="Height and width of a filter.")
    stride: SizeField = hyper(1, letter="S", help="How many pixels a filter moves at a time.")
    padding: PaddingField = hyper(0, letter="P", help="Zeros around the image.")
    dilation: SizeField = hyper(1, help="Distance between the pixels a filter reads; 1 means neighbours.")
    groups: int = hyper(1, ge=1, le=LARGEST, help="Splits the channels; a filter sees only its own group.")
    bias: bool = hyper(True, help="One more learned number per filter.")
    rounding: Rounding = hyper("exact", help="What to do when the filter does not fit a whole number of times.")

    def window(self, image: Shape) -> Window:
        """Lay the filter over an image."""
        return window(image, self.kernel_size, self.stride, self.padding, self.dilation, self.rounding)

    def problems(self, inputs: Sequence[Shape]) -> Iterator[Problem]:
        yield from sharing_problems("groups", self.groups, channel=inputs[0][2], filter=self.filters)
        yield from window_problems(
            self.window(inputs[0]),
            "filter",
            "kernel_size",
            size=self.kernel_size,
            stride=self.stride,
            padding=self.padding,
        )

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        return (*self.window(inputs[0]).out, self.filters)

    def weights(self, inputs: Sequence[Shape]) -> Mapping[str, Weight]:
        """Return kernel and bias; an input value feeds the filters of its own group alone: fan-out `F·F·K/groups`.

        The gradient that flows back to it sums over just these, which is what Glorot's variance asks about. PyTorch
        counts all K filters, whatever the groups.
        """
        (fh, fw), depth = pair(self.kernel_size), inputs[0][2] // self.groups
        kernel = Weight(
            (fh, fw, depth, self.filters), fan_in=fh * fw * depth, fan_out=fh * fw * self.filters // self.groups
        )
        return {"kernel": kernel} | ({"bias": Weight((self.filters,), init="zeros")} if self.bias else {})

    def macs(self, inputs: Sequence[Shape]) -> int:
        high, wide = self.window(inputs[0]).out
        return high * wide * self.weights(inputs)["kernel"].size

    def receptive_field(
        self, inputs: Sequence[Shape], fields: Sequence[ReceptiveField | None]
    ) -> ReceptiveField | None:
        return slide_field(self.window(inputs[0]), fields[0])

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield from self.window(inputs[0]).formulas()
        fh, fw, depth, k = self.weights(inputs)["kernel"].shape
        filter_text = f"({fh}·{fw}·{depth} + 1)" if self.bias else f"{fh}·{fw}·{depth}"
        yield f"{filter_text}·{k} = {number_text((fh * fw * depth + self.bias) * k)}"

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield from convolution_forward(self._sliding(inputs[0]))

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield from convolution_backward(self._sliding(inputs[0]))

    def explain_matrices(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield from convolution_matrices(self._sliding(inputs[0]))

    def explain_field(self, inputs: Sequence[Shape], fields: Sequence[ReceptiveField | None]) -> Iterator[str]:
        yield from slide_field_lines(self.window(inputs[0]), fields[0])

    def _sliding(self, image: Shape) -> Filters:
        return Filters(self.window(image), self.filters, image[2] // self.groups, self.groups, self.bias)

    def sights(self, inputs: Sequence[Shape]) -> tuple[AnySight, ...]:
        return (slid_over(self.window(inputs[0]), in_groups(inputs[0][2], self.filters, self.groups)),)

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        (sight,) = self.sights([xs[0].shape])
        fh, fw, depth, _ = weights["kernel"].shape
        taps = crossed(range(fh), range(fw), range(depth), at[2:])[:, :, :, 0]
        return filtered(Block.read(xs[0], sight, at), taps, weights, at[2:])

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        (x,) = xs
        columns = self.window(x.shape[1:]).columns(x)  # (N, H', W', F, F, C), a view
        n, high, wide, fh, fw, c = columns.shape
        columns = ctx.keep("columns", columns.reshape(n, high, wide, fh * fw, self.groups, c // self.groups))
        ctx.keep("image", x.shape[1:])
        y = np.einsum("nhwfgc,fcgk->nhwgk", columns, self._grouped(weights["kernel"]), optimize=True)
        y = y.reshape(n, high, wide, self.filters)
        return y + weights["bias"] if self.bias else y

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        columns, window = ctx.kept("columns"), self.window(ctx.kept("image"))
        n, high, wide, _, g, depth = columns.shape
        d = dy.reshape(n, high, wide, g, -1)  # (N, H', W', groups, K/groups)
        dkernel = np.einsum("nhwfgc,nhwgk->fcgk", columns, d, optimize=True).reshape(weights["kernel"].shape)
        dcolumns = np.einsum("nhwgk,fcgk->nhwfgc", d, self._grouped(weights["kernel"]), optimize=True)
        dx = window.scatter(dcolumns.reshape(n, high, wide, *pair(self.kernel_size), g * depth))
        return (dx,), {"kernel": dkernel} | ({"bias": dy.sum((0, 1, 2))} if self.bias else {})

    def _grouped(self, kernel: Array) -> Array:
        """(F, F, C/groups, K) -> (F·F, C/groups, groups, K/groups)."""
        return kernel.reshape(-1, kernel.shape[2], self.groups, self.filters // self.groups)
