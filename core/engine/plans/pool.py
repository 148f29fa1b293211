"""The plans of a network that are kept ready, and the random numbers that they draw."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import numpy as np

from core.engine.kernels.kernel import Part
from core.engine.plans.memory_plan import Purpose
from core.engine.plans.plan import Plan
from core.engine.program import Program
from core.engine.weights import WeightStore
from core.layers.values import Array

MAX_PLANS = 8
"""Plans that are kept ready for each replica; of more batch sizes and purposes the longest unused is dropped."""

LEAST_PART = 4
"""Samples; batches of which replicas would have less are computed as one part."""

NOISE = 1
"""The branch of the seed that layers draw from in training; weights are drawn from branch 0, orders from branch 2."""


@lru_cache(maxsize=64)
def divide(batch: int, n_replicas: int) -> tuple[Part, ...]:
    """Divide a batch among replicas.

    How many parts there are depends on these two numbers alone, and so do the bits of what is computed.

    >>> [part.n for part in divide(33, 2)], [part.n for part in divide(3, 2)]
    ([17, 16], [3])
    """
    n_parts = n_replicas if batch >= LEAST_PART * n_replicas else 1
    sizes = Part(batch, batch, n_parts=n_parts).sizes
    return tuple(Part(n, batch, number, n_parts) for number, n in enumerate(sizes))


class Plans:
    """Makes plans when they are asked for, and keeps some of them.

    Attributes
    ----------
    rngs : list of numpy.random.Generator
        What layers that draw in training draw from, by the part of the batch.
    n_drawn : int
        How many passes drew.
    class_weights : array, (C,), or None
        How much samples of each class count in the loss.
    """

    def __init__(self, program: Program, store: WeightStore, seed: int, class_weights: Array | None = None) -> None:
        self.class_weights = class_weights
        self._program, self._store, self._seed = program, store, seed
        self.rngs = [np.random.Generator(np.random.PCG64(0)) for _ in store.shares]
        self._draws = any(node.kind.stochastic for node in program.nodes)
        self._plans: dict[tuple[Part, Purpose], Plan] = {}
        self.n_drawn = 0
        self.draw_for(0)

    def __len__(self) -> int:
        return len(self._plans)

    def weigh(self, class_weights: Array | None) -> None:
        """Let samples of each class count as much from now on."""
        self.class_weights = class_weights
        self._plans.clear()

    def draw_for(self, n_drawn: int) -> None:
        """Begin the random numbers of the pass after so many that drew.

        The seed, the number of the pass and the part of the batch decide them, so that no replica needs to know what
        another drew, or when it joined.
        """
        self.n_drawn = n_drawn
        for part, rng in enumerate(self.rngs):
            branch = np.random.SeedSequence(self._seed, spawn_key=(NOISE, part, n_drawn))
            rng.bit_generator.state = np.random.PCG64(branch).state

    @contextmanager
    def drawing_again(self, n_drawn: int) -> Iterator[None]:
        """Begin an earlier pass's random numbers; afterwards they go on as if nothing had been."""
        later, states = self.n_drawn, [rng.bit_generator.state for rng in self.rngs]
        self.draw_for(n_drawn)
        yield
        self.n_drawn = later
        for rng, state in zip(self.rngs, states, strict=True):
            rng.bit_generator.state = state

    def passed(self, purpose: Purpose) -> None:
        """Note that a pass was run."""
        if self._draws and purpose.training:
            self.draw_for(self.n_drawn + 1)

    def of(self, part: Part, purpose: Purpose) -> Plan:
        """Return the plan for a part of a batch."""
        key = (part, purpose)
        plan = self._plans.pop(key, None) or self.fresh(part, purpose)
        self._plans[key] = plan
        if len(self._plans) > MAX_PLANS * len(self.rngs):
            del self._plans[next(iter(self._plans))]
        return plan

    def fresh(self, part: Part, purpose: Purpose) -> Plan:
        """Make a plan that is not kept."""
        return Plan(self._program, self._store, part, purpose, self.rngs[part.number], self.class_weights)
