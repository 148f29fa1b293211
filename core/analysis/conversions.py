"""Networks rewritten into others that compute the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from core.analysis.report import LayerReport, Report
from core.errors import EditError
from core.graph.fixing import apply_fix
from core.graph.values import Document
from core.layers.convolution import Conv2D
from core.layers.dense import Dense, Flatten
from core.layers.kind import Array, Kind
from core.problems import Edit, Fix, Remove, Replace
from core.shapes import Shape, shortest_size
from core.text import shape_text

Stage: TypeAlias = Literal["map", "scores", "past"]
"""What takes the place of a row of features: the map that was flattened, 1×1×C, or the row itself."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """Dense layers after a Flatten, as the convolutions that compute the same.

    Attributes
    ----------
    fix : Fix
        The edits; layers keep their names.
    kernels : mapping of str to shape
        The new shape of each kernel by its name, `fc1/kernel`.
    """

    fix: Fix
    kernels: Mapping[str, Shape]

    def document(self, document: Document) -> Document:
        """Carry out the edits on the document that the conversion was found for."""
        return apply_fix(document, self.fix)

    def weights(self, weights: Mapping[str, Array]) -> dict[str, Array]:
        """Return all weights of the network in the form that the converted one needs.

        A Flatten runs in the order H, W, C, so that column k of a Dense kernel, cut into rows and pixels, is filter k.
        """
        return {
            name: array.reshape(self.kernels[name]) if name in self.kernels else array
            for name, array in weights.items()
        }


def convertible(report: Report) -> tuple[str, ...]:
    """Name the Flatten layers whose Dense layers can be turned into convolutions."""
    return tuple(_possible(report))


def _possible(report: Report) -> Iterator[str]:
    for id, layer in report.layers.items():
        if isinstance(layer.layer.spec, Flatten):
            try:
                dense_to_convolution(report, id)
            except EditError:
                continue
            yield id


def dense_to_convolution(report: Report, flatten: str) -> Conversion:
    """Turn the Dense layers after a Flatten of an H×W×C map into convolutions, and drop the Flatten.

    The first becomes a convolution whose filters are as large as the map, F = H×W; its C·H·W products are the
    same, in the same order. Its output map is 1×1, so every later Dense becomes a 1×1 convolution. What
    stands between them (activations, dropout, normalisation over channels, a final Softmax) works on channels and
    stays. The function is equal, up to the shape of its output: 1×1×K instead of K.

    With a larger input the converted network gives a map of scores: those that the old one would give if it slid over
    the input, at a fraction of the work. (This is exact where no earlier layer pads.)

    Source: CS231n, “Convolutional Networks”, Converting FC layers to CONV layers.

    Raises
    ------
    EditError
        If a layer after the Flatten would not compute the same.
    """
    flat = report.layers.get(flatten)
    if flat is None or not isinstance(flat.layer.spec, Flatten):
        raise EditError(f"{flatten} is not a Flatten: choose the one before the Dense layers.")
    if flat.shape is None or len(flat.input_shapes[0]) != 3:
        raise EditError(f"{flatten} is not fed by a map of known size, so the size of the filters is unknown too.")
    drawn = {layer.id for layer in report.document.graph.layers}
    stages: dict[str, Stage] = {flatten: "map"}
    edits: list[Edit] = [Remove(flatten)]
    kernels: dict[str, Shape] = {}
    for id, layer in report.layers.items():
        staged = [stages.get(source, "past") for source in layer.layer.inputs]
        if id != flatten and set(staged) <= {"past"}:
            continue
        if id not in drawn:
            raise EditError(f"{id} is inside a block, whose other copies would change too. Unfold the block first.")
        if id == flatten:
            continue
        spec = layer.layer.spec
        if isinstance(spec, Dense) and layer.shape is not None:
            size = flat.input_shapes[0] if staged[0] == "map" else (1, 1, *layer.input_shapes[0])
            edits.append(_as_convolution(id, spec, size))
            kernels[f"{id}/kernel"] = (*size, spec.units)
            stages[id] = "scores"
        elif isinstance(spec, Flatten):
            edits.append(Remove(id))
            stages[id] = staged[0]
        else:
            stages[id] = _stage_after(layer, staged)
    if not kernels:
        raise EditError(f"No Dense layer follows {flatten}: there is nothing to convert.")
    return Conversion(Fix("Turn Dense into convolutions", tuple(edits)), kernels)


def _as_convolution(id: str, dense: Dense, size: Shape) -> Replace:
    filter_size = shortest_size((size[0], size[1]))
    conv = Conv2D(filters=dense.units, kernel_size=filter_size, bias=dense.bias)
    return Replace(id, type(conv).__name__, conv.config())


def _stage_after(layer: LayerReport, staged: list[Stage]) -> Stage:
    """Say what a layer gives once its inputs are maps or scores; raise where it would compute something else."""
    spec = layer.layer.spec
    if layer.shape is None or not isinstance(spec, Kind):
        raise EditError(f"What {layer.id} computes is not known: solve its problems first.")
    if "map" in staged:
        if spec.elementwise and not layer.facts.weights:
            return "map"
        raise EditError(
            f"{layer.id} works on the flattened features; on the map itself {spec.label()} would compute something "
            "else. Move it after the first Dense."
        )
    lifted = tuple(
        (1, 1, *shape) if stage == "scores" else shape for stage, shape in zip(staged, layer.input_shapes, strict=True)
    )
    given = _output_of(spec, lifted) if _same_weights(spec, layer.input_shapes, lifted) else None
    if given == (1, 1, *layer.shape):
        return "scores"
    if given == layer.shape:
        return "past"
    raise EditError(
        f"{layer.id} takes {shape_text(layer.input_shapes[staged.index('scores')])}; with "
        f"{shape_text(lifted[staged.index('scores')])} it would compute something else."
    )


def _output_of(spec: Kind, inputs: tuple[Shape, ...]) -> Shape | None:
    if any(len(shape) not in spec.ranks for shape in inputs):
        return None
    if any(problem.severity == "error" for problem in spec.problems(inputs)):
        return None
    return spec.output_shape(inputs)


def _same_weights(spec: Kind, one: tuple[Shape, ...], other: tuple[Shape, ...]) -> bool:
    return _output_of(spec, other) is not None and spec.weights(one) == spec.weights(other)
