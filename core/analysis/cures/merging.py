"""Fixes for inputs of a merge that do not go together: what to put on the wires so that they do."""

from __future__ import annotations

from collections.abc import Iterator

from core.analysis.report import LayerReport
from core.layers.kind import Kind
from core.layers.merge import Concat, PlaceByPlace
from core.problems import Connect, Fix, Insert, Replace
from core.shapes import Shape
from core.text import values_text


def merge_fixes(about: LayerReport) -> Iterator[Fix]:
    """Offer layers between the sources and the merge, another merge, or fewer inputs."""
    first, *others = about.input_shapes
    spec = about.layer.spec
    images = [port for port, shape in enumerate(about.input_shapes) if len(shape) > 1]
    if 0 < len(images) < len(about.inputs):
        yield Fix("Insert Flatten", tuple(Insert("Flatten", {}, about.id, port) for port in images))
    wrong = [port for port, shape in enumerate(about.input_shapes) if shape != first]
    if isinstance(spec, PlaceByPlace):
        whole = spec.whole(about.input_shapes)
        wrong = [port for port, shape in enumerate(about.input_shapes) if not spec.joins(shape, whole)]
        yield from _channel_fixes(about, spec, whole, wrong)
    if isinstance(spec, Concat) and all(len(shape) == len(first) for shape in others):
        for axis in range(len(first)):
            if all(shape[:axis] + shape[axis + 1 :] == first[:axis] + first[axis + 1 :] for shape in others):
                yield Fix(f"Join along axis {axis}", (Replace(about.id, "Concat", {"axis": axis}),))
    least = spec.n_inputs[0] if isinstance(spec, Kind) else 1
    if len(about.inputs) - len(wrong) >= least:
        yield Fix("Disconnect what does not match", tuple(Connect(None, about.id, port) for port in reversed(wrong)))


def _channel_fixes(about: LayerReport, spec: PlaceByPlace, whole: Shape, wrong: list[int]) -> Iterator[Fix]:
    """Offer layers that bring the inputs to the same depth, where that is all that keeps them apart."""
    shapes = [about.input_shapes[port] for port in wrong]
    if not all(spec.joins((*shape[:-1], whole[-1]), whole) for shape in shapes):
        return
    edits = tuple(
        Insert("Conv2D", {"filters": whole[-1], "kernel_size": 1}, about.id, port)
        if len(shape) == 3
        else Insert("Dense", {"units": whole[-1]}, about.id, port)
        for port, shape in zip(wrong, shapes, strict=True)
    )
    what = "1×1 convolution" if len(shapes[0]) == 3 else "Dense layer"
    yield Fix(f"Insert a {what} to {values_text((*shapes[0][:-1], whole[-1]))}", edits)
    yield Fix("Make it Concat", (Replace(about.id, "Concat", {}),))
