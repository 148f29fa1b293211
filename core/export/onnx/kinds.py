"""Each kind in ONNX: the nodes that compute it, channels first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import ceil, floor
from typing import Any, Final

import numpy as np

from core.export.onnx.activations import ACTIVATIONS, plain
from core.export.onnx.drawing import Part
from core.layers.spread import Spread
from core.shapes import Shape, margins, pair
from core.sliding_windows import Window

FIRST, LAST = [0, 3, 1, 2], [0, 2, 3, 1]
"""Which axis each axis is: channels turned to the front, and back to the end."""


def _pads(window: Window) -> list[int]:
    high, wide = window.axes
    return [high.before, wide.before, high.after, wide.after]


def _pair(size: Any) -> list[int]:
    return list(pair(size))


# --- Filters and matrices ---------------------------------------------------------------------------------------------


def _conv(part: Part, kind: Any) -> None:
    arrays = [part.weight("kernel", (3, 2, 0, 1)), *([part.weight("bias")] if kind.bias else [])]
    window = kind.window(part.node.inputs[0])
    part.single(
        "Conv",
        *arrays,
        kernel_shape=_pair(kind.kernel_size),
        strides=_pair(kind.stride),
        pads=_pads(window),
        dilations=_pair(kind.dilation),
        group=kind.groups,
    )


def _transposed(part: Part, kind: Any) -> None:
    high, wide = kind.spreads(part.node.inputs[0])
    arrays = [part.weight("kernel", (2, 3, 0, 1)), *([part.weight("bias")] if kind.bias else [])]
    after, extra = zip(*map(_end, (high, wide)), strict=True)
    if any(n >= axis.stride for n, axis in zip(extra, (high, wide), strict=True) if n):
        raise part.refuse("an output padding of its stride or more would leave rows that nothing is written to.")
    part.single(
        "ConvTranspose",
        *arrays,
        kernel_shape=_pair(kind.kernel_size),
        strides=_pair(kind.stride),
        pads=[high.before, wide.before, *after],
        output_padding=list(extra),
        dilations=_pair(kind.dilation),
        group=kind.groups,
    )


def _end(axis: Spread) -> tuple[int, int]:
    """Return what is cut off at an end, and what is added there: less than a stride, as runtimes have it."""
    if 0 <= axis.extra < axis.stride or axis.extra == 0:
        return max(0, axis.after), axis.extra + max(0, -axis.after)
    return max(0, axis.after - axis.extra), max(0, axis.extra - axis.after)


def _dense(part: Part, kind: Any) -> None:
    part.single("Gemm", part.weight("kernel"), *([part.weight("bias")] if kind.bias else []))


# --- Pools ------------------------------------------------------------------------------------------------------------


def _pool(op: str) -> Callable[[Part, Any], None]:
    def draw(part: Part, kind: Any) -> None:
        window: Window = kind.window(part.node.inputs[0])
        pads = _pads(window)
        settings: dict[str, Any] = {"kernel_shape": _pair(kind.pool_size)}
        settings["strides"] = [axis.stride for axis in window.axes]
        if op == "MaxPool":
            settings["dilations"] = _pair(kind.dilation)
        elif op == "AveragePool":
            settings["count_include_pad"] = int(kind.count_padding)
        else:
            settings["p"] = 2
        if kind.rounding == "ceil" and any(axis.overhang for axis in window.axes):
            if op == "AveragePool" and _in_padding(window):
                part.need(22)  # before, shape inference counts a window that starts in the padding
            if op == "AveragePool" or (op == "MaxPool" and not _in_padding(window)):
                settings["ceil_mode"] = 1
            else:
                high, wide = window.axes
                pads = [pads[0], pads[1], pads[2] + high.overhang, pads[3] + wide.overhang]
        part.single(op, pads=pads, **settings)

    return draw


def _in_padding(window: Window) -> bool:
    """Say whether rounding up would put a last window into the padding alone, where ONNX's versions disagree."""
    return any(-(-axis.slack // axis.stride) * axis.stride >= axis.n + axis.before for axis in window.axes)


def _global(op: str) -> Callable[[Part, Any], None]:
    def draw(part: Part, kind: Any) -> None:
        part.add("Flatten", [part.add(op, part.inputs, main=True, to="pooled")], last=True, axis=1)

    return draw


def _adaptive(part: Part, kind: Any) -> None:
    """Average bins: a pool where all are equally large, or else matrices of means from the left and from the right."""
    (high, wide, _), bins = part.node.inputs[0], pair(kind.output_size)
    if high % bins[0] == 0 and wide % bins[1] == 0:
        size = [high // bins[0], wide // bins[1]]
        part.single("AveragePool", kernel_shape=size, strides=size)
        return
    rows, columns = (_means(n, out) for n, out in zip(part.node.inputs[0][:2], pair(kind.output_size), strict=True))
    averaged = part.add("MatMul", [part.constant("rows", rows), *part.inputs], to="high")
    part.add("MatMul", [averaged, part.constant("columns", columns.T)], main=True, last=True)


def _means(n: int, out: int) -> np.ndarray[Any, Any]:
    matrix = np.zeros((out, n))
    for i in range(out):
        first, end = floor(i * n / out), ceil((i + 1) * n / out)
        matrix[i, first:end] = 1 / (end - first)
    return matrix


# --- Normalisations ---------------------------------------------------------------------------------------------------


def _scales(part: Part, kind: Any) -> list[str]:
    if kind.affine:
        return [part.weight("gamma"), part.weight("beta")]
    c = part.node.shape[-1]
    return [part.constant("ones", np.ones(c)), part.constant("zeros", np.zeros(c))]


def _batch_norm(part: Part, kind: Any) -> None:
    statistics = [part.weight("moving_mean"), part.weight("moving_variance")]
    part.single("BatchNormalization", *_scales(part, kind), *statistics, epsilon=kind.epsilon, momentum=kind.momentum)


def _instance_norm(part: Part, kind: Any) -> None:
    part.single("InstanceNormalization", *_scales(part, kind), epsilon=kind.epsilon)


def _layer_norm(part: Part, kind: Any) -> None:
    arrays = _scales(part, kind)
    if len(part.node.shape) == 1:
        part.single("LayerNormalization", *arrays, axis=-1, epsilon=kind.epsilon)
        return
    turned = part.add("Transpose", part.inputs, to="last", perm=LAST)
    normal = part.add("LayerNormalization", [turned, *arrays], main=True, axis=-1, epsilon=kind.epsilon)
    part.add("Transpose", [normal], last=True, perm=FIRST)


def _group_norm(part: Part, kind: Any) -> None:
    """Write groups as rows, which InstanceNormalization knows in every operator set."""
    *place, c = part.node.shape
    ones, zeros = part.constant("ones", np.ones(kind.groups)), part.constant("zeros", np.zeros(kind.groups))
    rows = part.add("Reshape", [*part.inputs, part.constant("rows", [0, kind.groups, -1], np.int64)], to="grouped")
    normal = part.add("InstanceNormalization", [rows, ones, zeros], main=True, epsilon=kind.epsilon)
    whole = part.constant("whole", [0, c, *place], np.int64)
    restored = part.add("Reshape", [normal, whole], last=not kind.affine, to="restored")
    if kind.affine:
        dims = (c, 1, 1) if place else (c,)
        scaled = part.add("Mul", [restored, part.weight("gamma", dims=dims)])
        part.add("Add", [scaled, part.weight("beta", dims=dims)], last=True)


def _local_response(part: Part, kind: Any) -> None:
    if kind.size % 2 == 0:
        raise part.refuse(f"its window of {kind.size} channels would lie otherwise; odd sizes agree.")
    part.single("LRN", size=kind.size, alpha=kind.alpha, beta=kind.beta, bias=kind.k)


# --- Several paths, and what moves values -----------------------------------------------------------------------------


def _multiply(part: Part, kind: Any) -> None:
    values = list(part.inputs)
    if len(part.node.shape) == 3:
        for i, shape in enumerate(part.node.inputs):
            if len(shape) == 1:
                axes = part.constant(f"axes{i}", [2, 3], np.int64)
                values[i] = part.add("Unsqueeze", [values[i], axes], to=f"factor{i}")
    *rest, final = values
    product = rest[0]
    for i, value in enumerate(rest[1:]):
        product = part.add("Mul", [product, value], to=f"product{i}")
    part.add("Mul", [product, final], main=True, last=True)


def _concat(part: Part, kind: Any) -> None:
    rank = len(part.node.shape)
    part.single("Concat", axis=1 if rank == 1 else (2, 3, 1)[kind.axis % 3])


def _flatten(part: Part, kind: Any) -> None:
    if len(part.node.inputs[0]) == 1:
        part.single("Identity")
        return
    part.add("Flatten", [part.add("Transpose", part.inputs, to="last", perm=LAST)], main=True, last=True, axis=1)


def _reshape(part: Part, kind: Any) -> None:
    (value,), (shape,) = part.inputs, part.node.inputs
    image = len(kind.shape) == 3
    if len(shape) == 3:
        value = part.add("Transpose", [value], to="last", perm=LAST)
    target = part.constant("shape", [0, *kind.shape], np.int64)
    value = part.add("Reshape", [value, target], main=not image, last=not image)
    if image:
        part.add("Transpose", [value], main=True, last=True, perm=FIRST)


def _pad(mode: str) -> Callable[[Part, Any], None]:
    def draw(part: Part, kind: Any) -> None:
        (top, bottom), (left, right) = margins(kind.padding)
        pads = part.constant("pads", [0, 0, top, left, 0, 0, bottom, right], np.int64)
        part.single("Pad", pads, mode=mode)

    return draw


def _pad_channels(part: Part, kind: Any) -> None:
    place = [0] * (len(part.node.shape) - 1)
    part.single("Pad", part.constant("pads", [0, kind.before, *place, 0, kind.after, *place], np.int64))


def _crop(part: Part, kind: Any) -> None:
    (high, wide, _), ((top, bottom), (left, right)) = part.node.inputs[0], margins(kind.cropping)
    starts = part.constant("starts", [top, left], np.int64)
    ends = part.constant("ends", [high - bottom, wide - right], np.int64)
    part.single("Slice", starts, ends, part.constant("axes", [2, 3], np.int64))


def _upsample(part: Part, kind: Any) -> None:
    scales = part.constant("scales", [1, 1, *pair(kind.factor)])
    how = {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}
    if kind.interpolation == "nearest":
        how = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    part.add("Resize", [*part.inputs, "", scales], main=True, last=True, **how)


def _space_to_depth(part: Part, kind: Any) -> None:
    """Put the channels of a block together, as ours are; ONNX puts the places of a block together."""
    b, c = kind.block_size, part.node.inputs[0][2]
    blocks = part.add("SpaceToDepth", part.inputs, to="blocks", blocksize=b)
    order = np.arange(c * b * b).reshape(c, b, b).transpose(1, 2, 0).ravel().argsort()
    part.add("Gather", [blocks, part.constant("order", order, np.int64)], main=True, last=True, axis=1)


def _shuffle(part: Part, kind: Any) -> None:
    *place, c = part.node.shape
    split = part.constant("split", [0, kind.groups, c // kind.groups, *place], np.int64)
    perm = [0, 2, 1, *range(3, 3 + len(place))]
    groups = part.add("Transpose", [part.add("Reshape", [*part.inputs, split], to="groups")], perm=perm)
    part.add("Reshape", [groups, part.constant("joined", [0, c, *place], np.int64)], main=True, last=True)


def _dropout(part: Part, kind: Any) -> None:
    part.single("Dropout", part.constant("rate", kind.rate))


def _only_in_training(part: Part, kind: Any) -> None:
    part.single("Identity")


def _none(part: Part, kind: Any) -> None:
    raise part.refuse("it has no operator whose filters differ from place to place.")


DRAWN: Final[Mapping[str, Callable[[Part, Any], None]]] = {
    "Conv2D": _conv,
    "ConvTranspose2D": _transposed,
    "LocallyConnected2D": _none,
    "MaxPool2D": _pool("MaxPool"),
    "AvgPool2D": _pool("AveragePool"),
    "L2Pool2D": _pool("LpPool"),
    "GlobalAvgPool2D": _global("GlobalAveragePool"),
    "GlobalMaxPool2D": _global("GlobalMaxPool"),
    "AdaptiveAvgPool2D": _adaptive,
    "Dense": _dense,
    "Flatten": _flatten,
    "Reshape": _reshape,
    **ACTIVATIONS,
    "BatchNorm": _batch_norm,
    "LayerNorm": _layer_norm,
    "GroupNorm": _group_norm,
    "InstanceNorm": _instance_norm,
    "LocalResponseNorm": _local_response,
    "Dropout": _dropout,
    "SpatialDropout": _only_in_training,
    "GaussianNoise": _only_in_training,
    "Add": plain("Sum"),
    "Subtract": plain("Sub"),
    "Multiply": _multiply,
    "Average": plain("Mean"),
    "Maximum": plain("Max"),
    "Concat": _concat,
    "ZeroPad2D": _pad("constant"),
    "ReflectPad2D": _pad("reflect"),
    "PadChannels": _pad_channels,
    "Crop2D": _crop,
    "Upsample2D": _upsample,
    "SpaceToDepth": _space_to_depth,
    "DepthToSpace": lambda part, kind: part.single("DepthToSpace", blocksize=kind.block_size, mode="CRD"),
    "ChannelShuffle": _shuffle,
}
"""The function that draws each kind, by its name."""


def draw(part: Part) -> None:
    """Draw a layer.

    Raises
    ------
    ExportError
        If ONNX can't say it.
    """
    kind = type(part.node.kind).__name__
    if kind not in DRAWN:
        raise part.refuse("nobody has said yet how.")
    DRAWN[kind](part, part.node.kind)


def first_dims(shape: Shape) -> list[int | str]:
    """Return the dimensions of a value, with any number of samples.

    >>> first_dims((28, 32, 3)), first_dims((10,))
    (['N', 3, 28, 32], ['N', 10])
    """
    return ["N", shape[2], *shape[:2]] if len(shape) == 3 else ["N", *shape]
