"""Layers directly behind an input, through which a step leads no gradient: it finds the same for the others."""

import numpy as np
import pytest

from core.analysis.check import check
from core.engine.network import Network
from core.layers import KINDS
from core.learning.losses import cross_entropy
from tests.drawing import chain

ONE_INPUT = [
    pytest.param(name, example, id=f"{name}-{place}")
    for name, kind in KINDS.items()
    for place, example in enumerate(kind.examples)
    if len(example.inputs) == 1 and not kind.stochastic
]


@pytest.mark.parametrize(("name", "example"), ONE_INPUT)
def test_a_step_behind_it_finds_the_gradient(name, example):
    behind = ("Flatten",) if len(example.output) > 1 else ()
    drawn = chain(example.inputs[0], (name, example.config), *behind, ("Dense", {"units": 3}))
    assert check(drawn).valid
    net, again = Network(drawn, "float64"), Network(drawn, "float64")
    rng = np.random.default_rng(3)
    for array in net.parameters, again.parameters:
        array[:] = np.random.default_rng(1).standard_normal(len(array)) / 4
    x, labels = rng.standard_normal((4, *example.inputs[0])), np.array([0, 2, 1, 2])
    loss, _ = net.loss_and_gradient(x, labels)
    expected, dscores = cross_entropy(again.forward(x, training=True), labels)
    gradient = np.concatenate([found.ravel() for found in again.backward(dscores).weights.values()])
    assert loss == pytest.approx(expected, rel=1e-9)
    np.testing.assert_allclose(net.gradients, gradient, rtol=1e-9, atol=1e-12)
