import gzip
import os
import re
import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from core.errors import DataError
from core.io.datasets import stored as storing
from core.io.datasets.idx import read_images, read_labels
from tests.core.datasets.making import header, idx_bytes, images


def stored(folder, data, name="train-images-idx3-ubyte"):
    path = folder / name
    path.write_bytes(data)
    return path


def refusal(read, path):
    with pytest.raises(DataError) as caught:
        read(path)
    return str(caught.value)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("name", ["a.gz", "a"])
def test_images_are_read_plain_or_packed_whatever_the_name_says(tmp_path, pack, name):
    read = read_images(stored(tmp_path, pack(idx_bytes(images())), name))
    assert read.dtype == np.uint8
    assert_array_equal(read, images()[..., None])


def test_the_bytes_of_a_file_by_hand(tmp_path):
    data = bytes.fromhex("00000803 00000002 00000001 00000003 000102 FDFEFF")
    assert read_images(stored(tmp_path, data)).tolist() == [[[[0], [1], [2]]], [[[253], [254], [255]]]]
    assert read_labels(stored(tmp_path, bytes.fromhex("00000801 00000003 07 00 FF"))).tolist() == [7, 0, 255]


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_fourth_dimension_is_the_channels(tmp_path, channels):
    array = images(2, 3, 5 * channels).reshape(2, 3, 5, channels)
    assert_array_equal(read_images(stored(tmp_path, idx_bytes(array))), array)


@pytest.mark.parametrize("kind", ["u1", "i1", "i2", "i4"])
def test_labels_of_every_whole_type(tmp_path, kind):
    read = read_labels(stored(tmp_path, idx_bytes(np.array([3, 0, 126], kind))))
    assert read.dtype == np.int64
    assert read.tolist() == [3, 0, 126]


IMAGES = idx_bytes(images())  # 5 × 4 × 3 = 60 bytes after offset 16
LABELS = idx_bytes(np.arange(5, dtype=np.uint8))

WRONG_IMAGES = {
    "empty": (b"", "it is empty"),
    "two bytes": (b"\0\0", "at offset 0 stands 00 00, expected 00 00 08 03"),
    "a picture": (b"\x89PNG\r\n\x1a\n", "not an IDX file: at offset 0 stands 89 50 4E 47, expected 00 00 08 03"),
    "unknown type": (b"\0\0\x07\x03" + IMAGES[4:], "at offset 0 stands 00 00 07 03"),
    "no dimension": (b"\0\0\x08\x00", "at offset 0 stands 00 00 08 00"),
    "labels": (LABELS, "at offset 3 it announces 1 dimension, as labels have; images have 3 or 4"),
    "two dimensions": (header(5, 12) + bytes(60), "at offset 3 it announces 2 dimensions; images have 3 or 4"),
    "fractions": (
        idx_bytes(images().astype("f4")),
        "at offset 2 it announces 32-bit fractions (0D); images are stored",
    ),
    "half a header": (IMAGES[:10], "its header needs 16 bytes, but the file ends at offset 10"),
    "one byte short": (
        IMAGES[:-1],
        "5 images of 4×3 = 60 bytes after offset 16, but only 59 bytes are there: the data end at offset 75",
    ),
    "header alone": (IMAGES[:16], "but only 0 bytes are there: the data end at offset 16."),
    "one byte more": (IMAGES + b"!", "60 bytes after offset 16, but the file goes on at offset 76 (1 byte more)"),
    "no images": (header(0, 4, 3), "its header (offset 4) announces no images"),
    "no pixels": (header(5, 4, 0), "its header (offset 12) announces images of 4×0 pixels"),
    "five channels": (header(2, 3, 3, 5) + bytes(90), "its header (offset 16) announces 5 channels"),
    "absurd sizes": (header(2**32 - 1, 2**32 - 1, 2**32 - 1), "4294967295×4294967295"),
    "a pickle": (b"\x80\x04\x95rest", "is a Python pickle"),
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("case", WRONG_IMAGES)
def test_wrong_images_are_refused_in_a_sentence(tmp_path, case, packed):
    data, expected = WRONG_IMAGES[case]
    if packed:
        data, expected = gzip.compress(data), expected.replace(" (1 byte more)", "")
    text = refusal(read_images, stored(tmp_path, data))
    assert text.startswith("train-images-idx3-ubyte")
    if not (packed and case == "absurd sizes"):
        assert expected in text
    assert re.search(r"\. [A-Z].*\.$", text), "says what to do"


WRONG_LABELS = {
    "images": (IMAGES, "at offset 3 it announces 3 dimensions, as images have; labels have 1"),
    "fractions": (idx_bytes(np.ones(3, "f8")), "at offset 2 it announces 64-bit fractions (0E); labels are stored"),
    "negative": (idx_bytes(np.array([1, -2, -3], "i1")), "label 2 (offset 9) is -2"),
    "absurd": (
        idx_bytes(np.array([1, 2, 65_536], "i4")),
        "label 3 (offset 16) is 65,536; labels are class numbers from 0",
    ),
    "fewer than announced": (
        LABELS[:-2],
        "its header announces 5 labels = 5 bytes after offset 8, but only 3 bytes are",
    ),
    "wide and short": (idx_bytes(np.ones(4, "i4"))[:-1], "4 labels, 4 bytes each = 16 bytes after offset 8"),
    "none": (header(0), "announces no labels"),
}


@pytest.mark.parametrize("case", WRONG_LABELS)
def test_wrong_labels_are_refused_in_a_sentence(tmp_path, case):
    data, expected = WRONG_LABELS[case]
    text = refusal(read_labels, stored(tmp_path, data, "train-labels-idx1-ubyte"))
    assert text.startswith("train-labels-idx1-ubyte: ")
    assert expected in text


@pytest.mark.parametrize(
    ("cut", "expected"),
    [
        (-1, "gzip packing breaks off"),
        (-8, "gzip packing breaks off"),
        (40, "the data end at offset"),
        (1, "not an IDX file"),
    ],
)
def test_a_packed_file_that_was_cut(tmp_path, cut, expected):
    packed = gzip.compress(idx_bytes(np.random.default_rng(0).integers(0, 256, (50, 4, 4)).astype(np.uint8)))
    assert expected in refusal(read_images, stored(tmp_path, packed[:cut]))


@pytest.mark.parametrize("place", [12, -8, -4])
def test_a_packed_file_that_was_damaged(tmp_path, place):
    packed = bytearray(gzip.compress(idx_bytes(np.random.default_rng(0).integers(0, 256, (50, 4, 4)).astype(np.uint8))))
    packed[place] ^= 0xFF
    assert "is damaged after unpacked byte" in refusal(read_images, stored(tmp_path, packed))


def test_bytes_behind_the_packed_part_are_refused(tmp_path):
    assert "damaged" in refusal(read_images, stored(tmp_path, gzip.compress(IMAGES) + b"more"))
    assert "the file goes on at offset 76." in refusal(
        read_images, stored(tmp_path, gzip.compress(IMAGES) + gzip.compress(b"x"))
    )


def peak_bytes(read, path):
    tracemalloc.start()
    try:
        text = refusal(read, path)
        return tracemalloc.get_traced_memory()[1], text
    finally:
        tracemalloc.stop()


def test_memory_follows_what_is_there_not_what_is_announced(tmp_path):
    small = stored(tmp_path, gzip.compress(header(60_000, 28, 28) + bytes(100)))
    peak, text = peak_bytes(read_images, small)
    assert "60,000 images of 28×28 = 47,040,000 bytes after offset 16, but only 100 bytes are there" in text
    assert peak < 4 << 20

    absurd = stored(tmp_path, header(2**31, 2**31, 3) + bytes(100), "plain")
    peak, text = peak_bytes(read_images, absurd)
    assert "the data end at offset 116" in text
    assert peak < 1 << 20


@pytest.mark.parametrize("announced", [(1, 4, 3), (90_000, 1000, 1000)])
def test_a_gzip_bomb_fills_no_memory(tmp_path, announced):
    bomb = gzip.compress(header(*announced) + bytes(200 << 20), 1)
    peak, text = peak_bytes(read_images, stored(tmp_path, bomb))
    assert peak < 4 << 20
    assert "goes on" in text or "may unpack to" in text or "may fill" in text


def test_a_set_beyond_the_limit_is_refused_unread(tmp_path):
    path = stored(tmp_path, header(257 << 20))
    os.truncate(path, 8 + (257 << 20))
    peak, text = peak_bytes(read_labels, path)
    assert "269,484,032 bytes after offset 8, more than the 256.0 MiB that labels may fill" in text
    assert peak < 1 << 20


def test_a_missing_file_a_folder_and_a_pipe_are_refused(tmp_path):
    assert "cannot be read: it is not there" in refusal(read_images, tmp_path / "nothing")
    assert "cannot be read: it is a folder" in refusal(read_images, tmp_path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        assert "cannot be read: it is a pipe, not a file" in refusal(read_labels, tmp_path / "pipe")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the administrator may read everything")
def test_a_file_without_permission_is_refused(tmp_path):
    path = stored(tmp_path, IMAGES)
    path.chmod(0)
    assert "cannot be read: you have no permission" in refusal(read_images, path)


def test_images_that_exceed_a_quarter_of_the_memory_are_mapped(tmp_path, monkeypatch):
    path = tmp_path / "images-idx3-ubyte"
    path.write_bytes(idx_bytes(images()))
    monkeypatch.setattr(storing, "machine_bytes", lambda: 4 * 5 * 4 * 3 - 4)
    mapped = read_images(path)
    assert isinstance(mapped, np.memmap)
    assert_array_equal(mapped[..., 0], images())
    path.write_bytes(gzip.compress(idx_bytes(images())))
    assert not isinstance(read_images(path), np.memmap)
