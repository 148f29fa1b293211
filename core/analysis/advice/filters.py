"""Advice about the filters of convolutions: how large, how many, how far they move."""

from __future__ import annotations

from collections.abc import Iterator

from core.analysis.advice.advice import Overview, on_layer
from core.analysis.advice.ends import last_weighted
from core.analysis.advice.trail import Trail
from core.analysis.report import LayerReport
from core.layers.convolution import Conv2D
from core.layers.local import LocallyConnected2D
from core.limits import MOST_EDITS
from core.problems import Edit, Fix, Insert, Problem, SetConfig
from core.shapes import Padding, Pair, Size, margins, pair, shortest_padding, shortest_size
from core.text import counted, number_text, setting_text, size_text, with_article

_WORDS = {2: "two", 3: "three", 4: "four", 5: "five"}


def even_filter(layer: LayerReport, _before: Trail) -> Problem | None:
    """Find filters without a middle, which "same" cannot centre on pixels."""
    spec = layer.layer.spec
    if not isinstance(spec, Conv2D | LocallyConnected2D) or spec.padding != "same":
        return None
    high, wide = spec.window(layer.input_shapes[0]).axes
    uneven = [axis for axis in (high, wide) if axis.f % 2 == 0 and axis.before != axis.after]
    if not uneven:
        return None
    axis, sides = uneven[0], ("above", "below") if uneven[0] is high else ("left", "right")
    larger, smaller = (
        shortest_size((high.f + up * (high.f % 2 == 0), wide.f + up * (wide.f % 2 == 0))) for up in (1, -1)
    )
    return on_layer(
        "FILTER-EVEN",
        layer.id,
        f"{with_article(size_text(spec.kernel_size))} filter has no middle, so “same” cannot pad evenly.",
        f"It adds {counted(axis.before, 'pixel')} {sides[0]} and {axis.after} {sides[1]}: "
        "each such layer shifts the picture by half a pixel.",
        (_filter_size(layer.id, larger), _filter_size(layer.id, smaller)),
        field="kernel_size",
    )


def _filter_size(id: str, size: Size) -> Fix:
    return Fix(f"Use {size_text(size)} filters", (SetConfig(id, {"kernel_size": size}),))


def large_filter(layer: LayerReport, before: Trail) -> Problem | None:
    """Find large filters after the first layer where stacked 3×3 filters see as much with fewer parameters.

    A stack of n has `(9C + 1)·K + (n − 1)·(9K + 1)·K` parameters against `(F·F·C + 1)·K`: more where K is much larger
    than C, as in the second convolutions of LeNet-5 and AlexNet. There the large filter is cheaper.
    """
    spec = layer.layer.spec
    if not isinstance(spec, Conv2D) or not before.convolutions:
        return None
    f, wide = pair(spec.kernel_size)
    if f != wide or f < 5 or f % 2 == 0 or spec.groups > 1 or pair(spec.dilation) != (1, 1):
        return None
    n, c, k, bias = f // 2, layer.input_shapes[0][2], spec.filters, int(spec.bias)
    one, stacked = (f * f * c + bias) * k, (9 * c + bias) * k + (n - 1) * (9 * k + bias) * k
    if stacked >= one:
        return None
    further = _count("3·3", k, k, bias) if n == 2 else f"{n - 1}·{_count('3·3', k, k, bias)}"
    return on_layer(
        "FILTER-LARGE",
        layer.id,
        f"{_WORDS.get(n, n)} stacked 3×3 filters see as much as its {f}×{f} filter, with fewer parameters.",
        f"{_count(f'{f}·{f}', c, k, bias)} = {number_text(one)} against {_count('3·3', c, k, bias)} + {further} = "
        f"{number_text(stacked)}, with {counted(n - 1, 'extra non-linearity', 'extra non-linearities')} in between.",
        _stack(layer.id, spec, n),
        field="kernel_size",
    )


def _count(size: str, c: int, k: int, bias: int) -> str:
    return f"({size}·{c} + 1)·{k}" if bias else f"{size}·{c}·{k}"


def _stack(id: str, spec: Conv2D, n: int) -> Iterator[Fix]:
    if 2 * n - 1 > MOST_EDITS:
        return
    paddings: list[Padding] = ["same"] * n
    if spec.padding != "same":
        sides = margins(spec.padding)
        if max(max(side) for side in sides) > n:
            return  # n 3×3 filters take up one row of zeros each, so more than n cannot be shared out
        paddings = [shortest_padding(_share(sides, at)) for at in range(n)]
    edits: list[Edit] = []
    for padding in paddings[:-1]:
        config = {"filters": spec.filters, "kernel_size": 3, "padding": padding, "bias": spec.bias}
        edits += (Insert("Conv2D", config, id), Insert("ReLU", {}, id))
    edits.append(SetConfig(id, {"kernel_size": 3, "padding": paddings[-1]}))
    yield Fix(f"Stack {_WORDS.get(n, n)} 3×3 filters", tuple(edits))


def _share(sides: tuple[Pair, Pair], at: int) -> tuple[Pair, Pair]:
    """Return the padding of one filter of a stack: the first ones get a pixel each until none is left."""
    (top, bottom), (left, right) = sides
    return ((int(top > at), int(bottom > at)), (int(left > at), int(right > at)))


def strided_filter(layer: LayerReport, before: Trail) -> Problem | None:
    """Find convolutions after the first that downsample the image where a pool could."""
    spec = layer.layer.spec
    if not isinstance(spec, Conv2D) or not before.convolutions or pair(spec.stride) == (1, 1):
        return None
    stride, (high, wide, _) = pair(spec.stride), layer.input_shapes[0]
    rounding = {} if high % stride[0] == 0 and wide % stride[1] == 0 else {"rounding": "ceil"}
    pool = Insert("MaxPool2D", {"pool_size": spec.stride, **rounding}, layer.id)
    return on_layer(
        "STRIDE-LARGE",
        layer.id,
        f"its filters move {setting_text(spec.stride)} pixels at a time; a pool could do the downsampling.",
        "With stride 1 the convolution looks at every position, and all downsampling is left to the pools.",
        (Fix("Pool first, then stride 1", (pool, SetConfig(layer.id, {"stride": 1}))),),
        field="stride",
    )


def number_of_filters(overview: Overview) -> Iterator[Problem]:
    """Find numbers of filters that are not powers of two, except where they count classes."""
    for layer in overview.report.layers.values():
        spec = layer.layer.spec
        if not isinstance(spec, Conv2D) or spec.filters & (spec.filters - 1) == 0:
            continue
        below = 1 << (spec.filters.bit_length() - 1)
        nearest = below if spec.filters - below < 2 * below - spec.filters else 2 * below
        if not any(_ends_in(overview, output, layer.id) for output in overview.report.outputs):
            yield on_layer(
                "FILTERS-COUNT",
                layer.id,
                f"its number of filters, {spec.filters}, is not a power of two.",
                f"Powers of two, here {below} or {2 * below}, fit memory best.",
                (Fix(f"Use {nearest} filters", (SetConfig(layer.id, {"filters": nearest}),)),),
                field="filters",
            )


def _ends_in(overview: Overview, output: str, id: str) -> bool:
    last = last_weighted(overview.report, output)
    return last is not None and last.id == id
