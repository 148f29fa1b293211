"""ONNX as a format: every kind beside ONNX Runtime, and back again."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from core.analysis.check import check
from core.engine.network import Network
from core.errors import ExportError
from core.export.exporter import Subject
from core.export.exporters import EXPORTERS
from core.export.onnx.exporter import OPSET
from core.export.proof.proving import prove
from core.export.proof.samples import telling_weights
from core.importing.importers import read_model
from core.io.prepared import Beside
from core.io.templates import load_template, template_names
from core.preprocessing.centring import ChannelMean
from core.preprocessing.step import Fitted
from tests.contract.cases import LAYER_CASES
from tests.drawing import chain, document, layer

onnx = pytest.importorskip("onnx")

SMALL = [name for name in template_names() if (check(load_template(name)).totals.parameters or 10**9) < 1_500_000]


def subject_of(drawn, beside=None):
    report = check(drawn)
    weights = telling_weights(Subject(report).program)
    return Subject(report, weights, beside or Beside(), name="model.onnx")


def saved(subject, folder, change=None):
    path = folder / "model.onnx"
    model = onnx.load_model_from_string(EXPORTERS["onnx"].files(subject)["model.onnx"])
    if change:
        change(model)
    path.write_bytes(model.SerializeToString())
    return path


def first(array):
    return array.transpose(0, 3, 1, 2) if array.ndim == 4 else array


def last(array):
    return array.transpose(0, 2, 3, 1) if array.ndim == 4 else array


def of_kind(kind, example):
    inputs = [layer(f"in{i}", "Input", shape=shape) for i, shape in enumerate(example.inputs)]
    return document(*inputs, layer("it", type(kind).__name__, tuple(each.id for each in inputs), **example.config))


@pytest.mark.parametrize(("kind", "example"), LAYER_CASES)
def test_every_kind_computes_the_same_in_onnx_runtime_or_is_refused_by_name(kind, example, tmp_path):
    ort = pytest.importorskip("onnxruntime")
    subject = subject_of(of_kind(kind, example))
    if type(kind).__name__ == "LocallyConnected2D" or getattr(kind, "size", 1) % 2 == 0:
        with pytest.raises(ExportError, match=rf"^it \({type(kind).__name__}\) cannot be said in ONNX: "):
            saved(subject, tmp_path)
        return
    path = saved(subject, tmp_path)
    rng = np.random.default_rng(3)
    samples = {f"in{i}": rng.normal(size=(3, *shape)).astype(np.float32) for i, shape in enumerate(example.inputs)}
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (theirs,) = session.run(None, {id: first(x) for id, x in samples.items()})
    network = Network(subject.report.document)
    network.weights.update(subject.arrays)
    ours = network.forward(samples if len(samples) > 1 else samples["in0"])
    np.testing.assert_allclose(last(theirs), ours, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("kind", "example"), LAYER_CASES)
def test_every_kind_comes_back_as_it_was(kind, example, tmp_path):
    drawn = of_kind(kind, example)
    try:
        path = saved(subject_of(drawn), tmp_path)
    except ExportError:
        pytest.skip("ONNX cannot say it")
    assert read_model(path).document == drawn


UNSAID = ("AdaptiveAvgPool2D",)
"""Kinds that are not recognised in a model of somebody else's."""


@pytest.mark.parametrize(("kind", "example"), LAYER_CASES)
def test_every_kind_is_recognised_by_its_nodes(kind, example, tmp_path):
    def disown(model):
        model.producer_name = "somebody"

    subject = subject_of(of_kind(kind, example))
    try:
        path = saved(subject, tmp_path, disown)
    except ExportError:
        pytest.skip("ONNX cannot say it")
    if type(kind).__name__ in UNSAID:
        pytest.skip("not recognised")
    imported = read_model(path)
    rng = np.random.default_rng(3)
    samples = {f"in{i}": rng.normal(size=(3, *shape)).astype(np.float32) for i, shape in enumerate(example.inputs)}
    given = samples if len(samples) > 1 else samples["in0"]
    ours, theirs = Network(subject.report.document), Network(imported.document)
    ours.weights.update(subject.arrays)
    theirs.weights.update(imported.weights)
    np.testing.assert_allclose(theirs.forward(given), ours.forward(given), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", SMALL)
def test_a_network_of_the_zoo_comes_back_with_equal_weights(name, tmp_path):
    drawn = load_template(name)
    subject = subject_of(drawn)
    imported = read_model(saved(subject, tmp_path))
    assert imported.document == drawn
    assert list(imported.weights) == list(subject.arrays)
    for weight, array in subject.arrays.items():
        np.testing.assert_array_equal(imported.weights[weight], array)


@pytest.mark.parametrize("name", ["lenet5", "resnet20_cifar", "nin"])
def test_a_network_of_the_zoo_is_proven_layer_by_layer(name):
    pytest.importorskip("onnxruntime")
    outcome, _ = prove(EXPORTERS["onnx"], subject_of(load_template(name)))
    assert outcome.passed
    assert outcome.largest_difference < 1e-4
    assert len(outcome.layers) > 10


def test_the_model_says_what_samples_are_and_what_classes_are_called(tmp_path):
    step = ChannelMean()
    fitted = Fitted(step, (4, 5, 2), {"mean": np.array([0.25, 0.5], np.float32)})
    subject = subject_of(chain((4, 5, 2), "ReLU"), Beside((fitted,), ("cat", "dog")))
    path = saved(subject, tmp_path)
    notes = {note.key: note.value for note in onnx.load(path).metadata_props}
    assert json.loads(notes["classes"]) == ["cat", "dog"]
    assert json.loads(notes["preprocessing"])[0]["step"] == step.written()
    assert "N×C×H×W, with values from 0 to 1" in notes["input"]
    beside = read_model(path).beside
    assert beside.classes == ("cat", "dog")
    np.testing.assert_array_equal(beside.arrays["preprocessing/0/mean"], fitted.arrays["mean"])


def test_the_lowest_operator_set_that_serves_and_any_batch(tmp_path):
    model = onnx.load(saved(subject_of(load_template("lenet5")), tmp_path))
    assert (model.opset_import[0].version, model.ir_version) == (17, 8)
    assert model.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "N"
    assert model.graph.output[0].type.tensor_type.shape.dim[0].dim_param == "N"
    assert {node.name for node in model.graph.node} >= {"conv1", "relu1", "pool1"}
    onnx.checker.check_model(model, full_check=True)


def test_a_model_that_was_changed_is_not_taken_for_the_document_in_it(tmp_path):
    def change(model):
        node = next(node for node in model.graph.node if node.op_type == "Relu")
        node.op_type = "Tanh"

    imported = read_model(
        saved(subject_of(chain((4, 5, 2), "ReLU", "Flatten", ("Dense", {"units": 3}))), tmp_path, change)
    )
    assert [each.kind for each in imported.document.graph.layers] == ["Input", "Tanh", "Flatten", "Dense"]


def test_without_the_library_the_text_says_how_it_is_installed(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "onnx", None)
    with pytest.raises(ExportError, match=r'python -m pip install "convograph\[onnx\]"'):
        EXPORTERS["onnx"].files(subject_of(chain((3,), "ReLU")))


def test_a_deep_network_of_clipped_values_is_proven():
    pytest.importorskip("onnxruntime")
    outcome, _ = prove(EXPORTERS["onnx"], Subject(check(load_template("mobilenet_v2")), name="model.onnx"))
    assert outcome.passed, outcome.layers
    assert outcome.largest_difference < 5e-5


@pytest.mark.parametrize("opset", [choice for choice in OPSET.choices if choice != OPSET.default])
def test_every_kind_computes_the_same_in_every_operator_set(opset, tmp_path):
    ort = pytest.importorskip("onnxruntime")
    written = 0
    for kind, example in (case.values for case in LAYER_CASES):
        subject = replace(subject_of(of_kind(kind, example)), options={"opset": opset})
        try:
            path = saved(subject, tmp_path)
        except ExportError:  # another test looks at what is refused
            continue
        written += 1
        (used,) = onnx.load(path).opset_import
        assert used.version >= int(opset)
        rng = np.random.default_rng(3)
        samples = {f"in{i}": rng.normal(size=(3, *shape)).astype(np.float32) for i, shape in enumerate(example.inputs)}
        session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        (theirs,) = session.run(None, {id: first(x) for id, x in samples.items()})
        network = Network(subject.report.document)
        network.weights.update(subject.arrays)
        ours = network.forward(samples if len(samples) > 1 else samples["in0"])
        np.testing.assert_allclose(last(theirs), ours, rtol=1e-4, atol=1e-5, err_msg=type(kind).__name__)
        assert read_model(path).document == subject.report.document
    assert written > len(LAYER_CASES) / 2


def test_a_layer_that_needs_a_later_set_has_the_others_said_in_it(tmp_path):
    pool = {"pool_size": [2, 3], "stride": 2, "padding": 1, "rounding": "ceil"}
    made = chain((7, 8, 2), "Maxout", ("AvgPool2D", pool))
    (used,) = onnx.load(saved(subject_of(made), tmp_path)).opset_import
    assert used.version == 22
    assert read_model(tmp_path / "model.onnx").document == made


def test_half_precision_differs_and_says_from_where():
    pytest.importorskip("onnxruntime")
    subject = Subject(check(load_template("lenet5")), name="model.onnx", options={"type": "float16"})
    outcome, files = prove(EXPORTERS["onnx"], subject)
    assert outcome.passed is False
    assert outcome.first_beyond == "conv1"
    assert len(files["model_proof.onnx"]) < 130_000


def test_weights_beyond_half_precision_are_refused_by_name():
    subject = subject_of(chain((2,), ("Dense", {"units": 2})))
    subject.arrays["fc1/bias"][:] = 1e6
    with pytest.raises(ExportError, match=r"fc1/bias holds 1e\+06, and float16 ends at 65,504"):
        EXPORTERS["onnx"].files(replace(subject, options={"type": "float16"}))
