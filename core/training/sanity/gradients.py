"""Whether the analytic gradient is the numeric one."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.engine.cost import step_seconds
from core.engine.network import Network
from core.text import counted, rough_duration_text
from core.training.sanity.outcome import Checking, Message, Outcome
from core.training.sanity.subject import Subject

Values: TypeAlias = NDArray[np.float64]

CHECK = "gradients"
BADGE = "wrong gradient"
LIMIT = 1e-4
"""A larger relative error is a wrong gradient: of a right one float64 leaves 1e-6 or less."""
N_SAMPLES = 4
MOST_ENTRIES = 6
"""Numbers of an array that are changed, one at a time."""
STEPS = (1e-6, 1e-7, 1e-5)
"""How far: 1e-6, where kinks of ReLU are rarely crossed; else a smaller one, or a larger one that rounds less."""
GOOD = 1e-5
"""An error below which no other step is tried."""
FLOOR, SHARE, OF_LOSS = 1e-4, 1e-3, 1e-5
"""Errors are relative to at least that, and to so much of the largest gradient of the array and of the loss: below it
differences of losses are noise."""
OFF_THE_KINK = 0.01
"""How far biases are moved. They begin at 0, so that where a picture is black ReLU is exactly on its kink."""
MOST_SECONDS = 20.0
FLOAT64 = 2.0
"""How many times as long computing in float64 takes."""


def gradients(subject: Subject) -> Iterator[Message]:
    """Compare the gradient of each array with central differences of the loss, in float64.

    `(L(w + h) − L(w − h))/2h` of sampled entries, by the relative error `|a − n|/max(|a|, |n|)`; Dropout and its like
    are off, BatchNorm is in training mode. Parameters that begin with one value, such as biases, are first moved a
    little. Nearer than h to a kink the two sides have different slopes: there the gradient has to be one of them.

    Source: CS231n, "Neural Networks Part 3", Gradient checks.
    """
    arrays = list(subject.network.by_name(subject.network.gradients))
    once = FLOAT64 * step_seconds(subject.program, N_SAMPLES)
    seconds = 2 * len(arrays) * once
    if seconds > MOST_SECONDS:
        what = (
            f"Comparing one number of each of {counted(len(arrays), 'array')} would take "
            f"{rough_duration_text(seconds)}. Try it with a smaller Input, or fewer layers of each kind."
        )
        yield Outcome(CHECK, None, None, LIMIT, what, "Gradients: not compared", "the network is too large")
        return
    yield from _Comparison(subject).messages(arrays)


class _Comparison:
    """A network in float64 whose numbers are changed one at a time."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.network = subject.copy("float64")
        self.samples = subject.of_every_class(N_SAMPLES)
        self.rng = np.random.Generator(np.random.PCG64(0))
        _move_off_kinks(self.network, self.rng)
        self.loss = self._loss()
        self.analytic = {name: array.copy() for name, array in self.network.by_name(self.network.gradients).items()}
        self.values = self.network.by_name(self.network.parameters)

    def messages(self, arrays: list[str]) -> Iterator[Message]:
        """Compare an entry of every array, then another one, until there are enough or the time is over."""
        until = perf_counter() + MOST_SECONDS
        entries = {name: _entries(self.analytic[name], self.rng) for name in arrays}
        errors = dict.fromkeys(arrays, 0.0)
        for turn in range(MOST_ENTRIES):
            for name in arrays:
                if turn < len(entries[name]) and (not turn or perf_counter() < until):
                    errors[name] = max(errors[name], self._error(name, entries[name][turn]))
                    yield Checking(CHECK, name)
        yield _outcome(errors)

    def _loss(self) -> float:
        return self.subject.measure(self.network, self.samples)

    def _error(self, name: str, entry: int) -> float:
        """Return the relative error of one entry of an array, which is left as it was."""
        values, claimed = self.values[name].reshape(-1), float(self.analytic[name].reshape(-1)[entry])
        floor = max(FLOOR, SHARE * float(np.abs(self.analytic[name]).max()), OF_LOSS * abs(self.loss))
        kept, least = float(values[entry]), np.inf
        for step in STEPS:
            values[entry] = kept + step
            above = self._loss()
            values[entry] = kept - step
            below = self._loss()
            values[entry] = kept
            slopes = ((above - below) / (2 * step), (above - self.loss) / step, (self.loss - below) / step)
            errors = [abs(claimed - slope) / max(abs(claimed), abs(slope), floor) for slope in slopes]
            least = min([least, *(error for error in errors if np.isfinite(error))])
            if least < GOOD:
                break
        return least


def _move_off_kinks(network: Network, rng: np.random.Generator) -> None:
    values = network.by_name(network.parameters)
    for node in network.program.nodes:
        for name, weight in node.weights.items():
            array = values.get(f"{node.id}/{name}")
            if array is not None and weight.filling is not None:
                array += OFF_THE_KINK * rng.choice((-1, 1), array.shape) * rng.uniform(0.5, 1, array.shape)


def _entries(analytic: Values, rng: np.random.Generator) -> list[int]:
    """Draw entries, with the one whose gradient is largest among them."""
    drawn = rng.choice(analytic.size, min(MOST_ENTRIES, analytic.size), replace=False)
    return list(dict.fromkeys([int(np.abs(analytic).argmax()), *drawn.tolist()]))[:MOST_ENTRIES]


def _outcome(errors: dict[str, float]) -> Outcome:
    worst = max(errors, key=lambda name: errors[name])
    wrong = [name for name, error in errors.items() if not error < LIMIT]
    of = f"worst of {counted(len(errors), 'array')}: {worst} {errors[worst]:.0e}"
    if not wrong:
        what = (
            f"The gradients of {counted(len(errors), 'array')} agree with differences of the loss: the worst relative "
            f"error is {errors[worst]:.0e}, in {worst}; {LIMIT:.0e} would be too much."
        )
        return Outcome(CHECK, True, errors, LIMIT, what, "Gradients agree with differences", of)
    # A wrong gradient goes on to the layers before it: what is nearest to the output is where it begins.
    begins = wrong[-1]
    layers = tuple(dict.fromkeys(name.rpartition("/")[0] for name in wrong))
    what = (
        f"The gradients of {len(wrong)} of {counted(len(errors), 'array')} differ from differences of the loss, the "
        f"worst, {worst}, by a relative error of {errors[worst]:.1e}. Seen from the output {begins} is the first "
        f"({errors[begins]:.1e}): look at the backward pass of {begins.rpartition('/')[0]} and of the layers between "
        "it and the next one that agrees."
    )
    return Outcome(CHECK, False, errors, LIMIT, what, "Gradients differ from differences", of, layers, BADGE)
