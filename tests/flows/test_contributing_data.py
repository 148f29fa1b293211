"""What CONTRIBUTING.md promises about adding an optimiser or a data format is done here, word for word."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from core.errors import DataError
from core.io.datasets import formats, load_dataset
from core.training.messages import Finished
from core.training.trainer import train
from tests.core.datasets.making import write_pair
from tests.core.training.making import chain

ROOT = Path(__file__).parents[2]

TRAINING = """
import adamax
from core.analysis.check import check
from core.graph.edits import set_optimizer, set_training
from core.io.templates import load_template
from core.training.messages import Epoch
from core.training.trainer import train

document = set_training(set_optimizer(load_template("mlp"), "Adamax", {"beta2": 0.99}), {"epochs": 3})
assert not check(document).errors
first, *_, last = [message for message in train(document) if isinstance(message, Epoch)]
assert last.train_loss < first.train_loss and last.val_accuracy > 0.8, (first, last)
"""


def recipe(title):
    """The blocks of code under a heading."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (section,) = re.findall(rf"^## {title}\n(.*?)^## ", text, re.DOTALL | re.MULTILINE)
    return re.findall(r"```python\n(.*?)```", section, re.DOTALL)


@pytest.fixture
def with_adamax(tmp_path):
    """Run Python with the optimiser of the recipe in reach."""
    (code,) = recipe("Add an optimiser")
    (tmp_path / "adamax.py").write_text(code, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}

    def run(*arguments):
        command = [sys.executable, *arguments]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    return run


@pytest.mark.timeout(300)
def test_the_optimizer_in_contributing_passes_its_contract(with_adamax):
    done = with_adamax("-m", "pytest", "-q", "-p", "adamax", "-k", "Adamax", "tests/core/learning")
    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed
    assert int(passed[1]) >= 8


@pytest.mark.timeout(300)
def test_the_optimizer_in_contributing_trains(with_adamax):
    done = with_adamax("-c", TRAINING)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def svmlight(tmp_path, monkeypatch):
    """The format of the recipe, added to the table."""
    code, entry = recipe("Add a data format")
    path = tmp_path / "svmlight_format.py"
    path.write_text(f"{code}\nfrom core.io.datasets.formats import Format\nADDED = {entry}", encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(formats, "FORMATS", (*formats.FORMATS, module.ADDED))
    return module.ADDED


LINES = "2 1:0.5 3:1.5\n0 2:-1\n1 4:0.25 1:2.5\n2 3:1\n"


@pytest.mark.parametrize("name", ["table.svm", "table"])
def test_the_format_in_contributing_is_recognised_and_loaded(svmlight, tmp_path, name):
    (tmp_path / name).write_text(LINES)
    loaded = load_dataset(name, tmp_path)
    assert (loaded.name, loaded.format, loaded.classes) == ("table", "SVMlight", ("0", "1", "2"))
    assert loaded.labels.tolist() == [2, 0, 1, 2]
    assert loaded.pixels(slice(None)).tolist() == [[0.5, 0, 1.5, 0], [0, -1, 0, 0], [2.5, 0, 0, 0.25], [0, 0, 1, 0]]
    write_pair(tmp_path / "pair")
    assert load_dataset("pair", tmp_path).name == "pair/train"


def test_a_network_learns_from_the_format_in_contributing(svmlight, tmp_path):
    (tmp_path / "table.svm").write_text(LINES * 3)
    document = chain(("input", "Input", {"shape": [4]}), ("fc1", "Dense", {"units": 3}), dataset="table.svm", epochs=2)
    assert isinstance(list(train(document, base=tmp_path))[-1], Finished)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (f"{LINES}1 3\n", "table.svm: line 5 is no label with values. Write it as 1 3:0.5 7:2."),
        ("1 3:0.5\n-3 2:1\n", "labels of table.svm: label 2 is -3; labels are class numbers from 0"),
        ("1 3:0.5\n0 99999999999:1\n", "table.svm would fill 745.1 GiB of memory"),
    ],
)
def test_the_format_in_contributing_refuses_with_a_sentence(svmlight, tmp_path, lines, expected):
    (tmp_path / "table.svm").write_text(lines)
    with pytest.raises(DataError, match=re.escape(expected)):
        load_dataset("table.svm", tmp_path)


def test_messages_and_the_file_dialog_know_the_format_in_contributing(svmlight, make_window, tmp_path, monkeypatch):
    with pytest.raises(DataError, match=r"or a table of SVMlight\."):
        load_dataset("missing.svm", tmp_path)
    asked = []
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *arguments: (asked.extend(arguments), ("", ""))[1])
    make_window().own_data.choose_file()
    every, *each, last = asked[-1].split(";;")
    assert every.endswith(" *.svm *.libsvm)")
    assert each[0] == "Images of a pair of IDX files, the format of MNIST (*images*)"
    assert each[-1] == "Sparse tables of SVMlight and LIBSVM (*.svm *.libsvm)"
    assert last == "All files (*)"
