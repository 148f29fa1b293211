"""Losses inside the engine: as they are defined, under the last layers that belong to them, in parts and weighted."""

import numpy as np
import pytest

from core.engine.kernels.loss import LossByDefinition, loss_kernel
from core.engine.network import Network
from core.graph.edits import set_training
from core.learning.losses import LOSSES, CrossEntropy
from core.learning.optimizers import SGD
from tests.core.engine.test_replicas import wait_until_ready
from tests.drawing import chain
from tests.gradients import assert_gradient

WEIGHTS = np.array([0.5, 1.0, 3.0, 0.25])
SETTINGS = [*LOSSES, {"kind": "cross_entropy", "label_smoothing": 0.1}, {"kind": "hinge", "margin": 2}]


def net_with(loss, *ending, dtype="float64", n_replicas=1):
    drawn = chain((5,), ("Dense", {"units": 6}), "Tanh", ("Dense", {"units": 4}), *ending)
    return Network(set_training(drawn, {"loss": loss}), dtype, n_replicas=n_replicas)


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["alike", "weighted"])
@pytest.mark.parametrize("loss", SETTINGS, ids=str)
def test_loss_and_gradient_are_those_of_the_definition(loss, weights):
    rng = np.random.default_rng(0)
    net = net_with(loss)
    net.class_weights = weights
    x, labels = rng.standard_normal((7, 5)), np.array([0, 3, 1, 1, 2, 2, 0])
    outputs = net.forward(x)
    expected, _ = net.program.loss.measure(outputs, labels, weights)
    found, n_right = net.loss_and_gradient(x, labels)
    assert found == pytest.approx(expected, rel=1e-12)
    assert n_right == (outputs.argmax(1) == labels).sum()
    gradient, start = net.gradients.copy(), net.parameters.copy()

    def loss_at(parameters):
        net.parameters[:] = parameters
        return net.evaluate(x, labels)[0] / net.weight_of(labels)

    assert_gradient(loss_at, start, gradient, rng)


@pytest.mark.parametrize(
    ("loss", "ending", "looks_under"),
    [
        ("cross_entropy", "Softmax", True),
        ("hinge", "Softmax", True),
        ("squared_hinge", "Softmax", True),
        ("binary_cross_entropy", "Sigmoid", True),
        ("binary_cross_entropy", "Softmax", False),
        ("cross_entropy", "Sigmoid", False),
        ("mse", "Softmax", False),
        ("mse", "Sigmoid", False),
        ("mae", "Softmax", False),
    ],
)
def test_what_a_loss_reads(loss, ending, looks_under):
    net = net_with(loss, ending)
    x, labels = np.random.default_rng(0).standard_normal((7, 5)), np.array([0, 3, 1, 1, 2, 2, 0])
    scores, outputs = (net.activations(x, [id])[id] for id in (net.program.nodes[-2].id, net.output_ids[0]))
    expected, _ = net.program.loss.measure(scores if looks_under else outputs, labels)
    assert net.loss_and_gradient(x, labels)[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["alike", "weighted"])
@pytest.mark.parametrize("loss", ["cross_entropy", "hinge", {"kind": "cross_entropy", "label_smoothing": 0.1}], ids=str)
def test_two_replicas_find_the_gradient_of_one_whoever_computes_them(loss, weights):
    rng = np.random.default_rng(0)
    x, labels = rng.standard_normal((33, 5)), rng.integers(0, 4, 33)
    alone, two = net_with(loss), net_with(loss, n_replicas=2)
    alone.class_weights = two.class_weights = weights
    expected = alone.loss_and_gradient(x, labels)
    in_turn = two.loss_and_gradient(x, labels)
    assert in_turn == (pytest.approx(expected[0], rel=1e-12), expected[1])
    np.testing.assert_allclose(two.gradients, alone.gradients, atol=1e-13)
    gradient = two.gradients.copy()
    with two.replicas_at_work(33):
        wait_until_ready(two)
        assert two.loss_and_gradient(x, labels) == in_turn
        np.testing.assert_array_equal(two.gradients, gradient)


def test_plain_cross_entropy_has_a_kernel_of_its_own_that_says_the_same():
    rng = np.random.default_rng(0)
    scores, labels = rng.standard_normal((4, 9)), rng.integers(0, 4, 9)
    found, expected = np.empty((2, *scores.shape))
    plain, defined = (
        loss_kernel(CrossEntropy(), None, scores, found),
        LossByDefinition(CrossEntropy(), None, scores, expected),
    )
    assert type(plain) is not type(defined)
    assert plain.run(labels, 20) == pytest.approx(defined.run(labels, 20), rel=1e-12)
    np.testing.assert_allclose(found, expected, atol=1e-15)


@pytest.mark.parametrize("loss", SETTINGS, ids=str)
def test_every_loss_learns_eight_samples_by_heart(loss):
    rng = np.random.default_rng(3)
    net = net_with(loss, "Softmax", dtype="float32")
    x, labels = rng.standard_normal((8, 5)).astype("float32"), np.arange(8) % 4
    rule, moments, scratch = (
        SGD(learning_rate=0.2, momentum=0.9),
        (np.zeros_like(net.parameters),),
        net.parameters.copy(),
    )
    for step in range(1, 1001):
        _, n_right = net.loss_and_gradient(x, labels)
        rule.update(net.parameters, net.gradients, moments, step, scratch)
    assert n_right == 8
