"""Activations in ONNX: one node where an operator of the set says it, or the arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import pi, sqrt
from typing import Any, Final

import numpy as np

from core.export.onnx.drawing import REDUCED_BY_INPUT, Part


def plain(op: str, **settings: Any) -> Callable[[Part, Any], None]:
    """Return the function that draws a kind which is one node."""
    return lambda part, kind: part.single(op, **settings)


def _relu6(part: Part, kind: Any) -> None:
    part.single("Clip", part.constant("low", 0), part.constant("high", 6))


def _silu(part: Part, kind: Any) -> None:
    part.add("Mul", [*part.inputs, part.add("Sigmoid", part.inputs)], main=True, last=True)


def _mish(part: Part, kind: Any) -> None:
    gate = part.add("Tanh", [part.add("Softplus", part.inputs)])
    part.add("Mul", [*part.inputs, gate], main=True, last=True)


def _gelu(part: Part, kind: Any) -> None:
    (x,) = part.inputs
    one, half = part.constant("one", 1), part.constant("half", 0.5)
    if kind.approximate:
        cube = part.add("Pow", [x, part.constant("three", 3)], to="cube")
        small = part.add("Mul", [cube, part.constant("share", 0.044715)], to="small")
        total = part.add("Add", [x, small], to="sum")
        inner = part.add("Mul", [total, part.constant("root", sqrt(2 / pi))], to="inner")
        curve = part.add("Tanh", [inner])
    else:
        curve = part.add("Erf", [part.add("Mul", [x, part.constant("root", sqrt(0.5))], to="inner")])
    gate = part.add("Mul", [part.add("Add", [curve, one], to="gate"), half], to="share_of_x")
    part.add("Mul", [x, gate], main=True, last=True)


def _prelu(part: Part, kind: Any) -> None:
    shape = part.node.weights["slope"].shape
    image = len(part.node.shape) == 3
    part.single("PRelu", part.weight("slope", dims=(*shape, 1, 1) if image else shape))


def _maxout(part: Part, kind: Any) -> None:
    *place, c = part.node.shape
    groups = part.constant("groups", [0, c, kind.pieces, *place], np.int64)
    pieces = part.add("Reshape", [*part.inputs, groups])
    if part.drawing.opset >= REDUCED_BY_INPUT:
        part.add("ReduceMax", [pieces, part.constant("axes", [2], np.int64)], main=True, last=True, keepdims=0)
    else:
        part.add("ReduceMax", [pieces], main=True, last=True, axes=[2], keepdims=0)


ACTIVATIONS: Final[Mapping[str, Callable[[Part, Any], None]]] = {
    "ReLU": plain("Relu"),
    "ReLU6": _relu6,
    "SELU": plain("Selu"),
    "SiLU": _silu,
    "Mish": _mish,
    "Sigmoid": plain("Sigmoid"),
    "Tanh": plain("Tanh"),
    "Softplus": plain("Softplus"),
    "Softsign": plain("Softsign"),
    "HardSigmoid": plain("HardSigmoid", alpha=1 / 6, beta=0.5),
    "HardSwish": plain("HardSwish"),
    "Softmax": plain("Softmax", axis=1),
    "LeakyReLU": lambda part, kind: part.single("LeakyRelu", alpha=kind.slope),
    "ELU": lambda part, kind: part.single("Elu", alpha=kind.alpha),
    "GELU": _gelu,
    "PReLU": _prelu,
    "Maxout": _maxout,
}
"""The function that draws each, by the name of its kind."""
