"""Our own models come back as the document that they were written of, if nobody has changed them.

Each carries its document. That is believed only if drawing it once more gives the very nodes, constants and arrays
that the file holds; otherwise the model is read like any other.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analysis.check import check
from core.engine.program import Program, compile_program
from core.errors import ConvographError, ModelError
from core.export.onnx.drawing import BASE
from core.export.onnx.model import DOCUMENT, Drawn, drawn
from core.importing.importer import Imported
from core.importing.onnx.drawing import as_weights
from core.importing.onnx.model import Model
from core.io.documents import loads
from core.io.prepared import Beside, beside_of
from core.kinds import read_kind
from core.preprocessing.table import PREPROCESSING

Array = NDArray[Any]


def restored(model: Model) -> Imported | None:
    """Return what a model of ours was written of; None where it is not ours, or no longer what we wrote."""
    if not model.is_ours or DOCUMENT not in model.notes:
        return None
    try:
        document = loads(model.notes[DOCUMENT])
        program = compile_program(document, check(document, advice=frozenset()))
        made = drawn(program, max(BASE, model.opset))
    except ConvographError:
        return None
    if not _is_same(model, made):
        return None
    weights = {
        place.weight: as_weights(
            place.turned_back(model.constants[name], _shape(program, place.weight)), f"{place.weight}:"
        )
        for name, (place, _) in made.drawing.places.items()
    }
    ordered = {f"{node.id}/{name}": None for node in program.nodes for name in node.weights}
    if ordered.keys() != weights.keys():
        return None
    return Imported(
        document,
        {name: weights[name] for name in ordered},
        ("It is the document that Convograph exported, unchanged.",),
        _beside(model, program),
    )


def _is_same(model: Model, made: Drawn) -> bool:
    """Say whether a model holds the nodes and arrays that we would write."""
    ours = {node.name: node.SerializeToString(deterministic=True) for node in made.drawing.nodes}
    protos = [(node.name, node.proto) for node in model.nodes]
    theirs = {name: proto.SerializeToString(deterministic=True) for name, proto in protos if proto is not None}
    inputs, ends = {entrance.name for entrance in model.inputs}, tuple(dict.fromkeys(made.outputs))
    if theirs != ours or inputs != set(made.inputs) or model.outputs != ends:
        return False
    arrays, dims = {**made.drawing.constants}, {name: dims for name, (_, dims) in made.drawing.places.items()}
    if set(model.constants) != arrays.keys() | dims.keys():
        return False
    return all(np.array_equal(model.constants[name], array) for name, array in arrays.items()) and all(
        model.constants[name].shape == shape for name, shape in dims.items()
    )


def _shape(program: Program, weight: str) -> tuple[int, ...]:
    id, _, name = weight.rpartition("/")
    return program.by_id[id].weights[name].shape


def _beside(model: Model, program: Program) -> Beside:
    """Return the preprocessing and the classes that the model's notes speak of."""
    try:
        classes = json.loads(model.notes.get("classes", "[]"))
        written = json.loads(model.notes.get("preprocessing", "[]"))
        steps = [read_kind(PREPROCESSING, entry["step"]) for entry in written]
        arrays = {name: array for i, entry in enumerate(written) for name, array in _arrays(i, entry["arrays"])}
        fitted = Beside()
        if steps:
            fitted = beside_of(arrays, program.nodes[program.read_inputs[0]].shape, steps)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, ConvographError) as error:
        raise ModelError("its notes on preprocessing or classes are damaged. Export it once more.") from error
    return Beside(fitted.steps, tuple(map(str, classes)))


def _arrays(place: int, written: Mapping[str, Any]) -> Iterator[tuple[str, Array]]:
    for name, packed in written.items():
        values = np.frombuffer(b64decode(packed["float32"], validate=True), "<f4")
        yield f"preprocessing/{place}/{name}", values.reshape(packed["shape"])
