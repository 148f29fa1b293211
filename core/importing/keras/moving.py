"""Layers that move values about without computing: Flatten, Reshape, Permute."""

from __future__ import annotations

from math import prod

from core.importing.keras.reading import Step, Value
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
    if step.value.places is None and len(sides) in (1, 3):
        return step.draw("Reshape", shape=tuple(sides))
    return Value(_moved(step), step.places().reshape(sides), wish=step.wish)


def permute(step: Step) -> Value:
    """Exchange axes; Keras counts them from 1, after the batch."""
    dims, places = step.layer.config.get("dims"), step.places()
    if not isinstance(dims, list) or sorted(map(repr, dims)) != sorted(map(repr, range(1, places.ndim + 1))):
        raise step.refuse(f"its dims are {excerpt(dims, 100)}; it reads {places.ndim} axes.")
    return Value(_moved(step), places.transpose([axis - 1 for axis in dims]), wish=step.wish)


def _moved(step: Step) -> str:
    """Return the layer whose values are moved."""
    value = step.value
    return step.source if value.places is None else value.layer
