"""ONNX's own node tests whose operators fall on our kinds: each is computed right, or refused by name."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from core.engine.network import Network
from core.errors import ModelError
from core.importing.importers import read_model
from core.importing.onnx.operators import OPERATORS

pytest.importorskip("onnx")

from tests.core.importing.models import last, onnx

pytestmark = pytest.mark.filterwarnings("ignore")  # the cases are made by code that NumPy warns of

MERGES = {"Add", "Sub", "Mul", "Div", "Sum", "Mean", "Max", "Min", "Pow", "Concat"}


def cases():
    collect = pytest.importorskip("onnx.backend.test.case.node").collect_testcases
    for case in collect(None):
        ops = {node.op_type for node in case.model.graph.node}
        domains = {opset.domain for opset in case.model.opset_import}
        if len(ops) == 1 and ops <= OPERATORS.keys() and domains <= {""} and "_expanded" not in case.name:
            yield case, ops.pop()


def arrays(values):
    for value in values:
        yield onnx.numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else np.asarray(value)


def outcome(case, op, path):
    """Import a case and compute it. What isn't the first input, or one of a merge, is a constant."""
    model = onnx.ModelProto()
    model.CopyFrom(case.model)
    given, expected = (list(arrays(values)) for values in case.data_sets[0])
    samples = []
    for value, array in zip(list(model.graph.input), given, strict=True):
        if array.dtype.kind == "f" and (not samples or op in MERGES):
            samples.append(last(array))
        else:
            model.graph.initializer.append(onnx.numpy_helper.from_array(array, value.name))
            model.graph.input.remove(value)
    if not samples:
        return "of whole numbers"
    path.write_bytes(model.SerializeToString())
    try:
        imported = read_model(path)
    except ModelError as error:
        sentence = str(error)
        return "refused" if any(why in sentence for why in (op, "its input", "operator set")) else sentence
    network = Network(imported.document)
    network.weights.update(imported.weights)
    found = network.forward(dict(zip(network.input_ids, samples, strict=True)) if len(samples) > 1 else samples[0])
    results = found.values() if isinstance(found, dict) else [found]
    for ours, theirs in zip(results, expected, strict=False):
        target = (last(theirs) if ours.ndim == 4 else theirs).astype(np.float64)
        if target.size != ours.size or not np.allclose(ours, target.reshape(ours.shape), rtol=1e-3, atol=1e-5):
            return "wrong"
    return "passed"


def test_every_case_is_computed_right_or_refused_by_name(tmp_path):
    found = {case.name: outcome(case, op, tmp_path / "model.onnx") for case, op in cases()}
    counts = Counter(found.values())
    del counts["of whole numbers"]
    assert set(counts) == {"passed", "refused"}, [
        item for item in found.items() if item[1] in counts.keys() - {"passed", "refused"}
    ]
    assert counts["passed"] >= 65, counts
    assert sum(counts.values()) >= 240, counts
