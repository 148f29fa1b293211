"""What passes need, before any of it is taken: kernels chosen, memory divided."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from math import inf
from typing import Any, Literal

import numpy as np

from core.engine.kernels.choice import choose_kernels
from core.engine.kernels.kernel import Part, Setting
from core.engine.kernels.loss import scores_of
from core.engine.plans.buffers import Place, pack
from core.engine.program import Program


@dataclass(frozen=True, slots=True)
class Purpose:
    """What passes are made for.

    Attributes
    ----------
    training : bool
        Whether kinds compute as in training.
    loss : bool
        Whether the pass ends in the loss instead of the outputs.
    gradients : {"none", "parameters", "all"}
        What a backward pass computes: "all" are those of the inputs too, and it can be run again for other gradients of
        the ends.
    asked : frozenset of int, or None
        The nodes whose outputs, and gradients where any are computed, are asked for instead of the network's outputs.
    """

    training: bool = False
    loss: bool = False
    gradients: Literal["none", "parameters", "all"] = "none"
    asked: frozenset[int] | None = None

    @property
    def derives(self) -> bool:
        """Whether a backward pass may follow."""
        return self.gradients != "none"

    @property
    def looks(self) -> bool:
        """Whether outputs are all that is asked for, so that no replicas take part."""
        return not (self.training or self.loss or self.derives)

    def setting(self, part: Part, dtype: np.dtype[Any], rng: np.random.Generator) -> Setting:
        """Return what is fixed before memory is divided."""
        return Setting(part, dtype, self.training, rng, self.looks)

    def ends(self, program: Program) -> tuple[int, ...]:
        """Return the nodes whose outputs the pass is for."""
        if self.loss:
            return (scores_of(program),)
        return program.outputs if self.asked is None else tuple(sorted(self.asked))


STEP = Purpose(training=True, loss=True, gradients="parameters")
EVALUATION = Purpose(loss=True)


class MemoryPlan:
    """What passes of one batch size and one purpose need: kernels chosen, memory divided, none of it taken yet.

    The steps of a pass are counted on one line: forwards 0 to S − 1, the loss at S, backwards S + 1 to 2·S. Values and
    gradients that are not needed at the same time share memory.

    Attributes
    ----------
    ends : tuple of int
        The nodes whose outputs the pass is for.
    kernels : list of Kernel
        The steps, in the order of computing.
    values, gradients : mapping of int to Place
        Where the outputs of nodes lie, and their gradients. The inputs' and the ends' last until the next pass; of the
        ends' gradients those that are asked for.
    shares : mapping of (int, int) to Place
        Where second and further shares of a gradient lie, by step and port.
    n_values, n_scratch, n_zeros : int
        How many values the places take together, and the scratch and the zeros that all steps share.
    n_bytes : int
        The memory it takes beside the weights.
    """

    def __init__(self, program: Program, purpose: Purpose, setting: Setting) -> None:
        self.program, self.purpose, self.batch = program, purpose, setting.batch
        self.ends = purpose.ends(program)
        needed = program.ancestors(self.ends)
        self.inputs = tuple(index for index in program.inputs if index in needed)
        carriers = self._carriers(needed)
        self.kernels = choose_kernels(program, needed, self.ends, replace(setting, carriers=carriers))
        self.values = self._value_places()
        self.gradients = self._gradient_places(carriers)
        self.shares = self._share_places()
        self.n_values = pack(self.places)
        self.n_scratch = max((kernel.n_scratch for kernel in self.kernels), default=0)
        self.n_zeros = max((kernel.n_zeros for kernel in self.kernels), default=0)
        kept = sum(kernel.kept_bytes for kernel in self.kernels)
        self.n_bytes = (self.n_values + self.n_scratch + self.n_zeros) * setting.dtype.itemsize + kept

    @property
    def places(self) -> list[Place]:
        """All of them."""
        return [*self.values.values(), *self.gradients.values(), *self.shares.values()]

    def _backward_step(self, step: int) -> int:
        return 2 * len(self.kernels) - step

    def _carriers(self, needed: Collection[int]) -> frozenset[int]:
        """Find the nodes through whose outputs a gradient must flow."""
        carriers: set[int] = set()
        for node in self.program.nodes if self.purpose.derives else ():
            asked = node.learns if node.sources else self.purpose.gradients == "all"
            if node.index in needed and (asked or not carriers.isdisjoint(node.sources)):
                carriers.add(node.index)
        return frozenset(carriers)

    def _last_use(self, step: int) -> float:
        """Return when the output of a step is read last by its own kernel: backwards it may want it again."""
        if self.purpose.gradients == "all":
            return inf
        return self._backward_step(step) if self.purpose.derives else step

    def _value_places(self) -> dict[int, Place]:
        """Make places for the outputs: needed from the step that computes them to the last that reads them."""
        nodes = self.program.nodes
        places = {index: Place(nodes[index].shape, self.batch, -1, inf) for index in self.inputs}
        for step, kernel in enumerate(self.kernels):
            last = self._last_use(step)
            places[kernel.target] = Place(nodes[kernel.target].shape, self.batch, step, last)
            for source, margins in zip(kernel.sources, kernel.margins, strict=True):
                places[source].widen(margins)
                places[source].live(step)
        for end in self.ends:
            places[end].live(inf)
        return places

    def _gradient_places(self, carriers: Collection[int]) -> dict[int, Place]:
        """Make places for the gradients: needed from the first share added to them to the step that reads them."""
        middle = len(self.kernels)
        places = {i: Place(place.shape, self.batch, inf, -1) for i, place in self.values.items() if i in carriers}
        for step, kernel in enumerate(self.kernels):
            if kernel.target in places:
                places[kernel.target].widen(kernel.dy_margins)
                places[kernel.target].live(self._backward_step(step))
                for source in kernel.sources:
                    if source in places:
                        places[source].live(self._backward_step(step))
        for index, place in places.items():
            if index in self.ends:
                place.live(middle)
            if index in self.inputs or (index in self.ends and self.purpose.asked is not None):
                place.live(inf)
        return places

    def _share_places(self) -> dict[tuple[int, int], Place]:
        """Make places for second and further shares of a gradient, by step and port: they are added to the first."""
        begun = set(self.ends)
        shares: dict[tuple[int, int], Place] = {}
        for step, kernel in reversed(list(enumerate(self.kernels))):
            for port, source in enumerate(kernel.sources):
                if kernel.target in self.gradients and source in self.gradients:
                    if source in begun:
                        time = self._backward_step(step)
                        shares[step, port] = Place(self.gradients[source].shape, self.batch, time, time)
                    begun.add(source)
        return shares
