"""What is written for Keras computes in Keras what the engine computes: every kind, graphs drawn at random, the zoo."""

import ast
import importlib.machinery
import importlib.util
import os
from contextlib import suppress

import numpy as np
import pytest

from core.analysis.check import check
from core.errors import ExportError
from core.export.exporting import subject_of
from core.export.keras.exporter import KERAS
from core.export.keras.model import model_of
from core.export.proof.samples import stored_samples, telling_weights
from core.graph.edits import set_training
from core.io.templates import load_template, template_names
from core.layers import KINDS
from core.preprocessing.step import treated
from core.training.trainer import Trainer
from tests.drawing import chain, document, layer
from tests.interop.keras_in_double import largest_difference
from tests.torch.test_exported_code import EXAMPLES, drawn, of_example

os.environ.setdefault("KERAS_BACKEND", "jax")
keras = pytest.importorskip("keras")

CLOSE = 1e-4
N_GRAPHS = 30
REFUSED = {"LocallyConnected2D", "L2Pool2D", "LocalResponseNorm", "ReflectPad2D"}
"""Kinds that Keras has no layers for."""
MOST_PARAMETERS = 1_000_000


def files_of(made, folder, name="net.keras"):
    """Write a document, with weights that hide no mistake, into a folder."""
    report = check(made)
    bare = subject_of(report, None, name)
    subject = subject_of(report, telling_weights(bare.program), name)
    for file, content in KERAS.files(subject).items():
        (folder / file).write_bytes(content)
    return subject


def outputs_of(model, subject, stored):
    """Compute the stored samples in Keras; return the values of all layers by the ids of the document."""
    places = dict(model_of(subject).places)
    seen = keras.Model(model.inputs, [model.get_layer(name).output for name in places.values()])
    ids = [subject.program.nodes[index].id for index in subject.program.inputs]
    inputs = [stored.layers.get(id, stored.samples[id]) for id in ids]
    values = seen(inputs, training=False)
    values = values if isinstance(values, list | tuple) else [values]
    return {id: keras.ops.convert_to_numpy(value) for id, value in zip(places, values, strict=True)}


def assert_same(model, subject):
    stored = stored_samples(subject.report, subject.arrays, subject.beside)
    theirs = outputs_of(model, subject, stored)
    assert set(theirs) >= {subject.program.nodes[index].id for index in subject.program.outputs}
    for id, ours in stored.layers.items():
        scale = max(1.0, float(np.abs(ours).max()))
        np.testing.assert_allclose(theirs[id], ours, rtol=0, atol=CLOSE * scale, err_msg=id)


def code(folder, name="net"):
    """Import the code that was written."""
    loader = importlib.machinery.SourceFileLoader(f"written_{name}", str(folder / f"{name}.py"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


def compare(made, folder):
    subject = files_of(made, folder)
    assert_same(keras.saving.load_model(folder / "net.keras"), subject)
    return subject


def refusal(made, folder):
    """Compare; return why that can't be, or an empty text."""
    try:
        compare(made, folder)
    except ExportError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(("name", "place"), EXAMPLES)
def test_the_example_of_a_kind(name, place, tmp_path):
    made = of_example(name, place)
    if check(made).totals.parameters > 500_000:
        pytest.skip("a large example; smaller ones stand beside it")
    why = refusal(made, tmp_path)
    assert why.startswith(f"Keras can't say it ({name}): " if why else "")
    assert bool(why) or name not in REFUSED
    assert not why or name in REFUSED or KINDS[name].examples[place].config, "what a kind is by default can be said"


@pytest.mark.parametrize("seed", range(N_GRAPHS))
def test_graphs_drawn_at_random(seed, tmp_path):
    made = drawn(seed)
    while True:  # what is refused is left out, with all that reads it
        why = refusal(made, tmp_path)
        if not why:
            return
        refused = why.removeprefix("Keras can't say ").partition(" (")[0]
        assert refused in {each.id for each in made.graph.layers}
        made = without(made, refused)


def without(made, id):
    gone = {id}
    kept = []
    for each in made.graph.layers:
        if gone & {each.id, *each.inputs}:
            gone.add(each.id)
        else:
            kept.append(each)
    return document(*kept)


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_in_double_precision(name):
    report = check(of_example(name, 0))
    if report.totals.parameters > 10_000:
        pytest.skip("a large example; smaller ones stand beside it")
    subject = subject_of(report, telling_weights(subject_of(report, None, "net.keras").program), "net.keras")
    with suppress(ExportError):  # what Keras can't say
        assert largest_difference(subject) < 1e-12


@pytest.mark.parametrize("name", template_names())
def test_the_zoo(name, tmp_path):
    made = load_template(name)
    if check(made).totals.parameters > MOST_PARAMETERS:
        pytest.skip("larger than what is computed here")
    assert refusal(made, tmp_path) == ""


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({}, ""),
        ({"count_padding": False}, ""),
        ({"padding": 1}, "it counts all zeros around the image or none"),
        ({"padding": [[0, 1], [0, 1]], "count_padding": False}, ""),
        ({"pool_size": 5}, "it averages only what fits; round down"),
    ],
)
def test_average_pools_that_round_up(settings, why, tmp_path):
    """Those that read as "same" does: the last window reaches one pixel beyond the image, and divides by the others."""
    pool = {"pool_size": 3, "stride": 2, "rounding": "ceil"} | settings
    assert why in refusal(chain((16, 12, 3), ("AvgPool2D", pool)), tmp_path)
    assert bool(why) == bool(refusal(chain((16, 12, 3), ("AvgPool2D", pool)), tmp_path))


def test_layers_are_counted_as_keras_counts_them(tmp_path):
    """Branches of different lengths, whose convolutions Keras numbers by depth and not as they were drawn."""
    made = document(
        layer("in", "Input", shape=(6, 6, 2)),
        layer("short", "Conv2D", "in", filters=3, kernel_size=1),
        layer("a", "Conv2D", "in", filters=3, kernel_size=1),
        layer("b", "Conv2D", "a", filters=3, kernel_size=1),
        layer("join", "Add", ["short", "b"]),
        layer("late", "Conv2D", "in", filters=3, kernel_size=1),
        layer("all", "Concat", ["late", "join"]),
    )
    compare(made, tmp_path)


def test_the_code_builds_the_same_network(tmp_path):
    for name in ("lenet5", "resnet20_cifar"):
        subject = files_of(load_template(name), tmp_path, f"{name}.keras")
        written = code(tmp_path, name)
        assert_same(written.load(), subject)
        ast.parse((tmp_path / f"{name}.py").read_text(encoding="utf-8"))


def test_code_alone_is_asked_for_by_the_name(tmp_path):
    subject = files_of(load_template("lenet5"), tmp_path, "net.py")
    assert_same(code(tmp_path).load(), subject)


def test_samples_are_prepared_as_they_were_for_training(tmp_path):
    steps = ["MeanImage", {"kind": "PCA", "components": 20}, {"kind": "Range", "low": -1, "high": 1}]
    made = chain((8, 8, 1), "Flatten", ("Dense", {"units": 10}), "Softmax")
    made = set_training(made, {"dataset": "digits", "epochs": 1, "preprocessing": steps})
    trainer = Trainer(made)
    for _ in trainer.messages():
        pass
    subject = subject_of(check(made), trainer.network, "net.keras")
    for file, content in KERAS.files(subject).items():
        (tmp_path / file).write_bytes(content)
    x = np.random.default_rng(0).random((4, 8, 8, 1), dtype=np.float32)
    written = code(tmp_path)
    np.testing.assert_allclose(written.prepare(x), treated(x.copy(), subject.beside.steps), atol=1e-5)
    ours = trainer.network.forward(treated(x.copy(), subject.beside.steps))
    np.testing.assert_allclose(np.asarray(written.load()(written.prepare(x))), ours, atol=1e-5)


def test_other_endings_are_refused(tmp_path):
    with pytest.raises(ExportError, match=r"call it net\.keras, or net\.py"):
        files_of(load_template("lenet5"), tmp_path, "net.h5")
