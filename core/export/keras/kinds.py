"""How Keras says each kind of layer; a kind without an entry, or a setting that Keras lacks, is refused by name.

Only layers that Keras has itself are used, none that would bring code along: what Keras lacks is composed of others
where that is exact. Source of names and defaults: Keras' API reference, version 3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from core.engine.program import Node, Program
from core.errors import ExportError
from core.export.keras.calls import Axes, Draft
from core.layers.activation import ReLU, Sigmoid, Softmax, Tanh
from core.layers.arithmetic import Average, Maximum, Multiply, Subtract
from core.layers.convolution import Conv2D
from core.layers.dense import Dense, Flatten
from core.layers.global_pooling import AdaptiveAvgPool2D, GlobalAvgPool2D, GlobalMaxPool2D
from core.layers.kind import Kind
from core.layers.margins import Crop2D, PadChannels, ZeroPad2D
from core.layers.maxout import Maxout
from core.layers.merge import Add, Concat
from core.layers.normalisation import BatchNorm, GroupNorm, InstanceNorm, LayerNorm, Normalisation
from core.layers.pooling import AvgPool2D, MaxPool2D
from core.layers.rectifiers import ELU, SELU, LeakyReLU, PReLU, ReLU6
from core.layers.regularisation import Dropout, GaussianNoise, SpatialDropout
from core.layers.resampling import ChannelShuffle, DepthToSpace, SpaceToDepth, Upsample2D
from core.layers.reshape import Reshape
from core.layers.smooth import GELU, HardSigmoid, HardSwish, Mish, SiLU, Softplus, Softsign
from core.layers.transposed import ConvTranspose2D
from core.shapes import Shape, count, margins, pair
from core.sliding_windows import Axis, Window
from core.text import size_text

Sides = tuple[tuple[int, int], tuple[int, int]]

_CHANNELS_LAST = {"data_format": "channels_last"}


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer that is to be said, and what its sources are called."""

    program: Program
    node: Node
    sources: tuple[str, ...]

    @property
    def source(self) -> str:
        """What the first of them is called."""
        return self.sources[0]

    @property
    def image(self) -> Shape:
        """The shape of its value."""
        return self.node.inputs[0]

    @property
    def shape(self) -> Shape:
        """The shape of what the layer returns."""
        return self.node.shape

    def refused(self, why: str) -> ExportError:
        """Return an error that names the layer."""
        return ExportError(f"Keras can't say {self.node.id} ({type(self.node.kind).__name__}): {why}.")


def say(layer: Layer, draft: Draft) -> str:
    """Add the calls that say a layer, and return the name of the last one.

    Raises
    ------
    ExportError
        If Keras can't say it; the text names it.
    """
    saying = _SAYINGS.get(type(layer.node.kind))
    if saying is None:
        raise layer.refused("it has no such layer")
    return saying(layer, layer.node.kind, draft)


# --- Windows ---------------------------------------------------------------------------------------------------------


def _conv(layer: Layer, kind: Conv2D, draft: Draft) -> str:
    stride, dilation = pair(kind.stride), pair(kind.dilation)
    if max(stride) > 1 and max(dilation) > 1:
        raise layer.refused(f"it allows no stride ({size_text(stride)}) together with dilation ({size_text(dilation)})")
    source, padding = _zeros_around(layer, draft, kind.window(layer.image))
    return draft.call(
        "Conv2D",
        source,
        layer.shape,
        _kernel(kind.bias, (0, 1, 2, 3)),
        filters=kind.filters,
        kernel_size=pair(kind.kernel_size),
        strides=stride,
        padding=padding,
        dilation_rate=dilation,
        groups=kind.groups,
        use_bias=kind.bias,
        **_CHANNELS_LAST,
    )


def _conv_transpose(layer: Layer, kind: ConvTranspose2D, draft: Draft) -> str:
    spreads, stride, dilation = kind.spreads(layer.image), pair(kind.stride), pair(kind.dilation)
    if kind.groups > 1:
        raise layer.refused(f"its transposed convolution has no groups, and here are {kind.groups}")
    if max(stride) > 1 and max(dilation) > 1:
        raise layer.refused(f"it allows no stride ({size_text(stride)}) together with dilation ({size_text(dilation)})")
    extras = [max(0, axis.before + axis.out - axis.canvas) for axis in spreads]
    if any(extra >= axis.stride for extra, axis in zip(extras, spreads, strict=True) if extra):
        raise layer.refused(f"what it adds at the end is less than the stride, and here it is {size_text(extras)}")
    wide = [axis.canvas + extra for axis, extra in zip(spreads, extras, strict=True)]
    cuts = [(axis.before, size - axis.before - axis.out) for axis, size in zip(spreads, wide, strict=True)]
    cropped = any(map(any, cuts))
    name = draft.call(
        "Conv2DTranspose",
        layer.source,
        (*wide, kind.filters),
        _kernel(kind.bias, (0, 1, 3, 2)),
        as_="uncut" if cropped else "",
        filters=kind.filters,
        kernel_size=pair(kind.kernel_size),
        strides=stride,
        padding="valid",
        output_padding=extras,
        dilation_rate=dilation,
        use_bias=kind.bias,
        **_CHANNELS_LAST,
    )
    return draft.call("Cropping2D", name, layer.shape, cropping=cuts, **_CHANNELS_LAST) if cropped else name


def _max_pool(layer: Layer, kind: MaxPool2D, draft: Draft) -> str:
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


def _avg_pool(layer: Layer, kind: AvgPool2D, draft: Draft) -> str:
    window = kind.window(layer.image)
    if any(axis.overhang for axis in window.axes):
        raise layer.refused("of windows that reach beyond the image, it averages only what fits; use rounding floor")
    source, padding = layer.source, _padding(window)
    if kind.count_padding and padding != "valid":
        source, padding = _zeros_around(layer, draft, window, always=True)
    if not padding:
        raise layer.refused("its padding is none of Keras', and does not count in the average")
    return draft.call("AveragePooling2D", source, layer.shape, **_pooling(window, padding))


def _adaptive(layer: Layer, kind: AdaptiveAvgPool2D, draft: Draft) -> str:
    sizes, left = zip(*(divmod(n, out) for n, out in zip(layer.image[:2], layer.shape[:2], strict=True)), strict=True)
    if any(left):
        settings = {"output_size": layer.shape[:2], **_CHANNELS_LAST}
        return draft.call("AdaptiveAveragePooling2D", layer.source, layer.shape, **settings)
    settings = {"pool_size": sizes, "strides": sizes, "padding": "valid", **_CHANNELS_LAST}
    return draft.call("AveragePooling2D", layer.source, layer.shape, **settings)


def _pooling(window: Window, padding: str) -> dict[str, Any]:
    sizes, strides = [axis.f for axis in window.axes], [axis.stride for axis in window.axes]
    return {"pool_size": sizes, "strides": strides, "padding": padding, **_CHANNELS_LAST}


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
    return draft.call("ZeroPadding2D", layer.source, shape, as_="pad", padding=sides, **_CHANNELS_LAST), "valid"


_NEVER_NEGATIVE = (ReLU, ReLU6, Sigmoid, HardSigmoid, Softplus, Softmax)
_KEEPING = (MaxPool2D, AvgPool2D, GlobalAvgPool2D, GlobalMaxPool2D, AdaptiveAvgPool2D, Dropout, SpatialDropout)
_KEEPING += (Flatten, Reshape, Add, Multiply, Average, Maximum, Concat, ZeroPad2D, Crop2D, PadChannels, Upsample2D)
_KEEPING += (SpaceToDepth, DepthToSpace, ChannelShuffle, Maxout)
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


# --- Arrays ----------------------------------------------------------------------------------------------------------


def _kernel(bias: bool, axes: Axes) -> list[tuple[str, Axes]]:
    return [("kernel", axes), ("bias", (0,))][: 1 + bias]


def _dense(layer: Layer, kind: Dense, draft: Draft) -> str:
    weights = _kernel(kind.bias, (0, 1))
    return draft.call("Dense", layer.source, layer.shape, weights, units=kind.units, use_bias=kind.bias)


def _norm(name: str, layer: Layer, kind: Normalisation, draft: Draft, **settings: Any) -> str:
    weights: list[tuple[str, Axes]] = [("gamma", (0,)), ("beta", (0,))] if kind.affine else []
    if isinstance(kind, BatchNorm):
        weights += [("moving_mean", (0,)), ("moving_variance", (0,))]
    settings = {"axis": -1, "epsilon": kind.epsilon, "center": kind.affine, "scale": kind.affine, **settings}
    return draft.call(name, layer.source, layer.shape, weights, **settings)


def _batch_norm(layer: Layer, kind: BatchNorm, draft: Draft) -> str:
    return _norm("BatchNormalization", layer, kind, draft, momentum=kind.momentum)


def _group_norm(layer: Layer, kind: GroupNorm, draft: Draft) -> str:
    return _norm("GroupNormalization", layer, kind, draft, groups=kind.groups)


def _instance_norm(layer: Layer, kind: InstanceNorm, draft: Draft) -> str:
    return _norm("GroupNormalization", layer, kind, draft, groups=layer.image[-1])


def _prelu(layer: Layer, kind: PReLU, draft: Draft) -> str:
    rank = len(layer.image)
    shared = list(range(1, rank + 1 if kind.shared else rank))
    axes = (*(-1 for _ in range(rank - 1)), 0)
    return draft.call("PReLU", layer.source, layer.shape, [("slope", axes)], shared_axes=shared)


# --- Values ----------------------------------------------------------------------------------------------------------


def _plain(name: str, layer: Layer, kind: Kind, draft: Draft, /, **settings: Any) -> str:
    return draft.call(name, layer.sources if len(layer.sources) > 1 else layer.source, layer.shape, **settings)


def _activation(word: str, layer: Layer, kind: Kind, draft: Draft) -> str:
    return _plain("Activation", layer, kind, draft, activation=word)


def _relu(most: float | None, layer: Layer, kind: Kind, draft: Draft) -> str:
    return _plain("ReLU", layer, kind, draft, max_value=most, negative_slope=0.0, threshold=0.0)


def _gelu(layer: Layer, kind: GELU, draft: Draft) -> str:
    if kind.approximate:
        raise layer.refused("its GELU is the exact one; switch approximate off")
    return _activation("gelu", layer, kind, draft)


def _noise(layer: Layer, kind: GaussianNoise, draft: Draft) -> str:
    if kind.std > 1:
        raise layer.refused(f"its noise deviates by 1 at most, and here by {kind.std:g}")
    return _plain("GaussianNoise", layer, kind, draft, stddev=kind.std)


def _maxout(layer: Layer, kind: Maxout, draft: Draft) -> str:
    pieces = (count(layer.shape), kind.pieces, 1)
    name = draft.call("Reshape", layer.source, pieces, as_="pieces", target_shape=pieces)
    best, size = (pieces[0], 1, 1), (1, kind.pieces)
    settings = {"pool_size": size, "strides": size, "padding": "valid", **_CHANNELS_LAST}
    name = draft.call("MaxPooling2D", name, best, as_="best", **settings)
    return draft.call("Reshape", name, layer.shape, target_shape=layer.shape)


def _joined(name: str, layer: Layer, kind: Kind, draft: Draft) -> str:
    """Bring values together place by place; one number for each channel counts at all places."""
    sources = [*layer.sources]
    for place, shape in enumerate(layer.node.inputs):
        if len(shape) < len(layer.shape):
            wide = (*(1 for _ in range(len(layer.shape) - len(shape))), *shape)
            spread = {"as_": f"spread{place + 1}", "target_shape": wide}
            sources[place] = draft.call("Reshape", sources[place], wide, **spread)
    return draft.call(name, sources, layer.shape)


def _concat(layer: Layer, kind: Concat, draft: Draft) -> str:
    return draft.call("Concatenate", layer.sources, layer.shape, axis=kind.axis if kind.axis < 0 else kind.axis + 1)


# --- Places ----------------------------------------------------------------------------------------------------------


def _turned(steps: tuple[Shape, Axes], layer: Layer, draft: Draft) -> str:
    """Divide axes, exchange them, and put them together again."""
    divided, order = steps
    name = draft.call("Reshape", layer.source, divided, as_="divided", target_shape=divided)
    turned = tuple(divided[axis - 1] for axis in order)
    name = draft.call("Permute", name, turned, as_="turned", dims=order)
    return draft.call("Reshape", name, layer.shape, target_shape=layer.shape)


def _space_to_depth(layer: Layer, kind: SpaceToDepth, draft: Draft) -> str:
    (high, wide, _), b, depth = layer.shape, kind.block_size, layer.image[2]
    return _turned(((high, b, wide, b, depth), (1, 3, 5, 2, 4)), layer, draft)


def _depth_to_space(layer: Layer, kind: DepthToSpace, draft: Draft) -> str:
    (high, wide, _), b, depth = layer.image, kind.block_size, layer.shape[2]
    return _turned(((high, wide, depth, b, b), (1, 4, 2, 5, 3)), layer, draft)


def _channel_shuffle(layer: Layer, kind: ChannelShuffle, draft: Draft) -> str:
    *places, depth = layer.image
    n = len(places)
    order = (*range(1, n + 1), n + 2, n + 1)
    return _turned(((*places, kind.groups, depth // kind.groups), order), layer, draft)


def _pad_channels(layer: Layer, kind: PadChannels, draft: Draft) -> str:
    n, depth = count(layer.image[:-1]), layer.image[-1]
    flat, wide = (n, depth, 1), (n, layer.shape[-1], 1)
    name = draft.call("Reshape", layer.source, flat, as_="flat", target_shape=flat)
    name = draft.call(
        "ZeroPadding2D", name, wide, as_="wide", padding=[(0, 0), (kind.before, kind.after)], **_CHANNELS_LAST
    )
    return draft.call("Reshape", name, layer.shape, target_shape=layer.shape)


def _upsample(layer: Layer, kind: Upsample2D, draft: Draft) -> str:
    settings = {"size": pair(kind.factor), "interpolation": kind.interpolation, **_CHANNELS_LAST}
    return draft.call("UpSampling2D", layer.source, layer.shape, **settings)


def _zero_pad(layer: Layer, kind: ZeroPad2D, draft: Draft) -> str:
    return _plain("ZeroPadding2D", layer, kind, draft, padding=margins(kind.padding), **_CHANNELS_LAST)


def _crop(layer: Layer, kind: Crop2D, draft: Draft) -> str:
    return _plain("Cropping2D", layer, kind, draft, cropping=margins(kind.cropping), **_CHANNELS_LAST)


_SAYINGS: dict[type[Kind], Callable[[Layer, Any, Draft], str]] = {
    Conv2D: _conv,
    ConvTranspose2D: _conv_transpose,
    MaxPool2D: _max_pool,
    AvgPool2D: _avg_pool,
    GlobalAvgPool2D: partial(_plain, "GlobalAveragePooling2D", keepdims=False, **_CHANNELS_LAST),
    GlobalMaxPool2D: partial(_plain, "GlobalMaxPooling2D", keepdims=False, **_CHANNELS_LAST),
    AdaptiveAvgPool2D: _adaptive,
    Dense: _dense,
    Flatten: partial(_plain, "Flatten", **_CHANNELS_LAST),
    Reshape: lambda layer, kind, draft: _plain("Reshape", layer, kind, draft, target_shape=layer.shape),
    ReLU: partial(_relu, None),
    ReLU6: partial(_relu, 6.0),
    LeakyReLU: lambda layer, kind, draft: _plain("LeakyReLU", layer, kind, draft, negative_slope=kind.slope),
    PReLU: _prelu,
    ELU: lambda layer, kind, draft: _plain("ELU", layer, kind, draft, alpha=kind.alpha),
    SELU: partial(_activation, "selu"),
    GELU: _gelu,
    SiLU: partial(_activation, "silu"),
    Mish: partial(_activation, "mish"),
    Softplus: partial(_activation, "softplus"),
    Softsign: partial(_activation, "softsign"),
    Sigmoid: partial(_activation, "sigmoid"),
    Tanh: partial(_activation, "tanh"),
    HardSigmoid: partial(_activation, "hard_sigmoid"),
    HardSwish: partial(_activation, "hard_silu"),
    Softmax: partial(_plain, "Softmax", axis=-1),
    Maxout: _maxout,
    BatchNorm: _batch_norm,
    LayerNorm: partial(_norm, "LayerNormalization"),
    GroupNorm: _group_norm,
    InstanceNorm: _instance_norm,
    Dropout: lambda layer, kind, draft: _plain("Dropout", layer, kind, draft, rate=kind.rate),
    SpatialDropout: lambda layer, kind, draft: _plain(
        "SpatialDropout2D", layer, kind, draft, rate=kind.rate, **_CHANNELS_LAST
    ),
    GaussianNoise: _noise,
    Add: partial(_joined, "Add"),
    Subtract: partial(_joined, "Subtract"),
    Multiply: partial(_joined, "Multiply"),
    Average: partial(_joined, "Average"),
    Maximum: partial(_joined, "Maximum"),
    Concat: _concat,
    ZeroPad2D: _zero_pad,
    Crop2D: _crop,
    PadChannels: _pad_channels,
    Upsample2D: _upsample,
    SpaceToDepth: _space_to_depth,
    DepthToSpace: _depth_to_space,
    ChannelShuffle: _channel_shuffle,
}
