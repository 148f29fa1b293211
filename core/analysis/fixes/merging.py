"""Fixes for inputs of a merge that do not match: what to put on the wires so that they do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from core.analysis.report import LayerReport
from core.layers.kind import Kind
from core.layers.merge import Concat, PlaceByPlace
from core.problems import Connect, Edit, Fix, Insert, Replace, SetConfig
from core.shapes import Pair, Shape, shortest_padding, shortest_size
from core.text import listing, shape_text, values_text

Bridge: TypeAlias = tuple[str, Mapping[str, Any]]
"""The kind and settings of a layer that brings an image to another size."""

Way: TypeAlias = Callable[[Shape, Pair], Bridge | None]
"""Brings an image to a size; None where it can't."""


def merge_fixes(about: LayerReport) -> Iterator[Fix]:
    """Offer layers between the sources and the merge, another merge, or fewer inputs; small changes come first."""
    first, *others = about.input_shapes
    spec = about.layer.spec
    images = [port for port, shape in enumerate(about.input_shapes) if len(shape) > 1]
    if 0 < len(images) < len(about.inputs):
        yield Fix("Insert Flatten", tuple(Insert("Flatten", {}, about.id, port) for port in images))
        if isinstance(spec, PlaceByPlace):
            yield _global_averages(about, images)
    wrong = [port for port, shape in enumerate(about.input_shapes) if shape != first]
    if isinstance(spec, PlaceByPlace):
        whole = spec.whole(about.input_shapes)
        wrong = [port for port, shape in enumerate(about.input_shapes) if not spec.joins(shape, whole)]
        yield from _channel_fixes(about, spec, whole, wrong)
        scaled = [port for port, shape in enumerate(about.input_shapes) if port in wrong or shape == whole]
        yield from _size_fixes(about, scaled, whole[-1])
    if isinstance(spec, Concat) and all(len(shape) == len(first) for shape in others):
        for axis in range(len(first)):
            if all(shape[:axis] + shape[axis + 1 :] == first[:axis] + first[axis + 1 :] for shape in others):
                yield Fix(f"Join along axis {axis}", (Replace(about.id, "Concat", {"axis": axis}),))
        for fix in _size_fixes(about, range(len(about.inputs)), None):
            deep = (SetConfig(about.id, {"axis": -1}),)
            yield fix if spec.axis in (-1, 2) else Fix(f"{fix.label}, join in depth", (*fix.edits, *deep))
    least = spec.n_inputs[0] if isinstance(spec, Kind) else 1
    if len(about.inputs) - len(wrong) >= least:
        yield Fix("Disconnect what does not match", tuple(Connect(None, about.id, port) for port in reversed(wrong)))


def _global_averages(about: LayerReport, images: list[int]) -> Fix:
    """Turn images into features, and bring all features to the number of the first."""
    n = about.input_shapes[0][-1]
    edits: list[Edit] = [Insert("GlobalAvgPool2D", {}, about.id, port) for port in images]
    other = [port for port, shape in enumerate(about.input_shapes) if shape[-1] != n]
    edits += (Insert("Dense", {"units": n}, about.id, port) for port in other)
    return Fix(f"Average {listing(dict.fromkeys(about.layer.inputs[port] for port in images))}", tuple(edits))


def _channel_fixes(about: LayerReport, spec: PlaceByPlace, whole: Shape, wrong: list[int]) -> Iterator[Fix]:
    """Offer layers that bring the inputs to the same depth, where that is all that differs."""
    shapes = [about.input_shapes[port] for port in wrong]
    if not all(spec.joins((*shape[:-1], whole[-1]), whole) for shape in shapes):
        return
    edits = tuple(
        Insert("Conv2D", {"filters": whole[-1], "kernel_size": 1}, about.id, port)
        if len(shape) == 3
        else Insert("Dense", {"units": whole[-1]}, about.id, port)
        for port, shape in zip(wrong, shapes, strict=True)
    )
    what = "1×1 convolution" if len(shapes[0]) == 3 else "Dense layer"
    yield Fix(f"Insert a {what} to {values_text((*shapes[0][:-1], whole[-1]))}", edits)
    yield Fix("Make it Concat", (Replace(about.id, "Concat", {}),))


def _size_fixes(about: LayerReport, ports: Sequence[int], channels: int | None) -> Iterator[Fix]:
    """Offer layers that bring images to the same height and width: the smallest, or the largest.

    Parameters
    ----------
    ports : sequence of int
        Those whose images must match.
    channels : int or None
        What their depth must be, too; None where it may be any.
    """
    shapes = [about.input_shapes[port] for port in ports]
    if any(len(shape) != 3 for shape in shapes) or len({shape[:2] for shape in shapes}) < 2:
        return
    least = (min(shape[0] for shape in shapes), min(shape[1] for shape in shapes))
    largest = (max(shape[0] for shape in shapes), max(shape[1] for shape in shapes))

    def fix(label: str, size: Pair, way: Way) -> Iterator[Fix]:
        edits: list[Edit] = []
        changed = []
        for port, shape in zip(ports, shapes, strict=True):
            depth = shape[2]
            if shape[:2] != size:
                bridge = way(shape, size)
                if bridge is None:
                    return
                edits.append(Insert(*bridge, about.id, port))
                changed.append(about.layer.inputs[port])
                depth = bridge[1].get("filters", depth)
            if channels is not None and depth != channels:
                edits.append(Insert("Conv2D", {"filters": channels, "kernel_size": 1}, about.id, port))
        yield Fix(label.format(listing(dict.fromkeys(changed)), shape_text(size)), tuple(edits))

    yield from fix("Crop {} to {}", least, _cropping)
    yield from fix("Pad {} with zeros to {}", largest, _padding)
    if channels is not None:  # the shortcut of residual networks, which adapts the depth as well
        yield from fix("Convolve {} to {}", least, lambda image, size: _convolution(image, size, channels))
    pooled = list(fix("Pool {} to {}", least, _pooling))
    yield from pooled or fix("Average {} to {}", least, _averaging)
    yield from fix("Enlarge {} to {}", largest, _enlarging)


def _cropping(image: Shape, size: Pair) -> Bridge | None:
    """Cut evenly from all sides, as U-Net does, where more than half of the image remains."""
    if any(2 * to <= side for side, to in zip(image, size, strict=False)):
        return None
    high, wide = (_halves(side - to) for side, to in zip(image, size, strict=False))
    return "Crop2D", {"cropping": shortest_padding((high, wide))}


def _padding(image: Shape, size: Pair) -> Bridge | None:
    if any(2 * side <= to for side, to in zip(image, size, strict=False)):
        return None
    high, wide = (_halves(to - side) for side, to in zip(image, size, strict=False))
    return "ZeroPad2D", {"padding": shortest_padding((high, wide))}


def _halves(n: int) -> Pair:
    return (n // 2, n - n // 2)


def _convolution(image: Shape, size: Pair, filters: int) -> Bridge | None:
    """Take every S-th pixel: a 1×1 filter reads ceil(W/S) places."""
    strides = [-(-side // to) for side, to in zip(image, size, strict=False)]
    if any(-(-side // s) != to for side, to, s in zip(image, size, strides, strict=False)):
        return None
    stride = shortest_size((strides[0], strides[1]))
    return "Conv2D", {"filters": filters, "kernel_size": 1, "stride": stride, "rounding": "floor"}


def _pooling(image: Shape, size: Pair) -> Bridge | None:
    if any(side % to for side, to in zip(image, size, strict=False)):
        return None
    return "MaxPool2D", {"pool_size": shortest_size((image[0] // size[0], image[1] // size[1]))}


def _enlarging(image: Shape, size: Pair) -> Bridge | None:
    if any(to % side for side, to in zip(image, size, strict=False)):
        return None
    return "Upsample2D", {"factor": shortest_size((size[0] // image[0], size[1] // image[1]))}


def _averaging(image: Shape, size: Pair) -> Bridge:
    """Average over regions, even where the sizes do not divide."""
    return "AdaptiveAvgPool2D", {"output_size": shortest_size(size)}
