import numpy as np
import pytest
from numpy.testing import assert_array_equal

from core.errors import DataError
from core.io.datasets import Dataset, plain_dataset


def dataset(**changes):
    fields = {
        "name": "shapes",
        "images": np.arange(2 * 2 * 3 * 1, dtype=np.uint8).reshape(2, 2, 3, 1),
        "labels": np.array([1, 0]),
        "classes": ("round", "square"),
    }
    return Dataset(**fields | changes)


def test_pixels_reach_the_network_scaled():
    data = dataset(images=np.array([0, 51, 255], np.uint8).reshape(3, 1, 1, 1), labels=np.zeros(3, int))
    batch = data.pixels(np.array([2, 1]))
    assert batch.dtype == np.float32
    assert_array_equal(batch.ravel(), np.float32([1, 0.2]))
    assert data.pixels(slice(0, 1)).shape == (1, 1, 1, 1)


def test_a_batch_is_a_fresh_array_and_the_stored_ones_are_read_only():
    images, labels = np.full((2, 2, 3, 1), 0.5, np.float32), np.array([1, 0])
    data = dataset(images=images, labels=labels, scale=1.0)
    for places in (slice(0, 2), np.array([0, 1])):
        batch = data.pixels(places)
        batch[:] = 9
    labels[:] = 7
    assert data.images.max() == 0.5
    assert data.labels.tolist() == [1, 0]
    with pytest.raises(ValueError, match="read-only"):
        data.images[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        data.labels[0] = 1
    images[0] = 0  # the caller's own array stays writeable


def test_no_float_copy_of_the_whole_set_is_made():
    assert dataset().images.dtype == np.uint8


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"images": np.zeros((2, 2, 3, 1))}, "its images are float64"),
        ({"images": np.zeros((2, 2, 3), np.uint8)}, "its images have the shape (2, 2, 3)"),
        ({"images": np.zeros((0, 2, 3, 1), np.uint8)}, "give at least one image"),
        ({"labels": np.array([0, 1, 1])}, "give one whole number for each of the 2 images"),
        ({"labels": np.array([0.0, 1.0])}, "its labels are float64"),
        ({"labels": np.array([0, 2])}, "its labels run from 0 to 2, but the classes named are 2"),
        ({"labels": np.array([-1, 1])}, "its labels run from -1 to 1"),
        ({"scale": 0.0}, "its scale is 0"),
        ({"scale": float("nan")}, "its scale is nan"),
    ],
)
def test_arrays_that_do_not_belong_together(changes, expected):
    with pytest.raises(DataError) as caught:
        dataset(**changes)
    assert str(caught.value).startswith("shapes: ")
    assert expected in str(caught.value)


IMAGES = np.zeros((2, 4, 4, 1), np.float32)


@pytest.mark.parametrize(
    ("images", "labels", "said"),
    [
        (IMAGES[:0], [], "its images have the shape \\(0, 4, 4, 1\\); give at least one image"),
        (IMAGES, [0, -9], "its smallest label is -9. Labels count from 0"),
        (IMAGES, [0, 10**18], "its largest label is 1,000,000,000,000,000,000; labels are class numbers up to 65,535"),
        (IMAGES, [[1, 0, 0], [0, 1, 0]], ".*Of one-hot rows, labels.argmax\\(axis=1\\) makes that"),
        ([[1], [1, 2]], [0, 1], "its images are no array of numbers: .*inhomogeneous"),
        (IMAGES, [[1], [1, 2]], "its labels are no array of numbers: .*inhomogeneous"),
        (None, [0, 1], "its images are object"),
    ],
    ids=["no images", "negative", "huge", "one-hot", "ragged images", "ragged labels", "nothing"],
)
def test_plain_arrays_that_are_no_data_set(images, labels, said):
    with pytest.raises(DataError, match=f"the data: {said}"):
        plain_dataset(images, labels)
