"""Arrays for `convograph run`: NumPy's own files, read without pickles and written whole."""

import io
import os
import pickle
import zipfile
from contextlib import suppress

import numpy as np
import pytest

from core.errors import ConvographError, DataError
from core.io.arrays import load_arrays, save_arrays


def archive(path, **members):
    with zipfile.ZipFile(path, "w") as opened:
        for name, data in members.items():
            opened.writestr(name, data)
    return path


def npy(array):
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8", "int64", "bool", ">f4"])
def test_an_array_comes_back(tmp_path, dtype):
    array = (np.arange(24).reshape(2, 3, 4) % 2).astype(dtype)
    save_arrays(tmp_path / "x.npy", array)
    again = load_arrays(tmp_path / "x.npy")
    assert again.dtype == array.dtype
    np.testing.assert_array_equal(again, array)


@pytest.mark.parametrize("name", ["fc1", "file", "allow_pickle", "args", "arr_0", "stage1/2/conv", "é"])
def test_several_arrays_come_back_under_the_names_of_their_layers(tmp_path, name):
    save_arrays(tmp_path / "y.npz", {name: np.ones(3), "other": np.zeros((2, 2))})
    again = load_arrays(tmp_path / "y.npz")
    assert list(again) == [name, "other"]
    np.testing.assert_array_equal(again[name], np.ones(3))


def test_the_file_is_written_where_it_was_asked_for(tmp_path):
    save_arrays(tmp_path / "noext", np.ones(3))
    assert [file.name for file in tmp_path.iterdir()] == ["noext"]
    with pytest.raises(ConvographError, match="there is no folder"):
        save_arrays(tmp_path / "gone" / "x.npy", np.ones(3))


class Trap:
    """Makes a folder in the current one when it is unpickled."""

    def __reduce__(self):
        return os.mkdir, ("sprung",)


@pytest.fixture(autouse=True)
def _nothing_is_unpickled(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x93NUMPY",
        b"\x93NUMPY\x01\x00\xff\xff{",
        b"not numbers",
        npy(np.ones(1000))[:200],
        npy(np.ones(3)).replace(b"(3,)", b"(-3,)"),
        npy(np.ones(3)).replace(b"'<f8'", b"'<f9'"),
        npy(np.ones(3)).replace(b"False", b"Fal((("),
        pickle.dumps([1, 2, 3]),
        npy(np.array([Trap()], dtype=object)),
        npy(np.array(["text"])),
        npy(np.array([1j])),
        npy(np.array(["2020-01-01"], dtype="M8[D]")),
        npy(np.zeros(2, dtype=[("a", "f4")])),
        b"PK\x03\x04broken",
    ],
    ids=range(15),
)
def test_what_holds_no_numbers_is_refused_in_a_sentence(tmp_path, data):
    path = tmp_path / "x.npy"
    path.write_bytes(data)
    with pytest.raises(DataError, match=r"^.*x\.npy .*\.$"):
        load_arrays(path)


def test_a_header_that_promises_more_than_there_is_is_refused(tmp_path):
    path = tmp_path / "x.npy"
    path.write_bytes(npy(np.ones(3)).replace(b"(3,), }           ", b"(1099511627776,), }")[:200])
    with pytest.raises(DataError, match=r"x\.npy "):
        load_arrays(path)


@pytest.mark.parametrize(
    "members",
    [
        {"readme.txt": b"hello"},
        {"x.npy": b"broken"},
        {"x.npy": npy(np.array([Trap()], dtype=object))},
        {},
    ],
)
def test_archives_of_something_else_are_refused(tmp_path, members):
    path = archive(tmp_path / "x.npz", **members)
    with pytest.raises(DataError, match=r"x\.npz .*\.$"):
        load_arrays(path)


def test_an_encrypted_archive_is_refused(tmp_path):
    path = archive(tmp_path / "x.npz", **{"x.npy": npy(np.ones(3))})
    data = bytearray(path.read_bytes())
    data[6] |= 1
    place = data.index(b"PK\x01\x02")
    data[place + 8] |= 1
    path.write_bytes(bytes(data))
    with pytest.raises(DataError, match=r"x\.npz "):
        load_arrays(path)


def test_files_that_are_not_there_are_refused(tmp_path):
    with pytest.raises(DataError, match="cannot be read: it is not there"):
        load_arrays(tmp_path / "gone.npy")
    with pytest.raises(DataError, match="cannot be read: it is a folder"):
        load_arrays(tmp_path)


def test_random_damage_is_survived(tmp_path):
    rng = np.random.default_rng(0)
    path = tmp_path / "x"
    for whole in (npy(np.ones((4, 4))), archive(path, **{"a.npy": npy(np.ones(5))}).read_bytes()):
        for _ in range(400):
            data = bytearray(whole)
            for _ in range(rng.integers(1, 5)):
                data[rng.integers(len(data))] = rng.integers(256)
            path.write_bytes(bytes(data[: rng.integers(len(data)) + 1] if rng.random() < 0.3 else data))
            with suppress(DataError):
                load_arrays(path)
