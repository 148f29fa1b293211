"""A batch that is divided among replicas: the same step, whoever computes which part."""

import numpy as np
import pytest

from core.engine.network import Network
from core.engine.plans.pool import LEAST_PART
from tests.core.engine.graphs import inception, lenet, residual
from tests.drawing import chain

CONV = ("Conv2D", {"filters": 4, "kernel_size": 3, "padding": 1, "bias": False})
NORMAL = chain(
    (6, 6, 2), CONV, "BatchNorm", "ReLU", CONV, "BatchNorm", "ReLU", "MaxPool2D", "Flatten", ("Dense", {"units": 3})
)
CASES = {"lenet": lenet(), "residual": residual(), "inception": inception(), "normalised": NORMAL}


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def batch_for(net, n, rng):
    entry, end = (net.program.nodes[index] for (index,) in (net.program.inputs, net.program.outputs))
    return rng.standard_normal((n, *entry.shape)), rng.integers(0, end.shape[-1], n)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(("n", "n_replicas"), [(8, 2), (9, 2), (13, 3)])
def test_the_parts_together_are_the_batch(name, n, n_replicas, rng):
    whole, divided = (Network(CASES[name], "float64", n_replicas=k) for k in (1, n_replicas))
    for _ in range(3):
        x, labels = batch_for(whole, n, rng)
        (loss, n_right), (found, found_right) = (net.loss_and_gradient(x, labels) for net in (whole, divided))
        assert found == pytest.approx(loss, rel=1e-12)
        assert found_right == n_right
        np.testing.assert_allclose(divided.gradients, whole.gradients, rtol=1e-9, atol=1e-12)
        assert divided.evaluate(x, labels)[0] == pytest.approx(whole.evaluate(x, labels)[0], rel=1e-12)
        for net in (whole, divided):
            net.parameters -= 0.1 * net.gradients
    for id, values in whole.weights.items():
        np.testing.assert_allclose(divided.weights[id], values, rtol=1e-9, atol=1e-12)


def test_the_number_of_replicas_decides_the_bits(rng):
    x, labels = batch_for(net := Network(lenet(), n_replicas=2), 20, rng)
    other = Network(lenet(), n_replicas=2)
    for _ in range(2):
        assert net.loss_and_gradient(x, labels) == other.loss_and_gradient(x, labels)
    assert net.gradients.tobytes() == other.gradients.tobytes()


def test_batches_too_small_to_divide_are_one_part(rng):
    net, alone = Network(lenet(), n_replicas=2), Network(lenet())
    x, labels = batch_for(net, 2 * LEAST_PART - 1, rng)
    assert net.loss_and_gradient(x, labels) == alone.loss_and_gradient(x, labels)
    assert net.gradients.tobytes() == alone.gradients.tobytes()


def test_every_part_draws_its_own_noise_and_looking_disturbs_it_not():
    drawn = chain((50,), "Dropout", ("Dense", {"units": 2}))
    net, other = Network(drawn, n_replicas=2), Network(drawn, n_replicas=2)
    x, labels = np.ones((8, 50)), np.zeros(8, int)
    losses = []
    for _ in range(2):
        losses.append(net.loss_and_gradient(x, labels))
        assert net.first_nonfinite() is None
        assert losses[-1] == other.loss_and_gradient(x, labels)
    assert losses[0] != losses[1]
    assert net._plans.rngs[0].random() != net._plans.rngs[1].random()


def test_nan_in_any_part_is_found(rng):
    net = Network(lenet(), n_replicas=2)
    x, labels = batch_for(net, 12, rng)
    x[-1, 0, 0] = np.nan
    net.loss_and_gradient(x, labels)
    assert net.first_nonfinite() == "input"
