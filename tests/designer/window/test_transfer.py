"""Weights of another network are loaded as far as they fit, if the user says so."""

import numpy as np
import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox

from core.graph.edits import set_config
from tests.designer.training.trainers import digits_cnn

BUTTON = QMessageBox.StandardButton


class Answers:
    """Answers dialogs, and notes what they ask."""

    def __init__(self, monkeypatch):
        self.asked, self.complaints, self.answer, self.name = [], [], BUTTON.Cancel, ""

        def ask(box):
            self.asked.append(f"{box.text()} {box.informativeText()}")
            return self.answer

        monkeypatch.setattr(QMessageBox, "exec", ask)
        monkeypatch.setattr(QMessageBox, "warning", lambda *words: self.complaints.append(words[-1]))
        for kind in ("getSaveFileName", "getOpenFileName"):
            monkeypatch.setattr(QFileDialog, kind, lambda *_: (self.name, ""))


@pytest.fixture
def answers(monkeypatch):
    return Answers(monkeypatch)


@pytest.fixture
def trained(window, qtbot, answers):
    window.session.open(digits_cnn(), None)
    with qtbot.waitSignal(window.run.finished, timeout=20_000):
        window.train_bar.train_or_pause()
    return window


def test_what_fits_is_taken_into_another_network_which_trains_on(trained, qtbot, answers, tmp_path):
    answers.name = str(tmp_path / "w.npz")
    trained.weight_files.save()
    kept = trained.runs.shown.standing.weights
    session = trained.session
    session.edit("wider", set_config(session.document, "fc1", {"units": 12}))
    n = len(trained.runs.kept)
    trained.actions_by_id["load_weights"].trigger()  # Cancel
    assert len(trained.runs.kept) == n
    answers.answer = BUTTON.Ok
    trained.actions_by_id["load_weights"].trigger()
    weights = trained.runs.shown.standing.weights
    assert np.array_equal(weights["conv1/kernel"], kept["conv1/kernel"])
    assert weights["fc1/kernel"].shape == (128, 12)
    said = trained.statusBar().currentMessage()
    assert "with the weights of w.npz; fc1 begins with new ones (fc1/kernel is 128×10, not 128×12" in said
    with qtbot.waitSignal(trained.run.finished, timeout=20_000):
        trained.actions_by_id["go_on"].trigger()


def test_a_file_of_which_nothing_fits_is_refused(trained, answers, tmp_path):
    path = tmp_path / "other.npz"
    np.savez(path, **{"other/kernel": np.ones((2, 2))})
    answers.answer = BUTTON.Ok
    trained.weight_files.load(path)
    assert answers.asked == []
    assert "does not suit the network" in answers.complaints[-1]
