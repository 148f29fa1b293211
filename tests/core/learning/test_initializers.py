"""Initialisations: their spread, and that one draws as documented."""

from math import sqrt

import numpy as np
import pytest

from core.declare import Setting
from core.graph.training import TrainingSettings
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
