"""Pools beside loops and worked cases."""

import itertools
from fractions import Fraction
from math import ceil, floor, sqrt

import numpy as np
import pytest

from core.layers import KINDS, Context
from core.layers.kind import ReceptiveField


def passed(kind, config, x, dy=None):
    """Run a kind forwards and, with the gradient of its output, backwards."""
    spec, ctx = KINDS[kind].read(config), Context()
    y = spec.forward((np.asarray(x, float),), {}, ctx)
    return y if dy is None else (y, spec.backward(np.asarray(dy, float), {}, ctx)[0][0])


def test_the_length_of_a_window():
    x = np.array([[3, 4, 0, 0], [0, 0, 0, 0]])[None, :, :, None]
    y, dx = passed("L2Pool2D", {}, x, [[[[10.0], [7.0]]]])
    assert y.ravel().tolist() == [5, 0]
    assert dx[0, :, :, 0].tolist() == [[6, 8, 0, 0], [0, 0, 0, 0]]  # nothing where the whole window is 0


def test_l2_pool_with_padding_and_a_window_that_hangs_over():
    rng = np.random.default_rng(1)
    x = rng.standard_normal((2, 6, 5, 3))
    config = {"pool_size": [3, 2], "stride": 2, "padding": [1, 0], "rounding": "ceil"}
    y = passed("L2Pool2D", config, x)
    assert y.shape == (2, 4, 3, 3)
    for n, i, j, c in itertools.product(range(2), range(4), range(3), range(3)):
        rows, columns = range(max(0, 2 * i - 1), min(6, 2 * i + 2)), range(2 * j, min(5, 2 * j + 2))
        assert y[n, i, j, c] == pytest.approx(sqrt(sum(x[n, a, b, c] ** 2 for a in rows for b in columns)))


@pytest.mark.parametrize(
    ("n", "pool", "stride", "padding", "out"),
    [
        (3, 2, 3, 0, 1),  # a second window would begin at pixel 3, just outside
        (3, 2, 2, 0, 2),  # it begins at pixel 2, the last one
        (3, 1, 3, 0, 1),
        (5, 2, 3, 1, 2),  # a third would begin at pixel 5, in the padding after the image
        (6, 2, 3, 1, 3),
    ],
)
def test_rounded_up_the_last_window_begins_inside_the_image(n, pool, stride, padding, out):
    config = {"pool_size": pool, "stride": stride, "padding": padding, "rounding": "ceil"}
    for kind in ("MaxPool2D", "AvgPool2D", "L2Pool2D"):
        assert KINDS[kind].read(config).output_shape([(n, n, 1)]) == (out, out, 1)
        assert np.isfinite(passed(kind, config, np.ones((1, n, n, 1)))).all()


@pytest.mark.parametrize(("size", "output"), [((7, 5), (3, 2)), ((10, 7), (4, 7)), ((3, 2), (5, 4)), ((6, 6), (1, 3))])
def test_adaptive_bins(size, output):
    x = np.random.default_rng(2).standard_normal((2, *size, 3))
    y = passed("AdaptiveAvgPool2D", {"output_size": list(output)}, x)
    for i, j in itertools.product(range(output[0]), range(output[1])):
        rows, columns = (
            slice(floor(Fraction(at * n, out)), ceil(Fraction((at + 1) * n, out)))
            for at, n, out in zip((i, j), size, output, strict=True)
        )
        np.testing.assert_allclose(y[:, i, j], x[:, rows, columns].mean((1, 2)))


def test_adaptive_pool_of_a_whole_number_of_pixels_is_an_average_pool():
    x = np.random.default_rng(3).standard_normal((2, 6, 8, 3))
    dy = np.random.default_rng(4).standard_normal((2, 3, 2, 3))
    for ours, other in zip(
        passed("AdaptiveAvgPool2D", {"output_size": [3, 2]}, x, dy),
        passed("AvgPool2D", {"pool_size": [2, 4]}, x, dy),
        strict=True,
    ):
        np.testing.assert_allclose(ours, other)


def test_what_adaptive_bins_see():
    spec, field = KINDS["AdaptiveAvgPool2D"].read({"output_size": [3, 2]}), ReceptiveField((5, 5), (2, 2))
    found = spec.receptive_field(((7, 4, 1),), (field,))
    assert found == ReceptiveField((5 + 2 * 2, 5 + 1 * 2), (Fraction(14, 3), 4))
    assert KINDS["AdaptiveAvgPool2D"].read({"output_size": 1}).receptive_field(((7, 4, 1),), (field,)) is None
    same = KINDS["AdaptiveAvgPool2D"].read({"output_size": 6}).receptive_field(((6, 6, 256),), (field,))
    assert same == field


@pytest.mark.parametrize("n", range(1, 14))
@pytest.mark.parametrize("out", range(2, 14))
def test_what_the_largest_bin_sees(n, out):
    spec = KINDS["AdaptiveAvgPool2D"].read({"output_size": out})
    sizes = [ceil(Fraction((i + 1) * n, out)) - floor(Fraction(i * n, out)) for i in range(out)]
    assert spec.receptive_field(((n, n, 1),), (ReceptiveField(),)).size == (max(sizes), max(sizes))


def test_global_pools():
    x = np.arange(24.0).reshape(1, 2, 3, 4)
    y, dx = passed("GlobalAvgPool2D", {}, x, [[6, 12, 18, 24]])
    assert y.tolist() == [[10, 11, 12, 13]]
    assert (dx == [1, 2, 3, 4]).all()
    y, dx = passed("GlobalMaxPool2D", {}, x, [[1, 2, 3, 4]])
    assert y.tolist() == [[20, 21, 22, 23]]
    assert dx[0, 1, 2].tolist() == [1, 2, 3, 4]
    assert dx.sum() == 10


def test_the_first_of_equal_maxima_gets_the_whole_gradient():
    x = np.zeros((1, 2, 2, 1))
    x[0, 0, 1] = x[0, 1, 0] = 7
    assert passed("GlobalMaxPool2D", {}, x, [[5.0]])[1][0, :, :, 0].tolist() == [[0, 5], [0, 0]]


def test_after_a_global_pool_the_whole_input_is_seen():
    for kind in ("GlobalAvgPool2D", "GlobalMaxPool2D"):
        assert KINDS[kind]().receptive_field(((4, 4, 1),), (ReceptiveField(),)) is None
