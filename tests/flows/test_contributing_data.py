"""What CONTRIBUTING.md promises about adding an optimiser or a data format is done here, word for word."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
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
def npz(tmp_path, monkeypatch):
    """The format of the recipe, added to the table."""
    code, entry = recipe("Add a data format")
    path = tmp_path / "npz_format.py"
    path.write_text(f"{code}\nfrom core.io.datasets.formats import Format\nADDED = {entry}", encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(formats, "FORMATS", (*formats.FORMATS, module.ADDED))
    return module.ADDED


def squares(n=12, side=6, dtype=np.uint8):
    top = 255 if dtype == np.uint8 else 1
    return (np.random.default_rng(0).random((n, side, side)) * top).astype(dtype)


@pytest.mark.parametrize("name", ["squares.npz", "squares"])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_the_format_in_contributing_is_recognised_and_loaded(npz, tmp_path, name, dtype):
    images, labels = squares(dtype=dtype), np.array([3, 7, 9] * 4)
    with (tmp_path / name).open("wb") as file:
        np.savez(file, images=images, labels=labels)
    loaded = load_dataset(name, tmp_path)
    assert (loaded.name, loaded.shape, loaded.classes) == ("squares", (6, 6, 1), ("3", "7", "9"))
    assert loaded.labels.tolist() == [0, 1, 2] * 4
    assert loaded.images.dtype == dtype
    assert np.array_equal(loaded.images[..., 0], images)
    assert loaded.pixels(slice(None)).max() <= 1
    write_pair(tmp_path / "pair")
    assert load_dataset("pair", tmp_path).name == "pair/train"


def test_a_network_learns_from_the_format_in_contributing(npz, tmp_path):
    np.savez(tmp_path / "squares.npz", images=squares(), labels=np.arange(12) % 3)
    document = chain(
        ("input", "Input", {"shape": [6, 6, 1]}),
        ("flat", "Flatten", {}),
        ("fc1", "Dense", {"units": 3}),
        dataset="squares.npz",
        epochs=2,
    )
    assert isinstance(list(train(document, base=tmp_path))[-1], Finished)


@pytest.mark.parametrize(
    ("arrays", "expected"),
    [
        ({"pictures": squares()}, "does not hold two arrays called images and labels"),
        ({"images": squares(), "labels": np.zeros(5, int)}, "give one whole number for each of the 12 images"),
        ({"images": squares(), "labels": np.array([{}] * 12)}, "holds object values; numbers are needed"),
        ({"images": squares().astype("f8"), "labels": np.zeros(12, int)}, "its images are float64"),
    ],
    ids=["names", "counts", "pickles", "types"],
)
def test_the_format_in_contributing_refuses_with_a_sentence(npz, tmp_path, arrays, expected):
    np.savez(tmp_path / "wrong.npz", **arrays)
    with pytest.raises(DataError, match=expected):
        load_dataset("wrong.npz", tmp_path)


def test_messages_and_the_file_dialog_know_the_format_in_contributing(npz, make_window, tmp_path, monkeypatch):
    with pytest.raises(DataError, match=r"the images file of a pair, .* or an \.npz archive with images and labels\."):
        load_dataset("missing.npz", tmp_path)
    asked = []
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *arguments: (asked.extend(arguments), ("", ""))[1])
    make_window().choose_dataset()
    every, first, *_, last, files = asked[-1].split(";;")
    assert every.startswith("Data sets (*images* ")
    assert every.endswith(" *.npz)")
    assert first == "Images of a pair of IDX files, the format of MNIST (*images*)"
    assert (last, files) == ("NumPy archives of images and labels (*.npz)", "All files (*)")
