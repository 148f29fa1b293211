"""Losses that compare the outputs of the network, whatever its last layer, with 1 for the label and 0 elsewhere."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from core.learning.losses.loss import GRADIENT, Labels, Loss, Outputs, one_hot
from core.learning.losses.slope import SlopeStep, divided, mapped, multiplied, summed


class MeanSquaredError(Loss):
    """The mean over all values of `(o − y)²`, y being 1 for the class of the label and 0 for the others.

    Examples
    --------
    >>> MeanSquaredError().measure(np.array([[0.5, 0.25]]), np.array([0]))
    (0.15625, array([[-0.5 ,  0.25]]))
    """

    name: ClassVar = "mse"
    title: ClassVar = "mean squared error"
    source: ClassVar = "CS231n, “Neural Networks Part 2”, Regression, in PyTorch's form"

    def unweighted(self, outputs: Outputs, labels: Labels) -> tuple[Any, Outputs]:
        errors = outputs - one_hot(outputs, labels)
        return (errors * errors).mean(1), 2 * errors / outputs.shape[1]

    def slope_of_one(self, outputs: Outputs, label: int, place: int) -> tuple[SlopeStep, ...]:
        error = _error(outputs, label, place)
        twice = multiplied("2·(o − y)", [("2", 2.0), (error.name, error.result)])
        return error, twice, divided(GRADIENT, (twice.name, twice.result), _n(outputs), "2·(o − y)/C")

    def guessing(self, shares: NDArray[np.float64]) -> float:
        return float((shares * (1 - shares)).mean())


class MeanAbsoluteError(Loss):
    """The mean over all values of `|o − y|`, y being 1 for the class of the label and 0 for the others.

    Where an output is exactly right, the gradient is 0.

    Examples
    --------
    >>> MeanAbsoluteError().measure(np.array([[0.5, 0.25]]), np.array([0]))
    (0.375, array([[-0.5,  0.5]]))
    """

    name: ClassVar = "mae"
    title: ClassVar = "mean absolute error"
    source: ClassVar = "CS231n, “Neural Networks Part 2”, Regression, in PyTorch's form"

    def unweighted(self, outputs: Outputs, labels: Labels) -> tuple[Any, Outputs]:
        errors = outputs - one_hot(outputs, labels)
        return np.abs(errors).mean(1), np.sign(errors) / outputs.shape[1]

    def slope_of_one(self, outputs: Outputs, label: int, place: int) -> tuple[SlopeStep, ...]:
        error = _error(outputs, label, place)
        sign = mapped("sign", (error.name, error.result), float(np.sign(error.result)), "sign(x)")
        return error, sign, divided(GRADIENT, (sign.name, sign.result), _n(outputs), "sign(o − y)/C")

    def guessing(self, shares: NDArray[np.float64]) -> float:
        return float(np.minimum(shares, 1 - shares).mean())


def _error(outputs: Outputs, label: int, place: int) -> SlopeStep:
    return summed("o − y", [("o", float(outputs[place])), ("y", -float(place == label))])


def _n(outputs: Outputs) -> tuple[str, float]:
    return "C, the number of classes", float(len(outputs))
