"""Initialisations: their spread, and that one draws as documented."""

from math import sqrt

import numpy as np
import pytest

from core.declare import Setting
from core.graph.training import TrainingSettings
from core.layers import KINDS, Context
from core.learning.initializers import INITIALIZERS, he_normal, xavier_uniform

FAN_IN, FAN_OUT = 50, 200
SPREAD = {
    "he_normal": sqrt(2 / 50),
    "he_uniform": sqrt(2 / 50),
    "xavier_normal": sqrt(2 / 250),
    "xavier_uniform": sqrt(2 / 250),
}


@pytest.fixture
def rng():
    return np.random.Generator(np.random.PCG64(0))


@pytest.mark.parametrize("name", INITIALIZERS)
def test_the_spread_is_that_of_the_formula(name, rng):
    drawn = INITIALIZERS[name](rng, (400, 500), FAN_IN, FAN_OUT)
    assert drawn.shape == (400, 500)
    assert drawn.dtype == np.float64
    assert drawn.mean() == pytest.approx(0, abs=5e-3)
    assert drawn.std() == pytest.approx(SPREAD[name], rel=0.01)


@pytest.mark.parametrize(("name", "bound"), [("he_uniform", sqrt(6 / 50)), ("xavier_uniform", sqrt(6 / 250))])
def test_even_draws_stay_within_their_bounds(name, bound, rng):
    drawn = INITIALIZERS[name](rng, (100_000,), FAN_IN, FAN_OUT)
    assert abs(drawn).max() == pytest.approx(bound, rel=1e-3)
    assert abs(drawn).max() <= bound


def test_first_values_are_those_of_the_generator(rng):
    again = np.random.Generator(np.random.PCG64(0))
    assert np.array_equal(he_normal(rng, (3,), 8, 1), again.standard_normal(3) * 0.5)
    assert np.array_equal(xavier_uniform(rng, (3,), 4, 2), again.uniform(-1, 1, 3))


def test_documents_know_exactly_these():
    setting: Setting = TrainingSettings.settings()["initializer"]
    assert set(setting.choices) == set(INITIALIZERS)


@pytest.mark.parametrize(
    ("kind", "groups", "fans"),
    [
        ("Conv2D", 1, (3 * 3 * 4, 3 * 3 * 8)),
        ("Conv2D", 2, (3 * 3 * 2, 3 * 3 * 4)),  # PyTorch has 72 for the second, as if there were no groups
        ("Conv2D", 4, (3 * 3 * 1, 3 * 3 * 2)),
        ("ConvTranspose2D", 2, (3 * 3 * 2, 3 * 3 * 4)),
    ],
)
def test_fans_are_the_values_that_an_output_reads_and_an_input_feeds(kind, groups, fans):
    layer = KINDS[kind](filters=8, kernel_size=3, groups=groups, bias=False)
    weight = layer.weights([(9, 9, 4)])["kernel"]
    assert (weight.fan_in, weight.fan_out) == fans

    x, kernel = np.zeros((1, 9, 9, 4)), {"kernel": np.ones(weight.shape)}
    x[0, 4, 4, 0] = 1
    ctx = Context(training=True)
    y = layer.forward((x,), kernel, ctx)
    assert np.count_nonzero(y) == weight.fan_out
    dy = np.zeros_like(y)
    dy[0, y.shape[1] // 2, y.shape[2] // 2, 0] = 1
    (dx,), _ = layer.backward(dy, kernel, ctx)
    assert np.count_nonzero(dx) == weight.fan_in
