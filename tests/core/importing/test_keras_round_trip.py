"""Our own networks as Keras models, and back."""

from __future__ import annotations

import numpy as np
import pytest

from core.analysis.check import check
from core.engine.network import Network
from core.engine.program import compile_program
from core.errors import ExportError
from core.export.exporter import Subject
from core.export.exporters import EXPORTERS
from core.export.proof.samples import telling_weights
from core.importing.importers import read_model
from core.io.templates import load_template, template_names
from tests.contract.cases import LAYER_CASES
from tests.drawing import document, layer

pytest.importorskip("h5py")

SMALL = [name for name in template_names() if (check(load_template(name)).totals.parameters or 10**9) < 1_000_000]


def returned(drawn, folder):
    """Return a document as it comes back, and how far its outputs are from those of the one that was exported."""
    report = check(drawn)
    subject = Subject(report, telling_weights(Subject(report).program), name="model.keras")
    path = folder / "model.keras"
    path.write_bytes(EXPORTERS["keras"].files(subject)["model.keras"])
    imported = read_model(path)
    rng = np.random.default_rng(4)
    given = {
        node.id: rng.normal(size=(3, *node.shape)).astype("float32")
        for node in subject.program.nodes
        if not node.inputs
    }
    outputs = []
    for network, weights in ((Network(drawn), subject.arrays), (Network(imported.document), imported.weights)):
        network.weights.update(weights)
        values = network.forward(given if len(given) > 1 else next(iter(given.values())))
        outputs.append(list(values.values()) if isinstance(values, dict) else [values])
    return imported.document, max(float(np.abs(a - b).max()) for a, b in zip(*outputs, strict=True))


def kinds(drawn):
    """Return each layer's kind, shape and sources, by its name as Keras takes it; the order may be another."""
    nodes = compile_program(drawn, check(drawn, advice=frozenset())).nodes
    names = [node.id.replace("/", ".") for node in nodes]
    return {
        name: (type(node.kind).__name__, node.shape, [names[source] for source in node.sources])
        for name, node in zip(names, nodes, strict=True)
    }


@pytest.mark.parametrize("name", SMALL)
def test_a_network_of_the_zoo_comes_back_and_computes_the_same(name, tmp_path):
    drawn = load_template(name)
    try:
        back, difference = returned(drawn, tmp_path)
    except ExportError as refusal:
        pytest.skip(str(refusal))

    assert difference < 1e-4
    assert kinds(back) == kinds(drawn)


@pytest.mark.parametrize(("kind", "example"), LAYER_CASES)
def test_every_kind_that_keras_can_say_comes_back(kind, example, tmp_path):
    inputs = [layer(f"in{i}", "Input", shape=shape) for i, shape in enumerate(example.inputs)]
    drawn = document(*inputs, layer("it", type(kind).__name__, tuple(each.id for each in inputs), **example.config))
    if check(drawn).errors:
        pytest.skip("the example has an error on purpose")
    try:
        back, difference = returned(drawn, tmp_path)
    except ExportError as refusal:
        pytest.skip(str(refusal))

    assert difference < 1e-4
    assert check(back).totals.parameters == check(drawn).totals.parameters
