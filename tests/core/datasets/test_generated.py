"""Data sets that are computed: the same everywhere, and what their classes promise."""

import hashlib
from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from core.io.datasets import BUNDLED, fit_to, load_dataset
from core.io.datasets.generated.draws import Draws
from core.io.datasets.generated.shapes import CLASSES, shapes
from core.io.datasets.generated.toys import TOYS, spiral

COMPUTED = ["shapes", *(toy.name for toy in TOYS)]

HASHES = {
    "shapes": "618e64e9dedad78c",
    "spiral": "c19f23e79d49ef6a",
    "moons": "c6846fb4db0a977d",
    "circles": "98a46b1eb9bbfbb9",
    "xor": "0af01302c3f0d160",
    "gaussians": "9d8b4922d3a9ca00",
}
"""Of the arrays, so that a run can be repeated years later and on another machine."""


def points(name, test=False):
    data = load_dataset(name)
    data = data.test if test else data
    return data.images.astype(float), data.labels


def digest(data):
    of = hashlib.sha256()
    for part in (data, data.test):
        of.update(part.images.astype(part.images.dtype.newbyteorder("<")).tobytes())
        of.update(part.labels.astype("<i8").tobytes())
    return of.hexdigest()[:16]


@pytest.mark.parametrize("name", COMPUTED)
def test_the_same_numbers_on_every_machine(name):
    assert digest(load_dataset(name)) == HASHES[name]


@pytest.mark.parametrize("name", COMPUTED)
def test_the_test_part_is_of_the_same_sort_and_holds_no_sample_of_the_other(name):
    data = load_dataset(name)
    assert (data.format, data.test.format, data.test.test) == ("bundled", "bundled", None)
    assert (data.test.name, data.test.classes, data.test.shape) == (name, data.classes, data.shape)
    assert set(np.bincount(data.labels)) == {len(data) // len(data.classes)}
    assert set(np.bincount(data.test.labels)) == {len(data.test) // len(data.classes)}
    shared = {row.tobytes() for row in data.images} & {row.tobytes() for row in data.test.images}
    assert len(shared) <= (3 if name == "spiral" else 0)  # its centre is no place for noise


@pytest.mark.parametrize("name", [toy.name for toy in TOYS])
def test_coordinates_reach_the_network_as_they_are(name):
    data = load_dataset(name)
    assert (data.shape, data.images.dtype, data.scale) == ((2,), np.float32, 1)
    assert_array_equal(data.pixels(slice(None)), data.images)
    assert data.images.min() < -0.5
    assert fit_to(data, (2,)) is data


def test_digits_have_no_test_part():
    data = load_dataset("digits")
    assert (data.test, data.format) == (None, "bundled")


# --- Toys -------------------------------------------------------------------------------------------------------------


def test_the_arms_of_the_spiral_wind_as_in_the_course():
    (x, y), labels = points("spiral")[0].T, points("spiral")[1]
    assert np.bincount(labels).tolist() == [100, 100, 100]
    for label in range(3):
        own = labels == label
        r, wanted = np.hypot(x[own], y[own]), np.linspace(0, 1, 100)
        assert np.abs(r - wanted).max() < 2e-4
        angle = np.arctan2(x[own], y[own]) - np.linspace(4 * label, 4 * (label + 1), 100)
        noise = ((angle + np.pi) % (2 * np.pi) - np.pi)[1:]
        assert 0.15 < noise.std() < 0.25
        assert abs(noise.mean()) < 0.06


@pytest.mark.parametrize("test", [False, True])
def test_moons_are_half_circles_with_noise(test):
    (x, y), labels = points("moons", test)[0].T, points("moons", test)[1]
    upper, lower = labels == 0, labels == 1
    for off in (np.hypot(x[upper], y[upper]) - 1, np.hypot(x[lower] - 1, y[lower] - 0.5) - 1):
        assert abs(off.mean()) < 0.02
        assert 0.08 < off.std() < 0.12


def test_circles_leave_a_gap():
    at, labels = points("circles")
    r = np.hypot(*at.T)
    assert r[labels == 0].max() < 2.5
    assert r[labels == 1].min() >= 3.5
    assert r.max() < 5


def test_quarters_of_xor_belong_together_crosswise():
    at, labels = points("xor")
    assert_array_equal(labels, at.prod(axis=1) > 0)
    assert 0.3 <= np.abs(at).min() < 0.32
    assert 5.2 < np.abs(at).max() < 5.3
    assert {len(set(labels[(at[:, 0] > 0) == right])) for right in (True, False)} == {2}


def test_clouds_are_normal():
    at, labels = points("gaussians")
    for label, centre in ((0, -2), (1, 2)):
        own = at[labels == label]
        assert np.abs(own.mean(axis=0) - centre).max() < 0.15
        assert np.abs(own.std(axis=0) - 1).max() < 0.1


def test_other_seeds_draw_other_points():
    assert not np.array_equal(spiral(0, 300)[0], spiral(1, 300)[0])


# --- Shapes -----------------------------------------------------------------------------------------------------------


def strokes(label):
    """How often neighbours differ along x, along y and along both diagonals, over the pictures of a class."""
    images, labels = shapes(5, 400)
    grey = images[labels == CLASSES.index(label)].astype(float).mean(axis=3)
    smooth = (grey[:, :-1, :-1] + grey[:, 1:, 1:] + grey[:, 1:, :-1] + grey[:, :-1, 1:]) / 4
    along = {
        "x": smooth[:, :, 3:] - smooth[:, :, :-3],
        "y": smooth[:, 3:] - smooth[:, :-3],
        "rising": smooth[:, :-2, 2:] - smooth[:, 2:, :-2],
        "falling": smooth[:, 2:, 2:] - smooth[:, :-2, :-2],
    }
    return {way: np.abs(change).mean() for way, change in along.items()}


@pytest.mark.parametrize(
    ("label", "along"),
    [("horizontal bars", "x"), ("vertical bars", "y"), ("rising bars", "rising"), ("falling bars", "falling")],
)
def test_bars_do_not_change_along_their_direction(label, along):
    changes = strokes(label)
    same = changes.pop(along)
    assert same < min(changes.values()) / 2


def test_only_colour_shows_spots():
    images, labels = shapes(5, 400)
    for label, sign in (("warm spot", 1), ("cool spot", -1)):
        own = images[labels == CLASSES.index(label)].astype(float)
        difference = sign * (own[..., 0] - own[..., 2])
        inside = difference > np.median(difference, axis=(1, 2), keepdims=True) + 60
        assert (inside.sum(axis=(1, 2)) > 30).all()
        lighter = np.array([image[mask].mean() - image[~mask].mean() for image, mask in zip(own, inside, strict=True)])
        assert np.abs(lighter).mean() < 5


def test_pictures_of_a_class_differ_in_place_and_colours():
    images, labels = shapes(5, 400)
    for label in range(10):
        own = images[labels == label]
        assert len({image.mean(axis=(0, 1)).round().tobytes() for image in own}) > 30
        assert images.std() > 40


def test_a_few_pictures_are_the_first_of_many():
    assert_array_equal(shapes(3, 30)[1], np.arange(30) % 10)


# --- Draws ------------------------------------------------------------------------------------------------------------


def test_draws_are_even():
    draws = Draws(1)
    assert np.bincount(draws.whole(-2, 2, (50_000,)) + 2).min() > 9_700
    assert (np.bincount(draws.bytes((256_000,)), minlength=256) > 850).all()
    even = draws.uniform(-1, 3, (50_000,))
    assert (even.min() >= -1, even.max() < 3, abs(even.mean() - 1) < 0.02) == (True, True, True)
    assert all(low < high for low, high in pairwise(np.quantile(even, [0, 0.24, 0.26, 0.5, 0.74, 1])))


def test_draws_are_nearly_normal():
    drawn = Draws(1).normal(2, (100_000,))
    assert abs(drawn.std() - 2) < 0.02
    shares = [np.mean(np.abs(drawn) < k * 2) for k in (1, 2, 3)]
    assert np.abs(np.array(shares) - [0.6827, 0.9545, 0.9973]).max() < 0.005


def test_the_table_is_computed_from_what_draws():
    assert set(COMPUTED) < set(BUNDLED)
