"""The proof with PyTorch itself: by the command, by anyone who has the files, and where the export is wrong."""

import json
import os
import subprocess
import sys

import pytest

from core.analysis.check import check
from core.commands.main import main
from core.engine.network import Network
from core.export.exporter import Subject
from core.export.exporting import export
from core.export.proof.proving import compare, prove
from core.export.proof.samples import telling_weights
from core.export.pytorch import kinds
from core.export.pytorch.exporter import PYTORCH
from core.export.pytorch.spelling import Spelling
from core.io.documents import save
from core.io.templates import load_template, template_path
from core.layers.activation import ReLU
from tests.drawing import document, layer

try:
    import torch
except ImportError:  # then every test below is skipped, and counted
    torch = None

pytestmark = pytest.mark.torch

TWO_INPUTS = document(
    layer("left", "Input", shape=(5, 4, 2)),
    layer("right", "Input", shape=(2,)),
    layer("conv", "Conv2D", "left", filters=2, kernel_size=3, padding="same"),
    layer("gate", "Sigmoid", "right"),
    layer("mul", "Multiply", ["conv", "gate"]),
    layer("pool", "GlobalMaxPool2D", "mul"),
    layer("fc", "Dense", "pool", units=3),
)


@pytest.mark.parametrize("name", ["lenet5", "resnet20_cifar", "squeezenet1_1"])
def test_the_command_proves_an_export(name, capsys):
    assert main(["export", str(template_path(name)), "--to", "pytorch", "--prove", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["passed"]
    assert said["compared_with"] == f"torch {torch.__version__}"
    assert 0 < said["largest_difference"] < 1e-5


def test_networks_of_several_inputs_are_proven(tmp_path, capsys):
    save(TWO_INPUTS, tmp_path / "two.json")
    assert main(["export", str(tmp_path / "two.json"), "--to", "pytorch", "--prove"]) == 0
    assert "mul" in capsys.readouterr().err


def test_what_is_wrong_is_found_in_the_layer_where_it_begins(monkeypatch):
    monkeypatch.setitem(kinds.SPELLINGS, ReLU, lambda node, kind: Spelling("F.leaky_relu({0})"))
    outcome, _ = prove(PYTORCH, Subject(check(load_template("lenet5")), name="net.py"))
    assert not outcome.passed
    assert outcome.first_beyond == "relu1"
    assert outcome.layers["conv1"] < 1e-5


@pytest.mark.parametrize("name", ["net.py", "my net.v2.py", "net"])
def test_anyone_can_run_the_script_without_convograph(name, tmp_path):
    made = load_template("digits_cnn")
    network = Network(made)
    network.weights.update(telling_weights(network.program))
    network.save_weights(tmp_path / "w.npz")
    save(made, tmp_path / "d.json")
    target = tmp_path / "out" / name
    target.parent.mkdir()
    arguments = ["--to", "pytorch", "--prove", "--weights", str(tmp_path / "w.npz"), "-o", str(target)]
    assert main(["export", str(tmp_path / "d.json"), *arguments]) == 0
    (script,) = target.parent.glob("*_check.py")
    bare = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run([sys.executable, "-P", script], cwd=tmp_path, env=bare, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["passed"]
    assert "core" not in script.read_text(encoding="utf-8")


def test_the_script_fails_where_weights_were_changed(tmp_path):
    made = load_template("mlp")
    export(made, Network(made), "pytorch", tmp_path / "net.py")
    _, files = prove(PYTORCH, Subject(check(made), dict(Network(made, seed=9).weights), name="net.py"))
    for end in ("_check.py", "_samples.npz"):
        (tmp_path / f"net{end}").write_bytes(files[f"net{end}"])
    outcome = compare(PYTORCH, tmp_path / "net_check.py")
    assert outcome.passed is False
    assert outcome.first_beyond == "fc1"
