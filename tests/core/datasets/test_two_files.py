"""Folders with a file for training and one for the test."""

import numpy as np
import pytest

from core.errors import DataError
from core.io.datasets import load_dataset
from tests.core.datasets.making import images, photos


@pytest.mark.parametrize(
    ("train", "test"),
    [("train.npz", "test.npz"), ("fashion-mnist_train.csv", "fashion-mnist_test.csv"), ("Training set", "Test set")],
)
def test_two_files_whose_names_differ_in_train_and_test_are_one_data_set(tmp_path, train, test):
    for name, n in ((train, 5), (test, 3)):
        with (tmp_path / name).open("wb") as file:
            np.savez(file, x=images(n), y=np.arange(n))
    (tmp_path / "README.md").write_text("Dear all")
    loaded = load_dataset(str(tmp_path))
    assert (loaded.name, loaded.format, len(loaded), len(loaded.test)) == (tmp_path.name, "NPZ", 5, 3)
    assert loaded.classes == loaded.test.classes == ("0", "1", "2", "3", "4")


def test_classes_are_told_by_their_names(tmp_path):
    (tmp_path / "train.csv").write_text("a,label\n1.5,dog\n2.5,cat\n0.5,dog\n")
    (tmp_path / "test.csv").write_text("a,label\n1.5,eel\nx,dog\n2.5,dog\n3.5,cat\n")
    loaded = load_dataset(str(tmp_path))
    assert loaded.classes == loaded.test.classes == ("cat", "dog", "eel")
    assert (loaded.labels.tolist(), loaded.test.labels.tolist()) == ([1, 0, 1], [2, 1, 0])
    assert loaded.notes == ("no image of class eel",)
    assert [(part.file, part.where) for part in loaded.refused] == [("test.csv", "line 3, column 1 (a)")]


def test_values_mean_the_same_in_both(tmp_path):
    np.savez(tmp_path / "train.npz", x=photos(4) / 1.01, y=[0, 1, 0, 1])
    np.savez(tmp_path / "test.npz", x=np.full((2, 32, 32, 3), 0.5), y=[0, 1])
    loaded = load_dataset(str(tmp_path))
    assert loaded.scale == loaded.test.scale == 255


def test_others_are_no_such_folder(tmp_path):
    np.savez(tmp_path / "train.npz", x=images(), y=np.arange(5))
    np.savez(tmp_path / "contest.npz", x=images(), y=np.arange(5))
    with pytest.raises(DataError, match=r"but contest.npz and train.npz in it do"):
        load_dataset(str(tmp_path))
    (tmp_path / "test.npz").write_text("a,label\n1.5,0\n")
    with pytest.raises(DataError, match="in it do"):
        load_dataset(str(tmp_path))
    np.savez(tmp_path / "test.npz", x=photos(), y=np.arange(6))
    with pytest.raises(DataError, match=r"the samples for training are 4×3×1, those for the test 32×32×3"):
        load_dataset(str(tmp_path))
