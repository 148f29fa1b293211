"""Drawings reach a network as its samples do: as large, at the same place, in the same shape."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DataError
from core.io.datasets import load_dataset, plain_dataset
from core.io.datasets.drawings import Extent, Placing, extent_of, fit_picture, pad_shape, placing_of
from core.io.datasets.resize import resized


def like_mnist():
    """Digits scaled into 20×20 and moved by whole pixels until their centre of mass is in the middle of 28×28."""
    digits = load_dataset("digits")
    small = resized(digits.pixels(slice(0, 200)), 20, 20)
    pictures = np.zeros((len(small), 28, 28, 1), np.float32)
    for picture, digit in zip(pictures, small, strict=True):
        ink = digit[..., 0]
        row = (ink.sum(1) @ (np.arange(20) + 0.5)) / ink.sum()
        column = (ink.sum(0) @ (np.arange(20) + 0.5)) / ink.sum()
        top, left = np.clip([round(14 - row), round(14 - column)], 0, 8)
        picture[top : top + 20, left : left + 20] = digit
    return plain_dataset(pictures, digits.labels[:200])


class TestHowSamplesLie:
    def test_that_of_mnist_is_recognised(self):
        placing = placing_of(like_mnist())
        assert placing.by_mass
        assert placing.words(28) == "Scaled to 20 of 28 pixels and centred by its mass, as the samples are."

    def test_digits_fill_their_pictures(self):
        assert placing_of(load_dataset("digits")) == Placing(1.0, by_mass=False)

    def test_black_on_white_has_no_such_rule(self):
        data = like_mnist()
        assert placing_of(plain_dataset(1 - data.pixels(slice(0, 200)), data.labels)) is None

    def test_nor_have_samples_anywhere(self):
        rng = np.random.default_rng(0)
        pictures = np.zeros((100, 28, 28, 1), np.float32)
        for picture in pictures:
            top, left = rng.integers(0, 20, 2)
            picture[top : top + 8, left : left + 8] = 1
        assert placing_of(plain_dataset(pictures, np.zeros(100, np.int64))) is None

    def test_rows_of_features_have_none(self):
        assert placing_of(load_dataset("spiral")) is None


class TestExtent:
    def test_of_a_square(self):
        picture = np.zeros((10, 20, 1), np.float32)
        picture[2:4, 10:14] = 1
        extent = extent_of(picture)
        assert (extent.top, extent.left, extent.bottom, extent.right) == (0.2, 0.5, 0.4, 0.7)
        assert extent.mass == pytest.approx((0.3, 0.6))

    def test_of_nothing(self):
        assert extent_of(np.zeros((4, 4, 1), np.float32)) is None


shares = st.floats(0, 1)


class TestMoving:
    @given(shares, shares, st.floats(0.05, 0.9), st.floats(0.05, 0.9), shares, shares, st.floats(0.3, 1), st.booleans())
    def test_what_is_drawn_has_the_size_and_stays_within(self, top, left, high, wide, row, column, size, by_mass):
        mass = (top + high * row, left + wide * column)
        extent = Extent(top, left, top + high, left + wide, mass)
        factor, down, right = Placing(size, by_mass).moved(extent)
        ends = [extent.top * factor + down, extent.bottom * factor + down]
        ends += [extent.left * factor + right, extent.right * factor + right]
        assert min(ends) >= -1e-9
        assert max(ends) <= 1 + 1e-9
        assert max(ends[1] - ends[0], ends[3] - ends[2]) == pytest.approx(size)

    def test_the_mass_goes_to_the_middle_where_that_fits(self):
        extent = Extent(0.0, 0.0, 0.2, 0.2, (0.08, 0.12))
        factor, down, right = Placing(0.5, by_mass=True).moved(extent)
        assert (0.08 * factor + down, 0.12 * factor + right) == pytest.approx((0.5, 0.5))


class TestFitting:
    def test_features_take_a_square(self):
        picture = np.linspace(0, 1, 784, dtype=np.float32).reshape(28, 28, 1)
        fitted = fit_picture(picture, (64,))
        np.testing.assert_array_equal(fitted, resized(picture[None], 8, 8).reshape(64))

    def test_grey_becomes_three_channels_and_colours_one(self):
        grey = np.full((5, 5, 1), 0.5, np.float32)
        assert fit_picture(grey, (5, 5, 3)).shape == (5, 5, 3)
        red = np.zeros((5, 5, 3), np.float32)
        red[..., 0] = 1
        np.testing.assert_allclose(fit_picture(red, (5, 5, 1)), 0.299, atol=1e-6)

    def test_what_can_not_be_fitted_is_said(self):
        with pytest.raises(DataError, match=r"seven\.png"):
            fit_picture(np.zeros((5, 5, 1), np.float32), (5, 5, 4), name="seven.png")

    def test_one_draws_pictures_only(self):
        assert pad_shape((3, 32, 32)) is None
        assert pad_shape((100,)) == (10, 10, 1)
        assert pad_shape((9,)) is None
