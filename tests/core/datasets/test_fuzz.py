import gzip
import tracemalloc

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DataError
from core.io.datasets import load_dataset
from tests.core.datasets.making import idx_bytes, images

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
