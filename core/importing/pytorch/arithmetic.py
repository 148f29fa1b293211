"""What PyTorch computes value by value, in ONNX's words."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.importing.pytorch.wording import Saying, Words


def of_no_setting(op: str, *required: tuple[str, Any]) -> Saying:
    """Say an activation that ONNX has, too; settings other than the usual ones are refused."""

    def say(words: Words) -> None:
        for key, usual in required:
            words.require(key, usual)
        words.end(op, [words.value("self") or words.value("input")])

    return say


def elu(words: Words) -> None:
    """Say elu; with a scale it is what SELU is made of."""
    words.require("input_scale", 1)
    alpha, scale = words.number("alpha", 1), words.number("scale", 1)
    if scale == 1:
        words.end("Elu", [words.value("self")], alpha=alpha)
    else:
        words.end("Selu", [words.value("self")], alpha=alpha, gamma=scale)


def of_one_setting(op: str, key: str, default: float) -> Saying:
    """Say an activation with one setting, which ONNX calls alpha."""

    def say(words: Words) -> None:
        words.end(op, [words.value("self")], alpha=words.number(key, default))

    return say


def gelu(words: Words) -> None:
    """Say gelu, by either formula."""
    words.require("approximate", "none", "tanh")
    words.end("Gelu", [words.value("self")], approximate=words.argument("approximate", "none"))


def clip(low: str, high: str, lowest: float | None = None, highest: float | None = None) -> Saying:
    """Say what cuts off values, at bounds that these arguments give."""

    def say(words: Words) -> None:
        ends = {"min": words.argument(low, lowest), "max": words.argument(high, highest)}
        numbers = {key: value for key, value in ends.items() if value is not None}
        if not all(isinstance(value, int | float) for value in numbers.values()):
            raise words.refuse("it cuts off at values that are computed; Convograph's activations have numbers.")
        words.end("Clip", [words.value("self")], **numbers)

    return say


def prelu(words: Words) -> None:
    """Say prelu, whose slopes are one for each channel or one for all."""
    slope = words.value("weight")
    rank = len(words.sizes("self"))
    if len(words.sizes("weight")) == 1 and rank > 2:
        slope = words.node("Reshape", [slope, words.constant([-1] + [1] * (rank - 2))])
    words.end("PRelu", [words.value("self"), slope])


def together(op: str) -> Saying:
    """Say a sum, a product and their like; the second operand may be a number, or multiplied by one."""

    def say(words: Words) -> None:
        words.require("rounding_mode", None)
        first, second = words.operand("self"), words.operand("other")
        alpha = words.argument("alpha", 1)
        if alpha != 1:
            second = words.node("Mul", [second, words.constant(np.float32(words.number("alpha", 1)))])
        words.end(op, [first, second])

    return say


def turned_about(words: Words) -> None:
    """Say a difference whose second operand comes first."""
    words.require("alpha", 1)
    words.end("Sub", [words.operand("other"), words.operand("self")])


def raised(words: Words) -> None:
    """Say a power."""
    words.end("Pow", [words.operand("self"), words.operand("exponent")])


def inverse_root(words: Words) -> None:
    """Say rsqrt, 1/√x."""
    words.end("Reciprocal", [words.node("Sqrt", [words.value("self")])])
