"""Small ONNX models for tests, and what ONNX Runtime computes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.engine.network import Network
from core.importing.importer import Imported
from core.importing.importers import read_model

onnx = pytest.importorskip("onnx")

RNG = np.random.default_rng(7)


def drawn(*shape, low=None):
    values = RNG.normal(size=shape) if low is None else RNG.uniform(low, low + 1, shape)
    return values.astype(np.float32)


def node(op, inputs, outputs, **attributes):
    return onnx.helper.make_node(op, _names(inputs), _names(outputs), **attributes)


def _names(names):
    return names.split() if isinstance(names, str) else names


def write(
    path: Path, nodes, inputs: dict[str, tuple], constants: dict[str, Any] | None = None, *, opset=17, outputs=("y",)
):
    """Save a model; inputs are named with their dimensions, of which a text stands for any size."""
    make, kind = onnx.helper, onnx.TensorProto.FLOAT
    graph = make.make_graph(
        nodes,
        "main_graph",
        [make.make_tensor_value_info(name, kind, dims) for name, dims in inputs.items()],
        [make.make_tensor_value_info(name, kind, None) for name in outputs],
        [onnx.numpy_helper.from_array(np.asarray(array), name) for name, array in (constants or {}).items()],
    )
    model = make.make_model(graph, opset_imports=[make.make_opsetid("", opset)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    return path


def last(array):
    return array.transpose(0, 2, 3, 1) if array.ndim == 4 else array


def difference(path: Path, *, n=3, channels_last=()) -> tuple[float, Imported]:
    """Return how far Convograph's outputs are from ONNX Runtime's at most, relative to the largest."""
    ort = pytest.importorskip("onnxruntime")
    imported = read_model(path)
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    entrances = [layer.id for layer in imported.document.graph.layers if layer.kind == "Input"]
    given, ours = {}, {}
    for value, id in zip(session.get_inputs(), entrances, strict=True):
        dims = [side if isinstance(side, int) else n for side in value.shape]
        given[value.name] = drawn(*dims)
        ours[id] = given[value.name] if value.name in channels_last else last(given[value.name])
    network = Network(imported.document)
    network.weights.update(imported.weights)
    found = network.forward(ours if len(ours) > 1 else ours[entrances[0]])
    results = list(found.values()) if isinstance(found, dict) else [found]
    away = 0.0
    for expected, result in zip(session.run(None, given), results, strict=True):
        theirs = expected if channels_last else last(expected)
        assert theirs.size == result.size
        away = max(away, float(np.abs(theirs.reshape(result.shape) - result).max() / max(1, np.abs(theirs).max())))
    return away, imported


def kinds(imported: Imported) -> list[str]:
    return [layer.kind for layer in imported.document.graph.layers]
