"""The gradients of every layer's output: those that the definitions give, and a network that is left as it was."""

import numpy as np
import pytest

from core.engine.network import Network
from core.errors import NetworkError
from core.io.templates import load_template
from core.layers import Context
from tests.core.engine import graphs

GRAPHS = [pytest.param(getattr(graphs, name), id=name) for name in ("residual", "inception", "doubled", "unet")]


def by_definition(network, x, dys):
    """Walk forwards and backwards through the kinds' own definitions."""
    nodes, weights = network.program.nodes, dict(network.weights.items())
    outputs, contexts, gradients, dweights = {}, {}, {}, {}
    for node in nodes:
        own = {name: weights[f"{node.id}/{name}"] for name in node.weights}
        contexts[node.index] = Context()
        xs = tuple(outputs[source] for source in node.sources) or (x,)
        outputs[node.index] = node.kind.forward(xs, own, contexts[node.index])
        gradients[node.index] = np.zeros_like(outputs[node.index])
    for id, dy in dys.items():
        gradients[network.program.by_id[id].index] += dy
    for node in reversed(nodes):
        own = {name: weights[f"{node.id}/{name}"] for name in node.weights}
        dxs, learned = node.kind.backward(gradients[node.index], own, contexts[node.index])
        for source, dx in zip(node.sources, dxs, strict=False):
            gradients[source] += dx
        dweights |= {f"{node.id}/{name}": gradient for name, gradient in learned.items()}
    return ({node.id: each[node.index] for node in nodes} for each in (outputs, gradients)), dweights


@pytest.mark.parametrize("graph", GRAPHS)
def test_gradients_are_those_of_the_definitions(graph):
    network = Network(graph(), "float64", seed=3)
    rng = np.random.default_rng(5)
    x = rng.standard_normal((2, *network.program.nodes[0].shape))
    last = network.program.nodes[-1]
    dy = rng.standard_normal((2, *last.shape))
    found = network.derivatives(x, lambda outputs: {last.id: dy})
    (outputs, gradients), weights = by_definition(network, x, {last.id: dy})
    assert set(found.gradients) == set(network.program.by_id)
    for id in network.program.by_id:
        np.testing.assert_allclose(found.outputs[id], outputs[id], rtol=1e-9, atol=1e-12, err_msg=id)
        np.testing.assert_allclose(found.gradients[id], gradients[id], rtol=1e-9, atol=1e-12, err_msg=id)
    for name, gradient in weights.items():
        np.testing.assert_allclose(found.weights[name], gradient, rtol=1e-9, atol=1e-12, err_msg=name)


def test_it_begins_where_it_is_told_to():
    network = Network(load_template("lenet5"), "float64")
    x = np.random.default_rng(0).random((1, 28, 28, 1))
    found = network.derivatives(x, lambda outputs: {"fc3": np.eye(10)[[4]]})
    assert "softmax" not in found.gradients
    np.testing.assert_array_equal(found.gradients["fc3"], np.eye(10)[[4]])
    step = 1e-6 * found.gradients["input"] / np.linalg.norm(found.gradients["input"])
    there, back = (network.activations(x + sign * step, ["fc3"])["fc3"][0, 4] for sign in (1, -1))
    np.testing.assert_allclose((there - back) / 2e-6, np.linalg.norm(found.gradients["input"]), rtol=1e-4)


def test_the_network_stays_as_it_was():
    network, undisturbed = (Network(load_template("lenet5"), seed=1) for _ in range(2))
    x, labels = np.random.default_rng(0).random((8, 28, 28, 1)).astype("float32"), np.arange(8)
    for one in (network, undisturbed):
        one.loss_and_gradient(x, labels)
    weights, gradients = network.parameters.copy(), network.gradients.copy()
    network.derivatives(x[:1], lambda outputs: {"fc3": outputs["fc3"]})
    np.testing.assert_array_equal(network.parameters, weights)
    np.testing.assert_array_equal(network.gradients, gradients)
    assert network.n_drawn == undisturbed.n_drawn
    assert network.loss_and_gradient(x, labels) == undisturbed.loss_and_gradient(x, labels)
    np.testing.assert_array_equal(network.gradients, undisturbed.gradients)


def test_a_gradient_of_the_wrong_shape_is_refused_and_nothing_is_lost():
    network = Network(load_template("lenet5"), seed=1)
    x = np.zeros((1, 28, 28, 1), "float32")
    network.loss_and_gradient(x, np.zeros(1, int))
    gradients = network.gradients.copy()
    with pytest.raises(NetworkError, match="The gradient of the output of fc3 must be a batch of N×10"):
        network.derivatives(x, lambda outputs: {"fc3": np.zeros((1, 9))})
    np.testing.assert_array_equal(network.gradients, gradients)
