"""Whole networks: gradients by projection, agreement with the definitions, and the loss at the end."""

import numpy as np
import pytest

from core.engine.network import Network
from core.learning.losses import CrossEntropy
from tests.core.engine.graphs import GRAPHS, lenet
from tests.core.engine.slowly import assert_as_slow
from tests.drawing import chain, document, layer
from tests.gradients import assert_gradient


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def samples(net, batch, rng):
    nodes = [net.program.nodes[index] for index in net.program.inputs]
    return {node.id: rng.standard_normal((batch, *node.shape)).astype(net.dtype) for node in nodes}


def unwrapped(xs):
    return xs if len(xs) > 1 else next(iter(xs.values()))


def named(ends):
    return ends if isinstance(ends, dict) else {"": ends}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS)
def test_the_engine_agrees_with_the_definitions(graph, batch, training, dtype, rng):
    net = Network(graph(), dtype)
    for _ in range(2):  # the second time in memory that is in use
        assert_as_slow(net, samples(net, batch, rng), rng, training, 1e-10 if dtype == "float64" else 2e-5)


DRAWING = {"two_inputs"}
"""Graphs that draw in training: no two passes of theirs are of the same function."""


@pytest.mark.parametrize(
    ("graph", "training"),
    [(graph, training) for graph in GRAPHS for training in (False, True) if not (training and graph in DRAWING)],
)
def test_gradients_agree_with_differences(graph, training, rng):
    net = Network(GRAPHS[graph](), "float64")
    xs = samples(net, 2, rng)
    ends = named(net.forward(unwrapped(xs), training))
    dys = {id: rng.standard_normal(y.shape) for id, y in ends.items()}
    given = net.backward(unwrapped(dys))

    def loss(xs):
        return sum(float((y * dys[id]).sum()) for id, y in named(net.forward(unwrapped(xs), training)).items())

    for id, dx in given.inputs.items():
        assert_gradient(lambda x, id=id: loss(xs | {id: x}), xs[id], dx, rng, id)
    for name, gradient in given.weights.items():
        values = net.weights[name]

        def loss_with(array, name=name):
            net.weights[name] = array
            return loss(xs)

        assert_gradient(loss_with, values, gradient, rng, name)
        net.weights[name] = values


@pytest.mark.parametrize("ending", [(), ("Softmax",)], ids=["scores", "softmax"])
def test_the_loss_of_a_step_and_its_gradient(ending, rng):
    net = Network(
        chain(
            (6, 6, 2), ("Conv2D", {"filters": 3, "kernel_size": 3}), "Tanh", "Flatten", ("Dense", {"units": 4}), *ending
        ),
        "float64",
    )
    x, labels = rng.standard_normal((5, 6, 6, 2)), np.array([0, 3, 1, 1, 2])
    scores = net.activations(x, ["fc4"])["fc4"]
    expected, dscores = CrossEntropy().measure(scores, labels)
    loss, n_correct = net.loss_and_gradient(x, labels)
    assert loss == pytest.approx(expected, rel=1e-12)
    assert n_correct == (scores.argmax(1) == labels).sum()
    assert net.evaluate(x, labels) == (pytest.approx(5 * expected, rel=1e-12), n_correct)

    gradient, start = net.gradients.copy(), net.parameters.copy()

    def loss_at(parameters):
        net.parameters[:] = parameters
        return net.evaluate(x, labels)[0] / 5

    assert_gradient(loss_at, start, gradient, rng)
    net.parameters[:] = start
    if not ending:
        net.forward(x)
        derived = net.backward(dscores)
        np.testing.assert_allclose(np.concatenate([g.ravel() for g in derived.weights.values()]), gradient, atol=1e-14)


def test_a_softmax_that_something_else_reads_too(rng):
    scores = [layer("input", "Input", shape=(5,)), layer("fc", "Dense", "input", units=4)]
    drawn = document(
        *scores, layer("tanh", "Tanh", "fc"), layer("sum", "Add", ["fc", "tanh"]), layer("p", "Softmax", "sum")
    )
    net = Network(drawn, "float64")
    x, labels = rng.standard_normal((3, 5)), np.array([0, 3, 1])
    net.loss_and_gradient(x, labels)
    gradient, start = net.gradients.copy(), net.parameters.copy()

    def loss_at(parameters):
        net.parameters[:] = parameters
        return net.evaluate(x, labels)[0] / 3

    assert_gradient(loss_at, start, gradient, rng)


def test_frozen_layers_learn_nothing_but_let_gradients_through(rng):
    drawn = document(
        layer("input", "Input", shape=(5,)),
        layer("fc1", "Dense", "input", units=4),
        layer("relu", "ReLU", "fc1"),
        layer("fc2", "Dense", "relu", trainable=False, units=4),
        layer("tanh", "Tanh", "fc2"),
        layer("fc3", "Dense", "tanh", units=3),
    )
    net = Network(drawn, "float64")
    assert net.parameters.size == net.gradients.size == (5 + 1) * 4 + (4 + 1) * 3
    assert list(net.weights) == [f"fc{n}/{part}" for n in (1, 2, 3) for part in ("kernel", "bias")]
    x, labels = rng.standard_normal((4, 5)), np.array([0, 1, 2, 0])
    net.loss_and_gradient(x, labels)
    gradient, start = net.gradients.copy(), net.parameters.copy()

    def loss_at(parameters):
        net.parameters[:] = parameters
        return net.evaluate(x, labels)[0] / 4

    assert_gradient(loss_at, start, gradient, rng)
    net.forward(x)
    assert set(net.backward(np.ones((4, 3))).weights) == {"fc1/kernel", "fc1/bias", "fc3/kernel", "fc3/bias"}


def test_a_network_with_nothing_to_learn_still_measures(rng):
    net = Network(chain((3,), "Tanh"), "float64")
    loss, _ = net.loss_and_gradient(np.zeros((2, 3)), np.array([0, 1]))
    assert loss == pytest.approx(np.log(3))
    assert net.gradients.size == 0


def test_gradient_descent_brings_the_loss_down(rng):
    net = Network(lenet(), seed=3)
    x, labels = rng.random((16, 28, 28, 1), dtype="float32"), rng.integers(0, 10, 16)
    first, _ = net.loss_and_gradient(x, labels)
    for _ in range(60):
        loss, n_correct = net.loss_and_gradient(x, labels)
        net.parameters -= 0.05 * net.gradients
    assert loss < first / 2
    assert n_correct >= 12
