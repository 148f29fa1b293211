"""NumPy's archives and arrays: roles by names, axes, values, labels, and files that are not what they claim."""

import io
import zipfile

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from core.errors import DataError
from core.io.datasets import load_dataset
from core.io.datasets import stored as storing
from core.training.messages import Finished
from core.training.trainer import train
from tests.core.datasets.making import images, photos
from tests.core.training.making import chain

LABELS = np.array([0, 2, 1, 2, 0])


def npz(path, **arrays):
    np.savez(path, **arrays)
    return load_dataset(str(path))


def refusal(path):
    with pytest.raises(DataError) as caught:
        load_dataset(str(path))
    return str(caught.value)


def claiming(shape, descr="|u1"):
    """The header of an array, and nothing after it."""
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape!r}, }}"
    text = text.ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


@pytest.mark.parametrize(
    "names",
    [
        ("x_train", "y_train"),
        ("X_train", "Y_train"),
        ("train_images", "train_labels"),
        ("images_train", "labels_train"),
        ("train_set_x", "train_set_y"),
        ("images", "labels"),
        ("data", "target"),
        ("x", "y"),
        ("X", "y"),
        ("arr_0", "arr_1"),
    ],
)
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_images_and_labels_by_their_names(tmp_path, names, save):
    save(tmp_path / "mine.npz", **dict(zip(names, (images(), LABELS), strict=True)))
    loaded = load_dataset("mine.npz", tmp_path)
    assert (loaded.name, loaded.format, loaded.shape, loaded.scale) == ("mine", "NPZ", (4, 3, 1), 255)
    assert (loaded.classes, loaded.notes, loaded.test) == (("0", "1", "2"), (), None)
    assert_array_equal(loaded.images[..., 0], images())
    assert loaded.labels.tolist() == LABELS.tolist()


def test_a_test_part_has_the_classes_of_both(tmp_path):
    loaded = npz(tmp_path / "a.npz", x_train=images(), y_train=LABELS, x_test=images(2), y_test=np.array([4, 0]))
    assert loaded.classes == loaded.test.classes == ("0", "1", "2", "3", "4")
    assert (len(loaded), len(loaded.test), loaded.test.labels.tolist()) == (5, 2, [4, 0])


def test_parts_are_scaled_alike(tmp_path):
    dark = np.full((2, 8, 8), 0.5)
    loaded = npz(tmp_path / "a.npz", x_train=dark * 400 + 0.5, y_train=[0, 1], x_test=dark, y_test=[0, 1])
    assert (loaded.scale, loaded.test.scale) == (255, 255)


def test_a_part_for_validation_is_named_as_unused(tmp_path):
    part = {"images": images(), "labels": LABELS}
    arrays = {f"{name}_{what}": array for name in ("train", "val", "test") for what, array in part.items()}
    loaded = npz(tmp_path / "medmnist.npz", **arrays)
    assert len(loaded.test) == 5
    assert loaded.notes == ("val_images is not used: the samples for validation are drawn from the training part",)


def test_names_of_classes_travel_along(tmp_path):
    loaded = npz(tmp_path / "a.npz", images=images(), labels=LABELS, class_names=["cat", "dog", "eel"])
    assert loaded.classes == ("cat", "dog", "eel")
    loaded = npz(tmp_path / "b.npz", images=images(), labels=LABELS, class_names=["cat"])
    assert loaded.classes == ("0", "1", "2")
    assert loaded.notes == ("1 name for 3 classes: the numbers are used",)
    from_one = npz(tmp_path / "c.npz", images=images(), labels=LABELS + 1, class_names=["cat", "dog", "eel"])
    assert from_one.classes == ("0", "cat", "dog", "eel")


def test_labels_that_begin_with_1_are_kept(tmp_path):
    loaded = npz(tmp_path / "a.npz", x=images(), y=LABELS + 1)
    assert (loaded.labels.tolist(), loaded.classes) == ((LABELS + 1).tolist(), ("0", "1", "2", "3"))
    assert loaded.notes == ("no image of class 0",)


@pytest.mark.parametrize(
    ("labels", "note"),
    [
        (LABELS[:, None], ()),
        (LABELS[None].astype("u8"), ()),
        (LABELS.astype(">i2"), ()),
        (LABELS.astype("f4"), ()),
        (np.eye(3)[LABELS], ("one-hot labels made class numbers",)),
        (np.eye(3, dtype=bool)[LABELS], ("one-hot labels made class numbers",)),
    ],
)
def test_labels_in_other_forms(tmp_path, labels, note):
    loaded = npz(tmp_path / "a.npz", x=images(), y=labels)
    assert (loaded.labels.tolist(), loaded.notes) == (LABELS.tolist(), note)


@pytest.mark.parametrize("kind", ["U5", "S5"])
def test_labels_that_are_texts_are_sorted_into_classes(tmp_path, kind):
    loaded = npz(tmp_path / "a.npz", x=images(), y=np.array(["dog", "cat", "eel", "cat", "dog"], kind))
    assert (loaded.classes, loaded.labels.tolist()) == (("cat", "dog", "eel"), [1, 0, 2, 0, 1])


def test_labels_of_one_and_minus_one_are_two_classes(tmp_path):
    loaded = npz(tmp_path / "a.npz", x=images(), y=np.array([-1, 1, 1, -1, 1]))
    assert (loaded.classes, loaded.labels.tolist()) == (("-1", "1"), [0, 1, 1, 0, 1])


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        ([0, 1, -3, 0, 1], "y of a.npz: label 3 is -3; labels are class numbers from 0 to 65,535"),
        ([0, 1, 0.5, 0, 1], "y of a.npz: label 3 is 0.5; labels are class numbers"),
        ([0, np.nan, 1, 0, 1], "y of a.npz: label 2 is nan"),
        ([0, 1, 1 << 40, 0, 1], "y of a.npz: label 3 is 1,099,511,627,776"),
        ([0, 1, 2, 0], "x of a.npz has the shape (5, 4, 3), but there are 4 labels"),
        ([[1, 0], [1, 0], [1, 1], [0, 1], [0, 1]], "y of a.npz has 2 values for each image, but row 3 is not one-hot"),
        (np.zeros((5, 2, 2)), "y of a.npz has the shape (5, 2, 2), no labels"),
        (np.zeros(5, complex), "y of a.npz holds complex128 values; numbers are needed"),
    ],
)
def test_labels_that_are_none_are_pointed_at(tmp_path, labels, says):
    np.savez(tmp_path / "a.npz", x=images(), y=labels)
    assert says in refusal(tmp_path / "a.npz")


@pytest.mark.parametrize(
    ("shape", "kept", "note"),
    [
        ((5, 32, 32, 3), (32, 32, 3), ""),
        ((5, 28, 28, 1), (28, 28, 1), ""),
        ((5, 3, 32, 32), (32, 32, 3), "channels stood first (3×32×32), now last (32×32×3)"),
        ((5, 1, 28, 30), (28, 30, 1), "channels stood first (1×28×30), now last (28×30×1)"),
        ((5, 3, 9, 3), (3, 9, 3), "3×9×3 taken as height × width × channels; it could also be channels first"),
        ((5, 4, 16, 16), (16, 16, 4), "channels stood first (4×16×16), now last (16×16×4)"),
        ((5, 8, 8, 6), (8, 8, 6), "8×8×6 taken as height × width × channels: no axis is 1 or 3"),
        ((28, 28, 5), (28, 28, 1), "samples stood last (28×28×5), now first"),
        ((5, 64), (64,), ""),
        ((5,), (1,), ""),
    ],
)
def test_axes_are_told_by_their_sizes(tmp_path, shape, kept, note):
    values = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    loaded = npz(tmp_path / "a.npz", x=values, y=LABELS)
    assert (loaded.shape, loaded.notes) == (kept, (note,) if note else ())
    if note.startswith("channels stood first"):
        assert_array_equal(loaded.images, values.transpose(0, 2, 3, 1))


@pytest.mark.parametrize(
    ("values", "dtype", "scale", "note"),
    [
        (np.uint8([0, 200]), np.uint8, 255, ""),
        (np.uint8([0, 1]), np.uint8, 1, "0 and 1 taken as they are"),
        (np.int64([0, 200]), np.uint8, 255, "whole numbers up to 255, kept as bytes"),
        (np.array([0, 200.0]), np.uint8, 255, "whole numbers up to 255, kept as bytes"),
        (np.array([0, 200.5]), np.float32, 255, "fractions up to 255: divided by 255"),
        (np.array([0, 0.7]), np.float32, 1, ""),
        (np.array([0, 1.02]), np.float32, 1, ""),
        (np.array([-0.5, 0.5]), np.float32, 1, ""),
        (np.array([-2.5, 3.5]), np.float32, 1, "values from -2.5 to 3.5 taken as they are"),
        (np.array([0, 60_000], ">u2"), np.float32, 65_535, "16-bit values up to 60,000: divided by 65,535"),
        (np.array([0, 4_000], "u2"), np.float32, 4_095, "12-bit values up to 4,000: divided by 4,095"),
        (np.array([False, True]), np.uint8, 1, ""),
        (np.array([0, 0.5], ">f8"), np.float32, 1, ""),
        (np.array([0, np.nan, 0.5]), np.float32, 1, ""),
    ],
)
def test_values_are_told_by_their_type_and_their_largest(tmp_path, values, dtype, scale, note):
    pixels = np.resize(values, (2, 9, 9, 1))
    loaded = npz(tmp_path / "a.npz", x=pixels, y=[0, 1])
    assert (loaded.images.dtype, loaded.scale, loaded.notes) == (dtype, scale, (note,) if note else ())
    assert_array_equal(loaded.pixels(slice(None)), pixels.astype(np.float32) / np.float32(scale))


def test_the_digits_of_scikit_learn_have_16_for_ink(tmp_path):
    digits = load_dataset("digits")
    for values in (digits.images[..., 0].astype(float), digits.images.reshape(-1, 64).astype(float)):
        loaded = npz(tmp_path / "digits.npz", images=values, labels=digits.labels)
        assert loaded.scale == 16
        assert loaded.pixels(slice(None)).max() == 1


def test_rows_of_few_values_are_no_pixels(tmp_path):
    loaded = npz(tmp_path / "a.npz", x=np.array([[30, 200], [55, 90]]), y=[0, 1])
    assert (loaded.scale, loaded.notes) == (1, ())
    assert loaded.pixels(slice(None)).tolist() == [[30, 200], [55, 90]]


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ({"a": images()}, "holds a: no images and labels among them. Name the arrays x_train and y_train"),
        ({"x_train": images(), "z": LABELS}, "holds x_train, but no labels for it; there is x_train and z"),
        ({"y": LABELS}, "holds labels, but no images for them"),
        ({"x": np.zeros((5, 2, 2, 2, 2)), "y": LABELS}, "x of a.npz has the shape (5, 2, 2, 2, 2); give samples"),
        ({"x": np.zeros((0, 4, 4)), "y": LABELS}, "x of a.npz has the shape (0, 4, 4): there is nothing in it"),
        ({"x": np.array(["a"] * 5), "y": LABELS}, "x of a.npz holds <U1; images are numbers"),
    ],
)
def test_archives_without_images_and_labels_say_what_is_there(tmp_path, arrays, says):
    np.savez(tmp_path / "a.npz", **arrays)
    assert says in refusal(tmp_path / "a.npz")


def test_objects_are_refused_and_never_unpickled(tmp_path):
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("unpickled",))

    trap = np.array([Trap()] * 5, object)
    np.savez(tmp_path / "a.npz", x=images(), y=trap)
    np.save(tmp_path / "x.npy", images())
    np.save(tmp_path / "y.npy", trap, allow_pickle=True)
    assert "y of a.npz holds Python objects (pickled), which Convograph never opens" in refusal(tmp_path / "a.npz")
    assert "y.npy holds Python objects (pickled)" in refusal(tmp_path / "x.npy")


@pytest.mark.parametrize("size", [6_000_000_000, 1 << 62])
def test_a_header_that_claims_6_gb_takes_no_memory(tmp_path, size, no_more_than):
    header = claiming((size // 784, 28, 28))
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "x.npy").write_bytes(header + bytes(100))
    np.save(tmp_path / "d" / "y.npy", LABELS)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", header + bytes(100))
        archive.write(tmp_path / "d" / "y.npy", "y.npy")
    with no_more_than(4 << 20):
        assert "x.npy ends before its data do" in refusal(tmp_path / "d")
        assert "a.npz" in refusal(tmp_path / "a.npz")


def test_what_packs_a_thousand_times_is_not_unpacked(tmp_path, no_more_than):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("x.npy", "w") as member:
            member.write(claiming((200_000, 28, 28)))
            for _ in range(200_000 * 784 >> 20):
                member.write(bytes(1 << 20))
        archive.writestr("y.npy", claiming((200_000,)) + bytes(200_000))
    (tmp_path / "bomb.npz").write_bytes(packed.getvalue())
    with no_more_than(8 << 20):
        assert "bomb.npz says that it unpacks to 149.5 MiB, more than the 64.0 MiB" in refusal(tmp_path / "bomb.npz")


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_archives_cut_anywhere_give_a_sentence(tmp_path, save):
    save(tmp_path / "whole.npz", x=images(), y=LABELS)
    data = (tmp_path / "whole.npz").read_bytes()
    for end in range(0, len(data), 7):
        (tmp_path / "x.npz").write_bytes(data[:end])
        assert refusal(tmp_path / "x.npz").endswith(".")


def test_a_damaged_member_gives_a_sentence(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", x=np.random.default_rng(0).integers(0, 255, (5, 40, 40)), y=LABELS)
    data = bytearray((tmp_path / "a.npz").read_bytes())
    data[300] ^= 0xFF
    (tmp_path / "a.npz").write_bytes(data)
    assert "a.npz" in refusal(tmp_path / "a.npz")


# --- pairs of .npy ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("names", [("x", "y"), ("images", "labels"), ("X_train", "y_train"), ("data", "labels")])
def test_pairs_of_arrays_by_their_folder_and_their_images(tmp_path, names):
    folder = tmp_path / "mine"
    folder.mkdir()
    for name, array in zip(names, (images(), LABELS), strict=True):
        np.save(folder / f"{name}.npy", array)
    (folder / "notes.txt").touch()
    for path in (folder, folder / f"{names[0]}.npy"):
        loaded = load_dataset(str(path))
        assert (loaded.name, loaded.format) == (path.stem, "NPY")
        assert_array_equal(loaded.images[..., 0], images())
        assert loaded.labels.tolist() == LABELS.tolist()
    text = refusal(folder / f"{names[1]}.npy")
    assert f"{names[1]}.npy holds the labels of a data set. Give its images, {names[0]}.npy." in text


def test_a_folder_of_four_arrays_has_a_test_part(tmp_path):
    for part, n in (("train", 5), ("test", 3)):
        np.save(tmp_path / f"x_{part}.npy", np.asfortranarray(images(n)))
        np.save(tmp_path / f"y_{part}.npy", LABELS[:n].astype(">i4"))
    loaded = load_dataset(str(tmp_path))
    assert (len(loaded), len(loaded.test)) == (5, 3)
    assert_array_equal(loaded.test.images[..., 0], images(3))
    alone = load_dataset(str(tmp_path / "x_test.npy"))
    assert (len(alone), alone.test) == (3, None)


def test_an_array_alone_says_what_is_missing(tmp_path):
    np.save(tmp_path / "x.npy", images())
    assert "x.npy has no labels beside it" in refusal(tmp_path / "x.npy")
    np.save(tmp_path / "photos.npy", images())
    assert "The labels of photos.npy cannot be found" in refusal(tmp_path / "photos.npy")


# --- large files -----------------------------------------------------------------------------------------------------


def test_what_exceeds_a_quarter_of_the_memory_is_mapped(tmp_path, monkeypatch):
    values, labels = photos(8), np.arange(8) % 2
    np.savez(tmp_path / "a.npz", x=values, y=labels)
    np.save(tmp_path / "x.npy", np.moveaxis(values, -1, 1))
    np.save(tmp_path / "y.npy", labels)
    monkeypatch.setattr(storing, "machine_bytes", lambda: 4 * values.nbytes - 4)
    for name in ("a.npz", "x.npy"):
        loaded = load_dataset(name, tmp_path)
        assert isinstance(loaded.images, np.memmap)
        assert_array_equal(loaded.images, values)
        assert loaded.pixels(np.array([7, 0])).tolist() == (values[[7, 0]] / np.float32(255)).tolist()
        assert loaded.facts.n == 8
    monkeypatch.setattr(storing, "machine_bytes", lambda: 4 * values.nbytes)
    assert not isinstance(load_dataset("a.npz", tmp_path).images, np.memmap)


def test_what_can_be_neither_mapped_nor_held_is_refused(tmp_path, monkeypatch):
    values = np.random.default_rng(0).random((40, 16, 16))
    np.savez(tmp_path / "a.npz", x=values, y=np.arange(40) % 2)
    np.savez_compressed(tmp_path / "b.npz", x=values, y=np.arange(40) % 2)
    monkeypatch.setattr(storing, "machine_bytes", lambda: values.nbytes // 2)
    assert "a.npz would fill 40.0 KiB of memory; the limit is half of this computer's, 20.0 KiB." in refusal(
        tmp_path / "a.npz"
    )
    assert "Save it with numpy.savez, unpacked: then it can stay on the disk." in refusal(tmp_path / "b.npz")


def test_a_stored_member_that_claims_more_than_is_there_is_not_mapped(tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", claiming((500, 28, 28)) + bytes(100))
        archive.writestr("y.npy", claiming((500,)) + bytes(500))
    monkeypatch.setattr(storing, "machine_bytes", lambda: 4096)
    assert "a.npz ends before its data do" in refusal(tmp_path / "a.npz")


def test_bytes_decide_and_not_the_name(tmp_path):
    np.savez(tmp_path / "a.npz", x=images(), y=LABELS)
    (tmp_path / "a.npz").rename(tmp_path / "a.csv")
    assert load_dataset("a.csv", tmp_path).format == "NPZ"


@pytest.mark.parametrize("first", [False, True])
def test_training_from_a_mapped_file_is_training_from_memory(tmp_path, monkeypatch, first):
    values = photos(40, 8, 8)
    np.savez(tmp_path / "a.npz", x=np.moveaxis(values, -1, 1) if first else values, y=np.arange(40) % 3)
    document = chain(
        ("input", "Input", {"shape": [8, 8, 3]}),
        ("flat", "Flatten", {}),
        ("fc1", "Dense", {"units": 3}),
        dataset="a.npz",
        epochs=2,
    )
    kernels = []
    for n_bytes in (1 << 40, 4 * values.nbytes - 4):
        monkeypatch.setattr(storing, "machine_bytes", lambda n_bytes=n_bytes: n_bytes)
        assert isinstance(load_dataset("a.npz", tmp_path).images, np.memmap) is (n_bytes < 1 << 40)
        run = train(document, base=tmp_path)
        assert isinstance(list(run)[-1], Finished)
        kernels.append(run.weights["fc1/kernel"])
    assert_array_equal(*kernels)
