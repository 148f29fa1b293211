"""Nodes that slide a window over an image: convolutions and pools."""

from __future__ import annotations

from math import ceil
from typing import Any

from numpy.typing import NDArray

from core.importing.onnx.elementwise import signal_of
from core.importing.onnx.order import as_image, straight
from core.importing.onnx.reading import Step
from core.importing.onnx.signals import Signal, turned_back, upright
from core.shapes import Pair, shortest_padding, shortest_size

Array = NDArray[Any]


def image_of(step: Step, i: int = 0) -> Signal:
    """Return an input as an image, channels first."""
    return as_image(step, signal_of(step, i))


def convolution(step: Step) -> Signal:
    """Read Conv."""
    image, kernel, bias = image_of(step), step.needed(1), step.constant(2)
    if kernel.ndim != 4:
        raise step.refuse(f"its kernel has {kernel.ndim - 2} axes; Convograph's filters have height and width.")
    size = (kernel.shape[2], kernel.shape[3])
    stride, dilation = _pair(step, "strides"), _pair(step, "dilations")
    sides = _sides(step, image, size, stride, dilation)
    config = _settled(
        filters=kernel.shape[0],
        kernel_size=shortest_size(size),
        stride=shortest_size(stride),
        padding=shortest_padding(sides),
        dilation=shortest_size(dilation),
        groups=int(step.setting("group", 1)),
        bias=bias is not None,
        rounding=_rounding(image, size, stride, dilation, sides),
    )
    weights = {"kernel": kernel.transpose(2, 3, 1, 0)} | ({} if bias is None else {"bias": bias})  # (F, F, C/g, K)
    return step.draw("Conv2D", image, weights=weights, own=1, **config)


def transposed_convolution(step: Step) -> Signal:
    """Read ConvTranspose."""
    image, kernel, bias = image_of(step), step.needed(1), step.constant(2)
    if kernel.ndim != 4:
        raise step.refuse(f"its kernel has {kernel.ndim - 2} axes; Convograph's filters have height and width.")
    groups = int(step.setting("group", 1))
    size, stride, dilation = (kernel.shape[2], kernel.shape[3]), _pair(step, "strides"), _pair(step, "dilations")
    spans = [d * (f - 1) + 1 for f, d in zip(size, dilation, strict=True)]
    extra = _pair(step, "output_padding", 0)
    full = [s * (n - 1) + f for s, n, f in zip(stride, image.dims[1:], spans, strict=True)]
    sides: list[Pair]
    wanted = step.setting("output_shape")
    automatic = step.setting("auto_pad", "NOTSET")
    if wanted is not None or automatic in ("SAME_UPPER", "SAME_LOWER"):
        sizes = (
            list(wanted)[-2:] if wanted is not None else [n * s for n, s in zip(image.dims[1:], stride, strict=True)]
        )
        sides, extra = [], (0, 0)
        grown = [0, 0]
        for axis, (canvas, out) in enumerate(zip(full, sizes, strict=True)):
            total = canvas - out
            grown[axis] = max(0, -total)
            half, rest = max(0, total) // 2, max(0, total) - max(0, total) // 2
            sides.append(
                (half, rest)
                if automatic == "SAME_UPPER" or (wanted is not None and automatic != "SAME_LOWER")
                else (rest, half)
            )
        extra = (grown[0], grown[1])
        if wanted is not None and automatic == "NOTSET":
            sides = [(after, before) for before, after in sides]
        step.drawing.say(f"{step.node.called}: its output size is said by padding {sides} and output padding {extra}.")
    else:
        top, left, bottom, right = _pads(step)
        sides = [(top, bottom), (left, right)]
    config = _settled(
        filters=kernel.shape[1] * groups,
        kernel_size=shortest_size(size),
        stride=shortest_size(stride),
        padding=shortest_padding((sides[0], sides[1])),
        output_padding=shortest_size(extra),
        dilation=shortest_size(dilation),
        groups=groups,
        bias=bias is not None,
    )
    weights = {"kernel": kernel.transpose(2, 3, 0, 1)} | ({} if bias is None else {"bias": bias})  # (F, F, C, K/g)
    return step.draw("ConvTranspose2D", image, weights=weights, own=1, **config)


def pool(step: Step) -> Signal:
    """Read MaxPool, AveragePool or LpPool."""
    op = step.node.op
    step.needed_setting("kernel_shape")
    image, size = image_of(step), _pair(step, "kernel_shape")
    stride, dilation = _pair(step, "strides"), _pair(step, "dilations")
    sides = _sides(step, image, size, stride, dilation)
    rounding = "ceil" if step.setting("ceil_mode", 0) else _rounding(image, size, stride, dilation, sides)
    if rounding == "ceil" and _rounding(image, size, stride, dilation, sides) == "exact":
        rounding = "exact"
    config = _settled(
        pool_size=shortest_size(size),
        stride=None if stride == size else shortest_size(stride),
        padding=shortest_padding(sides),
        rounding=rounding,
    )
    if size == (2, 2):
        del config["pool_size"]
    if op == "MaxPool":
        config |= _settled(dilation=shortest_size(dilation))
        return step.draw("MaxPool2D", image, **config)
    if dilation != (1, 1):
        raise step.refuse("its windows are dilated; Convograph's have neighbouring pixels.")
    if op == "LpPool":
        if step.setting("p", 2) != 2:
            raise step.refuse(f"it sums powers of {step.setting('p')}; Convograph's L2Pool2D sums squares.")
        return step.draw("L2Pool2D", image, **config)
    counted = bool(step.setting("count_include_pad", 0)) or not any(map(any, sides))
    if not counted:
        config["count_padding"] = False
    return step.draw("AvgPool2D", image, **config)


def global_pool(step: Step) -> Signal:
    """Read GlobalAveragePool or GlobalMaxPool."""
    image = image_of(step)
    return pooled(step, image, "GlobalMaxPool2D" if step.node.op == "GlobalMaxPool" else "GlobalAvgPool2D")


def pooled(step: Step, image: Signal, kind: str) -> Signal:
    """Draw a global pool; models keep its output as C×1×1."""
    features = step.draw(kind, image)
    return features.moved(features.places.reshape(-1, 1, 1))


def reduced(step: Step) -> Signal:
    """Read ReduceMean or ReduceMax over height and width."""
    signal = signal_of(step)
    rank = len(signal.dims)
    constant = step.constant(1)
    listed = step.setting("axes") if constant is None else [int(axis) for axis in constant.reshape(-1)]
    if step.node.op == "ReduceMax" and rank != 3:
        return _maxout(step, signal, step.axes_of(listed or (), rank))
    found, axes = upright(signal)
    over = {axes.index(axis) for axis in step.axes_of(listed or range(rank + 1), rank)}
    if rank != 3 or over != {1, 2} or (found.order is not None and len(found.shape) == 3):
        raise step.refuse("Convograph takes means and maxima over height and width together, and nothing else.")
    features = step.draw(
        "GlobalAvgPool2D" if step.node.op == "ReduceMean" else "GlobalMaxPool2D", as_image(step, found)
    )
    column = features.moved(features.places.reshape(-1, 1, 1))
    return turned_back(column, axes) if step.setting("keepdims", 1) else features


def _maxout(step: Step, signal: Signal, over: tuple[int, ...]) -> Signal:
    """Read the largest of each few channels that follow each other, laid out as an axis of their own."""
    if over != (1,) or len(signal.dims) not in (2, 4) or step.setting("keepdims", 1):
        raise step.refuse("Convograph takes maxima over height and width together, or of channels, and nothing else.")
    channels, pieces, *place = signal.dims
    joined = signal.moved(signal.places.reshape(channels * pieces, *place))
    config: dict[str, Any] = {} if pieces == 2 else {"pieces": pieces}
    return step.draw("Maxout", straight(step, joined), **config)


# --- Geometry ---------------------------------------------------------------------------------------------------------


def _settled(**config: Any) -> dict[str, Any]:
    """Leave out settings that say what is so anyway."""
    usual = {
        "stride": 1,
        "padding": 0,
        "dilation": 1,
        "groups": 1,
        "bias": True,
        "rounding": "exact",
        "output_padding": 0,
    }
    if "pool_size" in config:
        usual["stride"] = None
    return {name: value for name, value in config.items() if name not in usual or value != usual[name]}


def _pair(step: Step, name: str, default: int = 1) -> Pair:
    values = step.setting(name)
    if values is None or not len(values):
        return (default, default)
    if len(values) != 2:
        raise step.refuse(f"its {name} have {len(values)} numbers; Convograph's windows have height and width.")
    return (int(values[0]), int(values[1]))


def _pads(step: Step) -> tuple[int, int, int, int]:
    pads = step.setting("pads") or (0, 0, 0, 0)
    if len(pads) != 4:
        raise step.refuse(f"its pads have {len(pads)} numbers; Convograph's images have two sides, each with two ends.")
    if min(pads) < 0:
        raise step.refuse("it pads by less than nothing.")
    top, left, bottom, right = map(int, pads)
    return top, left, bottom, right


def _sides(step: Step, image: Signal, size: Pair, stride: Pair, dilation: Pair) -> tuple[Pair, Pair]:
    """Return the padding in numbers, ((top, bottom), (left, right))."""
    automatic = step.setting("auto_pad", "NOTSET")
    if automatic in ("NOTSET", "VALID"):
        top, left, bottom, right = _pads(step) if automatic == "NOTSET" else (0, 0, 0, 0)
        return (top, bottom), (left, right)
    sides = []
    for n, f, s, d in zip(image.dims[1:], size, stride, dilation, strict=True):
        total = max(0, (ceil(n / max(1, s)) - 1) * s + d * (f - 1) + 1 - n)
        half = total // 2
        sides.append((half, total - half) if automatic == "SAME_UPPER" else (total - half, half))
    step.drawing.say(f"{step.node.called}: padding {automatic} is said in numbers, {sides[0]} and {sides[1]}.")
    return (sides[0], sides[1])


def _rounding(image: Signal, size: Pair, stride: Pair, dilation: Pair, sides: tuple[Pair, Pair]) -> str:
    """Return "floor" where a window does not fit a whole number of times: models round down."""
    for n, f, s, d, pads in zip(image.dims[1:], size, stride, dilation, sides, strict=True):
        if s > 0 and (n + sum(pads) - d * (f - 1) - 1) % s:
            return "floor"
    return "exact"
