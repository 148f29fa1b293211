import gzip
import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import resources
from core import load_data
from core.errors import DataError
from core.io.datasets import BUNDLED, load_dataset, look_at_dataset
from tests.core.datasets.making import idx_bytes, images, write_pair

MNIST = Path(__file__).parents[3].parent / "shared" / "data" / "mnist"
needs_mnist = pytest.mark.skipif(not MNIST.is_dir(), reason="the real MNIST files do not lie beside the repository")


def refusal(name, base=None):
    with pytest.raises(DataError) as caught:
        load_dataset(str(name), base)
    return str(caught.value)


def test_digits_are_the_1797_real_ones():
    digits = load_dataset("digits")
    assert (digits.name, len(digits), digits.shape, digits.scale) == ("digits", 1797, (8, 8, 1), 16)
    assert digits.classes == tuple("0123456789")
    assert digits.images.dtype == np.uint8
    assert (digits.images.min(), digits.images.max(), digits.images.sum(dtype=int)) == (0, 16, 561_718)
    assert np.bincount(digits.labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert digits.labels[:10].tolist() == list(range(10))
    assert digits.images[0, :2, :, 0].tolist() == [[0, 0, 5, 13, 9, 1, 0, 0], [0, 0, 13, 15, 10, 15, 5, 0]]


def test_the_attribution_names_source_licence_and_the_very_files():
    text = resources.path("datasets/README.md").read_text(encoding="utf-8")
    for expected in ("E. Alpaydin, C. Kaynak", "https://doi.org/10.24432/C50P49", "CC BY 4.0", "What was done to it"):
        assert expected in text
    for name in ("digits-images-idx3-ubyte", "digits-labels-idx1-ubyte"):
        unpacked = gzip.decompress(resources.path(f"datasets/{name}.gz").read_bytes())
        assert hashlib.sha256(unpacked).hexdigest() in text


def test_scripts_load_by_name_text_or_path(tmp_path):
    np.savez(tmp_path / "a.npz", x=images(), y=np.arange(5))
    for where in (("a.npz", tmp_path), ("a.npz", str(tmp_path)), (tmp_path / "a.npz",)):
        assert len(load_data(*where)) == 5
    assert load_data("digits").format == "bundled"


def test_every_bundled_set_loads_by_its_name():
    for name in BUNDLED:
        assert load_dataset(name).name == name


@needs_mnist
def test_the_real_mnist_as_folder_and_as_file():
    folder, file = load_dataset(str(MNIST)), load_dataset(str(MNIST / "t10k-images-idx3-ubyte.gz"))
    for mnist in (folder, file):
        assert (mnist.name, len(mnist), mnist.shape, mnist.scale) == ("mnist/t10k", 10_000, (28, 28, 1), 255)
        assert np.bincount(mnist.labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
        assert mnist.labels[:5].tolist() == [7, 2, 1, 0, 4]
        assert mnist.notes == ()
    assert_array_equal(folder.images, file.images)


@needs_mnist
def test_the_real_mnist_cut_short(tmp_path):
    for path in MNIST.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes()[: 800_000 if "images" in path.name else None])
    text = refusal(tmp_path)
    assert text.startswith("t10k-images-idx3-ubyte.gz: its header announces 10,000 images of 28×28 = 7,840,000 bytes")
    assert "the data end at offset" in text


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("dot", [False, True])
def test_a_pair_by_its_folder_its_images_and_relative_to_a_base(tmp_path, packed, dot):
    path, _ = write_pair(tmp_path / "mine", packed=packed, dot=dot)
    for loaded in (
        load_dataset(str(tmp_path / "mine")),
        load_dataset(str(path)),
        load_dataset("mine", tmp_path),
        load_dataset(f"mine/{path.name}", tmp_path),
    ):
        assert loaded.name == "mine/train"
        assert loaded.classes == ("0", "1", "2", "3", "4")
        assert_array_equal(loaded.images[..., 0], images())
        assert loaded.labels.tolist() == [0, 1, 2, 3, 4]


def test_without_a_base_a_path_starts_at_the_current_folder(tmp_path, monkeypatch):
    write_pair(tmp_path / "digits")
    monkeypatch.chdir(tmp_path)
    assert len(load_dataset("./digits")) == 5
    assert len(load_dataset("digits")) == 1797


@pytest.mark.parametrize(
    ("image_name", "label_name", "name"),
    [
        ("images.idx", "labels.idx", "d"),
        ("IMAGES-IDX3-UBYTE", "labels-idx1-ubyte", "d"),
        ("emnist-letters-test-images-idx3-ubyte.gz", "emnist-letters-test-labels-idx1-ubyte", "d/emnist-letters-test"),
        ("train-images.idx3-ubyte", "train-labels-idx1-ubyte.gz", "d/train"),
        ("images-idx4-ubyte", "labels-idx1-int", None),
    ],
)
def test_names_that_make_a_pair(tmp_path, image_name, label_name, name):
    folder = tmp_path / "d"
    folder.mkdir()
    (folder / image_name).write_bytes(idx_bytes(images()))
    (folder / label_name).write_bytes(idx_bytes(np.arange(5, dtype="i2")))
    if name is None:
        assert "holds no pair" in refusal(folder)
    else:
        assert load_dataset(str(folder)).name == name


def test_the_plain_one_is_taken_of_a_pair_that_lies_there_twice(tmp_path):
    write_pair(tmp_path / "d", packed=True)
    path, _ = write_pair(tmp_path / "d")
    path.with_name("train-images-idx3-ubyte.gz").write_bytes(b"damaged")
    assert len(load_dataset(str(tmp_path / "d"))) == 5
    assert "train-images-idx3-ubyte.gz" in refusal(tmp_path / "d" / "train-images-idx3-ubyte.gz")


def test_hidden_and_other_files_do_not_disturb(tmp_path):
    write_pair(tmp_path / "d")
    for name in ("._train-images-idx3-ubyte", "._train-labels-idx1-ubyte", "notes.txt", "t10k-labels-idx1-ubyte"):
        (tmp_path / "d" / name).write_bytes(b"?")
    (tmp_path / "d" / "x-images-idx3-ubyte").mkdir()
    assert load_dataset(str(tmp_path / "d")).name == "d/train"


def test_several_pairs_are_named_and_one_is_asked_for(tmp_path):
    path, _ = write_pair(tmp_path / "d", "a-")
    write_pair(tmp_path / "d", "train-")
    text = refusal(tmp_path / "d")
    assert "holds 2 data sets: a-images-idx3-ubyte and train-images-idx3-ubyte" in text
    assert f"such as {path}" in text
    write_pair(tmp_path / "d", "t10k-")
    assert "holds 3 data sets: " in refusal(tmp_path / "d")


@pytest.mark.parametrize(
    "names", [("train-", "t10k-"), ("emnist-letters-train-", "emnist-letters-test-"), ("Train-", "TEST-")]
)
def test_a_pair_for_training_and_one_for_the_test_are_one_data_set(tmp_path, names):
    train, test = names
    write_pair(tmp_path / "d", train, labels=np.array([0, 1, 1, 0, 3], np.uint8))
    write_pair(tmp_path / "d", test, n=4, labels=np.array([0, 4, 2, 0], np.uint8))
    whole = load_dataset(str(tmp_path / "d"))
    assert (whole.name, len(whole), whole.format) == ("d", 5, "IDX")
    assert (len(whole.test), whole.test.labels.tolist()) == (4, [0, 4, 2, 0])
    assert whole.classes == whole.test.classes == ("0", "1", "2", "3", "4")
    assert whole.notes == ("no image of class 2 and 4",)
    assert_array_equal(whole.test.images[..., 0], images(4))
    assert look_at_dataset(str(tmp_path / "d")) == whole.facts
    alone = load_dataset(str(next((tmp_path / "d").glob(f"{train}images*"))))
    assert (len(alone), alone.test) == (5, None)


def test_parts_of_different_shapes_are_no_data_set(tmp_path):
    write_pair(tmp_path / "d", "train-")
    path, _ = write_pair(tmp_path / "d", "t10k-")
    path.write_bytes(idx_bytes(images(5, 4, 4)))
    assert "the samples for training are 4×3×1, those for the test 4×4×1" in refusal(tmp_path / "d")


def test_what_lies_in_a_folder_that_is_no_data_set_is_named(tmp_path):
    np.savez(tmp_path / "mine.npz", images=images(), labels=np.arange(5))
    (tmp_path / "notes.txt").write_text("?")
    assert f"itself, but its file mine.npz does. Give {tmp_path / 'mine.npz'}." in refusal(tmp_path)
    (tmp_path / "table.csv").write_text("1,2\n0,3\n")
    assert f"but mine.npz and table.csv in it do. Give the one you want, such as {tmp_path / 'mine.npz'}." in refusal(
        tmp_path
    )


def test_a_folder_without_a_pair_says_what_is_there(tmp_path):
    assert "holds no pair of images and labels: there are no files" in refusal(tmp_path)
    for n in range(9):
        (tmp_path / f"{n}.txt").touch()
    assert "there are 0.txt, 1.txt, 2.txt, 3.txt, 4.txt, 5.txt and 3 more files. Give a folder with" in refusal(
        tmp_path
    )


def test_images_without_labels_and_labels_alone(tmp_path):
    images_path, labels_path = write_pair(tmp_path / "d")
    write_pair(tmp_path / "d", "t10k-")
    text = refusal(labels_path)
    assert "holds the labels of a data set. Give the images file train-images-idx3-ubyte beside it." in text
    labels_path.unlink()
    assert "train-labels-idx1-ubyte is expected in" in refusal(images_path)
    assert load_dataset(str(tmp_path / "d")).name == "d/t10k"


def test_a_name_that_does_not_say_images(tmp_path):
    (tmp_path / "photos.bin").write_bytes(idx_bytes(images()))
    assert "The labels of photos.bin cannot be found" in refusal(tmp_path / "photos.bin")


@pytest.mark.parametrize(
    "name", ["mnist.pkl", "mnist.pkl.gz", "Data.PICKLE", "model.pt", "data_batch_1", "batches.meta"]
)
def test_pickles_are_refused_by_name(tmp_path, name):
    (tmp_path / name).write_bytes(b"anything")
    for path in (tmp_path / name, tmp_path):
        assert f"{name} is a Python pickle" in refusal(path)


def test_counts_that_differ_name_both_files(tmp_path):
    write_pair(tmp_path / "d", labels=np.zeros(4, np.uint8))
    text = refusal(tmp_path / "d")
    assert "train-images-idx3-ubyte holds 5 images, but train-labels-idx1-ubyte beside it 4 labels" in text


def test_classes_without_images_are_noted(tmp_path):
    write_pair(tmp_path / "d", labels=np.array([1, 4, 4, 1, 3], np.uint8))
    loaded = load_dataset(str(tmp_path / "d"))
    assert loaded.classes == ("0", "1", "2", "3", "4")
    assert loaded.notes == ("no image of class 0 and 2",)


def test_what_is_not_there(tmp_path):
    assert "There is no data set digit, nor a file" in refusal("digit", tmp_path)
    assert "Did you mean digits? Give digits, shapes, spiral, moons, " in refusal("digit", tmp_path)
    text = refusal("mnist/train", tmp_path)
    assert str(tmp_path / "mnist" / "train") in text
    assert "Did you mean" not in text


@pytest.mark.parametrize("name", ["", "  ", "a\0b", "~nobody-of-this-name/x", "x" * 5000, "a\udcff", "\ud800"])
def test_names_that_no_file_can_have(tmp_path, name):
    refusal(name, tmp_path).encode("utf-8")


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no symbolic links here")
def test_links_in_a_circle(tmp_path):
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert refusal(tmp_path / "a")
