"""Layers directly behind an input, through which a step leads no gradient: it finds the same for the others."""

import numpy as np
import pytest

from core.analysis.check import check
from core.engine.network import Network
from core.layers import KINDS
from core.learning.losses import CrossEntropy
from tests.core.engine.comparing import TAILS, between_layers
from tests.drawing import chain, document, layer

ONE_INPUT = [
    pytest.param(name, example, id=f"{name}-{place}")
    for name, kind in KINDS.items()
    for place, example in enumerate(kind.examples)
    if len(example.inputs) == 1 and not kind.stochastic
]


@pytest.mark.parametrize(("name", "example"), ONE_INPUT)
def test_a_step_behind_a_layer_finds_the_gradient(name, example):
    behind = ("Flatten",) if len(example.output) > 1 else ()
    assert_step_finds_gradient(chain(example.inputs[0], (name, example.config), *behind, ("Dense", {"units": 3})))


@pytest.mark.parametrize("behind", TAILS, ids="-".join)
@pytest.mark.parametrize(
    ("kind", "config"),
    [
        ("Conv2D", {"filters": 4, "kernel_size": 3, "padding": 1}),
        ("Conv2D", {"filters": 4, "kernel_size": 1}),
        ("BatchNorm", {}),
    ],
)
def test_a_step_behind_frozen_layers_finds_the_gradient(kind, config, behind):
    drawn = between_layers((6, 6, 4), layer("frozen", kind, "before", trainable=False, **config), behind)
    ending = layer("flat", "Flatten", "after"), layer("scores", "Dense", "flat", units=3)
    assert_step_finds_gradient(document(*drawn.graph.layers, *ending))


def assert_step_finds_gradient(drawn):
    assert check(drawn).valid
    net, again = Network(drawn, "float64"), Network(drawn, "float64")
    rng = np.random.default_rng(3)
    for array in net.parameters, again.parameters:
        array[:] = np.random.default_rng(1).standard_normal(len(array)) / 4
    x, labels = rng.standard_normal((4, *net.program.nodes[0].shape)), np.array([0, 2, 1, 2])
    loss, _ = net.loss_and_gradient(x, labels)
    expected, dscores = CrossEntropy().measure(again.forward(x, training=True), labels)
    gradient = np.concatenate([found.ravel() for found in again.backward(dscores).weights.values()])
    assert loss == pytest.approx(expected, rel=1e-9)
    np.testing.assert_allclose(net.gradients, gradient, rtol=1e-9, atol=1e-12)
