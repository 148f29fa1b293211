"""`convograph import`: a model becomes a document and its weights."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.commands.main import main
from core.io.documents import load

pytest.importorskip("onnx")

from tests.core.importing.models import drawn, node, write


@pytest.fixture
def model(tmp_path):
    nodes = [node("Flatten", "x", "f"), node("Gemm", "f w", "y", name="fc", transB=1)]
    return write(tmp_path / "model.onnx", nodes, {"x": ("N", 3, 4, 5)}, {"w": drawn(2, 60)})


def test_it_writes_what_other_commands_read(model, tmp_path, capsys):
    document, weights = tmp_path / "net.json", tmp_path / "net.npz"
    assert main(["import", str(model), "-o", str(document), "--weights", str(weights)]) == 0
    said = capsys.readouterr().err
    assert "Channels first → last" in said
    assert "fc: the rows of its kernel stand in the order H, W, C" in said
    assert [layer.id for layer in load(document).graph.layers] == ["x", "flat1", "fc"]
    x, y = tmp_path / "x.npy", tmp_path / "y.npy"
    np.save(x, drawn(2, 4, 5, 3))
    assert main(["run", str(document), "--weights", str(weights), "--input", str(x), "--output", str(y)]) == 0
    assert np.load(y).shape == (2, 2)


def test_it_prints_the_document(model, capsys):
    assert main(["import", str(model)]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == "model"


def test_it_says_why_not(tmp_path, capsys):
    path = write(tmp_path / "model.onnx", [node("Cos", "x", "y", name="turn")], {"x": ("N", 6)})
    assert main(["import", str(path)]) == 2
    assert "Cos turn: Convograph has no kind for Cos" in capsys.readouterr().err


def test_outputs_beside_the_model_that_differ_end_with_1(model, tmp_path, capsys):
    from tests.core.importing.models import onnx

    folder = tmp_path / "test_data_set_0"
    folder.mkdir()
    for name, array in (("input_0", drawn(1, 3, 4, 5)), ("output_0", drawn(1, 2) + 50)):
        (folder / f"{name}.pb").write_bytes(onnx.numpy_helper.from_array(array).SerializeToString())
    assert main(["import", str(model), "-o", str(tmp_path / "net.json")]) == 1
    assert "test_data_set_0: computes something else" in capsys.readouterr().err


def test_the_model_is_never_overwritten(model, capsys):
    before = model.read_bytes()
    assert main(["import", str(model), "-o", str(model)]) == 1
    assert model.read_bytes() == before
