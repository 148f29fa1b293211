"""A program bound to a part of a batch and a purpose: kernels chosen, memory laid out, every view made."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from math import inf, prod
from typing import Literal, TypeAlias

import numpy as np

from core.engine.buffers import Place, pack
from core.engine.kernels.kernel import Binding, Part, Phase, Setting
from core.engine.kernels.loss import CrossEntropy, scores_of
from core.engine.kernels.table import choose_kernels
from core.engine.memory import refuse_beyond_memory
from core.engine.program import Program
from core.engine.weights import WeightStore
from core.layers.kind import Array
from core.text import counted

Pass: TypeAlias = Generator[None, None, None]
"""A pass under way."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """What passes are made for.

    Attributes
    ----------
    training : bool
        Whether kinds compute as in training.
    loss : bool
        Whether the pass ends in cross-entropy instead of the outputs.
    gradients : {"none", "parameters", "all"}
        What a backward pass gives: "all" are those of the inputs too, and it can be run again for other gradients of
        the ends.
    asked : frozenset of int, or None
        The nodes whose outputs are asked for instead of those of the network.
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

    def ends(self, program: Program) -> tuple[int, ...]:
        """Give the nodes whose outputs the pass is for."""
        if self.loss:
            return (scores_of(program),)
        return program.outputs if self.asked is None else tuple(sorted(self.asked))


STEP = Purpose(training=True, loss=True, gradients="parameters")
EVALUATION = Purpose(loss=True)


class Plan:
    """All that passes of one batch size and one purpose need; run again and again, it takes no more memory.

    Passes are generators: they yield wherever the replicas that compute the other parts of the batch must have come as
    far.

    The steps of a pass are counted on one line: forwards 0 to S − 1, the loss at S, backwards S + 1 to 2·S. Values and
    gradients that are not needed at the same time share memory.

    Attributes
    ----------
    ends : tuple of int
        The nodes whose outputs the pass is for.
    kernels : list of Kernel
        The steps, in the order of computing.
    values, gradients : mapping of int to Place
        Where the outputs of nodes lie, and their gradients. The inputs' and the ends' last until the next pass.
    n_bytes : int
        The memory it takes beside the weights.
    """

    def __init__(
        self, program: Program, store: WeightStore, part: Part, purpose: Purpose, rng: np.random.Generator
    ) -> None:
        self.program, self.part, self.batch, self.purpose = program, part, part.n, purpose
        self.ends = purpose.ends(program)
        needed = program.ancestors(self.ends)
        self.inputs = tuple(index for index in program.inputs if index in needed)
        setting = Setting(part, store.parameters.dtype, purpose.training, purpose.derives, rng, purpose.looks)
        self.kernels = choose_kernels(program, needed, self.ends, setting)
        self.values = self._value_places()
        self.gradients = self._gradient_places(self._carriers(needed))
        shares = self._share_places()
        places = [*self.values.values(), *self.gradients.values(), *shares.values()]
        n_values = pack(places)
        n_scratch = max((kernel.n_scratch for kernel in self.kernels), default=0)
        kept = sum(prod(shape) * np.dtype(dtype).itemsize for k in self.kernels for shape, dtype in k.kept.values())
        self.n_bytes = (n_values + n_scratch) * setting.dtype.itemsize + kept
        refuse_beyond_memory(self.n_bytes, f"A batch of {counted(part.n, 'sample')}")
        memory = np.zeros(n_values, setting.dtype)
        for place in places:
            place.attach(memory)
        self._bind(store, np.empty(n_scratch, setting.dtype), shares)
        self._forwards = self._forward_phases(places)
        self._backwards = self._backward_phases(shares, places)
        self._loss = self._loss_kernel() if purpose.loss else None

    def _backward_step(self, step: int) -> int:
        return 2 * len(self.kernels) - step

    def _carriers(self, needed: Collection[int]) -> set[int]:
        """Find the nodes through whose outputs a gradient must flow."""
        carriers: set[int] = set()
        for node in self.program.nodes if self.purpose.derives else ():
            asked = node.learns if node.sources else self.purpose.gradients == "all"
            if node.index in needed and (asked or not carriers.isdisjoint(node.sources)):
                carriers.add(node.index)
        return carriers

    def _last_use(self, step: int) -> float:
        """Give when the output of a step is read last by its own kernel: backwards it may want it again."""
        if self.purpose.gradients == "all":
            return inf
        return self._backward_step(step) if self.purpose.derives else step

    def _value_places(self) -> dict[int, Place]:
        """Lay out the outputs: needed from the step that computes them to the last that reads them."""
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
        """Lay out the gradients: needed from the first share that is added to them to the step that reads them."""
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
            if index in self.inputs:
                place.live(inf)
        return places

    def _share_places(self) -> dict[tuple[int, int], Place]:
        """Lay out second and further shares of a gradient, by step and port: they are added to the first."""
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

    def _bind(self, store: WeightStore, scratch: Array, shares: Mapping[tuple[int, int], Place]) -> None:
        first = 0
        for step, kernel in enumerate(self.kernels):
            carried = kernel.target in self.gradients
            dxs: list[Array | None] = []
            for port, source in enumerate(kernel.sources):
                place = shares.get((step, port), self.gradients.get(source))
                dxs.append(place.view() if carried and place is not None else None)
            ports = zip(kernel.sources, kernel.margins, strict=True)
            kernel.bind(
                Binding(
                    xs=[self.values[source].view(margins) for source, margins in ports],
                    y=self.values[kernel.target].view(),
                    dy=self.gradients[kernel.target].view(kernel.dy_margins) if carried else None,
                    dxs=dxs,
                    weights=[store.of(node, self.part.number) for node in kernel.nodes],
                    scratch=scratch[: kernel.n_scratch],
                    exchanged=store.exchanged[: self.part.n_parts, first : first + kernel.n_exchanged],
                    kept={name: np.zeros(shape, dtype) for name, (shape, dtype) in kernel.kept.items()},
                )
            )
            first += kernel.n_exchanged

    def _forward_phases(self, places: list[Place]) -> list[list[Phase]]:
        """List what a forward pass calls: the kernels, and before them what clears margins in shared memory."""
        passing = _Phases(self.part)
        for kernel in self.kernels:
            passing.add(*self._clearings(self.values[kernel.target], places))
            passing.add_in_phases(kernel.forward_phases())
        return passing.phases

    def _backward_phases(self, shares: Mapping[tuple[int, int], Place], places: list[Place]) -> list[list[Phase]]:
        """List what a backward pass calls: the kernels from the last to the first, and the sums of shares."""
        passing = _Phases(self.part)
        for end in self.ends:
            if end in self.gradients:
                passing.add(*self._clearings(self.gradients[end], places))
        begun = set(self.ends)
        for step, kernel in reversed(list(enumerate(self.kernels))):
            if kernel.target in self.gradients:
                for source in kernel.sources:
                    if source in self.gradients and source not in begun:
                        begun.add(source)
                        passing.add(*self._clearings(self.gradients[source], places))
                passing.add_in_phases(kernel.backward_phases())
                for port, source in enumerate(kernel.sources):
                    if (step, port) in shares:
                        total = self.gradients[source].view()
                        passing.add(partial(np.add, total, shares[step, port].view(), out=total))
        return passing.phases

    def _clearings(self, place: Place, places: list[Place]) -> list[Phase]:
        if any(other is not place and other.overlaps(place) for other in places):
            return [partial(margin.fill, 0) for margin in place.margin_views()]
        return []

    def _loss_kernel(self) -> CrossEntropy:
        (end,) = self.ends
        dscores = _as_row(self.gradients[end].view()) if end in self.gradients else None
        return CrossEntropy(_as_row(self.values[end].view()), dscores, self.part.whole)

    def forward(self, xs: Mapping[int, Array]) -> Pass:
        """Compute the ends from samples in the layout of the engine."""
        for index in self.inputs:
            np.copyto(self.values[index].view(), xs[index], casting="unsafe")
        yield from _passes(self._forwards)

    def measure(self, labels: Array) -> tuple[float, int]:
        """Give the summed loss of what the last forward pass computed, and how many samples are right."""
        if self._loss is None:
            raise ValueError("this plan ends in outputs, not in a loss")
        return self._loss.run(labels)

    def backward(self, dys: Mapping[int, Array] | None = None) -> Pass:
        """Compute all gradients from those of the ends; where the plan has a loss, it has left them there."""
        for index, dy in (dys or {}).items():
            if index in self.gradients:
                np.copyto(self.gradients[index].view(), dy, casting="unsafe")
        yield from _passes(self._backwards)

    def step(self, xs: Mapping[int, Array], labels: Array) -> Generator[None, None, tuple[float, int]]:
        """Do all that the plan is for: forwards, the loss and, where gradients are asked for, backwards."""
        yield from self.forward(xs)
        found = self.measure(labels)
        if self.purpose.derives:
            yield from self.backward()
        return found


def _as_row(scores: Array) -> Array:
    """View an image of one pixel as features."""
    return scores if scores.ndim == 2 else scores[:, 0, 0]


class _Phases:
    """What a pass calls, cut where replicas must meet; where a single one computes the whole batch, nowhere."""

    def __init__(self, part: Part) -> None:
        self._alone = part.n_parts == 1
        self.phases: list[list[Phase]] = [[]]

    def add(self, *calls: Phase) -> None:
        self.phases[-1] += calls

    def add_in_phases(self, calls: Iterable[Phase]) -> None:
        for number, call in enumerate(calls):
            if number and not self._alone:
                self.phases.append([])
            self.add(call)


def _passes(phases: list[list[Phase]]) -> Pass:
    for number, phase in enumerate(phases):
        if number:
            yield
        for call in phase:
            call()
