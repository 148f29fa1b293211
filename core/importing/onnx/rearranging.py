"""Nodes that move values, put borders round images, join them, or change their size."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.importing.onnx.elementwise import signal_of
from core.importing.onnx.moving import MOVES, slices_of, whole_numbers
from core.importing.onnx.order import as_image, flattened, settled, straight
from core.importing.onnx.reading import Given, Step
from core.importing.onnx.signals import Signal, require_followable, turned_back, turned_by, upright
from core.importing.onnx.windows import image_of
from core.shapes import shortest_padding, shortest_size

Array = NDArray[Any]


def move(step: Step) -> Given:
    """Read a node that only moves values: no layer is drawn before something needs them in their new places.

    It is done to the places of two samples, one after the other: so nothing that mixes samples passes.
    """
    signal = signal_of(step)
    if step.node.op == "Identity":
        return signal
    if step.node.op not in ("Slice", "Transpose"):
        signal = settled(step, signal)
    if step.node.op == "Transpose" and len(signal.dims) == 1 and list(step.setting("perm") or (1, 0)) == [1, 0]:
        return replace(signal, batch_last=not signal.batch_last)
    if signal.batch_last:
        raise step.refuse("it moves values whose last axis is the batch.")
    cropped = _cropped(step, signal)
    if cropped is not None:
        return cropped
    step.reading.follow(signal.dims)
    require_followable(signal.shape)
    n = int(np.prod(signal.shape))
    both = np.stack([signal.places, signal.places + n])
    constants = [step.constant(i) for i in range(1, len(step.values))]
    if step.node.op == "Reshape" and constants:
        constants[0] = _of_two(step, constants[0], signal)
    try:
        results = MOVES[step.node.op](step.node, [both, *constants])
    except (ValueError, IndexError, KeyError, ZeroDivisionError) as error:
        raise step.refuse("what it asks for does not fit its input.") from error
    moved = []
    for order in results:
        if order.ndim < 2 or len(order) != 2 or not np.array_equal(order[1], order[0] + n) or not order.size:
            raise step.refuse("it mixes the samples of a batch; here each sample is computed by itself.")
        there = replace(signal.moved(np.ascontiguousarray(order[0])), moved_by=step.name())
        moved.append(flattened(step, there))
    return tuple(moved)


def _cropped(step: Step, signal: Signal) -> Signal | None:
    """Draw a Crop2D where Slice takes a part of an image; so no value need be followed."""
    if step.node.op != "Slice" or signal.order is not None or len(signal.shape) != 3:
        return None
    dims = (1, *signal.dims)
    try:
        parts = slices_of(step.node, [None, *(step.constant(i) for i in range(1, len(step.values)))], dims)
        taken = [range(n)[part] for n, part in zip(dims, parts, strict=True)]
    except (ValueError, IndexError) as error:
        raise step.refuse("what it asks for does not fit its input.") from error
    if any(each.step != 1 or not each for each in taken) or [*map(len, taken[:2])] != [*dims[:2]]:
        return None
    high, wide = ((each.start, n - each.stop) for n, each in zip(dims[2:], taken[2:], strict=True))
    if not any((*high, *wide)):
        return signal
    return step.draw("Crop2D", signal, cropping=shortest_padding((high, wide)))


def _of_two(step: Step, target: Array | None, signal: Signal) -> Array | None:
    """Return the shape that a Reshape gives where there are two samples."""
    if target is None or not target.size:
        return target
    shape = target.reshape(-1).copy()
    batch = step.reading.batch
    if shape[0] == batch or (shape[0] == 0 and not step.setting("allowzero")):
        shape[0] = 2
    elif shape[0] == -1 and np.prod(shape[1:], dtype=float) != np.prod(signal.dims, dtype=float):
        raise step.refuse("it mixes the samples of a batch; here each sample is computed by itself.")
    return shape


def shape(step: Step) -> Array:
    """Read Shape; what stands for an open batch is remembered by its number."""
    value = signal_of(step)
    dims = (*value.dims, step.reading.batch) if value.batch_last else (step.reading.batch, *value.dims)
    return np.array(dims[slice(step.setting("start", 0), step.setting("end"))], np.int64)


def size(step: Step) -> Array:
    """Read Size."""
    return np.array(step.reading.batch * int(np.prod(signal_of(step).dims)), np.int64)


def cast(step: Step) -> Signal:
    """Read Cast between kinds of real numbers, which changes no value that matters here."""
    from onnx import TensorProto

    to = int(step.needed_setting("to"))
    if to not in (TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.BFLOAT16):
        raise step.refuse("it makes whole numbers or truth values of its input; Convograph computes with real numbers.")
    if to in (TensorProto.FLOAT16, TensorProto.BFLOAT16):
        step.drawing.say(f"{step.node.called}: computed in 16 bits there, in 32 here.")
    return signal_of(step)


def expand(step: Step) -> Signal:
    """Read Expand where it leaves a value as it is."""
    signal = signal_of(step)
    target = tuple(int(side) for side in step.needed(1).reshape(-1))
    own = (step.reading.batch, *signal.dims)
    fits = len(target) <= len(own) and all(
        side in (1, there) for side, there in zip(reversed(target), reversed(own), strict=False)
    )
    if not fits:
        raise step.refuse("it repeats values; Convograph has Upsample2D for that, and nothing else.")
    return signal


def concat(step: Step) -> Given:
    """Read Concat along channels, height, width or features."""
    if len(step.values) == 1:
        return signal_of(step)
    signals = [signal_of(step, i) for i in range(len(step.values))]
    rank = len(signals[0].dims)
    if any(len(signal.dims) != rank for signal in signals):
        raise step.refuse("its inputs have different numbers of axes.")
    (axis,) = step.axes_of([int(step.needed_setting("axis"))], rank)
    if rank == 1:
        return _joined_features(step, signals)
    _, axes = upright(signals[0])
    ready = [straight(step, turned_by(signal, axes)) for signal in signals]
    ours = (-1, 0, 1)[axes.index(axis)]
    config: dict[str, Any] = {} if ours == -1 else {"axis": ours}
    drawn = step.draw("Concat", *ready, **config)
    return turned_back(drawn, axes)


def _joined_features(step: Step, signals: list[Signal]) -> Signal:
    if any(len(signal.shape) != 1 or not signal.complete or signal.batch_last for signal in signals):
        signals = [straight(step, signal) for signal in signals]
    drawn = step.draw("Concat", *signals)
    starts = np.cumsum([0, *(signal.shape[0] for signal in signals)])[:-1]
    order = np.concatenate([signal.places + np.int32(start) for signal, start in zip(signals, starts, strict=True)])
    return drawn.moved(order)


def pad(step: Step) -> Signal:
    """Read Pad: zeros round an image or its channels, or its mirror image."""
    signal = signal_of(step)
    rank = len(signal.dims) + 1
    pads = whole_numbers(step.node, "pads", [None, *(step.constant(i) for i in range(1, len(step.values)))], 1)
    if pads is None:
        pads = whole_numbers(step.node, "paddings", [], 1) or []
    listed = step.constant(3)
    places = list(range(rank)) if listed is None else [int(axis) % rank for axis in listed.reshape(-1)]
    if len(pads) != 2 * len(places):
        raise step.refuse(f"it has {len(pads)} paddings for {len(places)} axes.")
    each = dict.fromkeys(range(rank), (0, 0))
    each |= {axis: (pads[i], pads[i + len(places)]) for i, axis in enumerate(places)}
    if each.pop(0) != (0, 0) or rank not in (2, 4):
        raise step.refuse("it pads something else than an image or features.")
    mode = step.setting("mode", "constant")
    value = step.constant(2)
    filling = float(step.setting("value", 0.0)) if value is None or not value.size else float(value.reshape(-1)[0])
    if rank == 2 and mode == "constant" and filling == 0 and min(each[1]) >= 0:
        return step.draw("PadChannels", straight(step, signal), before=each[1][0], after=each[1][1])
    found, axes = upright(signal)
    image = as_image(step, found)
    channels, high, wide = (each[axes[i] + 1] for i in range(3))
    if min(*channels, *high, *wide) < 0:
        raise step.refuse("it pads by less than nothing.")
    if mode == "constant" and filling == 0:
        image = _padded(step, image, channels, high, wide)
    elif mode == "reflect" and channels == (0, 0):
        image = step.draw("ReflectPad2D", image, padding=shortest_padding((high, wide)))
    else:
        how = f"with {filling:g}" if mode == "constant" else f"in the mode {mode}"
        raise step.refuse(f"it pads {how}; Convograph pads with zeros, or images with their mirror image.")
    return turned_back(image, axes)


def _padded(
    step: Step, image: Signal, channels: tuple[int, int], high: tuple[int, int], wide: tuple[int, int]
) -> Signal:
    if any((*high, *wide)):
        image = step.draw("ZeroPad2D", image, padding=shortest_padding((high, wide)))
    if any(channels):
        image = step.draw("PadChannels", image, before=channels[0], after=channels[1])
    return image


# --- Resize -----------------------------------------------------------------------------------------------------------


def resize(step: Step) -> Signal:
    """Read Resize or Upsample by whole factors."""
    image = image_of(step)
    factors = _factors(step, image)
    mode = step.setting("mode", "nearest")
    if factors == (1, 1):
        return image
    places = _PLACES.get(_places_named(step))
    if mode == "nearest" and places is not None:
        for factor, n in zip(factors, image.dims[1:], strict=True):
            if not np.array_equal(_nearest(step, places, factor, n), np.arange(n * factor) // factor):
                raise step.refuse("it takes other pixels than the nearest as Upsample2D does.")
        return step.draw("Upsample2D", image, **_factor(factors))
    half_pixel = ("half_pixel", "half_pixel_symmetric", "pytorch_half_pixel")
    if mode in ("linear", "bilinear") and _places_named(step) in half_pixel and not step.setting("antialias"):
        if _places_named(step) == "pytorch_half_pixel" and 1 in (
            n * f for n, f in zip(image.dims[1:], factors, strict=True)
        ):
            raise step.refuse("it interpolates a single pixel.")
        return step.draw("Upsample2D", image, interpolation="bilinear", **_factor(factors))
    raise step.refuse(f"it resizes with mode {mode} and {_places_named(step)}; Convograph has no such interpolation.")


def _factor(factors: tuple[int, int]) -> dict[str, Any]:
    return {} if factors == (2, 2) else {"factor": shortest_size(factors)}


_PLACES = {
    "asymmetric": lambda i, factor: i / factor,
    "half_pixel": lambda i, factor: (i + 0.5) / factor - 0.5,
    "half_pixel_symmetric": lambda i, factor: (i + 0.5) / factor - 0.5,
    "pytorch_half_pixel": lambda i, factor: (i + 0.5) / factor - 0.5,
    "tf_half_pixel_for_nn": lambda i, factor: (i + 0.5) / factor,
}
"""Where in the input a pixel of the output lies, by the name of the rule."""


def _places_named(step: Step) -> str:
    usual = "half_pixel" if step.opset >= 11 else "asymmetric"
    return str(step.setting("coordinate_transformation_mode", usual))


def _nearest(step: Step, places: Any, factor: int, n: int) -> Array:
    at = places(np.arange(n * factor), factor)
    usual = "round_prefer_floor" if step.opset >= 11 else "floor"
    match step.setting("nearest_mode", usual):
        case "floor":
            found = np.floor(at)
        case "ceil":
            found = np.ceil(at)
        case "round_prefer_ceil":
            found = np.floor(at + 0.5)
        case _:
            found = np.ceil(at - 0.5)
    return np.asarray(np.clip(found, 0, n - 1), np.int64)


def _factors(step: Step, image: Signal) -> tuple[int, int]:
    """Return by which whole numbers height and width grow."""
    batch, dims = step.reading.batch, image.dims
    i_scales, i_sizes = (1, 3) if step.node.op == "Upsample" or step.opset < 11 else (2, 3)
    scales = step.constant(i_scales) if len(step.values) > i_scales else None
    given = step.setting("scales") if scales is None else [float(scale) for scale in scales.reshape(-1)]
    if step.setting("keep_aspect_ratio_policy", "stretch") != "stretch":
        raise step.refuse("it keeps the ratio of the sides, which Upsample2D does not.")
    axes = [int(axis) % 4 for axis in step.setting("axes") or range(4)]
    if given is None or not len(given):
        sizes = step.needed(i_sizes).reshape(-1)
        whole = [(batch, *dims)[axis] for axis in axes[: len(sizes)]]
        given = [float(size) / there for size, there in zip(sizes, whole, strict=True)]
    if len(given) != len(axes):
        raise step.refuse(f"it has {len(given)} factors for {len(axes)} axes.")
    each = dict.fromkeys(range(4), 1.0) | dict(zip(axes, given, strict=True))
    if each[0] != 1 or each[1] != 1 or any(factor != round(factor) or factor < 1 for factor in each.values()):
        shown = " and ".join(f"{each[axis]:g}" for axis in (2, 3))
        raise step.refuse(f"it resizes by {shown}; Convograph enlarges height and width by whole factors.")
    return round(each[2]), round(each[3])
