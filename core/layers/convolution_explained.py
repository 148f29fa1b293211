"""What convolutions of all kinds do forwards and backwards, in formulas with the numbers in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core.layers.explanation import by_axis, inner, signed, values_product
from core.layers.sliding import border_text, places_text, reads
from core.shapes import VALUE_BYTES, Shape, count
from core.sliding_windows import Axis, Window
from core.text import bytes_text, counted, number_text, ratio_text, shape_text


@dataclass(frozen=True, slots=True)
class Filters:
    """K filters that slide over an image.

    `depth` is how many channels one of them reads.
    """

    window: Window
    n: int
    depth: int
    groups: int = 1
    bias: bool = True

    @property
    def area(self) -> str:
        """The pixels of a filter, as a product."""
        return f"{self.window.high.f}·{self.window.wide.f}"

    @property
    def reads(self) -> int:
        """How many values a filter reads."""
        return self.window.high.f * self.window.wide.f * self.depth

    @property
    def output(self) -> Shape:
        """H'×W'×K."""
        return (*self.window.out, self.n)


def convolution_forward(filters: Filters, weight: str = "w[a, b, c, k]", bias: str = "bias[k]") -> Iterator[str]:
    """Write the sum that every value of the output is."""
    window = filters.window
    yield f"y[i, j, k] = Σ {weight}·x[{reads(window)}, c]{f' + {bias}' if filters.bias else ''}"
    values = count(filters.output)
    yield (
        f"Σ over {filters.area} pixels and {counted(filters.depth, 'channel')}: {number_text(filters.reads)} products "
        f"for each of {values_product(filters.output)} values"
    )
    macs = number_text(filters.reads * values)
    yield f"{number_text(filters.reads)}·{number_text(values)} = {macs} multiply–accumulates"
    border = border_text(window)
    if border:
        yield f"Outside the image x is 0: {border}."
    if filters.groups > 1:
        total = filters.groups * filters.depth
        alone = "one channel" if filters.depth == 1 else f"the {filters.depth} of {total} channels"
        yield f"There are {filters.groups} groups: a filter sees only {alone} of its group."


def convolution_backward(filters: Filters) -> Iterator[str]:
    """Write the three gradients; that of the image is a convolution too."""
    window = filters.window
    yield (
        f"∂ℓ/∂w[a, b, c, k] = Σ ∂ℓ/∂y[i, j, k]·x[{reads(window)}, c], summed over all {places_text(window)} because "
        "they share the weight, and over the batch"
    )
    if filters.bias:
        yield "∂ℓ/∂bias[k] = Σ ∂ℓ/∂y[i, j, k], over the same places and the batch"
    yield (
        f"∂ℓ/∂x is a convolution too: of ∂ℓ/∂y with the filters turned by 180°, {counted(filters.n, 'channel')} in and "
        f"{filters.depth * filters.groups} out"
    )
    if any(axis.stride > 1 for axis in window.axes):
        yield "It is a transposed convolution: zeros between the values of ∂ℓ/∂y undo the stride, then S = 1."
    yield from by_axis(*map(backward_size, window.axes))


def backward_size(axis: Axis) -> str:
    """Write one axis of the convolution that gives ∂ℓ/∂x, up to the size of the image.

    Its padding is F − 1 − P; what no window reads is padded at the end.
    """
    spread = axis.stride * (axis.out - 1) + 1
    parts = []
    if axis.stride > 1:
        parts.append(
            f"S − 1 = {axis.stride - 1} between neighbours: {axis.out} become "
            f"{axis.stride}·({axis.out} − 1) + 1 = {spread}"
        )
    wide = str(axis.f) if axis.dilation == 1 else f"({axis.dilation}·({axis.f} − 1) + 1)"
    margin, end = axis.span - 1 - axis.before, axis.span - 1 - axis.after
    padding = f"padding F − 1 − P = {wide} − 1 − {axis.before} = {signed(margin)}"
    if axis.before != axis.after:
        padding += f" before and {wide} − 1 − {axis.after} = {signed(end)} after"
    parts.append(padding + (" (where it is below 0, values are cut off)" if min(margin, end) < 0 else ""))
    rest = axis.n - (spread + margin + end - axis.span + 1)
    edges = f"2·{inner(margin)}" if margin == end else f"{inner(margin)} + {inner(end)}"
    tail = f" + {rest}" if rest > 0 else f" − {-rest}" if rest else ""
    unread = f", the last {axis.unread} of which no window reads" if axis.unread else ""
    parts.append(f"{spread} − {wide} + {edges} + 1{tail} = {axis.n}{unread}")
    return "; ".join(parts)


def convolution_matrices(filters: Filters) -> Iterator[str]:
    """Write the convolution as one product of matrices: the image unrolled by im2col, the filters as rows."""
    window, k = filters.window, filters.n // filters.groups
    places = window.out[0] * window.out[1]
    column, row, result = (filters.reads, places), (k, filters.reads), (k, places)
    if filters.groups > 1:
        yield f"For each of the {filters.groups} groups:"
    yield (
        f"X_col is {shape_text(column)}: for each of {places_text(window)} a column, in it the "
        f"{filters.area}·{filters.depth} = {number_text(filters.reads)} values that a filter reads there (im2col)"
    )
    yield f"W_row is {shape_text(row)}: for each filter a row"
    yield f"Y = W_row·X_col is {shape_text(row)} · {shape_text(column)} = {shape_text(result)}" + (
        f", laid out as {shape_text(filters.output)}" if filters.groups == 1 else ""
    )
    yield (
        f"∂ℓ/∂W_row = ∂ℓ/∂Y·X_colᵀ is {shape_text(result)} · {shape_text(column[::-1])}; ∂ℓ/∂X_col = W_rowᵀ·∂ℓ/∂Y is "
        f"{shape_text(row[::-1])} · {shape_text(result)}, each column added back where it was read (col2im)"
    )
    if all(axis.f == axis.stride == 1 for axis in window.axes) and border_text(window) is None:
        yield "With 1×1 filters, X_col holds the very values of the image: nothing needs to be unrolled."
        return
    n_columns = filters.groups * filters.reads * places
    yield (
        f"Unrolled, the image takes {number_text(n_columns)} values, {bytes_text(n_columns * VALUE_BYTES)}: "
        f"{ratio_text(round(n_columns / count(window.image), 2))} times as many as it has"
    )


def local_backward(filters: Filters) -> Iterator[str]:
    """Write the gradients of filters that are not shared."""
    window = filters.window
    yield (
        f"∂ℓ/∂w[i, j, (a, b, c), k] = ∂ℓ/∂y[i, j, k]·x[{reads(window)}, c], summed over the batch alone: each of "
        f"{places_text(window)} has its own weights"
    )
    if filters.bias:
        yield "∂ℓ/∂bias[i, j, k] = ∂ℓ/∂y[i, j, k], summed over the batch"
    yield "∂ℓ/∂x adds up Σ w[i, j, (a, b, c), k]·∂ℓ/∂y[i, j, k] of every place that read the pixel."
    shared = (filters.reads + filters.bias) * filters.n
    yield (
        f"A convolution of the same size shares one set of filters: ({filters.area}·{filters.depth}"
        f"{' + 1' if filters.bias else ''})·{filters.n} = {number_text(shared)} parameters, "
        f"{number_text(window.out[0] * window.out[1])} times fewer"
    )


def local_matrices(filters: Filters) -> Iterator[str]:
    """Write one product of matrices for each place."""
    size, k = filters.reads, filters.n
    product = f"N×{size} · {size}×{k} = N×{k}"
    yield f"At each of {places_text(filters.window)} a product of its own, {product} for a batch of N"
