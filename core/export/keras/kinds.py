"""How Keras says each kind of layer; a kind without an entry, or a setting that Keras lacks, is refused by name.

Only layers that Keras has itself are used, none that would bring code along: what Keras lacks is composed of others
where that is exact. Source of names and defaults: Keras' API reference, version 3.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from core.export.keras.calls import CHANNELS_LAST, Axes, Draft, Layer
from core.export.keras.windows import adaptive, avg_pool, conv, conv_transpose, kernel, max_pool
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

Sides = tuple[tuple[int, int], tuple[int, int]]


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


# --- Arrays ----------------------------------------------------------------------------------------------------------


def _dense(layer: Layer, kind: Dense, draft: Draft) -> str:
    weights = kernel(kind.bias, (0, 1))
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
    settings: dict[str, Any] = {"pool_size": size, "strides": size, "padding": "valid", **CHANNELS_LAST}
    name = draft.call("MaxPooling2D", name, best, as_="best", **settings)
    return draft.call("Reshape", name, layer.shape, target_shape=layer.shape)


def _joined(name: str, layer: Layer, kind: Kind, draft: Draft) -> str:
    """Bring values together place by place; one number for each channel counts at all places."""
    sources = [*layer.sources]
    for place, shape in enumerate(layer.node.inputs):
        if len(shape) < len(layer.shape):
            wide = (*(1 for _ in range(len(layer.shape) - len(shape))), *shape)
            spread: dict[str, Any] = {"as_": f"spread{place + 1}", "target_shape": wide}
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
        "ZeroPadding2D", name, wide, as_="wide", padding=[(0, 0), (kind.before, kind.after)], **CHANNELS_LAST
    )
    return draft.call("Reshape", name, layer.shape, target_shape=layer.shape)


def _upsample(layer: Layer, kind: Upsample2D, draft: Draft) -> str:
    settings: dict[str, Any] = {"size": pair(kind.factor), "interpolation": kind.interpolation, **CHANNELS_LAST}
    return draft.call("UpSampling2D", layer.source, layer.shape, **settings)


def _zero_pad(layer: Layer, kind: ZeroPad2D, draft: Draft) -> str:
    return _plain("ZeroPadding2D", layer, kind, draft, padding=margins(kind.padding), **CHANNELS_LAST)


def _crop(layer: Layer, kind: Crop2D, draft: Draft) -> str:
    return _plain("Cropping2D", layer, kind, draft, cropping=margins(kind.cropping), **CHANNELS_LAST)


_SAYINGS: dict[type[Kind], Callable[[Layer, Any, Draft], str]] = {
    Conv2D: conv,
    ConvTranspose2D: conv_transpose,
    MaxPool2D: max_pool,
    AvgPool2D: avg_pool,
    GlobalAvgPool2D: partial(_plain, "GlobalAveragePooling2D", keepdims=False, **CHANNELS_LAST),
    GlobalMaxPool2D: partial(_plain, "GlobalMaxPooling2D", keepdims=False, **CHANNELS_LAST),
    AdaptiveAvgPool2D: adaptive,
    Dense: _dense,
    Flatten: partial(_plain, "Flatten", **CHANNELS_LAST),
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
        "SpatialDropout2D", layer, kind, draft, rate=kind.rate, **CHANNELS_LAST
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
