"""Convolutions that are turned round or unshared, beside loops and worked cases."""

import itertools

import numpy as np
import pytest

from core.layers import KINDS, Context
from core.layers.kind import ReceptiveField


def run(kind, config, x, **weights):
    return KINDS[kind].read(config).forward((np.asarray(x, float),), weights, Context())


def test_what_overlaps_is_added():
    x = np.array([[1, 2], [3, 4]])[None, :, :, None]
    y = run("ConvTranspose2D", {"filters": 1, "kernel_size": 2, "bias": False}, x, kernel=np.ones((2, 2, 1, 1)))
    assert y[0, :, :, 0].tolist() == [[1, 3, 2], [4, 10, 6], [3, 7, 4]]


def test_the_course_example_in_one_dimension():
    # CS231n 2017, lecture 11: input (a, b), filter (x, y, z), stride 2 -> (ax, ay, az + bx, by, bz)
    kernel = np.array([5.0, 7.0, 11.0]).reshape(1, 3, 1, 1)
    config = {"filters": 1, "kernel_size": [1, 3], "stride": [1, 2], "bias": False}
    y = run("ConvTranspose2D", config, np.array([2, 3]).reshape(1, 1, 2, 1), kernel=kernel)
    assert y.ravel().tolist() == [2 * 5, 2 * 7, 2 * 11 + 3 * 5, 3 * 7, 3 * 11]


def transposed_slowly(x, kernel, stride, padding, output, dilation, groups):
    """Write every value where it belongs, one at a time."""
    n, high, wide, c = x.shape
    fh, fw, _, depth = kernel.shape
    y = np.zeros((n, *output, depth * groups))
    for s, i, j, channel, a, b, k in itertools.product(*map(range, (n, high, wide, c, fh, fw, depth))):
        row = i * stride[0] + a * dilation[0] - padding[0]
        column = j * stride[1] + b * dilation[1] - padding[1]
        if 0 <= row < output[0] and 0 <= column < output[1]:
            group = channel // (c // groups)
            y[s, row, column, group * depth + k] += x[s, i, j, channel] * kernel[a, b, channel, k]
    return y


@pytest.mark.parametrize(
    ("config", "padding", "output"),
    [
        ({"stride": 2}, (0, 0), (7, 10)),
        ({"stride": [3, 2], "padding": [1, 0], "output_padding": [2, 1]}, (1, 0), (9, 11)),
        ({"stride": 2, "padding": [[2, 0], [1, 2]], "output_padding": 1}, (2, 1), (6, 8)),
        ({"dilation": [2, 3], "padding": [[1, 2], [0, 3]], "output_padding": [1, 2]}, (1, 0), (5, 12)),
        ({"stride": [2, 5], "padding": "same"}, (0, 0), (6, 20)),
        ({"stride": [1, 2], "padding": "same"}, (1, 1), (3, 8)),
        ({"stride": 2, "groups": 2, "padding": "valid"}, (0, 0), (7, 10)),
        ({"padding": [2, 3]}, (2, 3), (1, 1)),
    ],
)
def test_transposed_convolution_is_every_value_written(config, padding, output):
    rng = np.random.default_rng(3)
    spec = KINDS["ConvTranspose2D"].read({"filters": 4, "kernel_size": [3, 4], **config})
    x = rng.standard_normal((2, 3, 4, 4))
    weights = {n: rng.standard_normal(w.shape) for n, w in spec.weights((x.shape[1:],)).items()}
    stride, dilation = (np.broadcast_to(value, 2) for value in (spec.stride, spec.dilation))
    expected = transposed_slowly(x, weights["kernel"], stride, padding, output, dilation, spec.groups)
    y = spec.forward((x,), weights, Context())
    np.testing.assert_allclose(y, expected + weights["bias"], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("padding", [0, 1, "same", [[1, 0], [0, 2]]])
@pytest.mark.parametrize("stride", [1, 2])
def test_it_is_the_transpose_of_a_convolution(stride, padding):
    """The convolution as a matrix, found pixel by pixel, and its transpose."""
    rng = np.random.default_rng(4)
    settings = {"kernel_size": 3, "stride": stride, "padding": padding, "bias": False}
    up = KINDS["ConvTranspose2D"].read({"filters": 2, **settings})
    down = KINDS["Conv2D"].read({"filters": 3, **settings})
    x = rng.standard_normal((1, 4, 5, 3))
    image = up.output_shape(((4, 5, 3),))
    kernel = rng.standard_normal((3, 3, 3, 2))
    pixels = np.eye(np.prod(image)).reshape(-1, *image)
    matrix = down.forward((pixels,), {"kernel": kernel.transpose(0, 1, 3, 2)}, Context()).reshape(len(pixels), -1)
    y = up.forward((x,), {"kernel": kernel}, Context())
    np.testing.assert_allclose(y.ravel(), matrix @ x.ravel(), rtol=1e-12, atol=1e-12)


def fields(spec, image, field):
    return spec.receptive_field((image,), (field,))


def test_receptive_fields_of_transposed_convolutions():
    up = KINDS["ConvTranspose2D"]
    field = ReceptiveField((10, 10), (4, 4))
    assert fields(up.read({"filters": 1, "kernel_size": 2, "stride": 2}), (4, 4, 1), field) == ReceptiveField(
        (10, 10), (2, 2)
    )
    assert fields(up.read({"filters": 1, "kernel_size": 4, "stride": 2}), (4, 4, 1), field) == ReceptiveField(
        (14, 14), (2, 2)
    )
    found = fields(up.read({"filters": 1, "kernel_size": [3, 5], "stride": [8, 3]}), (4, 4, 1), field)
    assert (*found.size, *map(float, found.jump)) == (10, 14, 0.5, pytest.approx(4 / 3))
    assert fields(up.read({"filters": 1, "kernel_size": 2}), (4, 4, 1), None) is None


def test_unshared_filters_are_one_matrix_per_place():
    rng = np.random.default_rng(5)
    spec = KINDS["LocallyConnected2D"].read({"filters": 3, "kernel_size": [2, 3], "stride": [1, 2], "padding": [1, 0]})
    x = rng.standard_normal((2, 3, 7, 2))
    kernel, bias = rng.standard_normal((4, 3, 12, 3)), rng.standard_normal((4, 3, 3))
    y = spec.forward((x,), {"kernel": kernel, "bias": bias}, Context())
    padded = np.pad(x, [(0, 0), (1, 1), (0, 0), (0, 0)])
    for n, i, j in itertools.product(range(2), range(4), range(3)):
        patch = padded[n, i : i + 2, 2 * j : 2 * j + 3].ravel()  # rows, columns, channels
        np.testing.assert_allclose(y[n, i, j], patch @ kernel[i, j] + bias[i, j])


def test_unshared_filters_that_are_all_the_same_are_a_convolution():
    rng = np.random.default_rng(6)
    settings = {"filters": 3, "kernel_size": [2, 3], "padding": "same", "stride": 2}
    x, kernel, bias = rng.standard_normal((2, 5, 6, 2)), rng.standard_normal((2, 3, 2, 3)), rng.standard_normal(3)
    shared = KINDS["Conv2D"].read(settings).forward((x,), {"kernel": kernel, "bias": bias}, Context())
    spec = KINDS["LocallyConnected2D"].read(settings)
    weights = {
        "kernel": np.broadcast_to(kernel.reshape(12, 3), (3, 3, 12, 3)),
        "bias": np.broadcast_to(bias, (3, 3, 3)),
    }
    np.testing.assert_allclose(spec.forward((x,), weights, Context()), shared)


@pytest.mark.parametrize(
    ("config", "code", "labels"),
    [
        ({"groups": 3}, "GROUPS", ["Use groups 2"]),
        ({"padding": 9}, "SHAPE-SMALL", ["Use padding 2", "Use padding 0"]),
        ({"output_padding": 1}, "OUTPUT-PADDING", ["Use output padding 0"]),
        ({"stride": 2, "output_padding": [0, 5]}, "OUTPUT-PADDING", ["Use output padding [0, 1]"]),
        ({"padding": "same", "stride": 2, "output_padding": 1}, "OUTPUT-PADDING", ["Use no output padding"]),
    ],
)
def test_problems_and_cures_of_transposed_convolutions(config, code, labels):
    spec = KINDS["ConvTranspose2D"].read({"filters": 4, "kernel_size": 3, **config})
    (problem,) = spec.problems(((4, 5, 4),))
    assert problem.code == code
    assert [fix.label for fix in problem.fixes] == labels
    for fix in problem.fixes:
        assert not list(spec.with_settings(fix.edits[0].config).problems(((4, 5, 4),)))
