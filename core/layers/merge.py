"""Layers that bring several paths together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from typing import ClassVar

import numpy as np

from core.declare import hyper
from core.layers.explanation import numbered, values_product
from core.layers.kind import Array, Arrays, Context, Example, Family, Kind
from core.layers.sight import AnySight, Sight, as_image, place_by_place, same, shifted
from core.layers.working_out import combined, copied
from core.layers.workings import Cell, Workings
from core.problems import Problem, set_fix
from core.shapes import Shape
from core.text import listing, shape_text, values_text

_AXES = ("height", "width", "depth")


class PlaceByPlace(Kind):
    """Puts the values of its inputs together place by place, so that their shapes must agree."""

    family: ClassVar[Family] = "merge"
    n_inputs: ClassVar[tuple[int, int | None]] = (2, None)
    done: ClassVar[str]
    """What happens to the values: "added"."""

    def whole(self, inputs: Sequence[Shape]) -> Shape:
        """Return the shape of the output."""
        return inputs[0]

    def joins(self, shape: Shape, whole: Shape) -> bool:
        """Tell whether an input can be part of such an output."""
        return shape == whole

    def rule(self, whole: Shape) -> str:
        """Say what the inputs must be, as the end of a sentence."""
        return "all inputs must have the same shape"

    def problems(self, inputs: Sequence[Shape]) -> Iterator[Problem]:
        whole = self.whole(inputs)
        other = next((port for port, shape in enumerate(inputs) if not self.joins(shape, whole)), None)
        if other is not None:
            first = inputs.index(whole)
            yield Problem(
                "MERGE-SHAPE",
                what=f"{{{first}}} gives {values_text(whole)} but {{{other}}} gives {values_text(inputs[other])}",
                why=f"Values are {self.done} place by place, so {self.rule(whole)}.",
            )

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        return self.whole(inputs)


class Add(PlaceByPlace):
    """Adds its inputs, value by value; all must have the same shape."""

    stem: ClassVar = "add"
    done: ClassVar = "added"
    aliases: ClassVar = ("sum", "plus", "residual", "skip", "merge")
    source: ClassVar = "He et al., “Deep Residual Learning for Image Recognition”, CVPR 2016"
    examples: ClassVar = (
        Example({}, ((8, 8, 4), (8, 8, 4)), (8, 8, 4), explanation=("8×8×4 + 8×8×4 = 8×8×4",)),
        Example({}, ((5,), (5,), (5,)), (5,)),
    )

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield f"{' + '.join(map(shape_text, inputs))} = {shape_text(inputs[0])}"

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        names = numbered("x", len(inputs))
        yield f"y = {' + '.join(names)}, for each of {values_product(inputs[0])} values"

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        slopes = " = ".join(f"∂ℓ/∂{name}" for name in numbered("x", len(inputs)))
        yield f"{slopes} = ∂ℓ/∂y: the gradient passes to every input as it is"
        yield "Along a path without layers it so reaches all that lies before, however deep the network is."

    def sights(self, inputs: Sequence[Shape]) -> tuple[AnySight, ...]:
        return tuple(map(place_by_place, inputs))

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        return combined(xs, at, [1.0] * len(xs))

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        ctx.keep("n", len(xs))
        return reduce(np.add, xs)

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        return (dy,) * ctx.kept("n"), {}


class Concat(Kind):
    """Lays its inputs side by side along one axis; by default one after the other in depth."""

    stem: ClassVar = "concat"
    family: ClassVar[Family] = "merge"
    n_inputs: ClassVar = (2, None)
    aliases: ClassVar = ("concatenate", "join", "stack", "merge", "inception")
    source: ClassVar = "Szegedy et al., “Going Deeper with Convolutions”, CVPR 2015"
    examples: ClassVar = (
        Example({}, ((8, 8, 4), (8, 8, 2)), (8, 8, 6), explanation=("4 + 2 = 6",)),
        Example({"axis": 0}, ((3, 5, 2), (1, 5, 2), (2, 5, 2)), (6, 5, 2)),
        Example({}, ((5,), (4,)), (9,)),
    )

    axis: int = hyper(-1, ge=-3, le=2, help="0 height, 1 width, 2 or −1 channels; the batch doesn't count.")

    def problems(self, inputs: Sequence[Shape]) -> Iterator[Problem]:
        ranks = {len(shape) for shape in inputs}
        if len(ranks) > 1:
            shapes = listing([f"{{{port}}} gives {values_text(shape)}" for port, shape in enumerate(inputs)])
            yield Problem("MERGE-RANK", what=shapes, why="Images and rows of features cannot be joined.")
        elif not -len(inputs[0]) <= self.axis < len(inputs[0]):
            yield Problem(
                "AXIS",
                field="axis",
                what=f"there is no axis {str(self.axis).replace('-', '−')} to join {values_text(inputs[0])} along",
                why="Images have the axes 0 (height), 1 (width), 2 (channels), features only axis 0; −1 is the last.",
                fixes=(set_fix("Join in depth (axis −1)", axis=-1),),
            )
        else:
            other = next(
                (port for port, shape in enumerate(inputs) if self._rest(shape) != self._rest(inputs[0])), None
            )
            if other is not None:
                yield Problem(
                    "MERGE-SHAPE",
                    what=f"{{0}} gives {values_text(inputs[0])} but {{{other}}} gives {values_text(inputs[other])}",
                    why=f"Joined in {_AXES[self.axis]}, they need the same "
                    f"{listing([name for name in _AXES if name != _AXES[self.axis]])}.",
                )

    def _rest(self, shape: Shape) -> Shape:
        axis = self.axis % len(shape)
        return shape[:axis] + shape[axis + 1 :]

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        axis = self.axis % len(inputs[0])
        joined = sum(shape[axis] for shape in inputs)
        return (*inputs[0][:axis], joined, *inputs[0][axis + 1 :])

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        parts = [shape[self.axis] for shape in inputs]
        yield f"{' + '.join(map(str, parts))} = {sum(parts)}"

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        for name, part in self._parts(inputs):
            yield f"{name} stands in {part} of y"

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        for name, part in self._parts(inputs):
            yield f"∂ℓ/∂{name} is what stands in {part} of ∂ℓ/∂y"

    def _parts(self, inputs: Sequence[Shape]) -> Iterator[tuple[str, str]]:
        """Name each input and the part of the output that it is, counted from 1."""
        axis = self.axis % len(inputs[0])
        noun = ("row", "column", "channel")[axis] if len(inputs[0]) == 3 else "feature"
        end = 0
        for name, shape in zip(numbered("x", len(inputs)), inputs, strict=True):
            start, end = end + 1, end + shape[axis]
            yield name, f"{noun} {start}" if start == end else f"{noun}s {start} to {end}"

    def sights(self, inputs: Sequence[Shape]) -> tuple[AnySight, ...]:
        joined, sights, start = len(as_image(inputs[0])) - len(inputs[0]) + self.axis % len(inputs[0]), [], 0
        whole = as_image(self.output_shape(inputs))
        for shape in map(as_image, inputs):
            rows, columns, channels = (
                shifted(n, whole[axis], start) if axis == joined else same(n) for axis, n in enumerate(shape)
            )
            sights.append(Sight(rows, columns, channels))
            start += shape[joined]
        return tuple(sights)

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        return copied(xs, self.sights([x.shape for x in xs]), at)

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        axis = self._batch_axis(xs[0])
        ctx.keep("ends", np.cumsum([x.shape[axis] for x in xs])[:-1])
        return np.concatenate(xs, axis)

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        return tuple(np.split(dy, ctx.kept("ends"), self._batch_axis(dy))), {}

    def _batch_axis(self, batch: Array) -> int:
        return self.axis % (batch.ndim - 1) + 1
