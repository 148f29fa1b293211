"""Nodes that normalise, and Softmax and Dropout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.importing.onnx.affine import affine
from core.importing.onnx.curves import rounded
from core.importing.onnx.elementwise import signal_of
from core.importing.onnx.order import as_image, straight
from core.importing.onnx.reading import Step
from core.importing.onnx.signals import Signal, first_dims, is_counting, turned_back, upright
from core.importing.onnx.windows import image_of

Array = NDArray[Any]

_EPSILON = 1e-5


def batch_norm(step: Step) -> Signal:
    """Read BatchNormalization."""
    if step.setting("training_mode", 0) or step.setting("is_test", 1) == 0:
        raise step.refuse("it is exported for training, where it normalises with the batch. Export it for inference.")
    signal = signal_of(step)
    if step.setting("spatial", 1) == 0 and len(signal.dims) != 1:
        raise step.refuse("it normalises each place by itself; Convograph normalises channels.")
    arrays = {
        **_learned(step),
        **{name: step.needed(i) for i, name in enumerate(("moving_mean", "moving_variance"), start=3)},
    }
    config = _epsilon(step) | _affine(arrays)
    momentum = rounded(float(step.setting("momentum", 0.9)))
    if momentum != 0.9:
        config["momentum"] = momentum
    if "epsilon" in config:
        step.drawing.say(f"BatchNorm epsilon {config['epsilon']:g}, as in the file; {_EPSILON:g} is usual here.")
    if len(signal.dims) == 1 and signal.order is not None and len(signal.shape) == 1 and signal.complete:
        order = signal.order
        weights = {name: _placed(array, order) for name, array in arrays.items()}
        return replace(signal, layer=step.draw("BatchNorm", signal, weights=weights, own=1, **config).layer)
    return step.draw("BatchNorm", straight(step, signal), weights=arrays, own=1, **config)


def _placed(array: Array, order: Array) -> Array:
    placed = np.empty_like(array)
    placed[order] = array
    return placed


def layer_norm(step: Step) -> Signal:
    """Read LayerNormalization: over the channels, or over all of a sample."""
    signal = signal_of(step)
    rank = len(signal.dims)
    (first,) = step.axes_of([int(step.setting("axis", -1))], rank)
    drawn = normalised(step, signal, tuple(range(first, rank)), _epsilon(step))
    for i, op in ((1, "Mul"), (2, "Add")):
        constant = step.constant(i)
        if constant is not None:
            drawn = affine(step, drawn, constant, op)
    return drawn


def normalised(step: Step, signal: Signal, over: tuple[int, ...], config: dict[str, Any]) -> Signal:
    """Draw the layer that normalises over some axes of a value; it has no scale and shift yet.

    Parameters
    ----------
    over : tuple of int
        Axes of the value, without the batch.
    """
    found, axes = upright(signal)
    if len(signal.dims) == 1:
        return replace(signal, layer=step.draw("LayerNorm", signal, affine=False, **config).layer)
    if len(signal.dims) == 2:
        return _grouped(step, signal, over, config)
    turned = {axes.index(axis) for axis in over}
    kinds: dict[tuple[int, ...], tuple[str, dict[str, Any]]] = {
        (0,): ("LayerNorm", {}),
        (1, 2): ("InstanceNorm", {}),
        (0, 1, 2): ("GroupNorm", {"groups": 1}),
    }
    if tuple(sorted(turned)) not in kinds:
        raise step.refuse("it normalises over axes that no kind of Convograph takes together.")
    kind, own = kinds[tuple(sorted(turned))]
    image = as_image(step, found)
    return turned_back(step.draw(kind, image, affine=False, **own, **config), axes)


def _grouped(step: Step, signal: Signal, over: tuple[int, ...], config: dict[str, Any]) -> Signal:
    """Draw a GroupNorm where a model lays the channels of each group out in one row."""
    groups = signal.dims[0]
    if over != (1,):
        raise step.refuse("it normalises over axes that no kind of Convograph takes together.")
    image = signal.moved(signal.places.reshape(first_dims(signal.shape)))
    if image.order is not None:
        raise step.refuse("it normalises channels that do not follow each other.")
    drawn = step.draw("GroupNorm", image, groups=groups, affine=False, **config)
    return drawn.moved(drawn.places.reshape(signal.dims))


def instance_norm(step: Step) -> Signal:
    """Read InstanceNormalization; over rows of channels it is how exporters write GroupNorm."""
    signal, arrays = signal_of(step), _learned(step)
    if len(signal.dims) == 2:
        if arrays and not (np.all(arrays["gamma"] == 1) and np.all(arrays["beta"] == 0)):
            raise step.refuse("it scales groups of channels; Convograph scales channels.")
        return normalised(step, signal, (1,), _epsilon(step))
    config = _epsilon(step) | _affine(arrays)
    return step.draw("InstanceNorm", as_image(step, signal), weights=arrays, own=1, **config)


def group_norm(step: Step) -> Signal:
    """Read GroupNormalization: until operator set 20 it scales groups, since 21 channels."""
    signal, arrays = straight(step, signal_of(step)), _learned(step)
    groups = int(step.needed_setting("num_groups"))
    if step.opset < 21 and groups and signal.shape[-1] % groups == 0:
        arrays = {name: np.repeat(array, signal.shape[-1] // groups) for name, array in arrays.items()}
    config = _epsilon(step) | _affine(arrays)
    return step.draw("GroupNorm", signal, weights=arrays, own=1, groups=groups, **config)


def local_response(step: Step) -> Signal:
    """Read LRN; with an even size its window lies one channel further on than ours."""
    size = int(step.needed_setting("size"))
    if size % 2 == 0:
        raise step.refuse(f"its window of {size} channels lies otherwise than ours; odd sizes agree.")
    config = {
        "size": size,
        "alpha": rounded(float(step.setting("alpha", 1e-4))),
        "beta": rounded(float(step.setting("beta", 0.75))),
        "k": rounded(float(step.setting("bias", 1.0))),
    }
    usual = {"size": 5, "alpha": 1e-4, "beta": 0.75, "k": 2.0}
    said: dict[str, Any] = {name: value for name, value in config.items() if value != usual[name]}
    return step.draw("LocalResponseNorm", image_of(step), **said)


def softmax(step: Step) -> Signal:
    """Read Softmax: until operator set 12 over all that follows an axis, since 13 over one axis."""
    signal = signal_of(step)
    rank = len(signal.dims)
    (axis,) = step.axes_of([int(step.setting("axis", 1 if step.opset < 13 else -1))], rank)
    over = set(range(axis, rank)) if step.opset < 13 else {axis}
    over = {axis for axis in over if signal.dims[axis] > 1} or {axis}
    if rank == 1 and len(signal.shape) == 1 and signal.complete:
        return replace(signal, layer=step.draw("Softmax", signal).layer)
    found, axes = upright(signal)
    if rank == 3 and len(signal.shape) == 1 and is_counting(found.places) and over == {axes[0]}:
        return replace(signal, layer=step.draw("Softmax", found).layer)
    if rank != 3 or over != {axes[0]}:
        raise step.refuse("it is not over the channels alone, as Convograph's Softmax is.")
    return turned_back(step.draw("Softmax", as_image(step, found)), axes)


def dropout(step: Step) -> Signal:
    """Read Dropout, which does nothing at inference."""
    given = step.constant(1)
    rate = float(step.setting("ratio", 0.5)) if given is None else float(given.reshape(-1)[0])
    mode = step.value(2)
    if mode is not None and not (isinstance(mode, np.ndarray) and not mode.any()):
        raise step.refuse("it is exported for training. Export it for inference.")
    signal, rate = signal_of(step), rounded(rate)
    config: dict[str, Any] = {} if rate == 0.5 else {"rate": rate}
    return replace(signal, layer=step.draw("Dropout", signal, **config).layer)


def _learned(step: Step) -> dict[str, Array]:
    """Return scale and shift of a normalisation; PyTorch's may be without. Only there can both be missing."""
    if step.value(1) is None and step.value(2) is None:
        return {}
    return {"gamma": step.needed(1), "beta": step.needed(2)}


def _affine(arrays: Mapping[str, Array]) -> dict[str, Any]:
    return {} if "gamma" in arrays else {"affine": False}


def _epsilon(step: Step) -> dict[str, Any]:
    epsilon = rounded(float(step.setting("epsilon", _EPSILON)))
    return {} if epsilon == _EPSILON else {"epsilon": epsilon}


def normalised_node(step: Step) -> Signal:
    """Read a normalisation that the model spelled out."""
    signal = signal_of(step)
    over = step.axes_of(step.needed_setting("axes"), len(signal.dims))
    drawn = normalised(step, signal, over, _epsilon(step))
    step.drawing.say(f"{drawn.layer}: mean, variance and division are one {step.drawing.layer(drawn.layer).kind}.")
    return drawn
