"""Activations at points that are known: corners, far ends, published constants."""

from math import e, erfc, exp, inf, log, sqrt, tanh

import numpy as np
import pytest

from core.engine.network import Network
from core.layers import KINDS, Context
from core.layers.activation import Curve
from core.layers.normal_distribution import normal_cdf
from tests.drawing import chain

CURVES = [name for name, kind in KINDS.items() if issubclass(kind, Curve)]


def passed(kind, x, dy=None, weights=None, dtype="float64", **config):
    """Run a kind forwards and backwards on one row of features."""
    spec, ctx, x = KINDS[kind].read(config), Context(), np.array([x], dtype)
    weights = {name: np.array(values, dtype) for name, values in (weights or {}).items()}
    y = spec.forward((x,), weights, ctx)
    (dx,), gradients = spec.backward(np.ones_like(y) if dy is None else np.array([dy], dtype), weights, ctx)
    return y[0].tolist(), dx[0].tolist(), {name: values.tolist() for name, values in gradients.items()}


def about(values):
    return pytest.approx(values, rel=1e-12, abs=1e-12)


def sigmoid(x):
    return 1 / (1 + exp(-x))


KNOWN = [
    ("ReLU6", {}, [-1, 0, 3, 6, 9], [0, 0, 3, 6, 6], [0, 0, 1, 0, 0]),
    ("LeakyReLU", {}, [-2, 0, 3], [-0.02, 0, 3], [0.01, 0.01, 1]),
    ("LeakyReLU", {"slope": 0.2}, [-2, 0, 3], [-0.4, 0, 3], [0.2, 0.2, 1]),
    ("ELU", {}, [-1, 0, 2], [1 / e - 1, 0, 2], [1 / e, 1, 1]),
    ("ELU", {"alpha": 0.5}, [-1, 0, 2], [0.5 / e - 0.5, 0, 2], [0.5 / e, 0.5, 1]),
    ("SELU", {}, [-inf, 0, 1], [-1.7580993408473766, 0, 1.0507009873554805], [0, 1.7580993408473766, 1.05070098735548]),
    (
        "GELU",
        {},
        [-1, 0, 1],
        [-0.15865525393145707, 0, 0.8413447460685429],
        [-0.0833154705876884, 0.5, 1.0833154705876884],
    ),
    ("GELU", {"approximate": True}, [0, 1], [0, 0.8411919906082768], [0.5, 1.0829640838457826]),
    ("Sigmoid", {}, [0, 1], [0.5, sigmoid(1)], [0.25, sigmoid(1) * sigmoid(-1)]),
    ("Tanh", {}, [0, 1], [0, tanh(1)], [1, 1 - tanh(1) ** 2]),
    ("SiLU", {}, [0, 1], [0, sigmoid(1)], [0.5, sigmoid(1) * (1 + 1 - sigmoid(1))]),
    ("Mish", {}, [0, 1], [0, tanh(log(1 + e))], [0.6, 1.0490362200997922]),
    ("Softplus", {}, [0, 1], [log(2), log(1 + e)], [0.5, sigmoid(1)]),
    ("Softsign", {}, [-1, 0, 3], [-0.5, 0, 0.75], [0.25, 1, 1 / 16]),
    ("HardSigmoid", {}, [-4, -3, 0, 1.5, 3, 4], [0, 0, 0.5, 0.75, 1, 1], [0, 0, 1 / 6, 1 / 6, 0, 0]),
    ("HardSwish", {}, [-4, -3, 0, 1.5, 3, 4], [0, 0, 0, 1.125, 3, 4], [0, 0, 0.5, 1, 1, 1]),
]


@pytest.mark.parametrize(("kind", "config", "x", "y", "slope"), KNOWN)
def test_known_points(kind, config, x, y, slope):
    found, dx, _ = passed(kind, x, **config)
    assert found == about(y)
    assert dx == about(slope)


def test_every_curve_has_known_points():
    assert {entry[0] for entry in KNOWN} == set(CURVES)


@pytest.mark.parametrize("kind", CURVES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_far_away_nothing_overflows(kind, dtype):
    y, dx, _ = passed(kind, [-1000, -100, -30, 30, 100, 1000], dtype=dtype)
    assert np.isfinite(y).all()
    assert np.isfinite(dx).all()


def test_the_normal_distribution_to_the_last_digits():
    x = np.linspace(-37, 9, 5001)
    expected = np.array([erfc(-v / sqrt(2)) / 2 for v in x])
    found = normal_cdf(x)
    assert np.abs(found - expected).max() < 2e-15
    assert (np.abs(found / expected - 1) < 1e-12).all()  # far below 0 too
    single = normal_cdf(x.astype("float32"))
    assert single.dtype == "float32"
    assert np.abs(single - expected).max() < 3e-7
    assert normal_cdf(np.array([-inf, -1e30, 0, 1e30, inf])).tolist() == about([0, 0, 0.5, 1, 1])


def test_selu_keeps_mean_and_variance():
    x = np.random.default_rng(0).standard_normal((1000, 1000))
    y = KINDS["SELU"]().forward((x,), {}, Context())
    assert y.mean() == pytest.approx(0, abs=0.003)
    assert y.var() == pytest.approx(1, abs=0.005)


def test_learned_slopes():
    x, dy = [-2.0, 0.0, 3.0], [10.0, 20.0, 30.0]
    y, dx, gradients = passed("PReLU", x, dy, {"slope": [0.5, 0.25, 0.1]})
    assert (y, dx, gradients) == ([-1, 0, 3], [5, 5, 30], {"slope": [-20, 0, 0]})
    y, dx, gradients = passed("PReLU", [-2.0, -1.0, 3.0], dy, {"slope": [0.5]}, shared=True)
    assert (y, dx, gradients) == ([-1, -0.5, 3], [5, 10, 30], {"slope": [-40]})


def test_learned_slopes_start_at_a_quarter():
    net = Network(chain((4, 4, 3), "PReLU", ("PReLU", {"shared": True})))
    assert net.weights["prelu1/slope"].tolist() == [0.25, 0.25, 0.25]
    assert net.weights["prelu2/slope"].tolist() == [0.25]


def test_maxout_takes_consecutive_channels_and_the_first_of_equals():
    y, dx, _ = passed("Maxout", [1, 5, 5, 7, 2, 7], [10, 20], pieces=3)
    assert y == [5, 7]
    assert dx == [0, 10, 0, 20, 0, 0]


def test_maxout_of_a_value_and_its_negative_is_its_size():
    x = np.random.default_rng(1).standard_normal((2, 3, 4, 5))
    both = np.stack([x, -x], -1).reshape(2, 3, 4, 10)
    np.testing.assert_array_equal(KINDS["Maxout"]().forward((both,), {}, Context()), np.abs(x))


def test_maxout_says_how_many_pieces_would_do():
    (problem,) = KINDS["Maxout"].read({"pieces": 4}).problems(((8, 8, 6),))
    assert problem.what == "4 pieces cannot share 6 channels evenly"
    assert problem.why == "6/4 = 1.5 must be whole."
    assert problem.fixes[0].label == "Use pieces 3"
