"""Formats that a library of an extra reads: HDF5, MATLAB and Parquet."""

import io
import json
import struct
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from PIL import Image

from core.errors import DataError
from core.io.datasets import hdf5_process, load_dataset
from core.io.datasets import stored as storing
from tests.core.datasets.making import photos

IMAGES = photos(20)
LABELS = np.arange(20) % 10


def refusal(path):
    with pytest.raises(DataError) as caught:
        load_dataset(str(path))
    return str(caught.value)


@pytest.mark.parametrize(
    ("begins", "module", "what"),
    [
        (b"\x89HDF\r\n\x1a\n", "h5py", "an HDF5 file"),
        (b"MATLAB 5.0 MAT-file", "scipy.io", "a MATLAB file"),
        (b"MATLAB 7.3 MAT-file".ljust(512) + b"\x89HDF\r\n\x1a\n", "h5py", "an HDF5 file"),
        (b"PAR1", "pyarrow.parquet", "a Parquet file"),
    ],
)
def test_without_the_library_the_command_that_installs_it_is_said(tmp_path, monkeypatch, begins, module, what):
    monkeypatch.setitem(sys.modules, module, None)
    (tmp_path / "a").write_bytes(begins + bytes(600))
    package = module.partition(".")[0]
    assert refusal(tmp_path / "a") == (
        f"a is {what}; to read it, Convograph needs {package}, which is not installed here. Install it "
        f"with: python -m pip install {package}"
    )


# --- HDF5 ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def h5(tmp_path):
    """Write arrays by their paths into an HDF5 file; gives its path."""
    h5py = pytest.importorskip("h5py")

    def write(arrays, name="a.h5", **options):
        with h5py.File(tmp_path / name, "w") as file:
            for path, array in arrays.items():
                file.create_dataset(path, data=array, **options)
        return tmp_path / name

    return write


@pytest.mark.parametrize(
    "names", [("train/x", "train/y", "test/x", "test/y"), ("x_train", "y_train", "x_test", "y_test")]
)
@pytest.mark.parametrize("options", [{}, {"chunks": True, "compression": "gzip"}])
def test_hdf5_with_groups_or_without(h5, names, options):
    arrays = dict(zip(names, (IMAGES[:15], LABELS[:15, None], IMAGES[15:], LABELS[15:, None]), strict=True))
    loaded = load_dataset(str(h5(arrays, **options)))
    assert (loaded.name, loaded.format, len(loaded), len(loaded.test)) == ("a", "HDF5", 15, 5)
    assert_array_equal(loaded.test.images, IMAGES[15:])
    assert loaded.labels.tolist() == LABELS[:15].tolist()


def test_hdf5_keeps_names_of_classes(h5):
    path = h5({"train_set_x": IMAGES, "train_set_y": LABELS % 2, "list_classes": np.array([b"non-cat", b"cat"])})
    assert load_dataset(str(path)).classes == ("non-cat", "cat")


def test_hdf5_that_is_plain_and_large_is_mapped(h5, monkeypatch):
    path = h5({"x": IMAGES, "y": LABELS})
    monkeypatch.setattr(storing, "machine_bytes", lambda: 2 * IMAGES.nbytes)
    loaded = load_dataset(str(path))
    assert isinstance(loaded.images, np.memmap)
    assert_array_equal(loaded.images, IMAGES)


def test_hdf5_that_claims_terabytes_is_refused(h5, no_more_than):
    h5py = pytest.importorskip("h5py")
    path = h5({"y": LABELS})
    with h5py.File(path, "a") as file:
        file.create_dataset("x", (10**9, 28, 28), "u1", chunks=(1, 28, 28))
    with no_more_than(16 << 20):
        assert "a.h5 says that it unpacks to" in refusal(path)


def test_hdf5_is_not_followed_into_other_files(h5, tmp_path):
    h5py = pytest.importorskip("h5py")
    (tmp_path / "secret").write_bytes(bytes(20 * 64))
    path = h5({"y": LABELS})
    with h5py.File(path, "a") as file:
        file.create_dataset("x", (20, 8, 8), "u1", external=[(str(tmp_path / "secret"), 0, 20 * 64)])
    assert "x of a.h5 lies in another file, which is not followed." in refusal(path)
    other = h5({"x": IMAGES}, "b.h5")
    with h5py.File(h5({"y": LABELS}, "c.h5"), "a") as file:
        file["x"] = h5py.ExternalLink(str(other), "x")
    assert "c.h5 holds labels, but no images for them" in refusal(tmp_path / "c.h5")


def test_hdf5_that_is_damaged(h5):
    path = h5({"x": IMAGES, "y": LABELS})
    data = path.read_bytes()
    for end in (20, 100, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:end])
        assert refusal(path).endswith(".")


def test_hdf5_that_never_ends_is_ended(h5, monkeypatch):
    monkeypatch.setattr(hdf5_process, "MOST_SECONDS", 0.01)
    assert "is damaged" in refusal(h5({"x": IMAGES, "y": LABELS}))


def test_hdf5_that_ends_the_process_is_a_sentence(h5, monkeypatch):
    monkeypatch.setattr(hdf5_process, "_OWN_BYTES", 1 << 20)
    assert refusal(h5({"x": IMAGES, "y": LABELS})).endswith(".")


def test_a_matlab_file_of_version_7_3_is_read_with_its_axes_the_other_way_round(h5):
    h5py = pytest.importorskip("h5py")
    path = h5({"X": IMAGES.transpose(0, 3, 2, 1), "y": LABELS[None] + 1}, "a.mat")
    with h5py.File(path, "a") as file:
        for name in "Xy":
            file[name].attrs["MATLAB_class"] = np.bytes_("uint8")
    loaded = load_dataset(str(path))
    assert loaded.shape == (32, 32, 3)
    assert_array_equal(loaded.images, IMAGES)
    assert loaded.labels.tolist() == (LABELS + 1).tolist()


# --- MATLAB ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def mat(tmp_path):
    """Write variables into a MATLAB file of version 5; gives its path."""
    scipy_io = pytest.importorskip("scipy.io")

    def write(variables, **options):
        scipy_io.savemat(tmp_path / "train_32x32.mat", variables, **options)
        return tmp_path / "train_32x32.mat"

    return write


@pytest.mark.parametrize("packed", [False, True])
def test_svhn(mat, packed):
    path = mat(
        {"X": np.moveaxis(IMAGES, 0, -1), "y": np.where(LABELS == 0, 10, LABELS)[:, None].astype("u1")},
        do_compression=packed,
    )
    loaded = load_dataset(str(path))
    assert (loaded.format, loaded.classes) == ("MATLAB", tuple("0123456789"))
    assert_array_equal(loaded.images, IMAGES)
    assert loaded.labels.tolist() == LABELS.tolist()
    assert loaded.notes == ("the label 10 is the digit 0, as in SVHN", "samples stood last (32×32×3×20), now first")


def test_matlab_labels_that_begin_with_1_are_kept(mat):
    loaded = load_dataset(str(mat({"X": np.random.default_rng(0).normal(size=(20, 5)), "y": LABELS[:, None] + 1.0})))
    assert (loaded.shape, loaded.labels.tolist()) == ((5,), (LABELS + 1).tolist())


def test_matlab_cells_are_refused(mat):
    cells = np.empty(3, object)
    cells[:] = [np.zeros(2), np.ones(3), "a"]
    assert "X of train_32x32.mat is a cell; an array of numbers is needed." in refusal(mat({"X": cells, "y": LABELS}))


def test_matlab_that_claims_gigabytes_is_refused(tmp_path, mat, no_more_than):
    path = mat({"X": np.zeros((32, 32, 3, 2), "u1"), "y": np.ones((2, 1), "u1")}, do_compression=False)
    data = path.read_bytes()
    at = data.index(struct.pack("<4i", 32, 32, 3, 2))
    path.write_bytes(data[:at] + struct.pack("<4i", 32, 32, 3, 2_000_000) + data[at + 16 :])
    with no_more_than(16 << 20):
        assert "train_32x32.mat is damaged, or not a MATLAB file." in refusal(path)


def test_matlab_that_packs_a_thousand_times_is_refused(mat, monkeypatch):
    path = mat({"X": np.zeros((32, 32, 3, 100), "u1"), "y": np.ones((100, 1), "u1")}, do_compression=True)
    monkeypatch.setattr(storing, "_ALWAYS_UNPACKED", 1000)
    assert "says that it unpacks to 300.0 KiB, more than the" in refusal(path)


@pytest.mark.parametrize("packed", [False, True])
@given(places=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=4))
def test_matlab_with_any_bytes_changed_loads_or_gives_a_sentence(tmp_path_factory, packed, places):
    scipy_io = pytest.importorskip("scipy.io")
    path = tmp_path_factory.getbasetemp() / "changed.mat"
    scipy_io.savemat(path, {"X": IMAGES[:2, :4, :4].T, "y": LABELS[:2]}, do_compression=packed)
    data = bytearray(path.read_bytes())
    for place, value in places:
        data[min(place, len(data) - 1)] = value
    path.write_bytes(data)
    text = ""
    try:
        load_dataset(str(path))
    except DataError as error:
        text = str(error)
    assert text.endswith(".") or not text


def test_matlab_variables_beside_the_images_do_not_disturb(mat):
    others = {"z": np.array([1 + 2j, 3j]), "s": {"a": 1, "b": "text"}, "c": "text", "n": 3.5}
    loaded = load_dataset(str(mat({"X": np.moveaxis(IMAGES, 0, -1), "y": LABELS[:, None] + 5, **others})))
    assert_array_equal(loaded.images, IMAGES)


def test_matlab_that_is_damaged(mat):
    path = mat({"X": np.moveaxis(IMAGES, 0, -1), "y": LABELS[:, None]}, do_compression=True)
    data = path.read_bytes()
    for end in range(20, len(data), len(data) // 20):
        path.write_bytes(data[:end])
        assert refusal(path).endswith(".")


# --- Parquet ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def parquet(tmp_path):
    """Write columns into a Parquet file; gives its path."""
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")

    def write(columns, metadata=None, **options):
        table = arrow.table(columns).replace_schema_metadata(metadata)
        parquet.write_table(table, tmp_path / "a.parquet", **options)
        return tmp_path / "a.parquet"

    return write


def test_parquet_of_pixels_in_columns(parquet):
    grey = IMAGES[:, :28, :28, :1]
    path = parquet({"label": LABELS, **{f"p{i}": grey.reshape(20, -1)[:, i] for i in range(784)}})
    loaded = load_dataset(str(path))
    assert (loaded.format, loaded.shape) == ("Parquet", (28, 28, 1))
    assert_array_equal(loaded.images, grey)
    assert loaded.labels.tolist() == LABELS.tolist()


def test_parquet_of_lists(parquet):
    path = parquet({"image": IMAGES[..., 0].tolist(), "label": LABELS}, row_group_size=6)
    loaded = load_dataset(str(path))
    assert_array_equal(loaded.images, IMAGES[..., :1])
    assert "the lists of its column image differ in length" in refusal(parquet({"image": [[1], [1, 2]], "y": [0, 1]}))


def test_parquet_numbers_that_are_too_large_are_infinite(parquet):
    assert load_dataset(str(parquet({"a": [1e300, 0.5], "label": [0, 1]}))).facts.n_nonfinite == 1


def test_parquet_of_texts_and_names_of_classes(parquet):
    path = parquet({"a": [0.5, 1.5, 2.5], "species": ["cat", "dog", "cat"]})
    assert load_dataset(str(path)).classes == ("cat", "dog")
    names = {"info": {"features": {"label": {"names": ["cat", "dog"]}}}}
    path = parquet({"a": [0.5, 1.5], "label": [1, 0]}, {"huggingface": json.dumps(names)})
    assert load_dataset(str(path)).classes == ("cat", "dog")
    assert "its column name holds texts. Leave it out, or call it label." in refusal(
        parquet({"name": ["a", "b"], "label": [0, 1], "x": [1, 2]})
    )


def packed(image):
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize("labels_first", [True, False])
def test_parquet_of_packed_pictures(parquet, labels_first):
    cells = [{"bytes": packed(image), "path": f"{i}.png"} for i, image in enumerate(IMAGES)]
    cells[3]["bytes"] = packed(photos(1, 9, 9)[0])
    cells[5]["bytes"] = cells[5]["bytes"][:-40]
    columns = {"image": cells, "label": LABELS}
    names = {"info": {"features": {"label": {"names": list("abcdefghij")}}}}
    path = parquet(
        dict(reversed(columns.items())) if labels_first else columns,
        {"huggingface": json.dumps(names)},
        row_group_size=7,
    )
    loaded = load_dataset(str(path))
    good = [i for i in range(20) if i not in {3, 5}]
    assert (loaded.format, loaded.shape, len(loaded), loaded.classes) == (
        "Parquet",
        (32, 32, 3),
        19,
        tuple("abcdefghij"),
    )
    assert_array_equal(loaded.images[[i - (i > 5) for i in good]], IMAGES[good])
    assert loaded.labels.tolist() == np.delete(LABELS, 5).tolist()
    assert loaded.notes == ("1 picture resized to 32×32",)
    ((file, where),) = [(part.file, part.where) for part in loaded.refused]
    assert file == "a.parquet"
    assert where.startswith("row 6")


def test_parquet_without_one_good_picture(parquet):
    path = parquet({"image": [{"bytes": b"?", "path": "a.png"}] * 2, "label": [0, 1]})
    assert "a.parquet holds no picture that can be read. row 1: " in refusal(path)
    assert "has no column called label; there are image and kind." in refusal(parquet({"image": [b"?"], "kind": [0]}))


def test_parquet_that_is_damaged(parquet):
    path = parquet({"a": np.arange(500) / 3, "label": np.arange(500) % 2})
    data = path.read_bytes()
    for end in (8, 100, len(data) - 4):
        path.write_bytes(data[:end])
        assert refusal(path).endswith(".")
