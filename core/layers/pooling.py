"""Layers that summarise windows of each channel by one number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

import numpy as np

from core.declare import PaddingField, SizeField, hyper
from core.layers.explanation import values_product
from core.layers.kind import IMAGE, Array, Arrays, Context, Example, Family, Kind, ReceptiveField
from core.layers.sight import AnySight, same, slid_over
from core.layers.sliding import border_text, overlaps, reads, slide_field, slide_field_lines
from core.layers.working_out import choice, mean, terms_within
from core.layers.workings import Cell, Step, Workings
from core.problems import Problem, set_fix
from core.shapes import Shape, Size, count, pair, shortest_size
from core.sliding_windows import Axis, PoolRounding, Window, window, window_problems
from core.text import number_text, setting_text


class Pool(Kind):
    """A window that slides over each channel on its own and has nothing to learn."""

    family: ClassVar[Family] = "pooling"
    ranks: ClassVar = IMAGE

    pool_size: SizeField = hyper(2, letter="F", headline=True, help="Height and width of a window.")
    stride: SizeField | None = hyper(
        None, letter="S", help="How many pixels a window moves at a time; none: its own size."
    )
    padding: PaddingField = hyper(0, letter="P", help="Pixels around the image.")
    rounding: PoolRounding = hyper("exact", help="What to do when the window does not fit a whole number of times.")

    def spacing(self) -> Size:
        """Return the distance between the pixels that a window reads."""
        return 1

    def window(self, image: Shape) -> Window:
        """Lay the pool over an image."""
        stride = self.pool_size if self.stride is None else self.stride
        return window(image, self.pool_size, stride, self.padding, self.spacing(), self.rounding)

    def problems(self, inputs: Sequence[Shape]) -> Iterator[Problem]:
        window = self.window(inputs[0])
        wide = [axis for axis in window.axes if max(axis.before, axis.after) > axis.f / 2]
        if wide and self.padding != "same":
            axis, (high, across) = wide[0], pair(self.pool_size)
            most = shortest_size((high // 2, across // 2))
            yield Problem(
                "POOL-PADDING",
                field="padding",
                what=f"padding {setting_text(self.padding)} is more than half of the pool's {axis.f} pixels",
                why=f"{max(axis.before, axis.after)} > {axis.f}/2: a window could lie in the padding alone.",
                fixes=(
                    set_fix(f"Use padding {setting_text(most)}", padding=most),
                    set_fix("Use no padding", padding=0),
                ),
            )
            return
        stride = self.pool_size if self.stride is None else self.stride
        yield from window_problems(
            window, "pool", "pool_size", size=self.pool_size, stride=stride, padding=self.padding
        )

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        return (*self.window(inputs[0]).out, inputs[0][2])

    def receptive_field(
        self, inputs: Sequence[Shape], fields: Sequence[ReceptiveField | None]
    ) -> ReceptiveField | None:
        return slide_field(self.window(inputs[0]), fields[0])

    def sights(self, inputs: Sequence[Shape]) -> tuple[AnySight, ...]:
        return (slid_over(self.window(inputs[0]), same(inputs[0][2])),)

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield from self.window(inputs[0]).formulas()

    def explain_matrices(self, inputs: Sequence[Shape]) -> Iterator[str]:
        window, output = self.window(inputs[0]), self.output_shape(inputs)
        yield (
            f"X_col is {window.high.f * window.wide.f}×{count(output)}: for each of {values_product(output)} windows a "
            f"column, in it the {_area(window)} pixels that it reads"
        )

    def explain_field(self, inputs: Sequence[Shape], fields: Sequence[ReceptiveField | None]) -> Iterator[str]:
        yield from slide_field_lines(self.window(inputs[0]), fields[0])


class MaxPool2D(Pool):
    """Keeps the largest value of every window, channel by channel.

    Padding counts as −∞. The first maximum, row by row, wins ties and gets the whole gradient.
    """

    stem: ClassVar = "pool"
    aliases: ClassVar = ("maxpool", "pool", "subsampling", "downsampling")
    source: ClassVar = "CS231n, “Convolutional Networks”, Pooling Layer"
    examples: ClassVar = (
        Example({}, ((28, 28, 6),), (14, 14, 6), explanation=("(28 − 2)/2 + 1 = 14",)),
        Example({"pool_size": 3, "stride": 2}, ((55, 55, 96),), (27, 27, 96)),
        Example({"pool_size": 3, "stride": 2, "padding": 1, "rounding": "ceil"}, ((6, 6, 2),), (4, 4, 2)),
        Example({"pool_size": (3, 2), "stride": 1, "dilation": (2, 1)}, ((7, 5, 2),), (3, 4, 2)),
        Example({"pool_size": 2, "stride": 2, "rounding": "floor"}, ((5, 7, 1),), (2, 3, 1)),
    )

    dilation: SizeField = hyper(1, help="Distance between the pixels a window reads; 1 means neighbours.")

    def spacing(self) -> Size:
        return self.dilation

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        window = self.window(inputs[0])
        yield f"y[i, j, c] = max x[{reads(window)}, c]: the largest of {_area(window)} pixels, each channel by itself"
        border = border_text(window)
        if border:
            yield f"Around the image stands −∞, which never wins: {border}."

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        window, output = self.window(inputs[0]), self.output_shape(inputs)
        yield "∂ℓ/∂x[p, q, c] = Σ ∂ℓ/∂y[i, j, c]·1[(p, q) is the first largest pixel of window (i, j)]"
        most = min(count(output), count(inputs[0]))
        yield f"At most {number_text(most)} of {values_product(inputs[0])} values get a gradient, all others 0."
        yield _overlap_text(window)

    def explain_matrices(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield from super().explain_matrices(inputs)
        yield "y is the largest value of each column; backwards its gradient goes to the row that won, the rest gets 0"

    def explain_memory(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield from super().explain_memory(inputs)
        yield f"To find the way back, which pixel won: {number_text(count(self.output_shape(inputs)))} indices a sample"

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        return choice(self.read_at(xs, at).patches(0))

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        (x,) = xs
        windows = self.window(x.shape[1:]).columns(x, fill=-np.inf)
        n, high, wide, fh, fw, c = ctx.keep("shape", windows.shape)
        ctx.keep("image", x.shape[1:])
        flat = windows.reshape(n, high, wide, fh * fw, c)
        first = ctx.keep("first", flat.argmax(3)[:, :, :, None])  # (N, H', W', 1, C)
        return np.take_along_axis(flat, first, 3)[:, :, :, 0]

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        n, high, wide, fh, fw, c = ctx.kept("shape")
        dwindows = np.zeros((n, high, wide, fh * fw, c), dy.dtype)
        np.put_along_axis(dwindows, ctx.kept("first"), dy[:, :, :, None], 3)
        return (self.window(ctx.kept("image")).scatter(dwindows.reshape(n, high, wide, fh, fw, c)),), {}


class AvgPool2D(Pool):
    """Averages every window, channel by channel.

    A window that reaches beyond the padded image is averaged over what lies inside. With `count_padding` the zeros of
    the padding count as values, without it only the image's own pixels do.
    """

    stem: ClassVar = "pool"
    aliases: ClassVar = ("avgpool", "averagepool", "mean", "pool", "subsampling", "downsampling")
    source: ClassVar = "CS231n, “Convolutional Networks”, General pooling"
    examples: ClassVar = (
        Example({}, ((28, 28, 6),), (14, 14, 6)),
        Example({"pool_size": 3, "stride": 2, "padding": 1, "rounding": "ceil"}, ((6, 6, 2),), (4, 4, 2)),
        Example({"pool_size": 3, "stride": 2, "padding": "same", "count_padding": False}, ((5, 6, 2),), (3, 3, 2)),
    )

    count_padding: bool = hyper(True, help="Whether the zeros of the padding count in the average.")

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        window, border = self.window(inputs[0]), border_text(self.window(inputs[0]))
        n = self._divisor(window)
        yield f"y[i, j, c] = Σ x[{reads(window)}, c]/{n}: the mean of {_area(window)} pixels, each channel by itself"
        if border and self.count_padding:
            yield f"Around the image stand zeros, and count: {border}."
        elif border:
            yield f"Around the image nothing counts ({border}): at the border n is smaller."
        if self.count_padding and any(axis.overhang for axis in window.axes):
            yield "Of a window that reaches beyond the padding, n is what lies inside."

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        window = self.window(inputs[0])
        n = self._divisor(window)
        yield f"∂ℓ/∂x[p, q, c] = Σ ∂ℓ/∂y[i, j, c]/{n} over the windows (i, j) that contain pixel (p, q)"
        yield _overlap_text(window)

    def explain_matrices(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield from super().explain_matrices(inputs)
        window, columns = self.window(inputs[0]), count(self.output_shape(inputs))
        size, n = window.high.f * window.wide.f, self._divisor(window)
        yield f"y is a row of {size} times 1/{n} before it: 1×{size} · {size}×{columns} = 1×{columns}"

    def _divisor(self, window: Window) -> str:
        """Write by how much sums are divided; n where that is not the same for all windows."""
        same = self.count_padding or border_text(window) is None
        even = same and not any(axis.overhang for axis in window.axes)
        return str(window.high.f * window.wide.f) if even else "n"

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        n = int(self.counts(self.window(xs[0].shape))[at[0], at[1], 0])
        return mean(self.read_at(xs, at), n)

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        (x,) = xs
        window = self.window(ctx.keep("image", x.shape[1:]))
        return window.columns(x).sum((3, 4)) / self.counts(window).astype(x.dtype)

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        window = self.window(ctx.kept("image"))
        n, high, wide, c = dy.shape
        share = (dy / self.counts(window).astype(dy.dtype))[:, :, :, None, None]
        return (window.scatter(np.broadcast_to(share, (n, high, wide, window.high.f, window.wide.f, c))),), {}

    def counts(self, window: Window) -> Array:
        """Return how many values each window averages, (H', W', 1)."""
        high, wide = (_counted(axis, self.count_padding) for axis in window.axes)
        return (high[:, None] * wide)[:, :, None]


class L2Pool2D(Pool):
    """Takes the length of every window as a vector, channel by channel: `√Σx²`.

    Padding counts as 0. The gradient is `dx = dy·x/y`, and 0 where the whole window is 0.
    """

    stem: ClassVar = "pool"
    aliases: ClassVar = ("l2 norm", "lppool", "energy", "subsampling", "downsampling")
    source: ClassVar = "CS231n, “Convolutional Networks”, General pooling"
    examples: ClassVar = (
        Example({}, ((8, 6, 3),), (4, 3, 3), explanation=("(8 − 2)/2 + 1 = 4", "(6 − 2)/2 + 1 = 3")),
        Example({"pool_size": (3, 2), "stride": (1, 2), "padding": (1, 0)}, ((5, 4, 2),), (5, 2, 2)),
        Example({"pool_size": 3, "stride": 2, "padding": "same"}, ((5, 6, 1),), (3, 3, 1)),
        Example({"pool_size": 3, "stride": 2, "rounding": "ceil"}, ((6, 6, 2),), (3, 3, 2)),
    )

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        window = self.window(inputs[0])
        yield f"y[i, j, c] = √Σ x[{reads(window)}, c]²: the length of {_area(window)} pixels, each channel by itself"
        border = border_text(window)
        if border:
            yield f"Around the image stand zeros, which add nothing: {border}."

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield (
            "∂ℓ/∂x[p, q, c] = Σ ∂ℓ/∂y[i, j, c]·x[p, q, c]/y[i, j, c] over the windows (i, j) that contain pixel "
            "(p, q), where y is not 0"
        )
        yield _overlap_text(self.window(inputs[0]))

    def explain_matrices(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield from super().explain_matrices(inputs)
        yield "y is the length of each column; backwards each column is multiplied by ∂ℓ/∂y/y"

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        block = self.read_at(xs, at)
        length = float(np.sqrt(np.square(block.values).sum()))
        patches = block.patches(block.values / length if length else 0, block.values)
        step = Step("root of sum", "y", tuple(terms_within(patches[0])), length, "√Σx²")
        return Workings((step,), patches)

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        (x,) = xs
        windows = ctx.keep("windows", self.window(ctx.keep("image", x.shape[1:])).columns(x))
        return ctx.keep("y", np.sqrt(np.square(windows).sum((3, 4))))

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        y = ctx.kept("y")
        slope = np.divide(dy, y, out=np.zeros_like(y), where=y > 0)[:, :, :, None, None]
        return (self.window(ctx.kept("image")).scatter(slope * ctx.kept("windows")),), {}


def _area(window: Window) -> str:
    return f"{window.high.f}·{window.wide.f} = {number_text(window.high.f * window.wide.f)}"


def _overlap_text(window: Window) -> str:
    n = overlaps(window)
    if n == 1:
        return "No two windows overlap: a pixel gets the gradient of one at most."
    return f"A pixel lies in up to {n} windows: their gradients add up."


def _counted(axis: Axis, with_padding: bool) -> Array:
    first, last = (0, axis.n + axis.before + axis.after) if with_padding else (axis.before, axis.before + axis.n)
    read = axis.stride * np.arange(axis.out)[:, None] + axis.dilation * np.arange(axis.f)
    return ((read >= first) & (read < last)).sum(1)
