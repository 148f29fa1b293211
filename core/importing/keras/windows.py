"""Convolutions, pools, and what else changes the height and width of images.

Keras' "same" becomes numbers, and zeros around an image go into the convolution or average pool that alone reads them.
Source of its arithmetic: `keras.src.backend.common.backend_utils` and `keras.src.ops.operation_utils`, version 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.importing.keras.configuration import KerasLayer
from core.importing.keras.reading import Sides, Step, Value
from core.io.failures import shown
from core.layers.values import Array
from core.shapes import Pair, Shape, shortest_padding, shortest_size


def convolution(step: Step) -> Value:
    """Draw Conv2D."""
    filters, groups = step.whole("filters"), step.whole("groups", 1)
    kernel = (*step.size("kernel_size"), _share(step, groups), filters)
    return step.draw(
        "Conv2D",
        _unpadded(step),
        weights=_given(step.weights(_arrays(step, {"kernel": kernel}, filters))),
        **_sliding(step, "kernel_size"),
        filters=filters,
        groups=groups,
        bias=step.flag("use_bias", True),
    )


def depthwise(step: Step) -> Value:
    """Draw DepthwiseConv2D: a convolution with a group for each channel."""
    high, wide = step.size("kernel_size")
    depth, times = step.image()[2], step.whole("depth_multiplier", 1)
    weights = step.weights(_arrays(step, {"kernel": (high, wide, depth, times)}, depth * times))
    step.say(f"it is a convolution with {depth:,} groups, one for each channel.")
    return step.draw(
        "Conv2D",
        _unpadded(step),
        weights=_given(weights, kernel=(high, wide, 1, depth * times)),
        **_sliding(step, "kernel_size"),
        filters=depth * times,
        groups=depth,
        bias=step.flag("use_bias", True),
    )


def separable(step: Step) -> Value:
    """Draw SeparableConv2D: one convolution for each channel, and one of 1×1 across them."""
    high, wide = step.size("kernel_size")
    depth, times, filters = step.image()[2], step.whole("depth_multiplier", 1), step.whole("filters")
    inner = depth * times
    shapes = {"depthwise": (high, wide, depth, times), "kernel": (1, 1, inner, filters)}
    weights = step.weights(_arrays(step, shapes, filters))
    first = {"kernel": weights.pop("depthwise")} if weights else {}
    step.say("it is two convolutions, one within each channel and one across them.")
    within = step.draw(
        "Conv2D",
        _unpadded(step),
        wish=f"{step.wish}_depthwise",
        weights=_given(first, kernel=(high, wide, 1, inner)),
        **_sliding(step, "kernel_size"),
        filters=inner,
        groups=depth,
        bias=False,
    )
    bias = step.flag("use_bias", True)
    return step.draw("Conv2D", within.layer, weights=weights, filters=filters, kernel_size=1, bias=bias)


def transposed(step: Step) -> Value:
    """Draw Conv2DTranspose; a Cropping2D that alone reads it goes into its padding."""
    filters, size = step.whole("filters"), step.size("kernel_size")
    stride, dilation = step.size("strides", 1), step.size("dilation_rate", 1)
    is_same = step.word("padding", "valid", ("valid", "same")) == "same"
    written = step.layer.config.get("output_padding")
    extras = (None, None) if written is None else _extras(step)
    sides = [
        _cut(d * (f - 1) + 1, s, extra, is_same) for f, s, d, extra in zip(size, stride, dilation, extras, strict=True)
    ]
    (top, bottom, under), (left, right, beside) = sides
    shapes = _arrays(step, {"kernel": (*size, filters, step.image()[2])}, filters)
    weights = step.weights(shapes)
    if weights:
        weights["kernel"] = weights["kernel"].transpose(0, 1, 3, 2)
    wish = ""
    reader = step.only_reader()
    if reader is not None and reader.class_name == "Cropping2D" and not _is_followed(step):
        (high, low), (before, after) = Step(step.reading, reader).margins("cropping")
        if not ((low and under) or (after and beside)):
            top, bottom, left, right = top + high, bottom + low, left + before, right + after
            step.reading.swallowed.add(reader.path)
            step.say(f"its padding is what {shown('/'.join(reader.path))} cuts off.")
            wish = "/".join(reader.path)
    return step.draw(
        "ConvTranspose2D",
        weights=_given(weights),
        wish=wish,
        filters=filters,
        kernel_size=shortest_size(size),
        stride=shortest_size(stride),
        dilation=shortest_size(dilation),
        padding=shortest_padding(((top, bottom), (left, right))),
        output_padding=shortest_size((under, beside)),
        bias=step.flag("use_bias", True),
    )


def _extras(step: Step) -> Pair:
    (high, _), (wide, _) = step.margins("output_padding")
    return high, wide


def _cut(span: int, stride: int, extra: int | None, is_same: bool) -> tuple[int, int, int]:
    """Return what is cut off before and after a full transposed convolution, and what is added at its end."""
    if not is_same:
        return 0, 0, max(span, stride) - span if extra is None else extra
    total = stride + span - 2 if extra is None else span + span % 2 - 2 + extra
    left = min(total // 2 + total % 2, span - 1)
    before, end = span - 1 - left, total - left - (span - 1)
    return before, max(0, -end), max(0, end)


def _is_followed(step: Step) -> bool:
    """Say whether the layer has an activation of its own."""
    return step.layer.config.get("activation") not in (None, "linear")


def max_pool(step: Step) -> Value:
    """Draw MaxPooling2D; what "same" puts around the image never wins."""
    return step.draw("MaxPool2D", **_sliding(step, "pool_size", 2))


def average_pool(step: Step) -> Value:
    """Draw AveragePooling2D; what "same" puts around the image doesn't count, zeros put there by a layer do."""
    counts = any(map(any, step.value.zeros))
    settings = _sliding(step, "pool_size", 2)
    if settings["padding"] != 0:
        settings["count_padding"] = counts
    return step.draw("AvgPool2D", _unpadded(step), **settings)


def global_pool(step: Step) -> Value:
    """Draw GlobalAveragePooling2D or GlobalMaxPooling2D."""
    depth = step.image()[2]
    kind = "GlobalAvgPool2D" if "Average" in step.layer.class_name else "GlobalMaxPool2D"
    if not step.flag("keepdims", False):
        return step.draw(kind)
    row = step.draw(kind, wish=f"{step.wish}_row")
    return step.draw("Reshape", row.layer, shape=(1, 1, depth))


def adaptive_pool(step: Step) -> Value:
    """Draw AdaptiveAveragePooling2D."""
    return step.draw("AdaptiveAvgPool2D", output_size=shortest_size(step.size("output_size")))


def upsampling(step: Step) -> Value:
    """Draw UpSampling2D."""
    known = ("nearest", "bilinear")
    factor = shortest_size(step.size("size", 2))
    return step.draw("Upsample2D", factor=factor, interpolation=step.word("interpolation", "nearest", known))


def zero_padding(step: Step) -> Value:
    """Draw ZeroPadding2D, or leave it to the convolution or average pool that alone reads it."""
    step.image()
    sides, reader = step.margins("padding"), step.only_reader()
    source = step.source
    value = Value(source, zeros=sides, wish=step.wish)
    if reader is None or not _takes_zeros(reader, sides):
        return Value(step.reading.drawn(value))
    step.say(f"its zeros are the padding of {shown('/'.join(reader.path))}.")
    return value


def _takes_zeros(reader: KerasLayer, sides: Sides) -> bool:
    if reader.config.get("padding", "valid") != "valid":
        return False
    if reader.class_name in ("Conv2D", "DepthwiseConv2D", "SeparableConv2D", "Convolution2D"):
        return True
    size = reader.config.get("pool_size", 2)
    wide = [size] * 2 if isinstance(size, int) else size
    return (
        reader.class_name == "AveragePooling2D"
        and isinstance(wide, list)
        and len(wide) == 2
        and all(isinstance(f, int) and 2 * max(ends) <= f for f, ends in zip(wide, sides, strict=True))
    )


def cropping(step: Step) -> Value:
    """Draw Cropping2D."""
    sides = step.margins("cropping")
    return step.draw("Crop2D", cropping=shortest_padding(sides)) if any(map(any, sides)) else step.value


def _sliding(step: Step, key: str, default: int | None = None) -> dict[str, Any]:
    """Return size, stride, padding, dilation and rounding of a window, as our kinds have them."""
    size = step.size(key, default)
    is_pool = key == "pool_size"
    stride = step.size("strides", None if not is_pool else size) if step.layer.config.get("strides") else None
    stride = stride or (size if is_pool else (1, 1))
    dilation = (1, 1) if is_pool else step.size("dilation_rate", 1)
    image, value = step.image(), step.value
    spans = [d * (f - 1) + 1 for f, d in zip(size, dilation, strict=True)]
    ends = [*value.zeros]
    if step.word("padding", "valid", ("valid", "same")) == "same":
        totals = [max(0, (-(-n // s) - 1) * s + span - n) for n, s, span in zip(image[:2], stride, spans, strict=True)]
        ends = [(total // 2, total - total // 2) for total in totals]
    slack = [n + sum(end) - span for n, end, span in zip(image[:2], ends, spans, strict=True)]
    settings: dict[str, Any] = {
        key: shortest_size(size),
        "stride": shortest_size(stride),
        "padding": shortest_padding((ends[0], ends[1])),
    }
    if is_pool and stride == size:
        del settings["stride"]  # as in Keras, that is what pools do unless told otherwise
    if any(left % s for left, s in zip(slack, stride, strict=True)):
        settings["rounding"] = "floor"
    return settings if is_pool else {**settings, "dilation": shortest_size(dilation)}


def _unpadded(step: Step) -> str:
    """Return the layer that is read, without the zeros around it that are the reader's padding."""
    value = step.value
    return value.layer if any(map(any, value.zeros)) else step.source


def _share(step: Step, groups: int) -> int:
    return step.image()[2] // groups


def _arrays(step: Step, kernels: Mapping[str, Shape], filters: int) -> dict[str, Shape]:
    return {**kernels, "bias": (filters,)} if step.flag("use_bias", True) else {**kernels}


def _given(weights: dict[str, Array], kernel: Shape = ()) -> dict[str, Array]:
    if weights and kernel:
        weights["kernel"] = weights["kernel"].reshape(kernel)
    return weights
