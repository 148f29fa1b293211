"""What is known of a data set before its images are read, and labels that don't begin with 0."""

from dataclasses import replace

import numpy as np
import pytest

from core.errors import DataError
from core.io.datasets import (
    BUNDLED,
    DataFacts,
    Dataset,
    counted_from,
    fit_to,
    fitting_for,
    formats,
    idx_pairs,
    load_dataset,
    look_at_dataset,
    values,
)
from tests.core.datasets.making import write_pair


@pytest.mark.parametrize("name", BUNDLED)
def test_the_table_of_bundled_sets_is_right(name):
    assert look_at_dataset(name) == load_dataset(name).facts


@pytest.mark.parametrize("packed", [False, True])
def test_looking_at_a_pair_says_what_reading_it_says(tmp_path, monkeypatch, packed):
    write_pair(tmp_path / "mine", packed=packed, labels=np.array([3, 1, 2, 1, 3], np.uint8))
    read = load_dataset("mine", tmp_path).facts
    monkeypatch.setattr(idx_pairs, "read_images", None)  # looking reads no image
    assert look_at_dataset("mine", tmp_path) == read == DataFacts("mine/train", (4, 3, 1), 5, 4, 1)


def test_looking_refuses_as_reading_does(tmp_path):
    images, _ = write_pair(tmp_path / "mine")
    images.write_bytes(images.read_bytes()[:-1])
    for look in (look_at_dataset, load_dataset):
        with pytest.raises(DataError, match="the data end at offset"):
            look("mine", tmp_path)


def test_labels_counted_from_1():
    labels = np.array([1, 3, 1])
    data = Dataset(
        "mine", np.ones((3, 2), np.float32), labels, ("0", "1", "2", "3"), 1.0, ("no image of class 0 and 2",)
    )
    counted = counted_from(data, 1)
    assert (counted.labels.tolist(), counted.classes) == ([0, 2, 0], ("1", "2", "3"))
    assert counted.notes == ("no image of class 2",)
    assert counted_from(data, 0) is data
    with pytest.raises(DataError, match="mine has samples with the label 1, but first_label says"):
        counted_from(data, 2)


@pytest.mark.parametrize(
    ("have", "shape", "brief"),
    [
        ((8, 8, 1), (8, 8, 1), "8×8×1"),
        ((8, 8, 1), (28, 28, 1), "8×8, enlarged to 28×28"),
        ((28, 28, 1), (32, 32, 3), "28×28, enlarged to 32×32, grey in 3 channels"),
        ((32, 32, 3), (16, 40, 1), "32×32, resized to 16×40, colours made grey"),
        ((28, 28, 1), (8, 8, 1), "28×28, reduced to 8×8"),
        ((8, 8, 1), (64,), "8×8×1, rearranged to 64 values"),
    ],
)
def test_what_is_done_in_a_few_words(have, shape, brief):
    assert fitting_for("mine", 2, have, shape).brief == brief
    data = Dataset("mine", np.zeros((2, *have), np.uint8), np.arange(2), ("a", "b"))
    assert fit_to(data, shape).notes == fitting_for("mine", 2, have, shape).notes


def test_the_test_part_goes_along():
    test = Dataset("test", np.ones((1, 2), np.float32), np.array([2]), ("0", "1", "2"), 1.0)
    data = Dataset("mine", np.ones((2, 2), np.float32), np.array([1, 2]), ("0", "1", "2"), 1.0, test=test)
    counted = counted_from(data, 1)
    assert (counted.test.labels.tolist(), counted.test.classes) == ([1], ("1", "2"))
    fitted = fit_to(data, (2, 1, 1))
    assert (fitted.shape, fitted.test.shape) == ((2, 1, 1), (2, 1, 1))


def test_nonfinite_samples_are_counted_block_by_block(monkeypatch):
    images = np.ones((7, 2, 3, 1), np.float32)
    images[2, 0, 1], images[5, 1, 2], images[5, 0, 0] = np.nan, np.inf, np.nan
    monkeypatch.setattr(values, "_BLOCK", 12)
    facts = Dataset("mine", images, np.zeros(7, int), ("a",)).facts
    assert (facts.n_nonfinite, facts.first_nonfinite) == (2, 2)


def test_what_must_be_read_to_look_at_it_is_read_once_for_each_state(tmp_path, monkeypatch):
    reads = []
    (npz,) = (known for known in formats.FORMATS if known.name == "NPZ")
    counting = replace(npz, read=lambda path: (reads.append(path), npz.read(path))[1])
    monkeypatch.setattr(formats, "FORMATS", (counting,))
    np.savez(tmp_path / "a.npz", x=np.zeros((3, 4, 4)), y=[0, 1, 2])
    assert look_at_dataset("a.npz", tmp_path) == look_at_dataset("a.npz", tmp_path)
    assert len(reads) == 1
    np.savez(tmp_path / "a.npz", x=np.zeros((4, 4, 4)), y=[0, 1, 2, 3])
    assert look_at_dataset("a.npz", tmp_path).n == 4
    (tmp_path / "a.npz").write_bytes(b"PK\3\4")
    for _ in range(2):
        with pytest.raises(DataError):
            look_at_dataset("a.npz", tmp_path)
