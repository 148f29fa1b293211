"""How parameters follow their gradients: one class per optimiser, settings and mathematics together."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from core.declare import Declared, hyper

Flat = NDArray[Any]


class Optimizer(Declared):
    """A rule that moves parameters against their gradient; an instance is its settings.

    A rule treats each parameter by itself, so that parts of the arrays may be updated one after the other. Where
    definitions compete, it is PyTorch's.

    Subclasses are registered by being defined.
    """

    n_moments: ClassVar[int] = 0
    """How many arrays of the parameters' size it keeps from step to step."""
    source: ClassVar[str] = ""

    learning_rate: float = hyper(0.01, gt=0, le=1e3, help="How far a step goes along the gradient.")
    weight_decay: float = hyper(0.0, ge=0, le=1e3, help="The share of every parameter that is added to its gradient.")

    def update(
        self,
        parameters: Flat,
        gradient: Flat,
        moments: tuple[Flat, ...],
        step: int,
        scratch: Flat,
        rate: float | None = None,
    ) -> None:
        """Move `parameters` in place.

        Parameters
        ----------
        parameters, gradient, scratch : array, (n,)
            `gradient` may be overwritten.
        moments : tuple of array, (n,)
            `n_moments` arrays that were zero before the first step.
        step : int
            Counts from 1.
        rate : float, optional
            The learning rate of this step, where a schedule has it other than it is set.
        """
        if self.weight_decay:
            gradient += np.multiply(parameters, self.weight_decay, out=scratch)
        self.move(parameters, gradient, moments, step, scratch, self.learning_rate if rate is None else rate)

    def move(
        self, parameters: Flat, gradient: Flat, moments: tuple[Flat, ...], step: int, scratch: Flat, rate: float
    ) -> None:
        """Do what `update` says, once the decay is part of the gradient."""
        raise NotImplementedError

    @classmethod
    def __pydantic_init_subclass__(cls, **_: object) -> None:
        """Put every optimiser into the register."""
        OPTIMIZERS[cls.__name__] = cls


OPTIMIZERS: dict[str, type[Optimizer]] = {}
"""Every optimiser by its name."""


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum where it is set: `v ← momentum·v + g`, `w ← w − learning_rate·v`.

    With Nesterov's momentum `w ← w − learning_rate·(g + momentum·v)`, which looks ahead to where the momentum leads.
    """

    n_moments: ClassVar = 1
    source: ClassVar = "CS231n, “Neural Networks Part 3”, Momentum and Nesterov momentum update, in PyTorch's form"

    momentum: float = hyper(0.0, ge=0, lt=1, help="The share of the last step that is kept.")
    nesterov: bool = hyper(False, help="Whether to look ahead along the momentum; without momentum it changes nothing.")

    def move(
        self, parameters: Flat, gradient: Flat, moments: tuple[Flat, ...], step: int, scratch: Flat, rate: float
    ) -> None:
        direction = gradient
        if self.momentum:
            (velocity,) = moments
            velocity *= self.momentum
            velocity += gradient
            if self.nesterov:
                gradient += np.multiply(velocity, self.momentum, out=scratch)
            else:
                direction = velocity
        # The gradient is in the cache already; the scratch would have to be fetched.
        parameters -= np.multiply(direction, rate, out=gradient)


class Adagrad(Optimizer):
    """Steps that become shorter for each parameter as its gradients add up: `s ← s + g²`, `w ← w − η·g/(√s + ε)`."""

    n_moments: ClassVar = 1
    source: ClassVar = "Duchi, Hazan and Singer, “Adaptive Subgradient Methods”, JMLR 2011, figure 1"

    epsilon: float = hyper(1e-10, gt=0, le=1, help="Keeps the division finite.")

    def move(
        self, parameters: Flat, gradient: Flat, moments: tuple[Flat, ...], step: int, scratch: Flat, rate: float
    ) -> None:
        (squares,) = moments
        squares += np.multiply(gradient, gradient, out=scratch)
        _step_over_root(parameters, gradient, squares, rate, self.epsilon, scratch)


class RMSProp(Optimizer):
    """Adagrad that forgets: `v ← decay·v + (1 − decay)·g²`, `w ← w − η·g/(√v + ε)`."""

    n_moments: ClassVar = 1
    source: ClassVar = "Hinton, “Neural Networks for Machine Learning”, lecture 6e; CS231n, “Neural Networks Part 3”"

    decay: float = hyper(0.99, ge=0, lt=1, help="How slowly the mean of the squares forgets.")
    epsilon: float = hyper(1e-8, gt=0, le=1, help="Keeps the division finite.")

    def move(
        self, parameters: Flat, gradient: Flat, moments: tuple[Flat, ...], step: int, scratch: Flat, rate: float
    ) -> None:
        (square,) = moments
        _follow_squares(square, gradient, self.decay, scratch)
        _step_over_root(parameters, gradient, square, rate, self.epsilon, scratch)


class Adadelta(Optimizer):
    """Steps of the size of the last ones, scaled by the gradient's own size; it hardly needs a learning rate.

    `v ← decay·v + (1 − decay)·g²`, `δ = √(u + ε)/√(v + ε)·g`, `u ← decay·u + (1 − decay)·δ²`, `w ← w − η·δ`.
    """

    n_moments: ClassVar = 2
    source: ClassVar = "Zeiler, “ADADELTA: An Adaptive Learning Rate Method”, 2012, algorithm 1"

    learning_rate: float = hyper(1.0, gt=0, le=1e3, help="A factor on every step; 1 is the method as published.")
    decay: float = hyper(0.9, ge=0, lt=1, help="How slowly the means of the squares forget.")
    epsilon: float = hyper(1e-6, gt=0, le=1, help="Lets the first steps be larger than zero.")

    def move(
        self, parameters: Flat, gradient: Flat, moments: tuple[Flat, ...], step: int, scratch: Flat, rate: float
    ) -> None:
        square, steps = moments
        _follow_squares(square, gradient, self.decay, scratch)
        np.add(square, self.epsilon, out=scratch)
        np.sqrt(scratch, out=scratch)
        gradient /= scratch
        np.add(steps, self.epsilon, out=scratch)
        np.sqrt(scratch, out=scratch)
        gradient *= scratch  # δ
        _follow_squares(steps, gradient, self.decay, scratch)
        parameters -= np.multiply(gradient, rate, out=scratch)


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

    def move(
        self, parameters: Flat, gradient: Flat, moments: tuple[Flat, ...], step: int, scratch: Flat, rate: float
    ) -> None:
        mean, square = moments
        mean *= self.beta1
        mean += np.multiply(gradient, 1 - self.beta1, out=scratch)
        _follow_squares(square, gradient, self.beta2, scratch)
        # learning_rate·m̂/(√v̂ + ε), with both corrections taken out of the arrays.
        correction = np.sqrt(1 - self.beta2**step)
        corrected = rate * correction / (1 - self.beta1**step)
        _step_over_root(parameters, mean, square, corrected, self.epsilon * correction, scratch)


class AdamW(Adam):
    """Adam whose weight decay is not part of the gradient: a step begins with `w ← w − learning_rate·weight_decay·w`.

    So the running means know nothing of the decay.
    """

    source: ClassVar = "Loshchilov and Hutter, “Decoupled Weight Decay Regularization”, ICLR 2019, algorithm 2"

    weight_decay: float = hyper(
        0.01, ge=0, le=1e3, help="The share of every parameter that a step takes, times the rate."
    )

    def update(
        self,
        parameters: Flat,
        gradient: Flat,
        moments: tuple[Flat, ...],
        step: int,
        scratch: Flat,
        rate: float | None = None,
    ) -> None:
        rate = self.learning_rate if rate is None else rate
        if self.weight_decay:
            parameters *= 1 - rate * self.weight_decay
        self.move(parameters, gradient, moments, step, scratch, rate)


def _follow_squares(square: Flat, gradient: Flat, decay: float, scratch: Flat) -> None:
    """Let a running mean follow the gradient's square."""
    square *= decay
    np.multiply(gradient, gradient, out=scratch)
    scratch *= 1 - decay
    square += scratch


def _step_over_root(
    parameters: Flat, direction: Flat, square: Flat, rate: float, epsilon: float, scratch: Flat
) -> None:
    """Move parameters by `−rate·direction/(√square + ε)`."""
    np.sqrt(square, out=scratch)
    scratch += epsilon
    np.divide(direction, scratch, out=scratch)
    scratch *= rate
    parameters -= scratch
