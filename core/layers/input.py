"""Where samples enter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from core.declare import ShapeField, hyper
from core.layers.kind import Array, Arrays, Context, Example, Family, Kind, ReceptiveField
from core.layers.workings import Cell, Workings
from core.shapes import Shape
from core.text import shape_text


class Input(Kind):
    """Where samples enter the network, as images of H×W×C or rows of C features."""

    stem: ClassVar = "input"
    family: ClassVar[Family] = "input"
    n_inputs: ClassVar = (0, 0)
    aliases: ClassVar = ("data", "image")
    examples: ClassVar = (
        Example({"shape": (28, 28, 1)}, (), (28, 28, 1)),
        Example({"shape": (64,)}, (), (64,)),
    )

    shape: ShapeField = hyper(
        help="Height, width and channels of a sample, or its number of features.", start=(28, 28, 1)
    )

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        return self.shape

    def receptive_field(
        self, inputs: Sequence[Shape], fields: Sequence[ReceptiveField | None]
    ) -> ReceptiveField | None:
        return ReceptiveField() if len(self.shape) == 3 else None

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield f"y = x: a batch of N samples enters as N×{shape_text(self.shape)}."

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield "∂ℓ/∂x = ∂ℓ/∂y says how much each value of a sample matters to the loss; training does not need it."

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        """Show that nothing is worked out: the sample has the value."""
        return Workings(())

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        return xs[0]

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        return (dy,), {}
