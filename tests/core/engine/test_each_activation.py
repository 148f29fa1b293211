"""Outputs that come layer by layer are those of one pass, and leave nothing behind in the network."""

import numpy as np
import pytest

from core.engine.network import Network
from core.io.templates import load_template


@pytest.mark.parametrize("template", ["lenet5", "resnet20_cifar", "squeezenet1_1"])
def test_they_are_those_of_one_pass(template):
    network = Network(load_template(template))
    shape = network.program.nodes[network.program.inputs[0]].shape
    x = np.random.default_rng(0).random((1, *shape)).astype(np.float32)
    asked = [node.id for node in network.program.nodes][::3]
    found = {}
    for computed in network.each_activation(x, asked):
        assert not found.keys() & computed.keys()
        found |= computed
    expected = network.activations(x, asked)
    assert found.keys() == expected.keys()
    for id, array in expected.items():
        np.testing.assert_array_equal(found[id], array)


def test_they_come_in_the_order_of_computing_one_after_the_other():
    network = Network(load_template("lenet5"))
    x = np.zeros((1, 28, 28, 1), np.float32)
    steps = [list(computed) for computed in network.each_activation(x, ["softmax", "conv1", "input", "no such layer"])]
    assert [id for step in steps for id in step] == ["input", "conv1", "softmax"]
    assert steps[0] == ["input"]
    assert len(steps) > 5


def test_a_pass_that_is_broken_off_changes_nothing_of_the_next():
    x, labels = np.random.default_rng(1).random((8, 8, 8, 1)).astype(np.float32), np.arange(8)
    gradients = []
    for looks in (False, True):
        network = Network(load_template("digits_cnn"), seed=3)
        if looks:
            next(network.each_activation(x[:1], ["conv1"]))
        network.loss_and_gradient(x, labels)
        gradients.append(network.gradients.copy())
    np.testing.assert_array_equal(*gradients)
