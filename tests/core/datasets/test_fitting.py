import time
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from core.errors import DataError
from core.io.datasets import Dataset, fit_to, fitting_for, load_dataset
from core.io.datasets.resize import bilinear, resized


def photos(channels=3, n=4, size=6):
    values = np.random.default_rng(1).integers(0, 256, (n, size, size, channels)).astype(np.uint8)
    return Dataset("photos", values, np.arange(n), tuple("abcd"), notes=("cropped",))


def everything(data):
    return data.pixels(slice(None))


def test_the_same_shape_is_the_same_data_set():
    data = load_dataset("digits")
    assert fit_to(data, (8, 8, 1)) is data


def test_digits_for_lenet():
    digits = load_dataset("digits")
    fitted = fit_to(digits, (28, 28, 1))
    assert (fitted.shape, fitted.scale, fitted.images.dtype) == ((28, 28, 1), 1.0, np.float32)
    assert fitted.notes == ("resized from 8×8 to 28×28 (bilinear)",)
    assert_allclose(everything(fitted), bilinear(everything(digits), 28, 28), rtol=0, atol=0)
    assert (fitted.images.min(), fitted.images.max()) == (0, 1)
    assert (fitted.name, fitted.classes) == (digits.name, digits.classes)
    assert_array_equal(fitted.labels, digits.labels)
    assert digits.notes == ()


def test_resizing_the_digits_takes_the_time_of_a_few_passes_over_them():
    digits = load_dataset("digits")

    def seconds(work):
        times = []
        for _ in range(5):
            start = time.perf_counter()
            work()
            times.append(time.perf_counter() - start)
        return min(times)

    one_pass = seconds(lambda: np.sqrt(np.ones((1797, 28, 28, 1), np.float32)))
    assert seconds(lambda: fit_to(digits, (28, 28, 1))) < 60 * one_pass


def test_one_channel_becomes_three_without_more_memory():
    digits = load_dataset("digits")
    fitted = fit_to(digits, (8, 8, 3))
    assert fitted.notes == ("the one channel repeated 3 times",)
    assert (fitted.scale, fitted.images.dtype, fitted.images.strides[3]) == (16, np.uint8, 0)
    batch = fitted.pixels(np.array([5, 0]))
    assert batch.flags.c_contiguous
    assert_array_equal(batch, np.repeat(digits.pixels(np.array([5, 0])), 3, axis=3))


def test_three_channels_become_one_by_luminance():
    colours = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]], np.uint8).reshape(4, 1, 1, 3)
    fitted = fit_to(Dataset("colours", colours, np.arange(4), tuple("rgbw")), (1, 1, 1))
    assert_allclose(fitted.images.ravel(), [0.299, 0.587, 0.114, 1], rtol=0, atol=1e-7)
    assert fitted.images.max() <= 1
    assert fitted.notes == ("red, green and blue weighted and added to one grey channel (0.299, 0.587, 0.114)",)


def test_notes_tell_everything_in_order():
    assert fit_to(photos(3), (3, 12, 1)).notes == (
        "cropped",
        "red, green and blue weighted and added to one grey channel (0.299, 0.587, 0.114)",
        "resized from 6×6 to 3×12 (bilinear)",
    )
    assert fit_to(photos(1), (3, 12, 3)).notes == (
        "cropped",
        "resized from 6×6 to 3×12 (bilinear)",
        "the one channel repeated 3 times",
    )


def test_blocks_do_not_show(monkeypatch):
    whole = fit_to(photos(), (5, 7, 3)).images
    monkeypatch.setattr("core.io.datasets.fitting._BLOCK", 1)
    assert_array_equal(fit_to(photos(), (5, 7, 3)).images, whole)
    monkeypatch.setattr("core.io.datasets.fitting._BLOCK", 3 * 108)  # 3 + 1 images
    assert_array_equal(fit_to(photos(), (5, 7, 3)).images, whole)


def test_features_are_the_values_in_the_order_height_width_channels():
    data = photos()
    fitted = fit_to(data, (108,))
    assert (fitted.shape, fitted.images.dtype) == ((108,), np.uint8)
    assert fitted.notes == ("cropped", "rearranged from 6×6×3 to 108 values")
    assert_array_equal(everything(fitted), everything(data).reshape(4, 108))
    assert fitted.images[1, 6 * 3 + 2 * 3 + 1] == data.images[1, 1, 2, 1]
    assert_array_equal(fit_to(fitted, (6, 6, 3)).images, data.images)


@pytest.mark.parametrize(
    ("channels", "shape", "expected"),
    [
        (1, (784,), "photos holds samples of 6×6×1, but the network's Input takes 784 values: 6·6·1 = 36 is not 784."),
        (1, (784,), "Set the Input's shape to [36]."),
        (3, (28, 28, 2), "photos has images with 3 channels (6×6×3), but the network's Input takes 2 (28×28×2)."),
        (3, (28, 28, 4), "Set the Input's shape to [28, 28, 3]."),
        (
            1,
            (1, 28, 28),
            "(1×28×28). That looks like channels first (C×H×W): set the Input's shape to [28, 28, 1].",
        ),
        (3, (1, 28, 28), "channels first (C×H×W): set the Input's shape to [28, 28, 1]."),
        (4, (1, 28, 28), "channels first (C×H×W): set the Input's shape to [28, 28, 4]."),
        (4, (6, 6, 3), "photos has images with 4 channels"),
        (2, (6, 6, 1), "photos has images with 2 channels"),
    ],
)
def test_what_does_not_fit_names_the_numbers(channels, shape, expected):
    with pytest.raises(DataError) as caught:
        fit_to(photos(channels), shape)
    assert expected in str(caught.value)


def test_features_that_do_not_fit_an_image():
    rows = Dataset("rows", np.zeros((2, 36), np.uint8), np.zeros(2, int), ("a",))
    with pytest.raises(DataError, match=r"samples of 36 values, but the network's Input takes 7×7×1: 36 is not 49"):
        fit_to(rows, (7, 7, 1))


def test_more_than_the_memory_allowed_is_refused_before_it_is_taken():
    with pytest.raises(DataError, match=r"1,797 images\. Resized from 8×8×1 to 9000×9000×1 they would fill 542\.2 GiB"):
        fit_to(load_dataset("digits"), (9000, 9000, 3))


@pytest.mark.parametrize(
    ("resize", "note", "brief"),
    [
        ("stretch", "resized from 6×6 to 3×12 (bilinear)", "6×6, resized to 3×12"),
        (
            "fit",
            "resized from 6×6 to 3×12 (bilinear; ratio kept, black borders added)",
            "6×6, resized to 3×12 with black borders",
        ),
        ("crop", "resized from 6×6 to 3×12 (bilinear; ratio kept, the middle cut out)", "6×6, resized to 3×12 and cut"),
    ],
)
def test_sides_of_another_ratio_are_treated_as_asked_and_that_is_said(resize, note, brief):
    fitting = fitting_for("photos", 4, (6, 6, 3), (3, 12, 3), resize)
    assert (fitting.notes, fitting.brief) == ((note,), brief)
    fitted = fit_to(photos(3), (3, 12, 3), resize)
    assert fitted.notes == ("cropped", note)
    assert_allclose(fitted.images, resized(photos(3).pixels(slice(None)), 3, 12, resize), atol=1e-6)


def test_the_test_part_goes_along():
    whole = replace(photos(3), test=photos(3))
    fitted = fit_to(whole, (3, 12, 3), "fit")
    assert_array_equal(fitted.test.images, fitted.images)
    assert fit_to(whole, (6, 6, 3)) is whole


def test_there_must_be_room(monkeypatch):
    monkeypatch.setattr("core.io.datasets.fitting.room_bytes", lambda: 100)
    with pytest.raises(DataError, match=r"they would fill .*; there is room for 100 B in memory and temporary files\."):
        fit_to(photos(3), (3, 12, 3))
