"""Filters that are not shared between places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from core.declare import LARGEST, PaddingField, SizeField, hyper
from core.layers.convolution_explained import Filters, convolution_forward, local_backward, local_matrices
from core.layers.kind import IMAGE, Array, Arrays, Context, Example, Family, Kind, ReceptiveField, Weight
from core.layers.sight import AnySight, crossed, everything, slid_over
from core.layers.sliding import slide_field, slide_field_lines
from core.layers.working_out import filtered
from core.layers.workings import Block, Cell, Workings
from core.problems import Problem
from core.shapes import Shape, pair
from core.sliding_windows import Rounding, Window, window, window_problems
from core.text import number_text


class LocallyConnected2D(Kind):
    """A convolution without sharing: every place of the output has K filters of its own.

    Sizes are those of a convolution, `W' = (W − F + 2P)/S + 1` per axis; the output is
    `y[i, j, k] = Σ w[i, j, (a, b, c), k]·x[S·i + a − P, S·j + b − P, c] + bias[i, j, k]`.
    Parameters `H'·W'·(F·F·C + 1)·K`.
    """

    stem: ClassVar = "local"
    family: ClassVar[Family] = "convolution"
    ranks: ClassVar = IMAGE
    aliases: ClassVar = ("unshared convolution", "local", "filter")
    source: ClassVar = "CS231n, “Convolutional Networks”, Parameter Sharing; Taigman et al., “DeepFace”, CVPR 2014"
    examples: ClassVar = (
        Example(
            {"filters": 96, "kernel_size": 11, "stride": 4},
            ((23, 27, 3),),
            (4, 5, 96),
            parameters=698_880,
            macs=696_960,
            explanation=(
                "(23 − 11)/4 + 1 = 4",
                "(27 − 11)/4 + 1 = 5",
                "4·5 places · (11·11·3 + 1)·96 = 698,880",
            ),
        ),
        Example({"filters": 2, "kernel_size": (1, 2), "padding": ((0, 1), (2, 0))}, ((3, 4, 2),), (4, 5, 2), 200, 160),
        Example(
            {"filters": 3, "kernel_size": 3, "stride": 2, "padding": "same", "bias": False},
            ((5, 4, 1),),
            (3, 2, 3),
            parameters=162,
            macs=162,
        ),
        Example({"filters": 1, "kernel_size": 2, "stride": 2, "rounding": "floor"}, ((5, 5, 2),), (2, 2, 1), 36, 32),
    )

    filters: int = hyper(
        letter="K", ge=1, le=LARGEST, start=16, steps="doubling", help="How many filters: the depth of the output."
    )
    kernel_size: SizeField = hyper(letter="F", start=3, steps="odd", help="Height and width of a filter.")
    stride: SizeField = hyper(1, letter="S", help="How many pixels lie between the places of two neighbouring filters.")
    padding: PaddingField = hyper(0, letter="P", help="Zeros around the image.")
    bias: bool = hyper(True, help="One more learned number per filter.")
    rounding: Rounding = hyper("exact", help="What to do when the filter does not fit a whole number of times.")

    def window(self, image: Shape) -> Window:
        """Lay the filters over an image."""
        return window(image, self.kernel_size, self.stride, self.padding, rounding=self.rounding)

    def problems(self, inputs: Sequence[Shape]) -> Iterator[Problem]:
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
        (high, wide), (fh, fw), c = self.window(inputs[0]).out, pair(self.kernel_size), inputs[0][2]
        reads = fh * fw * c
        kernel = Weight((high, wide, reads, self.filters), fan_in=reads, fan_out=fh * fw * self.filters)
        bias = {"bias": Weight((high, wide, self.filters), init="zeros")}
        return {"kernel": kernel} | (bias if self.bias else {})

    def macs(self, inputs: Sequence[Shape]) -> int:
        return self.weights(inputs)["kernel"].size

    def receptive_field(
        self, inputs: Sequence[Shape], fields: Sequence[ReceptiveField | None]
    ) -> ReceptiveField | None:
        return slide_field(self.window(inputs[0]), fields[0])

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        window = self.window(inputs[0])
        yield from window.formulas()
        (high, wide), (fh, fw), c = window.out, pair(self.kernel_size), inputs[0][2]
        filter_text = f"({fh}·{fw}·{c} + 1)" if self.bias else f"{fh}·{fw}·{c}"
        total = high * wide * (fh * fw * c + self.bias) * self.filters
        yield f"{high}·{wide} places · {filter_text}·{self.filters} = {number_text(total)}"

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield from convolution_forward(self._sliding(inputs[0]), "w[i, j, (a, b, c), k]", "bias[i, j, k]")

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield from local_backward(self._sliding(inputs[0]))

    def explain_matrices(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield from local_matrices(self._sliding(inputs[0]))

    def explain_field(self, inputs: Sequence[Shape], fields: Sequence[ReceptiveField | None]) -> Iterator[str]:
        yield from slide_field_lines(self.window(inputs[0]), fields[0])

    def _sliding(self, image: Shape) -> Filters:
        return Filters(self.window(image), self.filters, image[2], bias=self.bias)

    def sights(self, inputs: Sequence[Shape]) -> tuple[AnySight, ...]:
        return (slid_over(self.window(inputs[0]), everything(inputs[0][2], self.filters)),)

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        (sight,) = self.sights([xs[0].shape])
        block = Block.read(xs[0], sight, at)
        row, column, k = at
        taps = crossed((row,), (column,), range(block.values.size), (k,)).reshape(*block.values.shape, 4)
        return filtered(block, taps, weights, at)

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        (x,) = xs
        columns = self.window(ctx.keep("image", x.shape[1:])).columns(x)  # (N, H', W', F, F, C), a view
        n, high, wide = columns.shape[:3]
        places = ctx.keep("places", columns.reshape(n, high, wide, -1).transpose(1, 2, 0, 3))  # (H', W', N, F·F·C)
        y = (places @ weights["kernel"]).transpose(2, 0, 1, 3)
        return y + weights["bias"] if self.bias else y

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        places, window = ctx.kept("places"), self.window(ctx.kept("image"))
        d = dy.transpose(1, 2, 0, 3)  # (H', W', N, K)
        dkernel = places.swapaxes(2, 3) @ d
        dcolumns = (d @ weights["kernel"].swapaxes(2, 3)).transpose(2, 0, 1, 3)
        dx = window.scatter(dcolumns.reshape(*dcolumns.shape[:3], *pair(self.kernel_size), -1))
        return (dx,), {"kernel": dkernel} | ({"bias": dy.sum(0)} if self.bias else {})
