"""A layer that reads the same values as another shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from core.declare import LARGEST, ShapeField, hyper
from core.layers.kind import Array, Arrays, Context, Example, Family, Kind, ReceptiveField
from core.layers.sight import AnySight
from core.layers.working_out import copied, moved
from core.layers.workings import Cell, Workings
from core.problems import Problem, set_fix
from core.shapes import Shape, count
from core.text import number_text, shape_text, values_text


class Reshape(Kind):
    """Lays the same values out as another shape, row by row, each pixel's channels together, as Flatten does."""

    stem: ClassVar = "reshape"
    family: ClassVar[Family] = "dense"
    aliases: ClassVar = ("view", "unflatten", "project")
    source: ClassVar = "Keras, `layers.Reshape`"
    examples: ClassVar = (
        Example({"shape": (4, 3, 2)}, ((24,),), (4, 3, 2), explanation=("24 = 4·3·2",)),
        Example({"shape": (2, 6, 5)}, ((4, 3, 5),), (2, 6, 5), explanation=("4·3·5 = 2·6·5 = 60",)),
        Example({"shape": (12,)}, ((3, 4, 1),), (12,)),
    )

    shape: ShapeField = hyper(
        help="The new height, width and channels, or the number of features.", start=(7, 7, 64), headline=True
    )

    def problems(self, inputs: Sequence[Shape]) -> Iterator[Problem]:
        if count(inputs[0]) != count(self.shape):
            yield Problem(
                "SHAPE-COUNT",
                field="shape",
                what=f"{values_text(inputs[0])} cannot be laid out as {values_text(self.shape)}",
                why=f"{_counted(inputs[0])} values, but {_counted(self.shape)}.",
                fixes=tuple(
                    set_fix(f"Use shape {shape_text(shape)}", shape=shape)
                    for shape in dict.fromkeys(self._alternatives(inputs[0]))
                ),
                spoils="output",
            )

    def _alternatives(self, shape: Shape) -> Iterator[Shape]:
        """Return shapes that would do: with the height and width asked for, as features, or as it is."""
        n_values, place = count(shape), self.shape[:-1]
        alternatives = [(n_values,), shape]
        if n_values % count(place) == 0:
            alternatives.insert(0, (*place, n_values // count(place)))
        return (shape for shape in alternatives if max(shape) <= LARGEST)

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        return self.shape

    def receptive_field(
        self, inputs: Sequence[Shape], fields: Sequence[ReceptiveField | None]
    ) -> ReceptiveField | None:
        """Pass it on where nothing is moved; elsewhere neighbours are no longer neighbours: the whole input."""
        return fields[0] if self.shape == inputs[0] else None

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        sides = (_product(inputs[0]), _product(self.shape), number_text(count(self.shape)))
        yield " = ".join(dict.fromkeys(sides))

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        n = number_text(count(self.shape))
        yield f"The {n} values stay in their order and are read as {values_text(self.shape)}."

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield f"∂ℓ/∂x holds the values of ∂ℓ/∂y, read as {values_text(inputs[0])} again; nothing is computed."

    def sights(self, inputs: Sequence[Shape]) -> tuple[AnySight, ...]:
        return (moved(self, inputs[0]),)

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        return copied(xs, self.sights([x.shape for x in xs]), at)

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        return ctx.keep("x", xs[0]).reshape(len(xs[0]), *self.shape)

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        return (dy.reshape(ctx.kept("x").shape),), {}


def _product(shape: Shape) -> str:
    return "·".join(map(number_text, shape))


def _counted(shape: Shape) -> str:
    return " = ".join(dict.fromkeys((_product(shape), number_text(count(shape)))))
