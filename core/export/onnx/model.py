"""A network as an ONNX model, checked against our own shapes."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import DTypeLike, NDArray

from core.engine.program import Program
from core.errors import ExportError
from core.export.number_type import of_type
from core.export.onnx.drawing import BASE, IR_VERSIONS, Drawing, Part
from core.export.onnx.kinds import draw, first_dims
from core.graph.values import Document
from core.io.prepared import Beside
from core.io.writing import document_text
from core.text import bytes_text
from core.version import __version__

if TYPE_CHECKING:
    from onnx import ModelProto

Array = NDArray[Any]

PRODUCER: Final = "Convograph"
DOCUMENT: Final = "convograph.document"
"""Under this name the document itself stands among the notes of a model: whoever brings it back finds it as it was."""
MOST_BYTES: Final = (1 << 31) - (1 << 20)
"""Of the arrays of one file: no protobuf is larger than 2 GiB."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A network in ONNX, without its weights.

    Attributes
    ----------
    drawing : Drawing
    inputs, outputs : tuple of str
        The ids of the layers where samples enter and results leave.
    """

    drawing: Drawing
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def drawn(program: Program, opset: int = BASE) -> Drawn:
    """Draw all layers that lead to an output.

    Parameters
    ----------
    opset : int
        The lowest operator set that is wanted; a layer may need a later one.

    Raises
    ------
    ExportError
        If ONNX can't say a layer; the text names it.
    """
    drawing = Drawing(opset)
    needed = program.ancestors(program.outputs)
    inputs = tuple(program.nodes[index].id for index in program.read_inputs)
    for node in program.nodes:
        if node.index in needed and node.id not in inputs:
            draw(Part(drawing, node, tuple(program.nodes[source].id for source in node.sources)))
    if drawing.opset != opset:  # what was drawn before the layer that needs it may be said otherwise there
        return drawn(program, drawing.opset)
    return Drawn(drawing, inputs, tuple(program.nodes[index].id for index in program.outputs))


def onnx_model(
    document: Document,
    program: Program,
    arrays: Mapping[str, Array],
    beside: Beside,
    opset: int = BASE,
    dtype: DTypeLike = np.float32,
) -> ModelProto:
    """Return the model, checked.

    Parameters
    ----------
    opset : int
        The lowest operator set that is wanted.
    dtype : dtype
        Of all numbers, inputs and outputs included.

    Raises
    ------
    ExportError
        If ONNX can't say a layer, or the weights are too large for a file, or for their type.
    """
    from onnx import numpy_helper

    made, dtype = drawn(program, opset), np.dtype(dtype)
    size = sum(arrays[place.weight].size * dtype.itemsize for place, _ in made.drawing.places.values())
    if size > MOST_BYTES:
        raise ExportError(f"The weights take {bytes_text(size)}; an ONNX file holds up to {bytes_text(MOST_BYTES)}.")
    model = _structure(made, program, document, beside, dtype)
    _require_sound(model, made, program, dtype)
    model.graph.initializer.extend(
        numpy_helper.from_array(place.turned(of_type(arrays[place.weight], place.weight, dtype), dims), name)
        for name, (place, dims) in made.drawing.places.items()
    )
    return model


def _structure(made: Drawn, program: Program, document: Document, beside: Beside, dtype: np.dtype[Any]) -> ModelProto:
    """Return the model without weights."""
    from onnx import helper, numpy_helper

    def value(id: str) -> Any:
        return helper.make_tensor_value_info(
            id, helper.np_dtype_to_tensor_dtype(dtype), first_dims(program.by_id[id].shape)
        )

    opset = made.drawing.opset
    kept = {node.input[2] for node in made.drawing.nodes if node.op_type == "Resize"}  # its factors are float32 always
    constants = {
        name: array.astype(dtype) if array.dtype == np.float32 and name not in kept else array
        for name, array in made.drawing.constants.items()
    }
    ends = dict.fromkeys(made.outputs)
    graph = helper.make_graph(
        made.drawing.nodes,
        document.name or "network",
        [value(id) for id in made.inputs],
        [value(id) for id in ends],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", opset)],
        ir_version=IR_VERSIONS[opset],
        producer_name=PRODUCER,
        producer_version=__version__,
    )
    helper.set_model_props(model, _notes(document, beside))
    return model


def _notes(document: Document, beside: Beside) -> dict[str, str]:
    """Say in the model what a graph doesn't: what samples are, what the classes are called, and the document."""
    notes = {
        "input": "Images are N×C×H×W, with values from 0 to 1 (bytes divided by 255); rows of features are N×C.",
        DOCUMENT: document_text(document),
    }
    if beside.classes:
        notes["classes"] = json.dumps(list(beside.classes), ensure_ascii=False)
    if beside.steps:
        notes["input"] += " They are prepared as under preprocessing before they enter; its arrays are N×H×W×C."
        steps = [
            {"step": fitted.step.written(), "arrays": {name: _packed(array) for name, array in fitted.arrays.items()}}
            for fitted in beside.steps
        ]
        notes["preprocessing"] = json.dumps(steps, ensure_ascii=False)
    return notes


def _packed(array: Array) -> dict[str, Any]:
    """Write an array as JSON: its shape, and float32 values, little-endian, in base 64."""
    values = np.ascontiguousarray(array, "<f4")
    return {"shape": list(values.shape), "float32": b64encode(values.tobytes()).decode()}


def _require_sound(model: ModelProto, made: Drawn, program: Program, dtype: np.dtype[Any]) -> None:
    """Have ONNX check the model and infer its shapes, which must be ours.

    Weights are inputs there: nothing that is checked depends on their values, and they may be large.
    """
    from onnx import ModelProto, checker, helper, shape_inference

    twin = ModelProto()
    twin.CopyFrom(model)
    twin.graph.input.extend(
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(dtype), dims)
        for name, (_, dims) in made.drawing.places.items()
    )
    try:
        checker.check_model(twin, full_check=True)
        inferred = shape_inference.infer_shapes(twin, strict_mode=True, data_prop=True)
    except (checker.ValidationError, shape_inference.InferenceError) as error:
        raise ExportError(f"What was written is no valid ONNX model: {error}") from error
    for value in [*inferred.graph.value_info, *inferred.graph.output]:
        node = program.by_id.get(value.name)
        dims = [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim]
        if node is not None and dims[1:] != first_dims(node.shape)[1:]:
            raise ExportError(f"{node.id} would have the shape {dims[1:]} in ONNX, not {first_dims(node.shape)[1:]}.")
