"""Who computes the parts of a batch: replicas of the network, one for each part."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from functools import lru_cache
from itertools import accumulate
from typing import Protocol, TypeVar

from core.engine.kernels.kernel import Part
from core.engine.plans.memory_plan import Purpose
from core.engine.plans.pool import Plans
from core.layers.values import Array

Result = TypeVar("Result")


class Team(Protocol):
    """Runs a pass with a loss over a batch that is divided into parts."""

    @property
    def is_ready(self) -> bool:
        """Whether every member is at work."""

    def measure(
        self, parts: tuple[Part, ...], purpose: Purpose, xs: Mapping[int, Array], labels: Array, divisor: float
    ) -> tuple[float, int]:
        """Return the summed loss of a batch, and how many of its samples are right.

        Parameters
        ----------
        parts : tuple of Part
            One for each replica that is to take part.
        xs : mapping of int to array
            The whole batch with the axes of the engine, by the nodes where it enters.
        divisor : float
            What its summed loss is divided by for the mean.
        """


class Lockstep:
    """One thread that is all replicas: it brings each as far as it can go without the others, again and again."""

    is_ready = True

    def __init__(self, plans: Plans) -> None:
        self._plans = plans

    def measure(
        self, parts: tuple[Part, ...], purpose: Purpose, xs: Mapping[int, Array], labels: Array, divisor: float
    ) -> tuple[float, int]:
        """Bring each part as far as it can go without the others, in turn."""
        if len(parts) == 1:
            return self._plans.of(parts[0], purpose).step_alone(xs, labels, divisor)
        steps = []
        for part, samples in zip(parts, spans(parts), strict=True):
            own = {index: x[..., samples] for index, x in xs.items()}
            steps.append(self._plans.of(part, purpose).step(own, labels[samples], divisor))
        losses, n_right = zip(*run_together(*steps), strict=True)
        return sum(losses), sum(n_right)


@lru_cache(maxsize=64)
def spans(parts: tuple[Part, ...]) -> list[slice]:
    """Return which samples of the batch each part has.

    >>> spans((Part(3, 5, 0, 2), Part(2, 5, 1, 2)))
    [slice(0, 3, None), slice(3, 5, None)]
    """
    ends = accumulate(part.n for part in parts)
    return [slice(end - part.n, end) for part, end in zip(parts, ends, strict=True)]


def finished(one: Generator[None, None, Result]) -> Result:
    """Run a pass that has nobody to meet, and return what it returns."""
    while True:
        try:
            next(one)
        except StopIteration as end:
            result: Result = end.value
            return result


def run_together(*passes: Generator[None, None, Result]) -> list[Result]:
    """Run passes side by side, each up to its next meeting point in turn, and return what they return."""
    results: dict[int, Result] = {}
    running = dict(enumerate(passes))
    while running:
        for number, one in list(running.items()):
            try:
                next(one)
            except StopIteration as end:
                results[number] = end.value
                del running[number]
    return [results[number] for number in range(len(passes))]
