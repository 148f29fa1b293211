"""Values in another order than a kind takes: the kind of ours that brings them into it, if there is one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from core.importing.onnx.reading import Step
from core.importing.onnx.signals import Order, Signal, first_dims, is_counting, upright
from core.layers import KINDS, Context
from core.shapes import Shape, shortest_padding


def drawn_order(step: Step, signal: Signal) -> Signal:
    """Draw the layer that brings a value into its order: channels first of an image, or features as they are.

    Raises
    ------
    ModelError
        If no kind does.
    """
    if signal.order is None and signal.dims == first_dims(signal.shape):
        return signal
    order = signal.order if signal.order is not None else signal.places
    wanted = order.transpose(1, 2, 0) if order.ndim == 3 else order  # (H, W, C), as ours stand
    if wanted.shape == signal.shape and is_counting(wanted):
        return Signal(signal.layer, signal.shape, signal.dims)
    for kind, config in _candidates(signal.shape, wanted):
        if _gives(step, kind, config, signal.shape, wanted):
            drawn = step.draw(kind, signal, wish=signal.moved_by, **config)
            if kind == "Reshape" and not signal.moved_by:
                step.drawing.say(f"{drawn.layer} (Reshape) is here because {step.node.called} reads the values so.")
            return drawn
    if _permute_units(step, signal, wanted):
        return step.draw("Reshape", signal, wish=signal.moved_by, shape=wanted.shape)
    what = "features" if order.ndim == 1 else "an image"
    raise step.refuse(f"it reads {what} in an order that no kind of Convograph gives.")


def rearrangement(shape: Shape, wanted: Order) -> tuple[str, dict[str, Any]] | None:
    """Return the kind and settings that bring a layer's output into an order, channels last; None if none does.

    >>> rearrangement((1, 1, 4), np.array([[[0, 2, 1, 3]]]))
    ('ChannelShuffle', {'groups': 2})
    """
    tried = _candidates(shape, wanted)
    return next(((kind, config) for kind, config in tried if _gives(kind, config, shape, wanted)), None)


def _candidates(shape: Shape, wanted: Order) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what could bring a layer's output of a shape into the wanted order; each is tried."""
    target = wanted.shape
    if is_counting(wanted):
        yield ("Flatten", {}) if len(target) == 1 and len(shape) == 3 else ("Reshape", {"shape": target})
        return
    if target == shape and shape[-1] > 1:
        apart = int(wanted.reshape(-1)[1]) % shape[-1]  # two neighbours come from the beginnings of two groups
        if apart and shape[-1] % apart == 0:
            yield "ChannelShuffle", {"groups": shape[-1] // apart}
        return
    if len(target) != 3 or len(shape) != 3:
        return
    (high, wide, c), (new_high, new_wide, new_c) = shape, target
    if new_c * new_high * new_wide == c * high * wide:
        if new_high > high and new_high % high == 0:
            yield "DepthToSpace", {"block_size": new_high // high}
        elif high > new_high and high % new_high == 0:
            yield "SpaceToDepth", {"block_size": high // new_high}
    elif new_c == c and wanted.size:
        top, left = divmod(int(wanted[0, 0, 0]) // c, wide)
        cropping = ((top, high - new_high - top), (left, wide - new_wide - left))
        if min(map(min, cropping)) >= 0:
            yield "Crop2D", {"cropping": shortest_padding(cropping)}


def _gives(step: Step, kind: str, config: dict[str, Any], shape: Shape, wanted: Order) -> bool:
    step.reading.follow(shape)
    spec = KINDS[kind].read(config)
    if any(problem.severity == "error" for problem in spec.problems([shape])):
        return False
    numbers = np.arange(int(np.prod(shape)), dtype=np.int32).reshape(1, *shape)
    given = spec.forward((numbers,), {}, Context())[0]
    return given.shape == wanted.shape and np.array_equal(given, wanted)


def settled(step: Step, signal: Signal) -> Signal:
    """Draw the layer that gives an image its order, where there is one; otherwise leave the value as it is.

    So what is computed of it afterwards stands after that layer, as in the model.
    """
    if signal.order is None or len(signal.dims) != 3 or len(signal.shape) != 3 or upright(signal)[0].order is None:
        return signal
    wanted = signal.order.transpose(1, 2, 0)
    if any(_gives(step, kind, config, signal.shape, wanted) for kind, config in _candidates(signal.shape, wanted)):
        return drawn_order(step, signal)
    return signal


def flattened(step: Step, signal: Signal) -> Signal:
    """Draw a Flatten where a model lays an image out in one row; the values stay in the model's order."""
    if len(signal.dims) != 1 or len(signal.shape) != 3 or not signal.complete:
        return signal
    flat = step.draw("Flatten", signal)
    return Signal(flat.layer, flat.shape, flat.dims).moved(signal.places)


def as_image(step: Step, signal: Signal) -> Signal:
    """Return a value as an image, channels first."""
    if len(signal.dims) != 3 or signal.batch_last:
        raise step.refuse(f"it works on {dims_text(signal)} values; Convograph knows images N×C×H×W.")
    return drawn_order(step, signal)


def straight(step: Step, signal: Signal) -> Signal:
    """Return a value in the order of our layers, an image channels first."""
    if len(signal.dims) not in (1, 3) or signal.batch_last:
        raise step.refuse(f"it works on {dims_text(signal)} values; Convograph knows images N×C×H×W and features N×C.")
    return drawn_order(step, signal)


def turned(step: Step, signal: Signal) -> tuple[Signal, tuple[int, ...]]:
    """Return a value with its channels first, and which axis of the value each of its axes is.

    An image that stands otherwise is brought in order by a layer; one value per channel stays as it is.
    """
    found, axes = upright(signal)
    if len(signal.dims) == 3 and found.order is not None and len(found.shape) == 3:
        return as_image(step, signal), (0, 1, 2)
    return found, axes


def dims_text(signal: Signal) -> str:
    """Write the dimensions of a value as the model has them.

    >>> dims_text(Signal("conv1", (28, 28, 6), (6, 28, 28)))
    'N×6×28×28'
    """
    sides = [str(side) for side in signal.dims]
    return "×".join([*sides, "N"] if signal.batch_last else ["N", *sides])


def _permute_units(step: Step, signal: Signal, wanted: Order) -> bool:
    """Put the units of the Dense that gives some features in another order, if nothing else sees them.

    So a generator's first Dense, whose units a model lays out channels first, gives an image of ours.
    """
    drawing, chain = step.drawing, [signal.layer]
    if not (len(signal.shape) == 1 and signal.complete and step.reading.free_to_change(signal.layer)):
        return False
    while not isinstance(drawing.spec(chain[-1]), KINDS["Dense"]):
        layer = drawing.layer(chain[-1])
        follows = drawing.spec(layer.id).elementwise or layer.kind in ("BatchNorm", "Dropout")
        if not follows or len(layer.inputs) != 1 or drawing.n_readers(layer.inputs[0]) != 1:
            return False
        if not step.reading.unseen(layer.inputs[0]):
            return False
        chain.append(layer.inputs[0])
    units = wanted.reshape(-1)
    for id in chain:
        for name in drawing.weights_of(id):
            drawing.weights[name] = np.ascontiguousarray(drawing.weights[name][..., units])
    drawing.say(f"{chain[-1]}: its units stand in the order H, W, C, as the image that is made of them.")
    return True
