"""Steps are measured for findings without changing them, and what is measured is true."""

import numpy as np
import pytest

from core.engine.network import Network
from core.graph.edits import set_training
from core.io.templates import load_template
from core.training.findings.facts import Facts
from core.training.findings.gauges import Gauges, gates_of, is_measured, spans
from core.training.messages import Batch, Finding
from core.training.trainer import Trainer
from tests.core.training.making import chain, small_net, some_digits


def plain():
    return set_training(load_template("mlp"), {"epochs": 1, "optimizer": {"kind": "SGD", "learning_rate": 0.1}})


def test_measuring_changes_no_bit(monkeypatch):
    def trained():
        document = small_net(epochs=3, optimizer={"kind": "SGD", "learning_rate": 0.05, "momentum": 0.9})
        trainer = Trainer(document, some_digits(900))
        losses = [message.loss for message in trainer.messages() if isinstance(message, Batch)]
        return trainer.network.parameters.copy(), losses

    measured = trained()
    monkeypatch.setattr(Gauges, "before", lambda *_: None)
    monkeypatch.setattr(Gauges, "after", lambda *_: None)
    monkeypatch.setattr(Facts, "look", lambda *_, **__: None)
    bare = trained()
    assert np.array_equal(measured[0], bare[0])
    assert measured[1] == bare[1]


@pytest.mark.parametrize("name", ["mlp", "lenet5", "digits_cnn", "all_cnn_c"])
def test_layers_lie_where_they_are_measured(name):
    network = Network(load_template(name))
    network.parameters[...] = np.arange(network.parameters.size)
    views = network.by_name(network.parameters)
    for node, start, stop in spans(network.program):
        own = np.concatenate([view.ravel() for key, view in views.items() if key.rpartition("/")[0] == node.id])
        assert np.array_equal(np.sort(own), np.arange(start, stop))


def test_a_step_of_plain_descent_moves_by_rate_times_gradient():
    trainer = Trainer(plain())
    before = {}
    for message in trainer.messages():
        if isinstance(message, Batch) and message.step == 9:
            before = {id: trainer.network.weights[f"{id}/kernel"].copy() for id in ("fc1", "fc2")}
        if isinstance(message, Batch) and message.step == 10:
            break
    gauge = trainer._course.facts.gauges.steps[-1]
    assert gauge.step == 10
    for id, layer in gauge.layers.items():
        assert layer.ratio == pytest.approx(0.1 * layer.pull, rel=1e-3)
        moved = np.linalg.norm(trainer.network.weights[f"{id}/kernel"] - before[id]) / np.linalg.norm(before[id])
        assert layer.ratio == pytest.approx(moved, rel=0.1)  # of a part of the weights, and of the bias too


def test_often_at_first_and_rarely_later():
    measured = [step for step in range(1, 1001) if is_measured(step)]
    assert measured[:4] == [1, 10, 20, 30]
    assert measured[-2:] == [950, 1000]
    assert len(measured) == 37


def test_gates_are_layers_whose_bias_feeds_a_relu_alone():
    trainer = Trainer(small_net(epochs=1), some_digits(100))
    assert [(gate.layer, gate.relu, len(gate.gradient)) for gate in gates_of(trainer.network)] == [
        ("conv1", "relu1", 4)
    ]


def test_a_network_that_ends_with_a_relu_is_looked_at_too():
    document = chain(
        ("in", "Input", {"shape": [8, 8, 1]}),
        ("flat", "Flatten", {}),
        ("fc", "Dense", {"units": 10}),
        ("relu", "ReLU", {}),
        epochs=2,
        optimizer={"kind": "SGD", "learning_rate": 50.0},
    )
    found = [m.code for m in Trainer(document, some_digits(300), replicas=1).messages() if isinstance(m, Finding)]
    assert "dead_relus" in found
