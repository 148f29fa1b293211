"""Archives as PyTorch writes them, made by hand: without PyTorch, and damaged or meant to do harm."""

from __future__ import annotations

import io
import json
import os
import tracemalloc
import zipfile
from contextlib import suppress

import numpy as np
import pytest

from core.errors import ModelError
from core.importing.importers import importer_of, read_model
from tests.core.importing.importing import refused

RNG = np.random.default_rng(3)
KERNEL = RNG.normal(size=(4, 3, 2, 2)).astype("<f4")
RAW = KERNEL.tobytes()


def meta(*sizes, dtype=7, strides=None):
    strides = strides or [int(np.prod(sizes[i + 1 :])) for i in range(len(sizes))]
    return {
        "dtype": dtype,
        "layout": 7,
        "sizes": [{"as_int": side} for side in sizes],
        "strides": [{"as_int": side} for side in strides],
        "storage_offset": {"as_int": 0},
    }


def tensor(name):
    return {"as_tensor": {"name": name}}


def call(target, output, **arguments):
    inputs = [{"name": key, "arg": argument, "kind": 1} for key, argument in arguments.items()]
    return {"target": f"torch.ops.aten.{target}", "inputs": inputs, "outputs": [tensor(output)], "metadata": {}}


def program():
    """Return a convolution and a ReLU, and the array that they need."""
    graph = {
        "nodes": [
            call("conv2d.default", "conv", input=tensor("x"), weight=tensor("p_weight")),
            call("relu.default", "y", self=tensor("conv")),
        ],
        "tensor_values": {
            "x": meta(2, 3, 5, 5),
            "p_weight": meta(*KERNEL.shape),
            "conv": meta(2, 4, 4, 4),
            "y": meta(2, 4, 4, 4),
        },
    }
    signature = {
        "input_specs": [
            {"parameter": {"arg": {"name": "p_weight"}, "parameter_name": "conv.weight"}},
            {"user_input": {"arg": tensor("x")}},
        ],
        "output_specs": [{"user_output": {"arg": tensor("y")}}],
    }
    return {"schema_version": {"major": 8, "minor": 20}, "graph_module": {"graph": graph, "signature": signature}}


def entry(**changed):
    return {
        "path_name": "weight_0",
        "is_param": True,
        "use_pickle": False,
        "tensor_meta": meta(*KERNEL.shape),
        **changed,
    }


def packed(path, raw=None, entries=None, data=RAW, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("net/data/weights/weight_0", data)
        config = {"config": {"conv.weight": entry()} if entries is None else entries}
        archive.writestr("net/data/weights/model_weights_config.json", json.dumps(config))
        archive.writestr("net/models/model.json", json.dumps(program() if raw is None else raw))
        archive.writestr("net/data/sample_inputs/model.pt", b"\x80\x02never read")
    return path


def test_a_program_is_read_without_pytorch(tmp_path):
    imported = read_model(packed(tmp_path / "net.pt2"))
    assert [layer.id for layer in imported.document.graph.layers] == ["x", "conv", "relu1"]
    np.testing.assert_array_equal(imported.weights["conv/kernel"], KERNEL.transpose(2, 3, 1, 0))


def test_arrays_that_lie_otherwise_are_read_as_they_are_meant(tmp_path):
    turned = entry(tensor_meta=meta(4, 3, 2, 2, strides=[1, 4, 24, 12]))
    imported = read_model(packed(tmp_path / "net.pt2", entries={"conv.weight": turned}))
    expected = np.lib.stride_tricks.as_strided(KERNEL.reshape(-1), (4, 3, 2, 2), [4, 16, 96, 48])
    np.testing.assert_array_equal(imported.weights["conv/kernel"], expected.transpose(2, 3, 1, 0))


@pytest.mark.parametrize(
    ("bound", "most", "says"),
    [
        ("program.MOST_IMPORTED", 1, "it has 2 nodes; Convograph reads up to 1"),
        ("archive.LARGEST_JSON", 1024, r"the lists of its arrays have .*; Convograph reads up to 1\.0 KiB"),
    ],
)
def test_what_is_too_large_is_refused_with_its_size(bound, most, says, tmp_path, monkeypatch):
    monkeypatch.setattr(f"core.importing.pytorch.{bound}", most)
    refused(packed(tmp_path / "net.pt2"), says)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"use_pickle": True}, "conv.weight is pickled, which Convograph never opens"),
        ({"path_name": "../../secret"}, "cut short or damaged"),
        ({"tensor_meta": meta(1 << 40, 1 << 40, 2, 2)}, "but there are only"),
        ({"tensor_meta": meta(1 << 40, 3, 2, 2, strides=[0, 0, 0, 0])}, "the same numbers in several places"),
        ({"tensor_meta": meta(4, 3, 2, 2, dtype=9)}, "does not hold plain real numbers"),
        ({"tensor_meta": meta(4, 3, 2, 2, dtype=[])}, "does not hold plain real numbers"),
        ({"tensor_meta": meta(-4, 3, 2, 2)}, "sizes that cannot be read"),
        ({"tensor_meta": None}, "cannot be read"),
        ({"tensor_meta": meta(5, 3, 2, 2)}, "but there are only"),
    ],
)
def test_arrays_that_are_wrong_take_no_memory_and_are_named(tmp_path, changed, says):
    path = packed(tmp_path / "net.pt2", entries={"conv.weight": entry(**changed)})
    tracemalloc.start()
    refused(path, says)
    assert tracemalloc.get_traced_memory()[1] < 20 << 20
    tracemalloc.stop()


def test_a_bomb_is_not_unpacked(tmp_path):
    zeros = bytes(1 << 26)
    path = packed(tmp_path / "net.pt2", data=zeros, compression=zipfile.ZIP_DEFLATED)
    refused(path, "no trained network packs so well")


def test_a_file_cut_short_anywhere_is_a_sentence(tmp_path):
    path = packed(tmp_path / "net.pt2")
    whole = path.read_bytes()
    for n_bytes in range(200, len(whole), 31):
        path.write_bytes(whole[:n_bytes])
        refused(path, "cannot be imported")


def test_any_byte_that_is_wrong_is_a_sentence_or_a_network(tmp_path):
    path, rng = packed(tmp_path / "net.pt2"), np.random.default_rng(2)
    whole = path.read_bytes()
    for at in rng.integers(60, len(whole), 400):
        damaged = bytearray(whole)
        damaged[at] ^= int(rng.integers(1, 256))
        path.write_bytes(bytes(damaged))
        with suppress(ModelError):
            read_model(path)


def test_any_value_that_is_another_is_a_sentence_or_a_network(tmp_path):
    rng = np.random.default_rng(4)
    others = [None, -1, 0, 1 << 62, 1.5, "", "x", [], {}, True, [[]], {"as_int": 3}, {"as_tensor": {"name": "x"}}]
    n_places = sum(1 for _ in places(program()))
    for i in range(n_places):
        for j in rng.choice(len(others), 3, replace=False):
            raw = program()
            container, key = [*places(raw)][i]
            container[key] = others[j]
            with suppress(ModelError):
                read_model(packed(tmp_path / "net.pt2", raw))


def places(value):
    """Yield all places of a JSON value: what they are in, and the key."""
    for key in value if isinstance(value, dict) else range(len(value)):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from places(value[key])


def changed(change):
    raw = program()
    change(raw["graph_module"]["graph"], raw)
    return raw


def circle(graph, _):
    graph["nodes"][0]["inputs"][0]["arg"] = tensor("y")


def unknown(graph, _):
    graph["nodes"][1]["target"] = "torch.ops.aten.fft_fft2.default"


def repeated(graph, _):
    graph["nodes"] *= 2


def branches(graph, _):
    graph["nodes"][1]["inputs"][0]["arg"] = {"as_graph": {"name": "true", "graph": {}}}


def deep(_, raw):
    raw["deep"] = json.loads("[" * 600 + "]" * 600)


def newer(_, raw):
    raw["schema_version"]["major"] = 9


def giant(graph, _):
    graph["tensor_values"]["x"] = meta(2, 3, 1 << 40, 1 << 40)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (circle, "in a circle through conv2d conv and relu y"),
        (unknown, "fft_fft2 y: Convograph has no kind for aten.fft_fft2"),
        (repeated, "made twice"),
        (branches, "decides or repeats at run time"),
        (deep, "nested deeper"),
        (newer, "its format has the version 9"),
        (giant, "which that kind does not take"),
    ],
)
def test_programs_that_no_document_can_say_are_refused(tmp_path, change, says):
    refused(packed(tmp_path / "net.pt2", changed(change)), says)


def test_what_holds_no_program_is_named(tmp_path):
    path = packed(tmp_path / "net.pt2")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("net/models/other.json", "{}")
    refused(path, "holds 2 programs")
    compiled = tmp_path / "compiled.pt2"
    with zipfile.ZipFile(compiled, "w") as archive:
        archive.writestr("net/data/aotinductor/model/model.so", "x")
    refused(compiled, "only what was compiled")
    old = tmp_path / "old.pt2"
    with zipfile.ZipFile(old, "w") as archive:
        archive.writestr("serialized_exported_program.json", "{}")
        archive.writestr("serialized_state_dict.pt", "x")
    refused(old, "PyTorch before 2.8 wrote it")


@pytest.mark.parametrize("data", [b"\x80\x02\x8a\x0alF\xf9\x9cF\xf9 j\xa8P\x19.", None])
def test_a_pickle_is_refused_with_what_to_do(tmp_path, data):
    path = tmp_path / "model.pth"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("model/data.pkl", b"\x80\x02.")
    path.write_bytes(b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19." if data else buffer.getvalue())
    with pytest.raises(ModelError, match=r"Convograph never does\. In PyTorch, save it as a program"):
        importer_of(path)


def test_a_link_that_leads_elsewhere_is_only_a_member(tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(KERNEL.tobytes())
    path = packed(tmp_path / "net.pt2", entries={"conv.weight": entry(path_name=os.fspath(secret))})
    refused(path, "cut short or damaged")


def overwritten(graph, _):
    """Let a ReLU write over the image whose convolution is read beside the image's own view."""
    view = call("view.default", "v", self=tensor("x"), size={"as_ints": [2, 3, 5, 5]})
    relu = call("relu_.default", "r", self=tensor("x"))
    graph["nodes"] = [view, relu, *graph["nodes"]]
    graph["tensor_values"] |= {"v": meta(2, 3, 5, 5), "r": meta(2, 3, 5, 5)}


def test_what_is_written_over_is_read_as_it_is_then(tmp_path):
    imported = read_model(packed(tmp_path / "net.pt2", changed(overwritten)))
    assert [layer.kind for layer in imported.document.graph.layers] == ["Input", "ReLU", "Conv2D", "ReLU"]

    def of_the_view(graph, raw):
        overwritten(graph, raw)
        graph["nodes"][2]["inputs"][0]["arg"] = tensor("v")

    refused(packed(tmp_path / "net.pt2", changed(of_the_view)), "conv2d conv reads values that relu_ r has overwritten")
