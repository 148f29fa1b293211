"""What transposed convolutions do forwards and backwards, in formulas with the numbers in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core.layers.explanation import by_axis, field_lines, index_text, inner, seen_text, signed
from core.layers.spread import Spread
from core.layers.values import ReceptiveField
from core.text import counted, number_text, ratio_text, shape_text


@dataclass(frozen=True, slots=True)
class WrittenFilters:
    """K filters, each of which every value of an image of `channels` channels writes into the output."""

    spreads: tuple[Spread, Spread]
    channels: int
    n: int
    groups: int = 1
    bias: bool = True

    @property
    def places(self) -> int:
        """How many pixels the image has."""
        high, wide = self.spreads
        return high.n * wide.n

    @property
    def places_text(self) -> str:
        """The pixels of the image, as a product."""
        high, wide = self.spreads
        return f"{high.n}·{wide.n}"


def transposed_forward(filters: WrittenFilters) -> Iterator[str]:
    """Write what every value adds to the output, and the convolution that comes to the same."""
    high, wide = filters.spreads
    bias = ", and then bias[k]" if filters.bias else ""
    yield f"y[{_writes(filters.spreads)}, k] gets x[i, j, c]·w[a, b, c, k] of every value and pixel{bias}."
    apart = f"{high.stride}×{wide.stride} pixels" if high.stride != wide.stride else f"{high.stride} pixels"
    written = shape_text((high.f, wide.f, filters.n // filters.groups))
    yield f"So each of {filters.places_text} places writes {written} values, {apart} apart; what overlaps adds up."
    if high.dilation == wide.dilation == 1:
        yield _evenness(high, wide)
    yield "It is the same as a convolution with zeros between the values and the filters turned by 180°, S = 1:"
    yield from by_axis(*map(_as_convolution, filters.spreads))


def _writes(spreads: tuple[Spread, Spread]) -> str:
    return ", ".join(
        index_text(place, axis.stride, offset, axis.dilation, axis.before)
        for place, offset, axis in zip("ij", "ab", spreads, strict=True)
    )


def _evenness(high: Spread, wide: Spread) -> str:
    most = -(-high.f // high.stride) * -(-wide.f // wide.stride)
    met = f"up to ⌈{high.f}/{high.stride}⌉·⌈{wide.f}/{wide.stride}⌉ = {counted(most, 'value')}"
    uneven = next((axis for axis in (high, wide) if axis.f % axis.stride), None)
    if uneven is None:
        return f"In a pixel meet {met}, equally many in all but the border, because F is a multiple of S."
    return (
        f"In a pixel meet {met}, in some fewer, because {uneven.f} is not a multiple of {uneven.stride}: such outputs "
        "can show a checkerboard."
    )


def _as_convolution(axis: Spread) -> str:
    spread = axis.stride * (axis.n - 1) + 1
    filter_text = str(axis.f) if axis.dilation == 1 else f"({axis.dilation}·({axis.f} − 1) + 1)"
    margin, end = axis.span - 1 - axis.before, axis.span - 1 - axis.after
    between = f"{axis.n} become {axis.stride}·({axis.n} − 1) + 1 = {spread}; " if axis.stride > 1 else ""
    padding = f"padding F − 1 − P = {signed(margin)}" + (f" before, {signed(end)} after" if margin != end else "")
    edges = f"2·{inner(margin)}" if margin == end else f"{inner(margin)} + {inner(end)}"
    extra = f" + {axis.extra}" if axis.extra else ""
    return f"{between}{padding}; {spread} − {filter_text} + {edges} + 1{extra} = {axis.out}"


def transposed_backward(filters: WrittenFilters) -> Iterator[str]:
    """Write the three gradients; that of the image is an ordinary convolution."""
    yield "∂ℓ/∂x is an ordinary convolution of ∂ℓ/∂y with the same filters, the same stride and the same padding:"
    yield from by_axis(*map(_back, filters.spreads))
    yield (
        f"∂ℓ/∂w[a, b, c, k] = Σ x[i, j, c]·∂ℓ/∂y[{_writes(filters.spreads)}, k], summed over all "
        f"{filters.places_text} = {number_text(filters.places)} places, and over the batch"
    )
    if filters.bias:
        high, wide = filters.spreads
        yield (
            f"∂ℓ/∂bias[k] = Σ ∂ℓ/∂y[·, ·, k], over {high.out}·{wide.out} = {number_text(high.out * wide.out)} pixels "
            "and the batch"
        )


def _back(axis: Spread) -> str:
    filter_text = str(axis.f) if axis.dilation == 1 else f"({axis.dilation}·({axis.f} − 1) + 1)"
    before, after = axis.before, axis.after
    padding = "" if before == after == 0 else f" + 2·{inner(before)}"
    if before != after:
        padding = f" + {inner(before)} + {inner(after)}"
    extra = f" − {axis.extra}" if axis.extra else ""
    return f"({axis.out} − {filter_text}{padding}{extra})/{axis.stride} + 1 = {axis.n}"


def transposed_matrices(filters: WrittenFilters) -> Iterator[str]:
    """Write the layer as one product of matrices, whose columns are then added up."""
    high, wide = filters.spreads
    places, depth, k = filters.places, filters.channels // filters.groups, filters.n // filters.groups
    tall = high.f * wide.f * k
    if filters.groups > 1:
        yield f"For each of the {filters.groups} groups:"
    cells = f"{filters.places_text} = {number_text(places)}"
    yield f"X is {shape_text((depth, places))}: for each of {cells} places a column"
    values = f"{high.f}·{wide.f}·{k} = {number_text(tall)}"
    yield f"W is {shape_text((tall, depth))}: for each channel a column, the {values} values that it writes"
    yield (
        f"Y_col = W·X is {shape_text((tall, depth))} · {shape_text((depth, places))} = {shape_text((tall, places))}, "
        f"each column added where it is written (col2im) into {shape_text((high.out, wide.out, k))}"
    )
    yield (
        f"∂ℓ/∂X = Wᵀ·∂ℓ/∂Y_col and ∂ℓ/∂W = ∂ℓ/∂Y_col·Xᵀ, where ∂ℓ/∂Y_col is ∂ℓ/∂y unrolled (im2col): "
        f"{shape_text((tall, places))}"
    )


def transposed_field(
    spreads: tuple[Spread, Spread], field: ReceptiveField | None, after: ReceptiveField | None
) -> Iterator[str]:
    """Write the recursion that makes the one receptive field of the other, with the numbers in it."""
    if field is None or after is None:
        yield from field_lines((field,), after)
        return
    texts = []
    for side, axis in enumerate(spreads):
        r, j = ratio_text(field.size[side]), ratio_text(field.jump[side])
        texts.append(
            f"r = {r} + (⌈{axis.span}/{axis.stride}⌉ − 1)·{j} = {ratio_text(after.size[side])}, "
            f"j = {j}/{axis.stride} = {ratio_text(after.jump[side])}"
        )
    yield "r + (⌈F/S⌉ − 1)·j, then j/S:"
    yield from by_axis(*texts)
    yield seen_text(after)
