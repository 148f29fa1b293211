"""Graphs over all kinds, drawn at random, in ONNX: ONNX Runtime computes the same, and they come back as they were."""

import warnings

import numpy as np
import pytest

from core.analysis.check import check
from core.engine.network import Network
from core.errors import ExportError
from core.export.exporter import Subject
from core.export.proof.samples import telling_weights
from core.importing.importers import read_model
from core.io.templates import load_template

pytest.importorskip("torch")
pytest.importorskip("onnx")

from tests.core.export.test_onnx import first, last, saved
from tests.torch.test_exported_code import drawn

pytestmark = pytest.mark.torch
CLOSE = 2e-4


def computed(document, weights, samples):
    network = Network(document)
    network.weights.update(weights)
    found = network.forward({id: samples[id] for id in network.input_ids})
    return found if isinstance(found, dict) else {network.output_ids[0]: found}


@pytest.mark.parametrize("seed", range(40))
def test_a_graph_computes_the_same_and_comes_back(seed, tmp_path):
    ort = pytest.importorskip("onnxruntime")
    document = drawn(seed)
    report = check(document)
    subject = Subject(report, telling_weights(Subject(report).program), name="model.onnx")
    try:
        path = saved(subject, tmp_path)
    except ExportError as error:
        pytest.skip(str(error))
    rng = np.random.default_rng(seed)
    inputs = [subject.program.nodes[index] for index in subject.program.inputs]
    samples = {node.id: rng.random((3, *node.shape), dtype=np.float32) for node in inputs}
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    theirs = session.run(None, {value.name: first(samples[value.name]) for value in session.get_inputs()})
    ours = computed(document, subject.arrays, samples)
    for value, array in zip(session.get_outputs(), theirs, strict=True):
        scale = max(1.0, float(np.abs(ours[value.name]).max()))
        np.testing.assert_allclose(last(array), ours[value.name], atol=CLOSE * scale, rtol=0)
    assert read_model(path).document == document


@pytest.mark.parametrize("name", ["lenet5", "resnet20_cifar", "densenet121"])
def test_a_network_comes_back_by_way_of_pytorch(name, tmp_path):
    import torch

    from tests.torch.exported import channels_first, written

    document = load_template(name)
    report = check(document)
    weights = telling_weights(Subject(report).program)
    network = Network(document)
    network.weights.update(weights)
    (shape,) = (each.spec.shape for each in document.graph.layers if each.kind == "Input")
    x = np.random.default_rng(0).random((2, *shape), dtype=np.float32)
    model, path = written(document, tmp_path, weights).load().eval(), tmp_path / "model.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(model, (channels_first(x),), str(path), dynamo=False, opset_version=17)
    imported = read_model(path)
    again = Network(imported.document)
    again.weights.update(imported.weights)
    ours = network.forward(x)
    np.testing.assert_allclose(again.forward(x), ours, atol=1e-5 * max(1, np.abs(ours).max()), rtol=0)
    if name != "lenet5":
        assert any(each.kind == "Block" for each in imported.document.graph.layers)
