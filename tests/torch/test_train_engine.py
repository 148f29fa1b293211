"""`convograph train --engine torch`: what it says, what it records, and what it refuses."""

import importlib.util
import json
import os

import numpy as np
import pytest

import main
from core.engines import processes, table
from core.io.writing import document_text
from core.runs.stored import read_run
from tests.drawing import chain
from tests.torch.test_engine import LAYERS

pytestmark = pytest.mark.torch

TORCHRUN = {"RANK": "0", "WORLD_SIZE": "2", "LOCAL_RANK": "0", "MASTER_ADDR": "localhost", "MASTER_PORT": "1"}


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "made.json").write_text(document_text(chain((8, 8, 1), *LAYERS, epochs=2)), encoding="utf-8")

    def run(*words):
        status = main.main(["train", "made.json", *words])
        return (status, *capsys.readouterr())

    return run


def test_a_run_says_what_it_was_trained_on_and_goes_on_there(run, tmp_path):
    status, _, err = run("--engine", "torch", "--epochs", "1", "--runs", "runs")
    assert status == 0
    assert "It runs on PyTorch, CPU." in err
    (folder,) = (tmp_path / "runs").iterdir()
    written = json.loads((folder / "run.json").read_text())
    assert [written[key] for key in ("engine", "device", "precision", "world_size")] == ["torch", "cpu", "float32", 1]
    _, _, err = run("--resume", "runs/0001", "--epochs", "2")
    assert "It runs on PyTorch, CPU." in err
    run("--epochs", "2", "--replicas", "1", "--runs", "own")
    np.testing.assert_allclose(
        read_run(folder).batches["loss"], read_run(tmp_path / "own/0001").batches["loss"], atol=1e-3
    )


def test_another_engine_goes_on_where_it_is_asked_for(run, tmp_path):
    run("--epochs", "1", "--replicas", "1", "--runs", "runs")
    status, _, err = run("--resume", "runs/0001", "--epochs", "2", "--engine", "torch", "--precision", "bfloat16")
    assert status == 0
    assert "It runs on PyTorch, CPU, bfloat16." in err
    assert read_run(tmp_path / "runs/0001").record.run_on.precision == "bfloat16"


def test_a_device_that_is_not_there(run, monkeypatch):
    monkeypatch.setattr(table, "devices_here", lambda: ("cpu",))
    status, _, err = run("--engine", "torch", "--device", "cuda")
    assert status == 1
    assert "finds no CUDA here, only CPU. Give --device cpu" in err


@pytest.mark.parametrize("option", [("--device", "cuda"), ("--precision", "bfloat16")])
def test_what_the_numpy_engine_does_not_do(option, run):
    status, _, err = run(*option)
    assert status == 1
    assert f"does not compute {'on' if option[0] == '--device' else 'in'} {option[1]}: give --engine torch too" in err
    assert run(*option, "--engine", "torch", "--replicas", "1")[0] == 1


def test_replicas_are_the_numpy_engines(run):
    status, _, err = run("--engine", "torch", "--replicas", "2")
    assert status == 1
    assert "--replicas are processes of the NumPy engine" in err


def test_without_pytorch_it_says_how_to_install_it(run, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(table, "find_spec", lambda name: None if name == "torch" else find(name))
    status, _, err = run("--engine", "torch")
    assert status == 1
    assert 'python -m pip install "convograph[torch]"' in err


def test_torchrun_needs_an_engine_that_shares(run, monkeypatch):
    for name, value in TORCHRUN.items():
        monkeypatch.setitem(os.environ, name, value)
    assert processes.started_by_torchrun()
    status, _, err = run()
    assert status == 1
    assert "give --engine torch" in err
