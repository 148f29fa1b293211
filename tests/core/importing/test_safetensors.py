"""Weights in safetensors for a document that they fit: our own names, those of PyTorch's code, and damaged files."""

from __future__ import annotations

import json
import struct
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image

from core.analysis.check import check
from core.commands.main import main
from core.errors import WeightsError
from core.export.exporter import Subject
from core.export.proof.samples import telling_weights
from core.export.pytorch.exporter import code_of
from core.export.pytorch.state import state_of
from core.graph.edits import set_training
from core.importing.weights_files import trained_weights
from core.io.documents import save
from core.io.prepared import Beside, write_prepared
from core.io.templates import load_template
from core.io.weights import write_weights
from core.preprocessing.directions import PCA, Whiten
from core.preprocessing.step import fit_steps
from tests.drawing import document, layer

SMALL = document(
    layer("in", "Input", shape=(6, 6, 2)),
    layer("conv", "Conv2D", "in", filters=3, kernel_size=3, bias=False),
    layer("up", "ConvTranspose2D", "conv", filters=4, kernel_size=2, groups=1),
    layer("local", "LocallyConnected2D", "up", filters=2, kernel_size=2),
    layer("bn", "BatchNorm", "local"),
    layer("flat", "Flatten", "bn"),
    layer("fc", "Dense", "flat", units=3),
)
REPORT = check(SMALL)
WEIGHTS = telling_weights(Subject(REPORT).program)


def packed(path, arrays, about=None):
    header, data = {"__metadata__": about} if about else {}, b""
    for name, array in arrays.items():
        raw = np.ascontiguousarray(array).tobytes()
        dtype = {"float32": "F32", "float64": "F64", "int64": "I64", "float16": "F16"}[array.dtype.name]
        header[name] = {"dtype": dtype, "shape": [*array.shape], "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    written = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(written)) + written + data)
    return path


def of_pytorch(report, weights, beside=None):
    return state_of(code_of(Subject(report, weights)).scope, weights, beside or Beside())


@pytest.mark.parametrize("drawn", [SMALL, load_template("resnet20_cifar")])
@pytest.mark.parametrize("named", [lambda report, weights: weights, of_pytorch])
def test_names_of_ours_and_of_pytorch_are_taken(drawn, named, tmp_path):
    report = check(drawn)
    weights = telling_weights(Subject(report).program)
    path = packed(tmp_path / "w.safetensors", named(report, weights))
    found, beside = trained_weights(path, report)
    assert found.keys() == weights.keys()
    for name, array in weights.items():
        np.testing.assert_array_equal(found[name], array)
    assert beside == Beside() or not beside.steps


def test_what_does_not_fit_is_named_with_both_shapes(tmp_path):
    state = of_pytorch(REPORT, WEIGHTS)
    state["conv.weight"] = state["conv.weight"][:, :1]
    state["fcc.bias"] = state.pop("fc.bias")
    path = packed(tmp_path / "w.safetensors", state)
    with pytest.raises(WeightsError) as caught:
        trained_weights(path, REPORT)
    said = str(caught.value)
    assert said.startswith(f"{path} does not suit the network: ")
    assert "fc.bias is missing" in said
    assert "conv.weight is 3×1×3×3, not 3×2×3×3" in said
    assert "fcc.bias is not in the network (is it fc.bias?)" in said
    ours = packed(tmp_path / "w.safetensors", {**WEIGHTS, "conv/kernel": WEIGHTS["conv/kernel"][:2]})
    with pytest.raises(WeightsError, match=r"w\.safetensors does not suit .*: conv/kernel is 2×3×2×3, not 3×3"):
        trained_weights(ours, REPORT)


def test_the_commands_take_safetensors(tmp_path, capsys):
    save(SMALL, tmp_path / "net.json")
    np.save(tmp_path / "x.npy", np.random.default_rng(1).normal(size=(2, 6, 6, 2)).astype("float32"))
    write_weights(tmp_path / "w.npz", WEIGHTS)
    packed(tmp_path / "w.safetensors", of_pytorch(REPORT, WEIGHTS))
    for kind in ("npz", "safetensors"):
        given = ["--weights", str(tmp_path / f"w.{kind}"), "--input", str(tmp_path / "x.npy")]
        assert main(["run", str(tmp_path / "net.json"), *given, "--output", str(tmp_path / f"{kind}.npy")]) == 0
    np.testing.assert_array_equal(np.load(tmp_path / "npz.npy"), np.load(tmp_path / "safetensors.npy"))


def test_training_begins_with_what_fits(tmp_path, capsys):
    drawn = load_template("digits_cnn")
    report = check(drawn)
    state = of_pytorch(report, telling_weights(Subject(report).program))
    first = next(iter(state))
    state["elsewhere.weight"] = state.pop(first)
    path = packed(tmp_path / "w.safetensors", state)
    save(drawn, tmp_path / "net.json")
    assert main(["train", str(tmp_path / "net.json"), "--weights", str(path), "--epochs", "1", "--json"]) == 0
    assert first.partition(".")[0] in capsys.readouterr().err


def test_evaluate_and_predict_take_safetensors(tmp_path, capsys):
    drawn = load_template("digits_cnn")
    report = check(drawn)
    path = packed(tmp_path / "w.safetensors", of_pytorch(report, telling_weights(Subject(report).program)))
    save(drawn, tmp_path / "net.json")
    assert main(["evaluate", str(tmp_path / "net.json"), "--weights", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["n"] > 0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"shape": [1 << 40, 2, 3, 3]}, "which its sizes or the file don't fit"),
        ({"data_offsets": [0, 1 << 60]}, "which its sizes or the file don't fit"),
        ({"data_offsets": [-8, 208]}, "which its sizes or the file don't fit"),
        ({"dtype": "C64"}, "is of the type C64"),
        ({"shape": "3"}, "cannot be read"),
    ],
)
def test_what_the_header_claims_is_not_believed(tmp_path, change, says):
    path = packed(tmp_path / "w.safetensors", WEIGHTS)
    data = path.read_bytes()
    n = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + n])
    header["conv/kernel"] |= change
    written = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(written)) + written + data[8 + n :])
    with pytest.raises(WeightsError, match=says):
        trained_weights(path, REPORT)


def test_a_header_that_is_too_large_is_refused_with_its_size(tmp_path, monkeypatch):
    monkeypatch.setattr("core.io.safetensors.LARGEST_HEADER", 100)
    with pytest.raises(WeightsError, match=r"w\.safetensors has a header of .*; Convograph reads up to 100 B"):
        trained_weights(packed(tmp_path / "w.safetensors", WEIGHTS), REPORT)


def test_damaged_bytes_are_a_sentence_or_weights(tmp_path):
    path, rng = packed(tmp_path / "w.safetensors", WEIGHTS), np.random.default_rng(1)
    whole = path.read_bytes()
    for i in range(200):
        damaged = bytearray(whole[: int(rng.integers(0, len(whole)))] if i % 2 else whole)
        for at in rng.integers(0, min(len(damaged), 400) or 1, 2) if damaged else ():
            damaged[at] ^= int(rng.integers(1, 256))
        path.write_bytes(bytes(damaged))
        with suppress(WeightsError):
            trained_weights(path, REPORT)


@pytest.mark.parametrize("step", [PCA(components=20), Whiten(method="zca"), Whiten()])
@pytest.mark.parametrize("says_it", [True, False])
def test_samples_are_prepared_as_the_exported_code_prepares_them(step, says_it, tmp_path, capsys):
    drawn = set_training(load_template("digits_cnn"), {"preprocessing": [step.written()]})
    report = check(drawn)
    weights = telling_weights(Subject(report).program)
    samples = np.random.default_rng(2).random((100, 8, 8, 1)).astype(np.float32)
    beside = Beside(fit_steps((step,), [samples], (8, 8, 1)), tuple("abcdefghij") if says_it else ())
    write_prepared(tmp_path / "w.npz", weights, beside)
    about = {"preprocessing": json.dumps([step.written()]), "classes": json.dumps(beside.classes)}
    packed(tmp_path / "w.safetensors", of_pytorch(report, weights, beside), about if says_it else None)
    save(drawn, tmp_path / "net.json")
    Image.fromarray((255 * samples[0, :, :, 0]).astype(np.uint8)).save(tmp_path / "digit.png")
    found = {}
    for kind in ("npz", "safetensors"):
        given = [str(tmp_path / "net.json"), "--weights", str(tmp_path / f"w.{kind}")]
        assert main(["predict", *given, str(tmp_path / "digit.png"), "--json"]) == 0
        assert main(["evaluate", *given, "--json"]) == 0
        found[kind] = capsys.readouterr().out
    assert '"j"' in found["npz"] or not says_it
    assert found["npz"] == found["safetensors"]
