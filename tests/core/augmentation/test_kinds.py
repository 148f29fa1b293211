"""Augmentations: the same for a sample whatever it is computed with, and what each of them does."""

import numpy as np
import pytest

from core.augmentation.augmentation import augmented
from core.augmentation.changing import Brightness, Contrast, Cutout, Noise
from core.augmentation.draws import Draws
from core.augmentation.moving import Crop, Flip, Rotate, Shift, Zoom
from core.augmentation.resampling import resampled
from core.augmentation.table import AUGMENTATION

EXAMPLES = [
    Flip(),
    Flip(axis="vertical"),
    Shift(),
    Rotate(),
    Zoom(),
    Crop(),
    Noise(),
    Cutout(),
    Brightness(),
    Contrast(),
]


def pictures(n=40, shape=(9, 7, 3)):
    return np.random.default_rng(0).random((n, *shape), dtype=np.float32)


def epoch_of(x, kinds, samples=None, *, seed=0, epoch=1):
    samples = np.arange(len(x)) if samples is None else samples
    return augmented(x[samples], kinds, seed, epoch, samples)


def test_every_kind_has_an_example():
    assert {type(kind).__name__ for kind in EXAMPLES} == set(AUGMENTATION)


@pytest.mark.parametrize("kind", EXAMPLES, ids=str)
def test_a_sample_is_changed_alike_in_a_batch_of_any_size_and_order(kind):
    x = pictures()
    whole = epoch_of(x, [kind])
    assert (whole.shape, whole.dtype) == (x.shape, np.float32)
    order = np.random.default_rng(1).permutation(len(x))
    for size in (1, 7, 40):
        for batch in np.split(order, range(size, len(x), size)):
            np.testing.assert_array_equal(epoch_of(x, [kind], batch), whole[batch])


@pytest.mark.parametrize("kind", EXAMPLES, ids=str)
def test_seed_epoch_sample_and_place_decide(kind):
    x = np.repeat(pictures(1), 40, axis=0)
    first = epoch_of(x, [kind])
    assert len(np.unique(first.reshape(40, -1), axis=0)) > 1  # samples that look alike are changed differently
    for other in (epoch_of(x, [kind], seed=1), epoch_of(x, [kind], epoch=2)):
        assert (other != first).any()
    nothing = Noise(std=1e-30)
    assert (epoch_of(x, [nothing, kind]) != first).any()
    np.testing.assert_array_equal(epoch_of(x, [kind]), first)


@pytest.mark.parametrize("kind", EXAMPLES, ids=str)
def test_only_noise_is_for_features(kind):
    assert bool(kind.refusal((4,))) == (not isinstance(kind, Noise))
    assert not kind.refusal((9, 7, 3))


def test_uniform_numbers_are_uniform():
    numbers = Draws(3, 1, 0, np.arange(100_000)).uniform()
    counts = np.histogram(numbers, bins=100, range=(0, 1))[0]
    assert ((counts - 1000) ** 2 / 1000).sum() < 149  # chi-square with 99 degrees of freedom, 0.1 %
    assert abs(np.corrcoef(numbers[:-1], numbers[1:])[0, 1]) < 0.015
    assert (Draws(3, 1, 0, np.arange(9)).whole(-1, 1) <= 1).all()


def test_normal_numbers_are_normal():
    numbers = Draws(0, 1, 0, np.arange(1000)).normal(101).astype(np.float64)
    assert numbers.shape == (1000, 101)
    assert abs(numbers.mean()) < 0.01
    assert abs(numbers.std() - 1) < 0.01
    assert abs((numbers**4).mean() - 3) < 0.1
    assert abs(np.corrcoef(numbers[:, 0], numbers[:, 1])[0, 1]) < 0.1


def test_half_of_the_images_are_flipped():
    x = pictures(400)
    flipped = epoch_of(x, [Flip()])
    is_flipped = (flipped == x[:, :, ::-1]).all(axis=(1, 2, 3))
    np.testing.assert_array_equal(flipped[~is_flipped], x[~is_flipped])
    assert 160 < is_flipped.sum() < 240
    np.testing.assert_array_equal(
        epoch_of(x, [Flip(axis="vertical")])[is_flipped], x[is_flipped][:, ::-1]
    )  # the same draw


def slowly_moved(x, down, right):
    moved = np.zeros_like(x)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            if 0 <= i - down < x.shape[0] and 0 <= j - right < x.shape[1]:
                moved[i, j] = x[i - down, j - right]
    return moved


@pytest.mark.parametrize(("kind", "most"), [(Shift(pixels=2), 2), (Crop(padding=4), 4), (Shift(pixels=20), 20)])
def test_images_are_moved_and_black_comes_in(kind, most):
    x = pictures()
    draws = Draws(0, 1, 0, np.arange(40))
    down, right = draws.whole(-most, most), draws.whole(-most, most)
    expected = [slowly_moved(*each) for each in zip(x, down, right, strict=True)]
    np.testing.assert_array_equal(epoch_of(x, [kind]), expected)
    assert len(set(down.tolist())) == min(2 * most + 1, len(set(down.tolist())))
    assert set(down.tolist()) <= set(range(-most, most + 1))


def slowly_resampled(x, m):
    """Read every pixel at its place, bilinearly, in plain loops; black beyond the edge."""
    high, wide, channels = x.shape
    out = np.zeros((high, wide, channels))
    for i in range(high):
        for j in range(wide):
            row, column = i - (high - 1) / 2, j - (wide - 1) / 2
            at = m[0] * row + m[1] * column + (high - 1) / 2, m[2] * row + m[3] * column + (wide - 1) / 2
            top, left = int(np.floor(at[0])), int(np.floor(at[1]))
            for a in (top, top + 1):
                for b in (left, left + 1):
                    if 0 <= a < high and 0 <= b < wide:
                        out[i, j] += x[a, b] * (1 - abs(at[0] - a)) * (1 - abs(at[1] - b))
    return out


def test_images_are_read_at_other_places():
    x = pictures(6)
    maps = np.random.default_rng(2).normal(size=(6, 4)) * 0.7
    expected = [slowly_resampled(*each) for each in zip(x, maps, strict=True)]
    np.testing.assert_allclose(resampled(x, maps), expected, atol=1e-5)


def test_quarter_turns_are_exact():
    x = pictures(1, (5, 5, 2))
    np.testing.assert_allclose(resampled(x, np.array([[0.0, 1.0, -1.0, 0.0]])), np.rot90(x, 1, axes=(1, 2)), atol=1e-6)


def test_images_turn_about_their_middle_within_the_limit():
    x = np.zeros((200, 21, 21, 1), np.float32)
    x[:, 10, :] = 1  # a bar, whose slope is the angle
    turned = epoch_of(x, [Rotate(degrees=20)])[..., 0]
    rows = (turned * np.arange(21)[None, :, None]).sum(axis=1) / np.maximum(turned.sum(axis=1), 1e-9)
    slopes = np.degrees(np.arctan((rows[:, 14] - rows[:, 6]) / 8))
    assert np.abs(slopes).max() < 22
    assert slopes.min() < -15
    assert slopes.max() > 15
    np.testing.assert_allclose(turned[:, 10, 10], 1, atol=1e-5)


def test_images_are_enlarged_or_shrunk_about_their_middle():
    x = np.zeros((200, 41, 41, 1), np.float32)
    x[:, 10:31, 10:31] = 1
    sides = np.sqrt(epoch_of(x, [Zoom(range=0.3)]).sum(axis=(1, 2, 3))) / 21
    assert sides.min() > 0.68
    assert sides.max() < 1.32
    assert sides.min() < 0.8
    assert sides.max() > 1.2


def test_noise_has_its_deviation():
    noise = epoch_of(np.zeros((50, 30, 30, 1), np.float32), [Noise(std=0.1)])
    assert abs(noise.std() - 0.1) < 0.002
    rows = epoch_of(np.zeros((50, 7), np.float32), [Noise()])
    assert rows.shape == (50, 7)
    assert rows.any()


@pytest.mark.parametrize("size", [1, 4, 5])
def test_a_square_becomes_black(size):
    cut = epoch_of(np.ones((300, 12, 10, 2), np.float32), [Cutout(size=size)])
    gone = (cut == 0).all(axis=3)
    np.testing.assert_array_equal(gone.any(axis=2)[..., None] & gone.any(axis=1)[:, None], gone)  # a rectangle
    areas = gone.sum(axis=(1, 2))
    assert areas.max() == size**2
    assert areas.min() >= 1
    assert (cut[~gone] == 1).all()


def test_brightness_and_contrast_stay_between_black_and_white():
    x = pictures()
    brighter = epoch_of(x, [Brightness(range=0.3)])
    by = Draws(0, 1, 0, np.arange(40)).uniform(-0.3, 0.3)[:, None, None, None]
    np.testing.assert_allclose(brighter, np.clip(x + by, 0, 1), atol=1e-6)
    stretched = epoch_of(x, [Contrast(range=0.5)])
    by = Draws(0, 1, 0, np.arange(40)).uniform(0.5, 1.5)[:, None, None, None]
    mean = x.mean(axis=(1, 2), keepdims=True)
    np.testing.assert_allclose(stretched, np.clip(mean + by * (x - mean), 0, 1), atol=1e-5)
    beyond = epoch_of(x * 3, [Contrast()])  # floats that were never between 0 and 1 are not cut off there
    assert beyond.max() > 2
