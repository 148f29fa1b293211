"""Layers that pad, cut, enlarge and rearrange, beside worked cases and loops."""

import itertools
from fractions import Fraction

import numpy as np
import pytest

from core.layers import KINDS, Context
from core.layers.kind import ReceptiveField


def passed(kind, config, x, dy=None):
    """Run a kind forwards and, with the gradient of its output, backwards."""
    spec, ctx = KINDS[kind].read(config), Context()
    y = spec.forward((np.asarray(x, float),), {}, ctx)
    return y if dy is None else (y, spec.backward(np.asarray(dy, float), {}, ctx)[0][0])


def row(*values):
    """Make an image of one row and one channel."""
    return np.array(values, float).reshape(1, 1, -1, 1)


def test_zeros_around():
    y = passed("ZeroPad2D", {"padding": [[1, 0], [2, 1]]}, np.ones((1, 1, 2, 1)))
    assert y[0, :, :, 0].tolist() == [[0, 0, 0, 0, 0], [0, 0, 1, 1, 0]]


def test_mirror_images_and_what_they_give_back():
    config = {"padding": [[0, 0], [2, 2]]}
    y, dx = passed("ReflectPad2D", config, row(1, 2, 3), row(1, 10, 100, 1000, 10_000, 100_000, 1_000_000))
    assert y.ravel().tolist() == [3, 2, 1, 2, 3, 2, 1]
    assert dx.ravel().tolist() == [1_000_100, 101_010, 10_001]


def test_reflecting_more_than_there_is():
    (problem,) = KINDS["ReflectPad2D"].read({"padding": [[3, 0], [1, 5]]}).problems(((3, 4, 1),))
    assert problem.what == "a 3×4 input has too few pixels to reflect 3 of them"
    assert problem.fixes[0].label == "Use padding [[2, 0], [1, 3]]"
    (problem,) = KINDS["ReflectPad2D"].read({"padding": 9}).problems(((3, 4, 1),))
    assert problem.fixes[0].label == "Use padding 2"


def test_cutting():
    x = np.arange(20.0).reshape(1, 4, 5, 1)
    y, dx = passed("Crop2D", {"cropping": [[1, 2], [0, 3]]}, x, [[[[7], [8]]]])
    assert y.ravel().tolist() == [5, 6]
    assert dx[0, :, :, 0].tolist() == [[0] * 5, [7, 8, 0, 0, 0], [0] * 5, [0] * 5]


@pytest.mark.parametrize(
    ("cropping", "label"),
    [
        (9, "Use cropping [[1, 2], [2, 2]]"),
        ([[4, 0], [0, 1]], "Use cropping [[3, 0], [0, 1]]"),
        ([[1, 9], [0, 0]], "Use cropping [[1, 2], [0, 0]]"),
    ],
)
def test_cutting_off_everything(cropping, label):
    spec = KINDS["Crop2D"].read({"cropping": cropping})
    (problem,) = spec.problems(((4, 5, 1),))
    assert problem.fixes[0].label == label
    assert not list(spec.with_settings(problem.fixes[0].edits[0].config).problems(((4, 5, 1),)))


def test_channels_of_zeros():
    y, dx = passed("PadChannels", {"before": 1, "after": 2}, [[[[5, 6]]]], [[[[1, 2, 3, 4, 5]]]])
    assert y.ravel().tolist() == [0, 5, 6, 0, 0]
    assert dx.ravel().tolist() == [2, 3]


def test_repeated_pixels():
    y, dx = passed("Upsample2D", {"factor": [1, 2]}, row(1, 2), row(1, 10, 100, 1000))
    assert y.ravel().tolist() == [1, 1, 2, 2]
    assert dx.ravel().tolist() == [11, 1100]


def test_interpolation_lies_half_a_pixel_in():
    # Output pixels 0 … 3 lie at −1/4, 1/4, 3/4 and 5/4 of the input; beyond the border it goes on unchanged.
    y, dx = passed("Upsample2D", {"factor": [1, 2], "interpolation": "bilinear"}, row(0, 4), row(1, 10, 100, 1000))
    assert y.ravel().tolist() == [0, 1, 3, 4]
    assert dx.ravel().tolist() == [1 + 7.5 + 25, 2.5 + 75 + 1000]
    y = passed("Upsample2D", {"factor": [1, 3], "interpolation": "bilinear"}, row(0, 3, 9))
    assert y.ravel() == pytest.approx([0, 0, 1, 2, 3, 5, 7, 9, 9])


@pytest.mark.parametrize("factor", [(2, 3), (1, 4), (5, 1)])
def test_interpolation_by_loops(factor):
    x = np.random.default_rng(1).standard_normal((2, 3, 4, 2))
    y = passed("Upsample2D", {"factor": list(factor), "interpolation": "bilinear"}, x)
    for i, j in itertools.product(range(3 * factor[0]), range(4 * factor[1])):
        expected = 0
        for a, b in itertools.product(range(-1, 4), range(-1, 5)):
            down = 1 - abs((i + 0.5) / factor[0] - 0.5 - a)
            across = 1 - abs((j + 0.5) / factor[1] - 0.5 - b)
            expected = expected + max(0, down) * max(0, across) * x[:, np.clip(a, 0, 2), np.clip(b, 0, 3)]
        np.testing.assert_allclose(y[:, i, j], expected, atol=1e-12)


def test_pixels_of_a_block_lie_behind_each_other():
    # Two channels, one 2×2 block: channel c·4 + 2·i + j is pixel (i, j) of channel c.
    image = np.array([[[1, 10], [2, 20]], [[3, 30], [4, 40]]])[None]
    assert passed("SpaceToDepth", {}, image).ravel().tolist() == [1, 2, 3, 4, 10, 20, 30, 40]
    depth = np.arange(8).reshape(1, 1, 1, 8)
    assert passed("DepthToSpace", {}, depth)[0, :, :, 0].tolist() == [[0, 1], [2, 3]]
    assert passed("DepthToSpace", {}, depth)[0, :, :, 1].tolist() == [[4, 5], [6, 7]]


@pytest.mark.parametrize("b", [2, 3])
def test_space_and_depth_undo_each_other(b):
    x = np.random.default_rng(2).standard_normal((2, 2 * b, 3 * b, 5))
    deep = passed("SpaceToDepth", {"block_size": b}, x)
    for n, i, j, c in np.ndindex(x.shape):
        assert deep[n, i // b, j // b, c * b * b + (i % b) * b + j % b] == x[n, i, j, c]
    np.testing.assert_array_equal(passed("DepthToSpace", {"block_size": b}, deep), x)


def test_blocks_that_do_not_fit():
    (problem,) = KINDS["SpaceToDepth"].read({"block_size": 4}).problems(((12, 9, 3),))
    assert problem.what == "blocks of 4×4 do not tile a 12×9 input"
    assert problem.why == "12/4 = 3 and 9/4 = 2.25 must both be whole."
    assert problem.fixes[0].label == "Use block size 3"
    (problem,) = KINDS["DepthToSpace"].read({"block_size": 4}).problems(((2, 2, 18),))
    assert problem.what == "18 channels cannot be laid out in blocks of 4×4"
    assert problem.fixes[0].label == "Use block size 3"


def test_channels_are_dealt_out():
    y, dx = passed("ChannelShuffle", {"groups": 3}, [[1, 2, 3, 4, 5, 6]], [[1, 2, 3, 4, 5, 6]])
    assert y.tolist() == [[1, 3, 5, 2, 4, 6]]
    assert dx.tolist() == [[1, 4, 2, 5, 3, 6]]


@pytest.mark.parametrize(
    ("kind", "config", "size", "jump"),
    [
        ("Upsample2D", {}, (9, 9), (2, 3)),
        ("Upsample2D", {"factor": [8, 5]}, (9, 9), (Fraction(1, 2), Fraction(6, 5))),
        ("SpaceToDepth", {}, (9 + 4, 9 + 6), (8, 12)),
        ("DepthToSpace", {}, (9, 9), (2, 3)),
        ("ZeroPad2D", {"padding": 3}, (9, 9), (4, 6)),
        ("ReflectPad2D", {"padding": 3}, (9, 9), (4, 6)),
        ("Crop2D", {"cropping": 1}, (9, 9), (4, 6)),
        ("PadChannels", {"before": 1, "after": 1}, (9, 9), (4, 6)),
        ("ChannelShuffle", {"groups": 2}, (9, 9), (4, 6)),
    ],
)
def test_what_is_seen(kind, config, size, jump):
    spec = KINDS[kind].read(config)
    field = ReceptiveField((9, 9), (4, 6))
    assert spec.receptive_field(((8, 8, 4),), (field,)) == ReceptiveField(size, jump)
    assert spec.receptive_field(((8, 8, 4),), (None,)) is None
