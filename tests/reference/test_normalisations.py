"""Normalisations beside loops, worked cases and the values that CS231n's assignments publish."""

import itertools

import numpy as np
import pytest

from core.engine.network import Network
from core.errors import NetworkError
from core.layers import KINDS, Context
from tests.drawing import chain

PUBLISHED = 1e-7


def passed(kind, x, dy=None, training=False, weights=None, **config):
    """Run a kind forwards and backwards; gives the output, the gradients and the context."""
    spec, ctx, x = KINDS[kind].read(config), Context(training=training), np.asarray(x, float)
    declared = spec.weights((x.shape[1:],))
    given = {name: np.full(weight.shape, weight.filling) for name, weight in declared.items()} | (weights or {})
    y = spec.forward((x,), given, ctx)
    (dx,), gradients = spec.backward(np.ones_like(y) if dy is None else dy, given, ctx)
    return y, dx, gradients, ctx


def course_case():
    random = np.random.RandomState(231)
    x, gamma, beta, dy = 5 * random.randn(4, 5) + 12, random.randn(5), random.randn(5), random.randn(4, 5)
    return x, {"gamma": gamma, "beta": beta}, dy


def test_batch_normalisation_backward_as_published():
    x, weights, dy = course_case()
    _, dx, gradients, _ = passed("BatchNorm", x, dy, training=True, weights=weights)
    expected = [
        [
            -0.0031031943625234814,
            0.003054684267513256,
            -0.0015624636339690685,
            0.17251306506756778,
            0.013880286390623326,
        ],
        [
            0.011477616889599399,
            -0.10800884066580312,
            -0.01112563958069672,
            -0.020216319153235872,
            -0.020980851241713068,
        ],
        [
            -0.016824916660932707,
            -0.01106846867559983,
            -0.0038428566974565152,
            0.1358105504032672,
            -0.041086120831783125,
        ],
        [0.008450494133856803, 0.11602262507388965, 0.016530959912122303, -0.28810729631759907, 0.04818668568287289],
    ]
    np.testing.assert_allclose(dx, expected, rtol=PUBLISHED)
    np.testing.assert_allclose(
        gradients["gamma"],
        [2.290482783504134, 1.3924890698897612, 2.933505687321976, 0.9823454571020139, 2.083261125237769],
    )
    np.testing.assert_allclose(
        gradients["beta"],
        [0.08461601033022759, 0.5907361699063561, 1.2668311012625981, -1.7542801397806138, -0.8031721390579827],
    )


def test_layer_normalisation_backward_as_published():
    x, weights, dy = course_case()
    _, dx, gradients, _ = passed("LayerNorm", x, dy, weights=weights)
    expected = [
        [-0.0148552001366592, 0.010329122735577083, -0.011906522470193921, 0.044564006986354224, -0.028131407115078187],
        [0.0697420402932058, -0.02127582959829402, -0.007711276761243696, -0.04754428714780398, 0.006789353214136026],
        [
            -0.013340071808505674,
            -0.019503850778030504,
            0.0039325297764807934,
            0.09003201673155184,
            -0.06112062392149649,
        ],
        [0.07764742578574013, 0.3896429285629485, 0.06352496551823728, -0.5614153235682311, 0.030600003701305334],
    ]
    np.testing.assert_allclose(dx, expected, rtol=PUBLISHED)
    np.testing.assert_allclose(
        gradients["gamma"],
        [1.454130181812162, -0.748063639174362, 4.304459180225911, 2.715236513107218, 1.007420102998984],
    )


def test_batch_normalisation_forward_as_published():
    random = np.random.RandomState(231)
    x, first, second = random.randn(200, 50), random.randn(50, 60), random.randn(60, 3)
    a = np.maximum(0, x @ first) @ second
    np.testing.assert_allclose(a.mean(0), [-2.381459800604417, -13.180382463991418, 1.9178046225495151])
    weights = {"gamma": np.array([1.0, 2.0, 3.0]), "beta": np.array([11.0, 12.0, 13.0])}
    y, _, _, _ = passed("BatchNorm", a, training=True, weights=weights)
    np.testing.assert_allclose(y.mean(0), [11, 12, 13], atol=1e-6)
    np.testing.assert_allclose(y.std(0), [0.9999999932343329, 1.9999999914576345, 2.99999998943843], rtol=1e-12)


def test_spatial_batch_normalisation_as_published():
    x = (4 * np.random.RandomState(231).randn(2, 3, 4, 5) + 10).transpose(0, 2, 3, 1)
    y, _, _, _ = passed("BatchNorm", x, training=True)
    np.testing.assert_allclose(y.mean((0, 1, 2)), 0, atol=1e-12)
    weights = {"gamma": np.array([3.0, 4.0, 5.0]), "beta": np.array([6.0, 7.0, 8.0])}
    y, _, _, _ = passed("BatchNorm", x, training=True, weights=weights)
    np.testing.assert_allclose(y.mean((0, 1, 2)), [6, 7, 8])
    np.testing.assert_allclose(y.std((0, 1, 2)), [2.999998851847168, 3.9999980388892062, 4.999997978652892], rtol=1e-12)


def test_moving_averages_worked_by_hand():
    # Mean 3, sum of squares about it 8: the variance is 8/3, unbiased 4.
    x = np.array([[1.0], [3.0], [3.0], [5.0]]) * [[1.0]]
    _, _, _, ctx = passed("BatchNorm", x, training=True)
    assert ctx.updates["moving_mean"] == pytest.approx([0.9 * 0 + 0.1 * 3])
    assert ctx.updates["moving_variance"] == pytest.approx([0.9 * 1 + 0.1 * 8 / 3])
    _, _, _, ctx = passed("BatchNorm", x, training=True, momentum=0.25)
    assert ctx.updates["moving_mean"] == pytest.approx([2.25])
    assert ctx.updates["moving_variance"] == pytest.approx([0.25 + 0.75 * 8 / 3])


def test_inference_uses_the_moving_averages_and_moves_nothing():
    weights = {"moving_mean": np.array([1.0, 2.0]), "moving_variance": np.array([4.0, 0.25])}
    y, dx, gradients, ctx = passed("BatchNorm", [[3.0, 3.0]], np.array([[6.0, 5.0]]), weights=weights, epsilon=1e-12)
    np.testing.assert_allclose(y, [[1, 2]])
    np.testing.assert_allclose(dx, [[3, 10]])
    np.testing.assert_allclose(gradients["gamma"], [6, 10])
    assert not ctx.updates


def test_statistics_of_a_network_follow_training_and_serve_inference():
    net = Network(chain((3, 3, 2), "BatchNorm", "Flatten", ("Dense", {"units": 2})), "float64", seed=1)
    rng = np.random.default_rng(2)
    mean, variance = np.zeros(2), np.ones(2)
    for _ in range(3):
        x = rng.normal([5, -3], [2, 0.5], (8, 3, 3, 2))
        net.loss_and_gradient(x, np.zeros(8, int))
        mean = 0.9 * mean + 0.1 * x.mean((0, 1, 2))
        variance = 0.9 * variance + 0.1 * x.var((0, 1, 2), ddof=1)
        np.testing.assert_allclose(net.weights["bn1/moving_mean"], mean)
        np.testing.assert_allclose(net.weights["bn1/moving_variance"], variance)
    before = dict(net.weights)
    found = net.activations(x, ["bn1"])["bn1"]
    np.testing.assert_allclose(found, (x - mean) / np.sqrt(variance + 1e-5))
    net.evaluate(x, np.zeros(8, int))
    net.first_nonfinite()
    assert all((net.weights[name] == values).all() for name, values in before.items())


@pytest.mark.parametrize(("shape", "size"), [((5,), "N = 1"), ((1, 1, 5), "N·H·W = 1·1·1")])
def test_training_on_a_single_value_is_refused_by_name(shape, size):
    net = Network(chain(shape, "BatchNorm"), "float64")
    with pytest.raises(NetworkError) as caught:
        net.forward(np.ones((1, *shape)), training=True)
    assert str(caught.value) == (
        f"bn1: BatchNorm cannot train on a single value per channel ({size}), which has no variance. "
        "Use batches of 2 samples or more."
    )
    assert np.isfinite(net.forward(np.ones((1, *shape)))).all()
    assert np.isfinite(net.forward(np.ones((2, *shape)), training=True)).all()


def slowly_normalised(x, same_block):
    """Normalise each value by the mean and variance of those that share its block, one at a time."""
    y = np.empty_like(x)
    places = list(np.ndindex(x.shape))
    for place in places:
        block = np.array([x[other] for other in places if same_block(place, other)])
        y[place] = (x[place] - block.mean()) / np.sqrt(block.var() + 1e-5)
    return y


@pytest.mark.parametrize(
    ("kind", "config", "same_block"),
    [
        ("GroupNorm", {"groups": 2}, lambda p, q: p[0] == q[0] and p[3] // 3 == q[3] // 3),
        ("GroupNorm", {"groups": 1}, lambda p, q: p[0] == q[0]),
        ("GroupNorm", {"groups": 6}, lambda p, q: p[0] == q[0] and p[3] == q[3]),
        ("InstanceNorm", {}, lambda p, q: p[0] == q[0] and p[3] == q[3]),
        ("LayerNorm", {}, lambda p, q: p[:3] == q[:3]),
    ],
)
def test_which_values_are_normalised_together(kind, config, same_block):
    rng = np.random.default_rng(3)
    x = rng.normal(2, 3, (2, 2, 3, 6))
    gamma, beta = rng.standard_normal((2, 6))
    for training in (False, True):
        y, _, _, _ = passed(kind, x, training=training, weights={"gamma": gamma, "beta": beta}, **config)
        np.testing.assert_allclose(y, slowly_normalised(x, same_block) * gamma + beta, rtol=1e-10)


def test_single_precision_of_values_far_from_0():
    x = (1000 + np.random.default_rng(4).standard_normal((64, 16, 16, 2))).astype("float32")
    spec = KINDS["BatchNorm"].read({"affine": False})
    weights = {"moving_mean": np.zeros(2, "float32"), "moving_variance": np.ones(2, "float32")}
    y = spec.forward((x,), weights, Context(training=True))
    exact = x.astype(float)
    expected = (exact - exact.mean((0, 1, 2))) / np.sqrt(exact.var((0, 1, 2)) + 1e-5)
    np.testing.assert_allclose(y, expected, atol=2e-4)


@pytest.mark.parametrize(
    ("kind", "config", "shape"),
    [
        ("LayerNorm", {}, (4, 4, 1)),
        ("InstanceNorm", {}, (1, 1, 8)),
        ("GroupNorm", {"groups": 8}, (1, 1, 8)),
        ("GroupNorm", {"groups": 5}, (5,)),
    ],
)
def test_normalising_single_values_is_noted(kind, config, shape):
    (problem,) = KINDS[kind].read(config).problems((shape,))
    assert (problem.code, problem.severity) == ("NORM-ONE", "note")


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 20])
def test_local_response_by_loops(size):
    rng = np.random.default_rng(5)
    x = rng.standard_normal((2, 3, 2, 6))
    y, _, _, _ = passed("LocalResponseNorm", x, size=size, alpha=0.7, beta=0.6, k=1.5)
    for n, i, j, c in itertools.product(*map(range, x.shape)):
        seen = range(max(0, c - size // 2), min(6, c + (size - 1) // 2 + 1))
        base = 1.5 + 0.7 / size * sum(x[n, i, j, other] ** 2 for other in seen)
        assert y[n, i, j, c] == pytest.approx(x[n, i, j, c] / base**0.6, rel=1e-12)


def test_local_response_worked_by_hand():
    y, _, _, _ = passed("LocalResponseNorm", [[[[3.0, 4.0]]]], size=3, alpha=3.0, beta=0.5, k=11.0)
    assert y.ravel() == pytest.approx([3 / 6, 4 / 6])  # √(11 + 3/3·(9 + 16)) = 6


def test_dropping_channels_drops_whole_maps():
    x = np.ones((50, 4, 3, 40))
    spec, ctx = KINDS["SpatialDropout"].read({"rate": 0.25}), Context(training=True, rng=np.random.default_rng(6))
    y = spec.forward((x,), {}, ctx)
    assert set(np.unique(y)) == {0, 1 / 0.75}
    assert (y == y[:, :1, :1]).all()
    assert (y == 0).mean() == pytest.approx(0.25, abs=0.03)
    (dx,), _ = spec.backward(x, {}, ctx)
    assert (dx == y).all()
    assert (spec.forward((x,), {}, Context()) == x).all()


def test_noise():
    x = np.full((100, 100), 3.0)
    spec = KINDS["GaussianNoise"].read({"std": 0.5})
    y = spec.forward((x,), {}, Context(training=True, rng=np.random.default_rng(7)))
    assert y.mean() == pytest.approx(3, abs=0.02)
    assert y.std() == pytest.approx(0.5, abs=0.02)
    assert (spec.forward((x,), {}, Context()) == x).all()
