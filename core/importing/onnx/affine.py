"""Products with constants and sums with them, for each channel: part of the layer before, or a 1×1 filter."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.importing.onnx.order import as_image
from core.importing.onnx.reading import Step
from core.importing.onnx.signals import Signal, first_order, turned_back, turned_by, upright

Array = NDArray[Any]

_TAKES_BIAS: Final = frozenset(("Conv2D", "ConvTranspose2D", "Dense"))
_NORMALISES: Final = frozenset(("BatchNorm", "LayerNorm", "GroupNorm", "InstanceNorm"))


def affine(step: Step, signal: Signal, constant: Array, op: str, *, backwards: bool = False) -> Signal:
    """Multiply by constants, or add them.

    Parameters
    ----------
    constant : array
        One number, or as many as broadcast to the value's dimensions, the same for every sample.
    op : str
        What is done: Add, Sub, Mul or Div.
    backwards : bool
        Whether the constant comes first.

    Raises
    ------
    ModelError
        If they are not the same in each place of a channel, or nothing of ours can take them.
    """
    scale, shift = _scale_and_shift(step, signal, constant.astype(np.float64), op, backwards=backwards)
    if _folded(step, signal, scale, shift):
        return signal
    if len(signal.shape) != 3 or not signal.complete:
        what = "adds constants to" if scale is None else "multiplies"
        raise step.refuse(f"it {what} features that come from {signal.layer}; Convograph has no kind that does.")
    found, axes = upright(signal)
    image = as_image(step, found if found.order is None else turned_by(signal, axes))
    c = image.shape[2]
    kernel = (np.ones(c) if scale is None else scale).astype(np.float32).reshape(1, 1, 1, c)
    weights = {"kernel": kernel} | ({} if shift is None else {"bias": shift})
    config: dict[str, Any] = {} if shift is not None else {"bias": False}
    drawn = step.draw("Conv2D", image, weights=weights, filters=c, kernel_size=1, groups=c, **config)
    step.drawing.freeze(drawn.layer)
    step.drawing.say(f"{drawn.layer}: constants of {step.node.called} are a frozen 1×1 filter for each channel.")
    return turned_back(drawn, axes)


def _scale_and_shift(
    step: Step, signal: Signal, constant: Array, op: str, *, backwards: bool
) -> tuple[Array | None, Array | None]:
    """Return what each channel is multiplied by, and what is added then."""
    if op in ("Add", "Sum"):
        return None, _per_channel(step, signal, constant)
    if op == "Sub":
        shift = _per_channel(step, signal, constant if backwards else -constant)
        return (np.full(shift.shape, -1.0) if backwards else None), shift
    if op == "Mul":
        return _per_channel(step, signal, constant), None
    if op == "Div" and not backwards and np.all(constant != 0):
        return _per_channel(step, signal, 1 / constant), None
    raise step.refuse("Convograph has no kind that computes this with constants.")


def _per_channel(step: Step, signal: Signal, constant: Array) -> Array:
    """Return the constant of each channel of the layer that the value comes from."""
    if signal.batch_last:
        raise step.refuse("it adds constants where the batch is the last axis.")
    try:
        every = np.broadcast_to(constant, (1, *signal.dims))[0]
    except ValueError as error:
        raise step.refuse("its constants do not fit the values.") from error
    channels = signal.shape[-1]
    if constant.size == 1:
        return np.full(channels, constant.reshape(-1)[0])
    of_places = signal.places if signal.order is not None else first_order(signal.shape)
    found = np.full(channels, np.nan)
    found[of_places.reshape(-1) % channels] = every.reshape(-1)
    if not np.array_equal(found[of_places % channels], every):
        raise step.refuse("its constants differ from place to place; Convograph has them for each channel only.")
    if np.isnan(found).any():
        raise step.refuse("its constants are for some channels only, or not numbers.")
    return found


def _folded(step: Step, signal: Signal, scale: Array | None, shift: Array | None) -> bool:
    """Put the constants into the weights of the layer before, where nothing else sees its output."""
    drawing, id = step.drawing, signal.layer
    spec = drawing.spec(id)
    kind = type(spec).__name__
    if kind not in _TAKES_BIAS | _NORMALISES or not step.reading.free_to_change(id):
        return False
    factor, summand = ("kernel", "bias") if kind in _TAKES_BIAS else ("gamma", "beta")
    switch = "bias" if kind in _TAKES_BIAS else "affine"
    weights, c = drawing.weights, signal.shape[-1]
    precise = {
        name: weights[f"{id}/{name}"].astype(np.float64) for name in (factor, summand) if f"{id}/{name}" in weights
    }
    precise.setdefault(factor, np.ones(c))
    has_summand = summand in precise
    changed = {factor: precise[factor], summand: precise.get(summand, np.zeros(c))}
    if scale is not None:
        changed = {name: values * scale for name, values in changed.items()}
    if shift is not None:
        changed[summand] = changed[summand] + shift
    if shift is None and not has_summand and kind in _TAKES_BIAS:
        del changed[summand]
    elif not has_summand:
        drawing.set(id, **{switch: True})
    dtype = weights[f"{id}/{factor}"].dtype if f"{id}/{factor}" in weights else np.float32
    with np.errstate(over="ignore"):
        cast = {name: values.astype(dtype) for name, values in changed.items()}
    for name, values in cast.items():
        if not np.isfinite(values).all():
            raise step.refuse(f"with its constants in it, the {name} of {id} has numbers beyond those of {dtype}.")
        weights[f"{id}/{name}"] = values
    if kind == "BatchNorm" or (kind in _TAKES_BIAS and (scale is not None or has_summand)):
        drawing.say(f"{id}: the constants of {step.node.called} are part of its {factor} and {summand}.")
    return True
