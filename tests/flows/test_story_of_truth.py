"""Nothing misleads: a student brings data and a drawing with the usual mistakes, and is told the real causes."""

import json

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from core.graph.edits import set_optimizer, set_training
from core.io.documents import loads
from core.io.templates import load_template
from tests.core.datasets.making import idx_bytes

LEFT = Qt.MouseButton.LeftButton


def write_letters(folder, labels):
    """Write pictures of 8×8 whose brightest row tells their label."""
    folder.mkdir()
    images = np.zeros((len(labels), 8, 8), np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[label % 8] = 255
    (folder / "train-images-idx3-ubyte").write_bytes(idx_bytes(images))
    (folder / "train-labels-idx1-ubyte").write_bytes(idx_bytes(np.array(labels, np.uint8)))


def channels_first(dataset):
    layers = [
        {"id": "input", "kind": "Input", "config": {"shape": [1, 8, 8]}},
        {"id": "conv1", "kind": "Conv2D", "inputs": ["input"], "config": {"filters": 8, "kernel_size": 3}},
        {"id": "relu1", "kind": "ReLU", "inputs": ["conv1"]},
        {"id": "flat", "kind": "Flatten", "inputs": ["relu1"]},
        {"id": "fc1", "kind": "Dense", "inputs": ["flat"], "config": {"units": 4}},
    ]
    training = {"dataset": dataset, "epochs": 3, "batch_size": 8}
    return loads(json.dumps({"format": "convograph", "version": 1, "layers": layers, "training": training}))


def first_fix(window, qtbot):
    """Press the first fix of the first problem in the list; return its words."""
    window.show_problems()
    problems = window.panels["problems"]
    qtbot.waitUntil(lambda: problems.isVisible() and bool(problems.cards.cards))
    button = problems.cards.cards[0].buttons[0]
    words = button.fix.label
    QTest.mouseClick(button, LEFT)
    return words


def visible_words(widget):
    return " ".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


@pytest.fixture
def train(window, qtbot):
    def run(text="Train"):
        (button,) = (b for b in window.findChildren(QPushButton) if b.text() == text and b.isVisible())
        with qtbot.waitSignal(window.run.finished, timeout=60_000):
            QTest.mouseClick(button, LEFT)

    return run


def test_the_picture_is_typed_channels_first_and_the_labels_begin_with_one(window, qtbot, tmp_path, train):
    session = window.session
    write_letters(tmp_path / "letters", [1 + n % 4 for n in range(80)])
    session.open(channels_first(str(tmp_path / "letters")), None)

    # The mistake is named, and its cure comes before what would only hide it.
    assert "channels first" in " ".join(problem.what for problem in session.report.problems)
    assert first_fix(window, qtbot) == "Make input 8×8×1"
    assert session.report.valid

    # Valid, but it can't be trained: known before Train is pressed, and cured by counting, not by adding a class.
    qtbot.waitUntil(lambda: bool(session.training_problems), timeout=20_000)
    assert window.verdict.text() == "Valid, can't be trained"
    assert first_fix(window, qtbot) == "Count from 0: label 1 becomes 0"
    qtbot.waitUntil(lambda: session.training_problems == (), timeout=20_000)
    assert window.verdict.text().startswith("Valid")
    assert "can't" not in window.verdict.text()
    train()
    assert window.runs.shown.summary == "run 1 · 3 epochs · done"
    assert session.document.training.settings.first_label == 1


def test_a_learning_rate_that_is_far_too_large_is_answered_by_one_that_works(window, qtbot, train):
    session = window.session
    session.open(set_training(load_template("digits_cnn"), {"epochs": 1}), None)
    session.edit("too fast", set_optimizer(session.document, "SGD", {"learning_rate": 500.0}))
    train()
    curves = window.panels["curves"]
    window.docks["curves"].raise_()
    qtbot.waitUntil(lambda: "Try a learning rate of" in visible_words(curves), timeout=20_000)
    said = visible_words(curves)
    rate = float(said.partition("Try a learning rate of ")[2].partition(" ")[0])

    # Obeyed, it works, and nothing of the failure is left.
    session.edit("slower", set_optimizer(session.document, "SGD", {"learning_rate": rate}))
    train()
    assert [run.summary for run in window.runs.kept][1] == "run 2 · 1 epoch · done"
    assert window.panels["curves"].data.epochs[-1].val_accuracy > 0.5
    assert "Try a learning rate" not in visible_words(curves)
    assert "stopped" not in window.train_bar.text


def test_a_network_that_learns_nothing_is_not_passed_over_in_silence(window, qtbot, train):
    session = window.session
    session.open(set_training(load_template("lenet5"), {"epochs": 2}), None)
    session.edit("too fast", set_optimizer(session.document, "SGD", {"learning_rate": 5.0}))
    found = []
    window.run.found.connect(found.append)
    train()
    assert found or "Try a learning rate" in visible_words(window.panels["curves"])
    assert all(finding.what and finding.why for finding in found)
    assert len({finding.what for finding in found}) == len(found)
