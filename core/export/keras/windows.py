"""How Keras says filters and pools: its words for padding, zeros around the image, or a refusal."""

from __future__ import annotations

from typing import Any

from core.engine.program import Program
from core.export.keras.calls import CHANNELS_LAST, Axes, Draft, Layer
from core.layers.activation import ReLU, Sigmoid, Softmax
from core.layers.arithmetic import Average, Maximum, Multiply
from core.layers.convolution import Conv2D
from core.layers.dense import Flatten
from core.layers.global_pooling import AdaptiveAvgPool2D, GlobalAvgPool2D, GlobalMaxPool2D
from core.layers.kind import Kind
from core.layers.margins import Crop2D, PadChannels, ZeroPad2D
from core.layers.maxout import Maxout
from core.layers.merge import Add, Concat
from core.layers.pooling import AvgPool2D, MaxPool2D
from core.layers.rectifiers import ReLU6
from core.layers.regularisation import Dropout, SpatialDropout
from core.layers.resampling import ChannelShuffle, DepthToSpace, SpaceToDepth, Upsample2D
from core.layers.reshape import Reshape
from core.layers.smooth import HardSigmoid, Softplus
from core.layers.transposed import ConvTranspose2D
from core.shapes import pair
from core.sliding_windows import Axis, Window
from core.text import size_text


def conv(layer: Layer, kind: Conv2D, draft: Draft) -> str:
    """Say a convolution."""
    stride, dilation = pair(kind.stride), pair(kind.dilation)
    if max(stride) > 1 and max(dilation) > 1:
        raise layer.refused(f"it allows no stride ({size_text(stride)}) together with dilation ({size_text(dilation)})")
    source, padding = _zeros_around(layer, draft, kind.window(layer.image))
    return draft.call(
        "Conv2D",
        source,
        layer.shape,
        kernel(kind.bias, (0, 1, 2, 3)),
        filters=kind.filters,
        kernel_size=pair(kind.kernel_size),
        strides=stride,
        padding=padding,
        dilation_rate=dilation,
        groups=kind.groups,
        use_bias=kind.bias,
        **CHANNELS_LAST,
    )


def conv_transpose(layer: Layer, kind: ConvTranspose2D, draft: Draft) -> str:
    """Say a transposed convolution, of which Keras keeps all that is written, and what is to go is cut off."""
    spreads, stride, dilation = kind.spreads(layer.image), pair(kind.stride), pair(kind.dilation)
    if kind.groups > 1:
        raise layer.refused(f"its transposed convolution has no groups, and here are {kind.groups}")
    if max(stride) > 1 and max(dilation) > 1:
        raise layer.refused(f"it allows no stride ({size_text(stride)}) together with dilation ({size_text(dilation)})")
    extras = [max(0, axis.before + axis.out - axis.canvas) for axis in spreads]
    if any(extra >= axis.stride for extra, axis in zip(extras, spreads, strict=True) if extra):
        raise layer.refused(
            f"what it adds at the end is less than the stride, and here it is {size_text((extras[0], extras[1]))}"
        )
    wide = [axis.canvas + extra for axis, extra in zip(spreads, extras, strict=True)]
    cuts = [(axis.before, size - axis.before - axis.out) for axis, size in zip(spreads, wide, strict=True)]
    cropped = any(map(any, cuts))
    name = draft.call(
        "Conv2DTranspose",
        layer.source,
        (*wide, kind.filters),
        kernel(kind.bias, (0, 1, 3, 2)),
        as_="uncut" if cropped else "",
        filters=kind.filters,
        kernel_size=pair(kind.kernel_size),
        strides=stride,
        padding="valid",
        output_padding=extras,
        dilation_rate=dilation,
        use_bias=kind.bias,
        **CHANNELS_LAST,
    )
    return draft.call("Cropping2D", name, layer.shape, cropping=cuts, **CHANNELS_LAST) if cropped else name


def max_pool(layer: Layer, kind: MaxPool2D, draft: Draft) -> str:
    """Say a max pool; zeros around the image do as padding where no value is negative."""
    if max(pair(kind.dilation)) > 1:
        raise layer.refused(f"its pools have no dilation, and here it is {size_text(pair(kind.dilation))}")
    window = kind.window(layer.image)
    source, padding = layer.source, _padding(window)
    if not padding:
        if not _never_negative(layer.program, layer.node.sources[0]):
            raise layer.refused(
                "its padding is none of Keras', and zeros around the image could win where values are negative"
            )
        source, padding = _zeros_around(layer, draft, window)
    return draft.call("MaxPooling2D", source, layer.shape, **_pooling(window, padding))


def avg_pool(layer: Layer, kind: AvgPool2D, draft: Draft) -> str:
    """Say an average pool."""
    window = kind.window(layer.image)
    source, padding = layer.source, _padding(window)
    overhangs = any(axis.overhang for axis in window.axes)
    if kind.count_padding and any(axis.before or axis.after for axis in window.axes):
        if overhangs:
            raise layer.refused("it counts all zeros around the image or none, not the padding alone; round down")
        source, padding = _zeros_around(layer, draft, window, always=True)
    if not padding:
        raise layer.refused(
            "of windows that reach beyond the image, it averages only what fits; round down"
            if overhangs
            else "its padding is none of Keras', and does not count in the average"
        )
    return draft.call("AveragePooling2D", source, layer.shape, **_pooling(window, padding))


def adaptive(layer: Layer, kind: AdaptiveAvgPool2D, draft: Draft) -> str:
    """Say a pool of a given output, as an average pool where its windows are alike."""
    sizes, left = zip(*(divmod(n, out) for n, out in zip(layer.image[:2], layer.shape[:2], strict=True)), strict=True)
    if any(left):
        settings = {"output_size": layer.shape[:2], **CHANNELS_LAST}
        return draft.call("AdaptiveAveragePooling2D", layer.source, layer.shape, **settings)
    settings = {"pool_size": sizes, "strides": sizes, "padding": "valid", **CHANNELS_LAST}
    return draft.call("AveragePooling2D", layer.source, layer.shape, **settings)


def _pooling(window: Window, padding: str) -> dict[str, Any]:
    sizes, strides = [axis.f for axis in window.axes], [axis.stride for axis in window.axes]
    return {"pool_size": sizes, "strides": strides, "padding": padding, **CHANNELS_LAST}


def _padding(window: Window) -> str:
    """Return what Keras calls the padding; empty where it has no word for it."""
    sides = [_read_around(axis) for axis in window.axes]
    if not any(map(any, sides)):
        return "valid"
    totals = [max(0, (-(-axis.n // axis.stride) - 1) * axis.stride + axis.span - axis.n) for axis in window.axes]
    is_same = sides == [(total // 2, total - total // 2) for total in totals]
    return "same" if is_same and all(axis.out == -(-axis.n // axis.stride) for axis in window.axes) else ""


def _read_around(axis: Axis) -> tuple[int, int]:
    """Return how many places before and after an image its windows reach into."""
    return axis.before, max(axis.after, (axis.out - 1) * axis.stride + axis.span - axis.before - axis.n)


def _zeros_around(layer: Layer, draft: Draft, window: Window, *, always: bool = False) -> tuple[str, str]:
    """Put zeros around an image where Keras has no word for the padding; return what to read, and the word."""
    padding = _padding(window)
    if padding and not always:
        return layer.source, padding
    sides = [_read_around(axis) for axis in window.axes]
    high, wide = (n + sum(ends) for n, ends in zip(layer.image[:2], sides, strict=True))
    shape = (high, wide, layer.image[2])
    return draft.call("ZeroPadding2D", layer.source, shape, as_="pad", padding=sides, **CHANNELS_LAST), "valid"


_NEVER_NEGATIVE = (ReLU, ReLU6, Sigmoid, HardSigmoid, Softplus, Softmax)
_KEEPING: tuple[type[Kind], ...] = (
    *(MaxPool2D, AvgPool2D, GlobalAvgPool2D, GlobalMaxPool2D, AdaptiveAvgPool2D, Dropout, SpatialDropout, Maxout),
    *(Flatten, Reshape, Add, Multiply, Average, Maximum, Concat, ZeroPad2D, Crop2D, PadChannels, Upsample2D),
    *(SpaceToDepth, DepthToSpace, ChannelShuffle),
)
"""Of values that are never negative they make no negative ones."""


def _never_negative(program: Program, index: int) -> bool:
    waiting, seen = [index], {index}
    while waiting:
        node = program.nodes[waiting.pop()]
        if isinstance(node.kind, _NEVER_NEGATIVE):
            continue
        if not isinstance(node.kind, _KEEPING):
            return False
        waiting += [source for source in node.sources if source not in seen]
        seen.update(node.sources)
    return True


def kernel(bias: bool, axes: Axes) -> list[tuple[str, Axes]]:
    """Return the arrays of a layer with a kernel."""
    return [("kernel", axes), ("bias", (0,))][: 1 + bias]
