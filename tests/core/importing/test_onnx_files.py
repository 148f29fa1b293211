"""Files that are damaged or meant to do harm, and what lies beside a model."""

from __future__ import annotations

import tracemalloc
from contextlib import suppress

import numpy as np
import pytest

from core.errors import ModelError
from core.importing.importers import importer_of, read_model
from tests.core.importing.models import drawn, node, onnx, write

IMAGE = {"x": ("N", 3, 4, 5)}
KERNEL = {"k": drawn(4, 3, 2, 2)}
CONV = [node("Conv", "x k", "y", name="conv")]


@pytest.fixture
def small(tmp_path):
    return write(tmp_path / "model.onnx", CONV, IMAGE, KERNEL)


def refused(path, match):
    with pytest.raises(ModelError, match=match) as caught:
        read_model(path)
    text = str(caught.value)
    assert text.startswith(str(path))
    assert text.endswith((".", ")"))


def changed(path, change):
    model = onnx.load_model_from_string(path.read_bytes())
    change(model)
    path.write_bytes(model.SerializeToString())
    return path


def test_a_file_cut_short_anywhere_is_a_sentence(small):
    whole = small.read_bytes()
    for n_bytes in range(3, len(whole), 7):
        small.write_bytes(whole[:n_bytes])
        with pytest.raises(ModelError):
            read_model(small)


def test_any_byte_that_is_wrong_is_a_sentence_or_a_network(small):
    whole, rng = small.read_bytes(), np.random.default_rng(1)
    for at in rng.integers(2, len(whole), 300):
        damaged = bytearray(whole)
        damaged[at] ^= int(rng.integers(1, 256))
        small.write_bytes(bytes(damaged))
        with suppress(ModelError):
            read_model(small)


def test_a_circle_is_named(tmp_path):
    nodes = [node("Add", "x b", "a", name="first"), node("Relu", "a", "b", name="second"), node("Relu", "b", "y")]
    refused(write(tmp_path / "model.onnx", nodes, IMAGE), "in a circle through Add first, Relu second")


def test_a_missing_array_is_named(tmp_path):
    refused(write(tmp_path / "model.onnx", CONV, IMAGE), "Conv conv needs k, which nothing in the file gives")


def test_a_value_made_twice_is_named(tmp_path):
    refused(write(tmp_path / "model.onnx", [*CONV, *CONV], IMAGE, KERNEL), "its value y is made twice")


@pytest.mark.parametrize("dims", [(2**40, 2**20), (1 << 62, 3, 2, 2), (-4, 3, 2, 2)])
def test_an_array_that_claims_to_be_huge_takes_no_memory(small, dims):
    def claim(model):
        model.graph.initializer[0].dims[:] = dims

    changed(small, claim)
    tracemalloc.start()
    refused(small, "k says that it is|k has a dimension below 0")
    assert tracemalloc.get_traced_memory()[1] < 50 << 20
    tracemalloc.stop()


@pytest.mark.parametrize("side", [2**40, 10**6])
def test_a_giant_side_of_the_input_is_refused(small, side):
    def claim(model):
        model.graph.input[0].type.tensor_type.shape.dim[2].dim_value = side

    refused(changed(small, claim), "cannot be brought in")


def test_constants_that_grow_without_end_are_refused(tmp_path):
    nodes = [node("ConstantOfShape", "s", "c"), node("Add", "x c", "y")]
    refused(
        write(tmp_path / "model.onnx", nodes, IMAGE, {"s": np.array([1 << 20, 1 << 20])}), "larger than any network"
    )
    doubled = [node("Concat", f"c{i} c{i}", f"c{i + 1}", axis=0) for i in range(40)]
    refused(
        write(tmp_path / "model.onnx", [*doubled, node("Add", "x c40", "y")], IMAGE, {"c0": drawn(4)}),
        "larger than any network",
    )


def test_many_empty_messages_are_counted_before_they_are_unpacked(small, monkeypatch):
    monkeypatch.setattr("core.importing.onnx.fields.MOST_FIELDS", 10_000)
    node_of_nothing = b"\x0a\x00"
    graph = node_of_nothing * 11_000
    length, size = b"", len(graph)
    while size:
        size, low = divmod(size, 128)
        length += bytes([low | (0x80 if size else 0)])
    small.write_bytes(b"\x08\x08" + b"\x3a" + length + graph)
    refused(small, "more than 10,000 fields")


def outside(path, location, offset=0, length=None):
    """Move the kernel of a model into a file."""

    def move(model):
        tensor = model.graph.initializer[0]
        n_bytes = len(tensor.raw_data)
        onnx.external_data_helper.set_external_data(tensor, location, offset, n_bytes if length is None else length)
        tensor.ClearField("raw_data")

    return changed(path, move)


def test_arrays_may_lie_in_files_of_the_folder(small, tmp_path):
    expected = read_model(small)
    raw = KERNEL["k"].tobytes()
    (tmp_path / "arrays").mkdir()
    (tmp_path / "arrays" / "weights.bin").write_bytes(b"1234" + raw)
    found = read_model(outside(small, "arrays/weights.bin", 4))
    np.testing.assert_array_equal(found.weights["conv/kernel"], expected.weights["conv/kernel"])


@pytest.mark.parametrize("location", ["../secret.bin", "arrays/../../secret.bin", "", "/etc/hostname", "link.bin"])
def test_no_file_outside_of_the_folder_is_read(tmp_path, location):
    folder = tmp_path / "inside"
    folder.mkdir()
    (folder / "arrays").mkdir()
    (tmp_path / "secret.bin").write_bytes(KERNEL["k"].tobytes())
    (folder / "link.bin").symlink_to(tmp_path / "secret.bin")
    path = write(folder / "model.onnx", CONV, IMAGE, KERNEL)
    refused(outside(path, location), "outside of the model's folder")


@pytest.mark.parametrize(("offset", "length"), [(0, 10**12), (10**12, None), (4, None)])
def test_a_file_of_arrays_that_is_too_short_is_said(small, tmp_path, offset, length):
    (tmp_path / "weights.bin").write_bytes(KERNEL["k"].tobytes())
    refused(outside(small, "weights.bin", offset, length), "weights.bin")


@pytest.mark.parametrize("opset", [6, 99])
def test_an_operator_set_that_is_not_known_is_named(tmp_path, opset):
    refused(write(tmp_path / "model.onnx", CONV, IMAGE, KERNEL, opset=opset), f"operator set {opset}")


def test_an_input_with_an_open_side_is_named(tmp_path):
    refused(write(tmp_path / "model.onnx", CONV, {"x": ("N", 3, "H", 5)}, KERNEL), "its input x leaves a side open")


def test_what_is_no_model_is_named(tmp_path):
    path = tmp_path / "net.json"
    path.write_text('{"format": "convograph", "version": 1, "layers": []}')
    with pytest.raises(ModelError, match="needs no import: open it"):
        importer_of(path)
    with pytest.raises(ModelError, match="cannot be opened: it is not there"):
        importer_of(tmp_path / "none.onnx")


def test_arrays_with_holes_in_them_are_refused(tmp_path):
    broken = {"k": np.where(KERNEL["k"] > 1, np.nan, KERNEL["k"]).astype(np.float32)}
    refused(write(tmp_path / "model.onnx", CONV, IMAGE, broken), "its kernel holds NaN")


def test_outputs_stored_beside_a_model_are_compared(small, tmp_path):
    folder = tmp_path / "test_data_set_0"
    folder.mkdir()
    ort = pytest.importorskip("onnxruntime")
    x = drawn(2, 3, 4, 5)
    (y,) = ort.InferenceSession(str(small)).run(None, {"x": x})
    imported = read_model(small)
    for name, array in (("input_0", x), ("output_0", y)):
        (folder / f"{name}.pb").write_bytes(onnx.numpy_helper.from_array(array).SerializeToString())
    (test,) = importer_of(small).stored_tests(small, imported)
    assert test.passed
    assert test.difference < 1e-5
    (folder / "output_0.pb").write_bytes(onnx.numpy_helper.from_array(y + 0.1).SerializeToString())
    (test,) = importer_of(small).stored_tests(small, imported)
    assert not test.passed
    assert test.difference == pytest.approx(0.1, rel=1e-3)


def test_long_chains_and_many_moves_are_bounded(tmp_path):
    chain = [node("Relu", "x" if i == 0 else f"v{i}", f"v{i + 1}") for i in range(5000)]
    imported = read_model(write(tmp_path / "chain.onnx", chain, IMAGE, outputs=("v5000",)))
    assert len(imported.document.graph.layers) < 10  # blocks
    turned = [
        node("Transpose", "x" if i == 0 else f"v{i}", f"v{i + 1}", perm=[0, 2, 3, 1] if i % 2 == 0 else [0, 3, 1, 2])
        for i in range(400)
    ]
    path = write(tmp_path / "moves.onnx", [*turned, node("Relu", "v400", "y")], {"x": ("N", 64, 112, 112)})
    refused(path, "moves more than")


def test_functions_that_nobody_spells_out_are_bounded(tmp_path):
    nodes, numbers = [], {}
    for i in range(1100):
        numbers[f"c{i}"] = np.array(0.5 + i / 1e4, np.float32)
        nodes += [node("Mul", f"v{i} c{i}", f"m{i}"), node("Tanh", f"m{i}", f"v{i + 1}")]
    path = write(tmp_path / "model.onnx", nodes, {"v0": ("N", 3, 4, 5)}, numbers, outputs=("v1100",))
    refused(path, "spells out more than 1,000 functions")
