"""Initialisations: their spread, and that one draws as documented."""

from math import sqrt

import numpy as np
import pytest

from core.declare import Setting
from core.engine.network import Network
from core.graph.edits import set_initializer, set_training
from core.graph.training import TrainingSettings
from core.kinds import read_kind
from core.layers import KINDS, Context
from core.learning.initializers import (
    DRAWN_AT_ONCE,
    INITIALIZERS,
    Constant,
    HeNormal,
    Orthogonal,
    XavierUniform,
    Zeros,
)
from tests.drawing import chain

FAN_IN, FAN_OUT = 50, 200
SPREAD = {
    "he_normal": sqrt(2 / 50),
    "he_uniform": sqrt(2 / 50),
    "xavier_normal": sqrt(2 / 250),
    "xavier_uniform": sqrt(2 / 250),
    "xavier_course": sqrt(1 / 50),
    "lecun_normal": sqrt(1 / 50),
    "lecun_uniform": sqrt(1 / 50),
}


@pytest.fixture
def rng():
    return np.random.Generator(np.random.PCG64(0))


def test_every_initialisation_is_tried():
    assert set(INITIALIZERS) == {*SPREAD, "orthogonal", "zeros", "constant"}


@pytest.mark.parametrize("name", SPREAD)
def test_the_spread_is_that_of_the_formula(name, rng):
    drawn = INITIALIZERS[name]().draw(rng, (400, 500), FAN_IN, FAN_OUT)
    assert drawn.shape == (400, 500)
    assert drawn.dtype == np.float64
    assert drawn.mean() == pytest.approx(0, abs=5e-3)
    assert drawn.std() == pytest.approx(SPREAD[name], rel=0.01)


@pytest.mark.parametrize(
    ("name", "bound"),
    [("he_uniform", sqrt(6 / 50)), ("xavier_uniform", sqrt(6 / 250)), ("lecun_uniform", sqrt(3 / 50))],
)
def test_even_draws_stay_within_their_bounds(name, bound, rng):
    drawn = INITIALIZERS[name]().draw(rng, (100_000,), FAN_IN, FAN_OUT)
    assert abs(drawn).max() == pytest.approx(bound, rel=1e-3)
    assert abs(drawn).max() <= bound


def test_first_values_are_those_of_the_generator(rng):
    again = np.random.Generator(np.random.PCG64(0))
    assert np.array_equal(HeNormal().draw(rng, (3,), 8, 1), again.standard_normal(3) * 0.5)
    assert np.array_equal(XavierUniform().draw(rng, (3,), 4, 2), again.uniform(-1, 1, 3))


def test_documents_know_exactly_these():
    setting: Setting = TrainingSettings.settings()["initializer"]
    assert set(setting.kinds) == set(INITIALIZERS)


@pytest.mark.parametrize("piece", [1, 10])
def test_large_kernels_are_drawn_piece_by_piece_to_the_same_numbers(piece, monkeypatch):
    whole, cut = np.empty(100), np.empty(100)
    HeNormal().fill(whole, np.random.default_rng(0), 10, 10, 10)
    monkeypatch.setattr("core.learning.initializers.DRAWN_AT_ONCE", piece)
    HeNormal().fill(cut, np.random.default_rng(0), 10, 10, 10)
    assert np.array_equal(whole, cut)
    assert DRAWN_AT_ONCE > 100


@pytest.mark.parametrize("shape", [(3, 3, 4, 8), (1, 1, 4, 8), (2, 2, 2, 8), (40, 10), (10, 40)])
def test_orthogonal_kernels(shape, rng):
    n_units = shape[-1]
    fan_in = int(np.prod(shape[:-1]))
    kernel = np.empty(shape)
    Orthogonal().fill(kernel.reshape(-1), rng, n_units, fan_in, 7)
    matrix = kernel.reshape(fan_in, n_units)
    fewer = matrix.T @ matrix if fan_in >= n_units else matrix @ matrix.T
    np.testing.assert_allclose(fewer, np.eye(min(fan_in, n_units)), atol=1e-12)


def test_a_kernel_of_every_place_is_orthogonal_at_each(rng):
    kernel = np.empty((2, 3, 12, 5))  # LocallyConnected2D: (H', W', F·F·C, K)
    Orthogonal().fill(kernel.reshape(-1), rng, 5, 12, 7)
    for matrix in kernel.reshape(6, 12, 5):
        np.testing.assert_allclose(matrix.T @ matrix, np.eye(5), atol=1e-12)


def test_the_same_everywhere(rng):
    assert not Zeros().draw(rng, (3, 4), 3, 4).any()
    assert (Constant(value=0.5).draw(rng, (3, 4), 3, 4) == 0.5).all()


OWN = chain((6, 6, 2), ("Conv2D", {"filters": 3, "kernel_size": 3}), "Flatten", ("Dense", {"units": 4}))


@pytest.mark.parametrize("name", INITIALIZERS)
def test_networks_begin_as_is_set_for_all_and_for_each(name):
    written = {"kind": "constant", "value": 0.25} if name == "constant" else name
    rule = read_kind(INITIALIZERS, written)
    everywhere = Network(set_training(OWN, {"initializer": written}), "float64", seed=3)
    (branch,) = np.random.SeedSequence(3).spawn(1)
    rng = np.random.Generator(np.random.PCG64(branch))
    for id, fan_in, fan_out in (("conv1", 18, 27), ("fc3", 48, 4)):
        kernel = everywhere.weights[f"{id}/kernel"]
        expected = np.empty(kernel.size)
        rule.fill(expected, rng, kernel.shape[-1], fan_in, fan_out)
        np.testing.assert_array_equal(kernel.ravel(), expected)
        assert not everywhere.weights[f"{id}/bias"].any()
    own = Network(set_initializer(set_training(OWN, {"initializer": "zeros"}), "fc3", written), "float64")
    assert not own.weights["conv1/kernel"].any()
    assert own.weights["fc3/kernel"].any() == (name != "zeros")


def test_a_kind_without_settings_and_one_that_must_be_told_its_value():
    with pytest.raises(ValueError, match="value must be a number from"):
        read_kind(INITIALIZERS, "constant")
    assert read_kind(INITIALIZERS, {"kind": "constant", "value": 1}) == Constant(value=1)


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
