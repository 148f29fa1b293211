"""What was imported is compared with what the library of its format computes, within limits, and honestly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.commands.main import main
from core.importing.importer import Imported, ImportProof
from core.importing.importers import importer_of
from core.importing.keras.importer import KERAS_MODELS
from core.importing.onnx.importer import ONNX_MODELS
from core.importing.proof.proving import proven
from core.importing.pytorch.importer import PYTORCH_PROGRAMS
from tests.core.importing.test_caffe import CAFFENET, written
from tests.core.importing.test_pytorch_files import packed

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras' own, on NumPy 2

PATIENCE = 100.0
"""Seconds: a machine that is busy takes long to start Keras."""


def library(path, imported=None, **changed):
    importer = importer_of(path)
    return proven(
        replace(importer, **changed) if changed else importer, path, imported or importer.read(path), PATIENCE
    )


@pytest.fixture
def model(tmp_path):
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    from tests.core.importing.models import drawn, node, write

    nodes = [node("Conv", "x k", "c", name="conv"), node("Relu", "c", "y")]
    return write(tmp_path / "model.onnx", nodes, {"x": ("N", 3, 4, 5)}, {"k": drawn(4, 3, 2, 2)})


def test_onnx_runtime_computes_the_same(model, capsys):
    found = library(model)
    assert found.library.startswith("ONNX Runtime")
    assert found.passed
    assert 0 <= found.difference < 1e-5
    assert main(["import", str(model), "-o", str(model.with_suffix(".json"))]) == 0
    assert "computes the same of 2 drawn samples: the largest difference is" in capsys.readouterr().err


def test_an_import_that_is_wrong_is_found(model):
    imported = importer_of(model).read(model)
    weights = {name: array + np.float32(0.1) for name, array in imported.weights.items()}
    found = library(model, Imported(imported.document, weights, ()))
    assert not found.passed
    assert "computes something else" in found.text


def test_an_import_that_is_wrong_ends_the_command_with_1(model, monkeypatch):
    wrong = replace(library(model), difference=1.0)
    monkeypatch.setattr("core.importing.proof.proving.proven", lambda *_: wrong)
    assert main(["import", str(model), "-o", str(model.with_suffix(".json"))]) == 1


@pytest.mark.parametrize(
    ("importer", "changed", "says"),
    [
        (ONNX_MODELS, {"libraries": ("no_such_library",)}, "no_such_library is not installed here"),
        (ONNX_MODELS, {"runner": "nothing.py"}, "its library could not run it"),
        (ONNX_MODELS, {"batch": lambda path: 1000}, "it takes 1,000 samples at once"),
    ],
)
def test_it_is_said_why_nothing_was_compared(model, importer, changed, says):
    found = library(model, proof=replace(importer.proof, **changed))
    assert found.passed
    assert not found.library
    assert says in found.text


def test_a_library_that_takes_too_long_is_ended(model):
    found = proven(ONNX_MODELS, model, ONNX_MODELS.read(model), seconds=0.001)
    assert "took longer than 0.001 s" in found.text


def test_what_has_no_weights_is_not_compared(tmp_path):
    assert "the file has no weights" in library(written(tmp_path, CAFFENET)).text


@pytest.mark.torch
def test_pytorch_computes_the_same_without_opening_the_file(tmp_path):
    pytest.importorskip("torch")
    found = library(packed(tmp_path / "net.pt2"))  # its sample is no pickle at all
    assert found.library.startswith("PyTorch")
    assert found.passed
    assert found.difference < 1e-5


def test_keras_computes_the_same(tmp_path):
    pytest.importorskip("h5py")
    pytest.importorskip("jax")
    models = pytest.importorskip("tests.core.importing.keras_models")
    layers = models.layers
    made = models.chain((6, 5, 2), layers.Conv2D(3, 2, padding="same"), layers.Flatten(), layers.Dense(4))
    found = library(models.saved(made, tmp_path / "model.keras"))
    assert found.library.startswith("Keras")
    assert found.passed


def test_every_proof_has_a_runner():
    proofs = [importer.proof for importer in (ONNX_MODELS, KERAS_MODELS, PYTORCH_PROGRAMS)]
    assert all(isinstance(proof, ImportProof) for proof in proofs)
