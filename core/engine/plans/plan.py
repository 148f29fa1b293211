"""A program bound to a part of a batch and a purpose: kernels chosen, memory divided, every view made."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from functools import partial
from typing import TypeAlias

import numpy as np

from core.engine.kernels.kernel import Binding, Part, Phase
from core.engine.kernels.loss import LossKernel, loss_kernel
from core.engine.memory_limit import refuse_beyond_memory
from core.engine.plans.buffers import Place
from core.engine.plans.memory_plan import MemoryPlan, Purpose
from core.engine.program import Program
from core.engine.weights import WeightStore
from core.layers.values import Array
from core.learning.losses import Loss
from core.text import counted

Pass: TypeAlias = Generator[None, None, None]
"""A pass under way."""


class Plan:
    """A memory plan with the memory for it; its passes, run again and again, take no more.

    Passes are generators: they yield wherever the replicas that compute the other parts of the batch must have come as
    far.

    Attributes
    ----------
    memory_plan : MemoryPlan
    ends, kernels, values, gradients
        As in the memory plan.
    forwards, backwards : list of list of callable
        What a pass calls; between two of the lists all replicas meet.
    """

    def __init__(
        self,
        program: Program,
        store: WeightStore,
        part: Part,
        purpose: Purpose,
        rng: np.random.Generator,
        class_weights: Array | None = None,
    ) -> None:
        self.part, self.batch, self.purpose = part, part.n, purpose
        setting = purpose.setting(part, store.parameters.dtype, rng)
        self.memory_plan = memory_plan = MemoryPlan(program, purpose, setting)
        self.ends, self.inputs, self.kernels = memory_plan.ends, memory_plan.inputs, memory_plan.kernels
        self.values, self.gradients = memory_plan.values, memory_plan.gradients
        refuse_beyond_memory(memory_plan.n_bytes, f"A batch of {counted(part.n, 'sample')}")
        memory = np.zeros(memory_plan.n_values, setting.dtype)
        for place in memory_plan.places:
            place.attach(memory)
        zeros = np.zeros(memory_plan.n_zeros, setting.dtype)
        zeros.flags.writeable = False
        self._bind(store, np.empty(memory_plan.n_scratch, setting.dtype), zeros)
        self._entrances = [(index, self.values[index].view()) for index in self.inputs]
        self.forwards = self._forward_phases()
        self.backwards = self._backward_phases()
        self._loss = self._loss_kernel(program.loss, class_weights) if purpose.loss else None

    def _bind(self, store: WeightStore, scratch: Array, zeros: Array) -> None:
        first, shares = 0, self.memory_plan.shares
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
                    zeros=zeros[: kernel.n_zeros],
                    exchanged=store.exchanged[: self.part.n_parts, first : first + kernel.n_exchanged],
                    kept={name: np.zeros(shape, dtype) for name, (shape, dtype) in kernel.kept.items()},
                )
            )
            first += kernel.n_exchanged

    def _forward_phases(self) -> list[list[Phase]]:
        """List what a forward pass calls: the kernels, and before them what clears margins in shared memory."""
        passing = _Phases(self.part)
        for kernel in self.kernels:
            passing.add(*self._clearings(self.values[kernel.target]))
            passing.add_in_phases(kernel.forward_phases())
        return passing.phases

    def _backward_phases(self) -> list[list[Phase]]:
        """List what a backward pass calls: the kernels from the last to the first, and the sums of shares."""
        passing, shares = _Phases(self.part), self.memory_plan.shares
        for end in self.ends:
            if end in self.gradients:
                passing.add(*self._clearings(self.gradients[end]))
        begun = set(self.ends)
        for step, kernel in reversed(list(enumerate(self.kernels))):
            if kernel.target in self.gradients:
                for source in kernel.sources:
                    if source in self.gradients and source not in begun:
                        begun.add(source)
                        passing.add(*self._clearings(self.gradients[source]))
                passing.add_in_phases(kernel.backward_phases())
                for port, source in enumerate(kernel.sources):
                    if (step, port) in shares:
                        total = self.gradients[source].view()
                        passing.add(partial(np.add, total, shares[step, port].view(), out=total))
        return passing.phases

    def _clearings(self, place: Place) -> list[Phase]:
        margins = list(place.margin_views())
        if margins and any(other is not place and other.overlaps(place) for other in self.memory_plan.places):
            return [partial(margin.fill, 0) for margin in margins]
        return []

    def _loss_kernel(self, loss: Loss, class_weights: Array | None) -> LossKernel:
        (end,) = self.ends
        doutputs = _as_row(self.gradients[end].view()) if end in self.gradients else None
        return loss_kernel(loss, class_weights, _as_row(self.values[end].view()), doutputs)

    def forward(self, xs: Mapping[int, Array]) -> Pass:
        """Compute the ends from samples whose axes are those of the engine."""
        self._enter(xs)
        yield from _passes(self.forwards)

    def steps(self, xs: Mapping[int, Array]) -> Generator[tuple[int, ...], None, None]:
        """Compute the ends where the part is the whole batch; yield the nodes that each step has computed."""
        self._enter(xs)
        yield self.inputs
        for kernel in self.kernels:
            for call in (*self._clearings(self.values[kernel.target]), *kernel.forward_phases()):
                call()
            yield (kernel.target,)

    def _enter(self, xs: Mapping[int, Array]) -> None:
        for index, entering in self._entrances:
            np.copyto(entering, xs[index], casting="unsafe")

    def measure(self, labels: Array, divisor: float) -> tuple[float, int]:
        """Return the summed loss of what the last forward pass computed, and how many samples are right.

        Parameters
        ----------
        divisor : float
            What the sum over the whole batch is divided by for its mean, and the gradient with it.
        """
        if self._loss is None:
            raise ValueError("this plan ends in outputs, not in a loss")
        return self._loss.run(labels, divisor)

    def backward(self, dys: Mapping[int, Array] | None = None) -> Pass:
        """Compute all gradients from those of the ends; where the plan has a loss, it has left them there."""
        for index, dy in (dys or {}).items():
            if index in self.gradients:
                np.copyto(self.gradients[index].view(), dy, casting="unsafe")
        yield from _passes(self.backwards)

    def step(self, xs: Mapping[int, Array], labels: Array, divisor: float) -> Generator[None, None, tuple[float, int]]:
        """Do all that the plan is for: forwards, the loss and, where gradients are asked for, backwards."""
        yield from self.forward(xs)
        outcome = self.measure(labels, divisor)
        if self.purpose.derives:
            yield from self.backward()
        return outcome

    def step_alone(self, xs: Mapping[int, Array], labels: Array, divisor: float) -> tuple[float, int]:
        """Do the same where the part is the whole batch, so that there is nobody to meet.

        Generators would take up to a twentieth of a small network's step.
        """
        (forwards,), (backwards,) = self.forwards, self.backwards
        self._enter(xs)
        for call in forwards:
            call()
        outcome = self.measure(labels, divisor)
        if self.purpose.derives:
            for call in backwards:
                call()
        return outcome


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
