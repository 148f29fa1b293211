import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from core.io.datasets.resize import RESIZES, bilinear, placement, resize_text, resized


def slow_bilinear(image, height, width):
    """One pixel after the other, as the docstring states it."""
    high, wide, channels = image.shape
    out = np.empty((height, width, channels))
    for i in range(height):
        for j in range(width):
            y = min(max((i + 0.5) * high / height - 0.5, 0), high - 1)
            x = min(max((j + 0.5) * wide / width - 0.5, 0), wide - 1)
            top, left = math.floor(y), math.floor(x)
            below, right = min(top + 1, high - 1), min(left + 1, wide - 1)
            t, s = y - top, x - left
            for c in range(channels):
                upper = (1 - s) * image[top, left, c] + s * image[top, right, c]
                lower = (1 - s) * image[below, left, c] + s * image[below, right, c]
                out[i, j, c] = (1 - t) * upper + t * lower
    return out


size = st.integers(1, 9)


@given(size, size, st.integers(1, 3), size, size, st.integers(0, 2**32 - 1))
def test_as_the_slow_version(high, wide, channels, height, width, seed):
    images = np.random.default_rng(seed).random((2, high, wide, channels), np.float32)
    resized = bilinear(images, height, width)
    assert resized.shape == (2, height, width, channels)
    assert resized.dtype == np.float32
    for image, result in zip(images, resized, strict=True):
        assert_allclose(result, slow_bilinear(image, height, width), rtol=0, atol=1e-6)
        assert image.min() <= result.min()
        assert result.max() <= image.max()


# By hand: 2 → 4 reads at −¼ → 0, ¼, ¾, 1¼ → 1; 4 → 2 at ½ and 2½; 3 → 2 at ¼ and 1¾; 2 → 3 at −⅙ → 0, ½, 1⅙ → 1;
# 4 → 1 at 1½.
@pytest.mark.parametrize(
    ("row", "resized"),
    [
        ([0, 4], [0, 1, 3, 4]),
        ([0, 4, 8, 4], [2, 6]),
        ([0, 4, 8], [1, 7]),
        ([2, 4], [2, 3, 4]),
        ([0, 2, 4, 100], [3]),
        ([5], [5, 5, 5]),
    ],
)
def test_worked_by_hand(row, resized):
    row = np.float32(row).reshape(1, 1, -1, 1)
    assert bilinear(row, 1, len(resized)).ravel().tolist() == resized
    assert bilinear(row.transpose(0, 2, 1, 3), len(resized), 1).ravel().tolist() == resized


def test_two_axes_by_hand():
    image = np.float32([[0, 4], [8, 12]]).reshape(1, 2, 2, 1)
    assert bilinear(image, 4, 4)[0, :, :, 0].tolist() == [[0, 1, 3, 4], [2, 3, 5, 6], [6, 7, 9, 10], [8, 9, 11, 12]]


def test_the_input_is_not_touched():
    images = np.random.default_rng(0).random((2, 3, 3, 1), np.float32)
    before = images.copy()
    bilinear(images, 5, 2)
    assert_array_equal(images, before)


@pytest.mark.torch
@pytest.mark.parametrize("target", [(28, 28), (3, 5), (8, 20), (224, 7)])
def test_as_pytorch(target):
    import torch

    images = np.random.default_rng(0).random((4, 8, 9, 3), np.float32)
    theirs = torch.nn.functional.interpolate(
        torch.from_numpy(images.transpose(0, 3, 1, 2).copy()), target, mode="bilinear", align_corners=False
    )
    assert_allclose(bilinear(images, *target), theirs.numpy().transpose(0, 2, 3, 1), rtol=0, atol=1e-6)


side = st.integers(1, 12)


@given(side, side, side, side, st.sampled_from(list(RESIZES)))
def test_placements_keep_what_they_promise(high, wide, height, width, resize):
    place = placement((high, wide), (height, width), resize)
    assert 0 <= place.top <= place.top + place.height <= high + 1e-9
    assert 0 <= place.left <= place.left + place.width <= wide + 1e-9
    (top, left), (inner_high, inner_wide) = place.at, place.size
    assert 0 <= top <= top + inner_high <= height
    assert 0 <= left <= left + inner_wide <= width
    if resize == "stretch":
        assert (place.height, place.width, place.size) == (high, wide, (height, width))
    elif resize == "crop":
        assert place.size == (height, width)
        assert_allclose(place.height * width, place.width * height)
        assert high == place.height or wide == place.width
    else:
        assert (place.height, place.width) == (high, wide)
        assert inner_high == height or inner_wide == width
        factor = min(height / high, width / wide)
        assert place.size == (max(1, round(high * factor)), max(1, round(wide * factor)))


@given(side, side, st.sampled_from(list(RESIZES)))
def test_the_same_ratio_is_resized_the_same_way(high, wide, resize):
    images = np.random.default_rng(0).random((1, high, wide, 2), np.float32)
    assert_array_equal(resized(images, 2 * high, 2 * wide, resize), bilinear(images, 2 * high, 2 * wide))
    assert resize_text((high, wide), (2 * high, 2 * wide), resize) == ""


def test_fitting_puts_black_borders_around_and_cropping_cuts_the_middle_out():
    images = np.arange(1, 9, dtype=np.float32).reshape(1, 2, 4, 1)
    assert resized(images, 4, 4, "fit")[0, ..., 0].tolist() == [[0] * 4, [1, 2, 3, 4], [5, 6, 7, 8], [0] * 4]
    assert resized(images, 2, 2, "crop")[0, ..., 0].tolist() == [[2, 3], [6, 7]]
    assert resized(images, 2, 2, "stretch")[0, ..., 0].tolist() == [[1.5, 3.5], [5.5, 7.5]]
