"""A program bound to a batch size and a purpose: kernels chosen, memory laid out, every view made."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.engine.kernels.kernel import NO_MARGINS, Binding, Margins, Setting
from core.engine.kernels.loss import CrossEntropy, scores_of
from core.engine.kernels.table import choose_kernels
from core.engine.program import Program
from core.engine.weights import WeightStore
from core.layers.kind import Array
from core.shapes import Shape


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
        What a backward pass gives: "all" are those of the inputs too.
    everything : bool
        Whether the outputs of all layers are asked for.
    """

    training: bool = False
    loss: bool = False
    gradients: Literal["none", "parameters", "all"] = "none"
    everything: bool = False


class Place:
    """Where a value lies: (C, H, W, N) with margins of zeros as wide as any kernel asks for, or (C, N)."""

    def __init__(self, shape: Shape, batch: int) -> None:
        self.shape, self.batch = shape, batch
        self.margins = NO_MARGINS
        self.array: Array = np.empty(0)

    def widen(self, margins: Margins) -> None:
        """Make room for margins that a kernel asks for."""
        self.margins = Margins(*map(max, self.margins, margins))

    def allocate(self, dtype: np.dtype[np.floating]) -> None:
        """Take the memory."""
        *image, channels = self.shape
        top, bottom, left, right = self.margins
        size = (image[0] + top + bottom, image[1] + left + right) if image else ()
        self.array = np.zeros((channels, *size, self.batch), dtype)

    def view(self, margins: Margins = NO_MARGINS) -> Array:
        """View the value, with some of the margins around it."""
        if self.array.ndim == 2:
            return self.array
        top, bottom, left, right = (have - want for have, want in zip(self.margins, margins, strict=True))
        _, high, wide, _ = self.array.shape
        return self.array[:, top : high - bottom, left : wide - right]


class Plan:
    """All that passes of one batch size and one purpose need; run again and again, it takes no more memory.

    Attributes
    ----------
    kernels : list of Kernel
        The steps, in the order of computing.
    """

    def __init__(
        self, program: Program, store: WeightStore, batch: int, purpose: Purpose, rng: np.random.Generator
    ) -> None:
        self.program, self.purpose, self.batch = program, purpose, batch
        setting = Setting(batch, store.parameters.dtype, purpose.training, purpose.gradients != "none", rng)
        self.ends = (scores_of(program),) if purpose.loss else program.outputs
        needed = range(len(program.nodes)) if purpose.everything else program.ancestors(self.ends)
        self.inputs = tuple(index for index in program.inputs if index in needed)
        self.kernels = choose_kernels(program, needed, setting)
        carriers = self._carriers(needed)
        self.values = self._value_places(needed)
        self.gradients = self._gradient_places(carriers)
        for place in (*self.values.values(), *self.gradients.values()):
            place.allocate(setting.dtype)
        self.scratch = np.empty(max((kernel.n_scratch for kernel in self.kernels), default=0), setting.dtype)
        self.additions: list[list[tuple[Array, Array]]] = []
        self._bind(store, setting)
        self.loss = self._loss() if purpose.loss else None

    def _carriers(self, needed: Collection[int]) -> set[int]:
        """Find the nodes through whose outputs a gradient must flow."""
        carriers: set[int] = set()
        if self.purpose.gradients == "none":
            return carriers
        for node in self.program.nodes:
            asked = node.learns if node.sources else self.purpose.gradients == "all"
            if node.index in needed and (asked or not carriers.isdisjoint(node.sources)):
                carriers.add(node.index)
        return carriers

    def _value_places(self, needed: Collection[int]) -> dict[int, Place]:
        inside = {node.index for kernel in self.kernels for node in kernel.nodes[:-1]}
        nodes = self.program.nodes
        places = {index: Place(nodes[index].shape, self.batch) for index in sorted(needed) if index not in inside}
        for kernel in self.kernels:
            for source, margins in zip(kernel.sources, kernel.margins, strict=True):
                places[source].widen(margins)
        return places

    def _gradient_places(self, carriers: set[int]) -> dict[int, Place]:
        places = {index: Place(place.shape, self.batch) for index, place in self.values.items() if index in carriers}
        for kernel in self.kernels:
            if kernel.target in places:
                places[kernel.target].widen(kernel.dy_margins)
        return places

    def _bind(self, store: WeightStore, setting: Setting) -> None:
        """Give every kernel its arrays, from the last to the first, as the backward pass will meet them."""
        begun = set(self.ends)  # gradients that have their first share; further ones are added to it
        for kernel in reversed(self.kernels):
            carried = kernel.target in self.gradients
            dxs: list[Array | None] = []
            additions = []
            for source in kernel.sources:
                total = self.gradients[source].view() if carried and source in self.gradients else None
                if total is not None and source in begun:
                    share = np.empty(total.shape, total.dtype)
                    additions.append((total, share))
                    dxs.append(share)
                else:
                    dxs.append(total)
                    begun.add(source)
            self.additions.append(additions)
            weights: dict[str, Array] = {}
            gradients: dict[str, Array] = {}
            for node in kernel.nodes:
                weights |= store.of(node.id, node.weights)
                gradients |= store.gradients_of(node.id, node.weights)
            kernel.bind(
                Binding(
                    xs=[
                        self.values[source].view(margins)
                        for source, margins in zip(kernel.sources, kernel.margins, strict=True)
                    ],
                    y=self.values[kernel.target].view(),
                    dy=self.gradients[kernel.target].view(kernel.dy_margins) if carried else None,
                    dxs=dxs,
                    weights=weights,
                    gradients=gradients,
                    scratch=self.scratch,
                    kept={name: np.zeros(shape, dtype) for name, (shape, dtype) in kernel.kept.items()},
                )
            )
        self.backwards = [
            (kernel, additions)
            for kernel, additions in zip(reversed(self.kernels), self.additions, strict=True)
            if kernel.target in self.gradients
        ]

    def _loss(self) -> CrossEntropy:
        (end,) = self.ends
        dscores = self.gradients[end].view() if end in self.gradients else None
        return CrossEntropy(self.values[end].view(), dscores)

    def measure(self, labels: Array) -> tuple[float, int]:
        """Give the summed loss of what the last forward pass computed, and how many samples are right."""
        if self.loss is None:
            raise ValueError("this plan ends in outputs, not in a loss")
        return self.loss.run(labels)

    def forward(self, xs: Mapping[int, Array]) -> None:
        """Compute all values from samples in the layout of the engine."""
        for index, x in xs.items():
            if index in self.values:
                np.copyto(self.values[index].view(), x)
        for kernel in self.kernels:
            kernel.forward()

    def backward(self) -> None:
        """Compute all gradients from those of the ends."""
        for kernel, additions in self.backwards:
            kernel.backward()
            for total, share in additions:
                np.add(total, share, out=total)

    def seed_gradients(self, dys: Sequence[Array]) -> None:
        """Say what the gradients of the ends are."""
        for end, dy in zip(self.ends, dys, strict=True):
            if end in self.gradients:
                np.copyto(self.gradients[end].view(), dy)
