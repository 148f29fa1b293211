"""Layers that move values about without computing: Flatten, Reshape, Permute."""

from __future__ import annotations

from math import prod
from typing import Any

from core.importing.keras.reading import Step, Value
from core.shapes import Shape
from core.text import excerpt, shape_text


def flatten(step: Step) -> Value:
    """Draw Flatten; features stay as they are."""
    shape = step.reading.drawing.shape(step.source)
    if len(shape) == 1:
        step.say("what it reads is flat already, so it is left out.")
        return step.value
    return step.draw("Flatten")


def reshape(step: Step) -> Value:
    """Lay values out in another shape: by a Reshape, or together with what turns them afterwards."""
    target = step.layer.config.get("target_shape")
    if not isinstance(target, list) or not all(isinstance(side, int) and side >= -1 and side for side in target):
        raise step.refuse(f"its target_shape is {excerpt(target, 100)}; whole numbers are needed.")
    shape = step.shape
    rest = -prod(target) if target.count(-1) == 1 else 0
    sides = [prod(shape) // rest if side == -1 and rest else side for side in target]
    if -1 in sides or prod(sides) != prod(shape):
        raise step.refuse(f"{shape_text(shape)} cannot be laid out as {excerpt(target, 100)}.")
    composed = step.value.places is None and (_padded(step, shape, tuple(sides)) or _best(step, shape, tuple(sides)))
    if composed:
        return composed
    if step.value.places is None and len(sides) in (1, 3):
        return step.draw("Reshape", shape=tuple(sides))
    return Value(_moved(step), step.places().reshape(sides), wish=step.wish)


def permute(step: Step) -> Value:
    """Exchange axes; Keras counts them from 1, after the batch."""
    dims, places = step.layer.config.get("dims"), step.places()
    if not isinstance(dims, list) or sorted(map(repr, dims)) != sorted(map(repr, range(1, places.ndim + 1))):
        raise step.refuse(f"its dims are {excerpt(dims, 100)}; it reads {places.ndim} axes.")
    return Value(_moved(step), places.transpose([axis - 1 for axis in dims]), wish=step.wish)


def _padded(step: Step, shape: Shape, sides: Shape) -> Value | None:
    """Draw the channels of zeros that Keras says by a Reshape, zeros beside the last axis, and a Reshape back."""
    readers = _next_two(step, "ZeroPadding2D")
    if readers is None or sides != (prod(shape[:-1]), shape[-1], 1):
        return None
    zeros, last = readers
    rows, (before, after) = zeros.margins("padding")
    if any(rows) or last.layer.config.get("target_shape") != [*shape[:-1], shape[-1] + before + after]:
        return None
    return _instead(step, readers, "PadChannels", before=before, after=after)


def _best(step: Step, shape: Shape, sides: Shape) -> Value | None:
    """Draw the Maxout that Keras says by a Reshape, a max pool over the pieces, and a Reshape back."""
    readers = _next_two(step, "MaxPooling2D")
    if readers is None or len(sides) != 3 or sides[2] != 1 or shape[-1] % sides[1]:
        return None
    pool, last = readers
    window, pieces = (1, sides[1]), sides[1]
    if pool.size("pool_size", 2) != window or pool.size("strides", window) != window:
        return None
    if last.layer.config.get("target_shape") != [*shape[:-1], shape[-1] // pieces]:
        return None
    return _instead(step, readers, "Maxout", pieces=pieces)


def _next_two(step: Step, class_name: str) -> tuple[Step, Step] | None:
    """Return the layer of a class and the Reshape after it, if these alone read what this layer gives."""
    first = step.only_reader()
    between = Step(step.reading, first) if first is not None and first.class_name == class_name else None
    last = between.only_reader() if between else None
    return (between, Step(step.reading, last)) if between and last and last.class_name == "Reshape" else None


def _instead(step: Step, readers: tuple[Step, Step], kind: str, **config: Any) -> Value:
    step.reading.swallowed.update(reader.layer.path for reader in readers)
    last = readers[-1]
    last.say(f"{step.wish}, {readers[0].wish} and it are one {kind}.")
    return step.draw(kind, wish=last.wish, **config)


def _moved(step: Step) -> str:
    """Return the layer whose values are moved."""
    value = step.value
    return step.source if value.places is None else value.layer
