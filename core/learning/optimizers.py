"""How parameters follow their gradients: one class per optimiser, settings and mathematics together."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from core.declare import Declared, hyper

Flat = NDArray[Any]


class Optimizer(Declared):
    """A rule that moves parameters against their gradient; an instance is its settings.

    Subclasses are registered by being defined.
    """

    n_moments: ClassVar[int] = 0
    """How many arrays of the parameters' size it remembers from step to step."""
    source: ClassVar[str] = ""

    learning_rate: float = hyper(0.01, gt=0, le=1e3, help="How far a step goes along the gradient.")

    def update(self, parameters: Flat, gradient: Flat, moments: tuple[Flat, ...], step: int, scratch: Flat) -> None:
        """Move `parameters` in place.

        Parameters
        ----------
        parameters, gradient, scratch : array, (n,)
            `gradient` may be overwritten.
        moments : tuple of array, (n,)
            `n_moments` arrays that were zero before the first step.
        step : int
            Counts from 1.
        """
        raise NotImplementedError

    @classmethod
    def __pydantic_init_subclass__(cls, **_: object) -> None:
        """Put every optimiser into the register."""
        OPTIMIZERS[cls.__name__] = cls


OPTIMIZERS: dict[str, type[Optimizer]] = {}
"""Every optimiser by its name."""


class SGD(Optimizer):
    """Stochastic gradient descent with momentum: `v ← momentum·v + g`, `w ← w − learning_rate·v`."""

    n_moments: ClassVar = 1
    source: ClassVar = "CS231n, “Neural Networks Part 3”, Momentum update, in PyTorch's form"

    momentum: float = hyper(0.0, ge=0, lt=1, help="The share of the last step that is kept.")

    def update(self, parameters: Flat, gradient: Flat, moments: tuple[Flat, ...], step: int, scratch: Flat) -> None:
        velocity = gradient
        if self.momentum:
            (velocity,) = moments
            velocity *= self.momentum
            velocity += gradient
        parameters -= np.multiply(velocity, self.learning_rate, out=scratch)


class Adam(Optimizer):
    """Steps scaled by running means of the gradient and its square, with bias correction.

    `m ← β₁·m + (1 − β₁)·g`, `v ← β₂·v + (1 − β₂)·g²`,
    `w ← w − learning_rate · (m/(1 − β₁ᵗ)) / (√(v/(1 − β₂ᵗ)) + ε)`.
    """

    n_moments: ClassVar = 2
    source: ClassVar = "Kingma and Ba, “Adam: A Method for Stochastic Optimization”, ICLR 2015, Algorithm 1"

    learning_rate: float = hyper(0.001, gt=0, le=1e3, help="How far a step goes at most, roughly.")
    beta1: float = hyper(0.9, ge=0, lt=1, help="How slowly the mean of the gradient forgets.")
    beta2: float = hyper(0.999, ge=0, lt=1, help="How slowly the mean of its square forgets.")
    epsilon: float = hyper(1e-8, gt=0, le=1, help="Keeps the division finite.")

    def update(self, parameters: Flat, gradient: Flat, moments: tuple[Flat, ...], step: int, scratch: Flat) -> None:
        mean, square = moments
        mean *= self.beta1
        mean += np.multiply(gradient, 1 - self.beta1, out=scratch)
        np.multiply(gradient, gradient, out=gradient)
        gradient *= 1 - self.beta2
        square *= self.beta2
        square += gradient
        # learning_rate·m̂/(√v̂ + ε), with both corrections taken out of the arrays.
        correction = np.sqrt(1 - self.beta2**step)
        np.sqrt(square, out=scratch)
        scratch += self.epsilon * correction
        np.divide(mean, scratch, out=scratch)
        scratch *= self.learning_rate * correction / (1 - self.beta1**step)
        parameters -= scratch
