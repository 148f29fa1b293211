"""Formats are recognised by bytes, and all that is said of them comes from their table."""

import gzip

import numpy as np
import pytest

from core.errors import DataError
from core.io.datasets import FORMATS, Dataset, formats, load_dataset
from core.io.datasets.beginnings import beginning
from core.io.datasets.formats import Format, format_of
from tests.core.datasets.making import idx_bytes, images, write_pair

(IDX,) = (known for known in FORMATS if known.name == "IDX")


@pytest.fixture
def toy(monkeypatch):
    """A second format, whose files begin with "TOY!" and whose images are all black."""

    def read(path):
        return Dataset(path.stem, np.zeros((2, 4, 4, 1), np.uint8), np.arange(2), ("a", "b"))

    added = Format(
        name="toy",
        files="toys",
        pattern="*.toy",
        choices=("a toy",),
        recognises=lambda path: beginning(path) == b"TOY!",
        read=read,
    )
    monkeypatch.setattr(formats, "FORMATS", (*FORMATS, added))
    return added


def test_names_are_unique():
    assert len({known.name for known in FORMATS}) == len(FORMATS)


def test_a_format_of_the_table_is_loaded_and_spoken_of(toy, tmp_path):
    (tmp_path / "black.toy").write_bytes(b"TOY! and more")
    assert load_dataset("black.toy", tmp_path).classes == ("a", "b")
    with pytest.raises(
        DataError, match=r"Give digits, .*a folder with a pair of IDX files, the images file of a pair, .*, or a toy\.$"
    ):
        load_dataset("white.toy", tmp_path)
    with pytest.raises(DataError, match=r"or a toy\.$"):
        load_dataset("", tmp_path)


def test_bytes_decide_and_not_the_name(toy, tmp_path):
    (tmp_path / "images").write_bytes(b"TOY! as well")
    (tmp_path / "labels").write_bytes(b"?")
    assert format_of(tmp_path / "images") is toy
    path, _ = write_pair(tmp_path / "d")
    renamed = path.rename(path.with_suffix(".toy"))
    assert format_of(renamed) is IDX


@pytest.mark.parametrize("packed", [False, True])
def test_a_pair_is_recognised_by_its_folder_and_its_files(tmp_path, packed):
    for path in (tmp_path / "d", *write_pair(tmp_path / "d", packed=packed)):
        assert IDX.recognises(path)
    assert not IDX.recognises(tmp_path)


def test_bytes_that_are_not_idx_are_not_recognised_whatever_their_name(tmp_path):
    for number, data in enumerate(
        (b"", b"\0\0\x08", b"\0\0\x07\x03", b"\0\0\x08\0", b"PK\3\4", b"\x1f\x8b\x08damaged")
    ):
        path = tmp_path / str(number) / "train-images-idx3-ubyte"
        path.parent.mkdir()
        path.write_bytes(data)
        assert not IDX.recognises(path)
        assert not IDX.recognises(path.parent)


def test_what_nothing_recognises_is_explained_by_the_first_format(tmp_path):
    (tmp_path / "notes.txt").write_text("nothing")
    assert format_of(tmp_path) is FORMATS[0]
    assert format_of(tmp_path / "notes.txt") is FORMATS[0]


def test_a_pickle_is_refused_by_its_bytes_before_any_format_sees_it(monkeypatch, tmp_path):
    monkeypatch.setattr(formats, "FORMATS", ())
    for name, pack in (("images-idx3-ubyte", bytes), ("harmless.csv.gz", gzip.compress)):
        (tmp_path / name).write_bytes(pack(b"\x80\x04\x95rest"))
        with pytest.raises(DataError, match="is a Python pickle"):
            load_dataset(name, tmp_path)


def test_the_beginning_of_a_file(tmp_path):
    data = idx_bytes(images())
    for name, stored in (("plain", data), ("packed", gzip.compress(data))):
        (tmp_path / name).write_bytes(stored)
        assert beginning(tmp_path / name, 6) == data[:6]
    (tmp_path / "short").write_bytes(b"ab")
    assert beginning(tmp_path / "short") == b"ab"
    for name in (".", "missing"):
        assert beginning(tmp_path / name) == b""
