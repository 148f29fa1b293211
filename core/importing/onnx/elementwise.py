"""Nodes that compute value by value: activations, and sums, products and maxima of several values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.importing.onnx.affine import affine
from core.importing.onnx.curves import BINARY, IDENTITY, MOST_NODES, PLAIN, UNARY, Curve, Function, curve
from core.importing.onnx.order import settled, straight
from core.importing.onnx.reading import Given, Reading, Step, Value
from core.importing.onnx.signals import Signal, is_counting, turned_back, turned_by, upright
from core.layers.normal_distribution import normal_cdf

Array = NDArray[Any]

_MERGES = {"Add": "Add", "Sum": "Add", "Sub": "Subtract", "Mul": "Multiply", "Max": "Maximum", "Mean": "Average"}


# --- Functions that are not drawn yet ---------------------------------------------------------------------------------


def unary(step: Step) -> Given:
    """Read an activation, or a part of one."""
    return _function_of(step, _function(step))


def _function_of(step: Step, function: Function) -> Given:
    operand = step.value(0)
    if operand is None or isinstance(operand, np.ndarray):
        raise step.refuse("its input is a constant.")
    if isinstance(operand, Signal):
        operand = settled(step, operand)
    return _curve(step, (operand,), lambda values: function(values[0]))


def _curve(step: Step, operands: tuple[Value | float, ...], function: Callable[[Sequence[Any]], Any]) -> Given:
    """Put a node on top of the functions that it reads, all of one base."""
    known = [operand for operand in operands if not isinstance(operand, np.ndarray)]
    if sum(operand.n_nodes for operand in known if isinstance(operand, Curve)) >= MOST_NODES:
        known = _shortened(step.reading, known)
    bases = {id(base): base for operand in known if (base := _base(operand)) is not None}
    if len(bases) != 1:
        return _drawn_apart(step, known)
    (base,) = bases.values()
    return curve(step.node, base, known, function)


def _shortened(reading: Reading, operands: list[Curve | Signal | float]) -> list[Curve | Signal | float]:
    """Draw what all of some functions are functions of, so that they have fewer nodes."""
    whole = max((operand for operand in operands if isinstance(operand, Curve)), key=lambda operand: operand.n_nodes)
    for inner in dict.fromkeys((*(each for each in operands if isinstance(each, Curve)), *whole.inside())):
        drawn = Signal("", (), ())
        again = [_again(operand, inner, drawn) for operand in operands]
        if all(part is not None for part in again):
            drawn = drawn_curve(reading, inner)
            again = [_again(operand, inner, drawn) for operand in operands]
            return [part for part in again if part is not None]
    return [drawn_curve(reading, operand) if isinstance(operand, Curve) else operand for operand in operands]


def _again(operand: Curve | Signal | float, inner: Curve, drawn: Signal) -> Curve | Signal | float | None:
    if operand is inner:
        return drawn
    if isinstance(operand, Curve):
        return operand.of(inner, drawn)
    return operand if isinstance(operand, float) else None


def _base(operand: Curve | Signal | float) -> Signal | None:
    if isinstance(operand, Curve):
        return operand.base
    return operand if isinstance(operand, Signal) else None


def _function(step: Step) -> Function:
    """Return the function of a node with one input; its settings are attributes, or constant inputs."""
    op = step.node.op
    if op in UNARY:
        return UNARY[op]
    alpha, beta = step.setting("alpha"), step.setting("beta")
    match op:
        case "LeakyRelu":
            slope = 0.01 if alpha is None else float(alpha)
            return lambda x: np.where(x < 0, slope * x, x)
        case "Elu" | "Celu":
            a = 1.0 if alpha is None else float(alpha)
            inner = a if op == "Celu" else 1.0
            return lambda x: np.where(x < 0, a * np.expm1(np.minimum(x, 0) / inner), x)
        case "Selu":
            a = 1.6732632423543772 if alpha is None else float(alpha)
            gamma = 1.0507009873554805 if step.setting("gamma") is None else float(step.setting("gamma"))
            return lambda x: gamma * np.where(x < 0, a * np.expm1(np.minimum(x, 0)), x)
        case "HardSigmoid":
            a, b = (0.2 if alpha is None else float(alpha)), (0.5 if beta is None else float(beta))
            return lambda x: np.clip(a * x + b, 0, 1)
        case "Swish":
            a = 1.0 if alpha is None else float(alpha)
            return lambda x: x * 0.5 * (1 + np.tanh(0.5 * a * x))
        case "Gelu" if step.setting("approximate", "none") == "tanh":
            return lambda x: 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
        case "Gelu":
            return lambda x: x * normal_cdf(x)
    low, high = _bounds(step)
    return lambda x: np.clip(x, low, high)


def _bounds(step: Step) -> tuple[float, float]:
    """Return what Clip cuts off at: attributes until operator set 10, inputs since."""
    low, high = (step.setting(name) for name in ("min", "max"))
    for i in (1, 2):
        value = step.constant(i)
        if value is not None and value.size == 1:
            low, high = (float(value.reshape(-1)[0]), high) if i == 1 else (low, float(value.reshape(-1)[0]))
    return (-np.inf if low is None else float(low)), (np.inf if high is None else float(high))


def prelu(step: Step) -> Given:
    """Read PRelu, with a slope for each channel or one for all."""
    signal, slope = signal_of(step), step.needed(1)
    if slope.size == 1:
        drawn = step.draw("PReLU", signal, weights={"slope": slope.reshape(1)}, own=1, shared=True)
        return replace(signal, layer=drawn.layer)
    try:
        every = np.broadcast_to(slope, (1, *signal.dims))[0]
    except ValueError as error:
        raise step.refuse("its slopes do not fit the values.") from error
    channels = signal.shape[-1]
    slopes = np.empty(channels, slope.dtype)
    slopes[signal.places.reshape(-1) % channels] = every.reshape(-1)
    if not signal.complete or not np.array_equal(slopes[signal.places % channels], every):
        raise step.refuse("its slopes differ from place to place; Convograph has one for each channel.")
    return replace(signal, layer=step.draw("PReLU", signal, weights={"slope": slopes}, own=1).layer)


# --- Several values ---------------------------------------------------------------------------------------------------


def binary(step: Step) -> Given:
    """Read a node that computes with two or more values in the same place."""
    op, values = step.node.op, [value for value in step.values if value is not None]
    signals = [value for value in values if not isinstance(value, np.ndarray)]
    numbers = [value for value in values if isinstance(value, np.ndarray)]
    if len(values) == 1:
        return values[0]
    if len(values) == 2 and op in BINARY:
        compute = BINARY[op]
        if not numbers and _one_base(signals):
            return _curve(step, tuple(signals), lambda both: compute(both[0], both[1]))
        if len(numbers) == 1 and numbers[0].size == 1 and _fits_within(numbers[0], signals[0]):
            number = float(numbers[0].reshape(-1)[0])
            operands = tuple(number if isinstance(value, np.ndarray) else value for value in values)
            return _curve(step, operands, lambda both: compute(both[0], both[1]))
    return _drawn_apart(step, values)


def _one_base(signals: list[Any]) -> bool:
    bases = [_base(signal) for signal in signals]
    return all(base is bases[0] for base in bases) and any(isinstance(signal, Curve) for signal in signals)


def _fits_within(number: Array, value: Value) -> bool:
    """Say whether a single number leaves a value's dimensions as they are."""
    base = value.base if isinstance(value, Curve) else value
    return isinstance(base, Signal) and number.ndim <= len(base.dims) + 1


def _drawn_apart(step: Step, operands: Sequence[Any]) -> Signal:
    """Draw a node by itself, after what it reads."""
    signals = [as_signal(step.reading, operand) for operand in operands if isinstance(operand, Curve | Signal)]
    numbers = [operand for operand in operands if not isinstance(operand, Curve | Signal)]
    op = step.node.op
    if numbers:
        if len(signals) != 1 or len(numbers) != 1:
            raise step.refuse("it puts constants and several values together.")
        backwards = not isinstance(operands[0], Curve | Signal)
        return affine(step, signals[0], np.asarray(numbers[0]), op, backwards=backwards)
    kind = _MERGES.get(op)
    if kind is None:
        raise step.refuse(f"Convograph has no kind that puts two values together as {op} does.")
    return merged(step, kind, signals)


def merged(step: Step, kind: str, signals: list[Signal], **config: Any) -> Signal:
    """Draw a layer that puts several values together place by place.

    Values that all stand in the same order keep it; others are turned as the largest of them needs it.
    """
    first = signals[0]
    if all(_stands_like(first, other) for other in signals[1:]):
        return replace(first, layer=step.draw(kind, *signals, **config).layer)
    if any(len(signal.dims) != len(first.dims) for signal in signals):
        raise step.refuse("its inputs have different numbers of axes.")
    _, axes = upright(max(signals, key=lambda signal: prod(signal.dims)))
    upright_all = [turned_by(signal, axes) for signal in signals]
    sides = {signal.dims[1:] for signal in upright_all}
    ready = [
        signal if len(sides) > 1 and kind == "Multiply" and _is_per_channel(signal) else straight(step, signal)
        for signal in upright_all
    ]
    return turned_back(step.draw(kind, *ready, **config), axes)


def _is_per_channel(signal: Signal) -> bool:
    """Say whether a value is a factor for each channel that ours can take as it is: C features as C×1×1."""
    return len(signal.shape) == 1 and signal.dims == (*signal.shape, 1, 1) and is_counting(signal.places)


def _stands_like(one: Signal, other: Signal) -> bool:
    if (one.shape, one.dims, one.batch_last) != (other.shape, other.dims, other.batch_last):
        return False
    if one.order is None or other.order is None:
        return one.order is other.order
    return np.array_equal(one.order, other.order)


# --- Drawing ----------------------------------------------------------------------------------------------------------


def signal_of(step: Step, i: int = 0) -> Signal:
    """Return an input that depends on the samples, drawn if it wasn't."""
    value = step.value(i)
    if value is None or isinstance(value, np.ndarray):
        raise step.refuse(f"its input {i + 1} is a constant; here it must be computed from the samples.")
    return as_signal(step.reading, value)


def as_signal(reading: Reading, value: Curve | Signal) -> Signal:
    """Return a value, drawn if it wasn't."""
    return drawn_curve(reading, value) if isinstance(value, Curve) else value


def drawn_curve(reading: Reading, found: Curve) -> Signal:
    """Draw a function: as an activation if it is one, or else node by node."""
    if not found.drawn:
        found.drawn.append(_drawn(reading, found))
    return found.drawn[0]


def _drawn(reading: Reading, found: Curve) -> Signal:
    """Draw a function: the whole as one activation, or the last of its nodes that are one, after the others."""
    step = Step(reading, found.node, ())
    for part, inner in _parts(found):
        known = reading.known.kind(part)
        if known is not None:
            read = found.base if inner is None else drawn_curve(reading, inner)
            return _activation(step, read, *known, part.n_nodes)
    if len(found.operands) > 1:
        return _drawn_apart(step, found.operands)
    raise step.refuse("Convograph has no kind for this function, with these settings.")


def _parts(found: Curve) -> Iterator[tuple[Curve, Curve | None]]:
    """Yield the last nodes of a function, each with what they are a function of: None for the base.

    First comes the whole; but an operator that is an activation by itself is taken alone, if what it reads is one, too.
    """
    plain = found.node.op in PLAIN
    first = next(found.inside(), None)
    if plain and first is not None and (alone := found.of(first, found.base)) is not None:
        yield alone, first
    yield found, None
    for inner in dict.fromkeys(found.inside()):
        if not (plain and inner is first) and (part := found.of(inner, found.base)) is not None:
            yield part, inner


def _activation(step: Step, read: Signal, kind: str, config: dict[str, Any], n_nodes: int) -> Signal:
    if kind == IDENTITY:
        return read
    drawn = step.draw(kind, read, **config)
    if n_nodes > 1:
        formula = " with the tanh formula" if config.get("approximate") else ""
        step.drawing.say(f"{drawn.layer}: {n_nodes} nodes of arithmetic are one {kind}{formula}.")
    return replace(read, layer=drawn.layer)
