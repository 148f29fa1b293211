import gzip
import io
import tarfile
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DataError
from core.io.datasets import load_dataset
from tests.core.datasets.making import cifar_bytes, idx_bytes, images, photos

IMAGES = idx_bytes(images(3, 4, 4))
LABELS = idx_bytes(np.array([0, 2, 1], np.uint8))
BOUND = 4 << 20

position = st.integers(0, 200)
edit = st.one_of(
    st.tuples(st.just("set"), position, st.integers(0, 255)),
    st.tuples(st.just("cut"), position, st.integers(0, 20)),
    st.tuples(st.just("insert"), position, st.binary(max_size=20)),
    st.tuples(st.just("end"), position, st.none()),
)


def mutated(data, edits):
    data = bytearray(data)
    for kind, wanted, value in edits:
        place = min(wanted, len(data))
        if kind == "set" and place < len(data):
            data[place] = value
        elif kind == "cut":
            del data[place : place + value]
        elif kind == "insert":
            data[place:place] = value
        elif kind == "end":
            del data[place:]
    return bytes(data)


def load_or_refuse(folder, image_bytes, label_bytes):
    (folder / "images-idx3-ubyte").write_bytes(image_bytes)
    (folder / "labels-idx1-ubyte").write_bytes(label_bytes)
    tracemalloc.start()
    try:
        data, text = load_dataset(str(folder)), ""
    except DataError as error:
        data, text = None, str(error)
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < BOUND
    if data is None:
        assert text.endswith(".")
    else:
        assert len(data) == len(data.labels) > 0
        assert data.pixels(slice(None)).max() <= 1
        assert max(data.labels) < len(data.classes)


@given(st.lists(edit, max_size=4), st.lists(edit, max_size=2), st.booleans())
def test_damaged_files_load_or_give_a_sentence(tmp_path_factory, image_edits, label_edits, packed):
    folder = tmp_path_factory.getbasetemp() / "fuzz"
    folder.mkdir(exist_ok=True)
    pack = gzip.compress if packed else bytes
    load_or_refuse(folder, pack(mutated(IMAGES, image_edits)), pack(mutated(LABELS, label_edits)))


@given(st.lists(edit, min_size=1, max_size=4))
def test_damaged_packing_loads_or_gives_a_sentence(tmp_path_factory, edits):
    folder = tmp_path_factory.getbasetemp() / "fuzz"
    folder.mkdir(exist_ok=True)
    load_or_refuse(folder, mutated(gzip.compress(IMAGES, mtime=0), edits), LABELS)


@given(st.binary(max_size=64), st.binary(max_size=64))
def test_any_bytes_give_a_sentence(tmp_path_factory, image_bytes, label_bytes):
    folder = tmp_path_factory.getbasetemp() / "fuzz"
    folder.mkdir(exist_ok=True)
    load_or_refuse(folder, image_bytes, label_bytes)


def saved(save, *arrays, **named):
    stream = io.BytesIO()
    save(stream, *arrays, **named)
    return stream.getvalue()


def archived(data):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        info = tarfile.TarInfo("cifar-10-batches-bin/data_batch_1.bin")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


BATCH = cifar_bytes(photos(3), [0, 1, 2])
ARRAYS = {"x": images(3, 4, 4), "y": np.array([0, 2, 1])}
FILES = {
    "NPZ": saved(np.savez, **ARRAYS),
    "packed NPZ": saved(np.savez_compressed, **ARRAYS),
    "NPY": saved(np.save, ARRAYS["x"]),
    "CIFAR": BATCH,
    "CIFAR archive": archived(BATCH),
    "packed CIFAR archive": gzip.compress(archived(BATCH), mtime=0),
    "CSV": b"label,a,b\n" + b"1,0.5,3\n0,1.5,2\n" * 4,
    "decimal commas": b"a;label\r\n0,5;cat\r\n1,5;dog\r\n",
    "packed CSV": gzip.compress(b"label,a,b\n" + b"1,0.5,3\n0,1.5,2\n" * 4, mtime=0),
}


@pytest.mark.parametrize("form", FILES)
@given(edits=st.lists(edit, min_size=1, max_size=4))
def test_damaged_files_of_every_format_load_or_give_a_sentence(tmp_path_factory, form, edits):
    folder = tmp_path_factory.getbasetemp() / "fuzz of one file"
    folder.mkdir(exist_ok=True)
    np.save(folder / "y.npy", ARRAYS["y"])
    (folder / "x.npy").write_bytes(mutated(FILES[form], edits))
    load_or_say(folder / "x.npy")


def load_or_say(path):
    tracemalloc.start()
    try:
        data, text = load_dataset(str(path)), ""
    except DataError as error:
        data, text = None, str(error)
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < BOUND
    assert text.endswith(".") if data is None else len(data) == len(data.labels) > 0
