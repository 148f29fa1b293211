"""Weights to and from files; closing asks once about those that are in memory only."""

import numpy as np
import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox

from core.export.exporter import Subject
from core.export.proof.samples import telling_weights
from core.graph.edits import set_config, set_optimizer, set_training
from core.training.messages import Started
from designer.inspector.training_part import FROM_THE_NEXT_RUN
from tests.core.importing.test_safetensors import of_pytorch, packed
from tests.designer.training.trainers import digits_cnn

BUTTON = QMessageBox.StandardButton


class Answers:
    """Answers questions as a test says, and remembers them."""

    def __init__(self, monkeypatch):
        self.asked, self.complaints, self.answer, self.name = [], [], BUTTON.Cancel, ""

        def ask(box):
            self.asked.append(box.text())
            return self.answer

        monkeypatch.setattr(QMessageBox, "exec", ask)
        monkeypatch.setattr(QMessageBox, "warning", lambda _, __, sentence: self.complaints.append(sentence))
        for kind in ("getSaveFileName", "getOpenFileName"):
            monkeypatch.setattr(QFileDialog, kind, lambda *_: (self.name, ""))


@pytest.fixture
def answers(monkeypatch):
    return Answers(monkeypatch)


@pytest.fixture
def trained(window, qtbot, answers):
    """A window in which a run has ended."""
    window.session.open(digits_cnn(epochs=1), None)
    train(window, qtbot)
    return window


def train(window, qtbot, begin=None):
    with qtbot.waitSignal(window.run.finished, timeout=20_000):
        (begin or window.train_bar.train_or_pause)()


def test_closing_asks_once_about_weights_that_are_only_in_memory(trained, answers):
    trained.close()
    assert answers.asked == ["The weights of run 1 are only in memory: save them before they are lost?"]
    assert trained.isVisible()
    answers.answer = BUTTON.Discard
    trained.close()
    assert len(answers.asked) == 2
    assert not trained.isVisible()


def test_save_on_closing(trained, answers, tmp_path):
    answers.answer, answers.name = BUTTON.Save, str(tmp_path / "mine")
    trained.close()
    assert not trained.isVisible()
    assert "conv1/kernel" in np.load(tmp_path / "mine.npz")


def test_a_dialog_that_is_left_keeps_the_window(trained, answers):
    answers.answer, answers.name = BUTTON.Save, ""
    trained.close()
    assert trained.isVisible()
    assert len(trained.runs.kept) == 1


def test_saved_weights_are_not_asked_about(trained, answers, tmp_path):
    answers.name = str(tmp_path / "w.npz")
    trained.actions_by_id["save_weights"].trigger()
    assert trained.statusBar().currentMessage() == "The weights of run 1 are in w.npz."
    trained.close()
    assert answers.asked == []


def test_the_best_weights_can_be_saved(window, qtbot, answers, tmp_path):
    window.session.open(digits_cnn(epochs=30, early_stopping={"patience": 2, "min_delta": 10}), None)
    assert not window.actions_by_id["save_best_weights"].isEnabled()
    train(window, qtbot)
    shown = window.runs.shown
    assert shown.summary == "run 1 · 3 epochs · ended early"
    reason = "The validation loss has brought no gain of more than 10 for 2 epochs."
    assert shown.ending_lines[0] == reason
    assert reason in window.train_bar._label.toolTip()
    assert window.panels["curves"].data.changes[-1][1].startswith(reason)
    answers.name = str(tmp_path / "best.npz")
    window.actions_by_id["save_best_weights"].trigger()
    assert window.statusBar().currentMessage() == "The best weights of run 1 are in best.npz."
    with np.load(tmp_path / "best.npz") as found:
        for name, array in shown.standing.best.weights.items():
            assert np.array_equal(found[name], array)


def test_a_run_that_is_on_is_asked_about_and_saved(window, qtbot, answers, tmp_path):
    window.session.open(digits_cnn(epochs=1000), None)
    window.train_bar.step()
    qtbot.waitUntil(lambda: window.run.state == "paused", timeout=20_000)
    answers.answer, answers.name = BUTTON.Save, str(tmp_path / "w.npz")
    assert window.weight_files.may_go()
    assert answers.asked == ["The weights of run 1 are only in memory: save them before they are lost?"]
    assert (tmp_path / "w.npz").exists()


def test_another_document_asks_too(trained, answers):
    trained.files.open_template("mlp")
    assert len(answers.asked) == 1
    assert trained.session.document.name == "Digits CNN"
    answers.answer = BUTTON.Discard
    trained.files.open_template("mlp")
    assert trained.session.document.name != "Digits CNN"
    assert trained.runs.kept == ()


def test_an_untrained_window_asks_nothing(window, answers):
    window.close()
    assert answers.asked == []


def test_weights_come_back_into_the_network_that_is_drawn(trained, answers, tmp_path):
    answers.name = str(tmp_path / "w.npz")
    trained.weight_files.save()
    trained.actions_by_id["load_weights"].trigger()
    assert trained.runs.shown.name == "w.npz"
    assert trained.train_bar._train.text() == "Continue"
    session = trained.session
    session.edit("more", set_config(session.document, "fc1", {"units": 12}))
    trained.actions_by_id["load_weights"].trigger()
    assert "fc1/kernel is 128×10, not 128×12" in answers.asked[-1]
    assert answers.complaints == []
    session.edit("break", set_config(session.document, "conv1", {"kernel_size": 99}))
    trained.actions_by_id["load_weights"].trigger()
    assert answers.complaints[-1].startswith("Solve the problems of the network first")


def test_actions_are_there_when_they_can_do_something(trained, qtbot):
    actions = trained.actions_by_id
    assert actions["save_weights"].isEnabled()
    assert actions["go_on"].isEnabled()
    assert actions["start_over"].isEnabled()
    trained.runs.choose(None)
    assert not actions["save_weights"].isEnabled()
    assert not actions["go_on"].isEnabled()
    trained.train_bar.step()
    qtbot.waitUntil(lambda: trained.run.state == "paused", timeout=20_000)
    assert not actions["start_over"].isEnabled()
    assert not actions["load_weights"].isEnabled()
    trained.run.stop()


def test_a_field_says_what_waits_for_the_next_run(window, qtbot, answers):
    window.session.open(digits_cnn(epochs=1000), None)
    window.train_bar.step()
    qtbot.waitUntil(lambda: window.run.state == "paused", timeout=20_000)
    session, page = window.session, window.inspector.document_page
    session.edit("seed", set_training(session.document, {"seed": 5, "batch_size": 8}))
    session.edit("rate", set_optimizer(session.document, "Adam", {"learning_rate": 0.1}))
    remarks = {name: row.remark.text() for name, row in page.training.rows.items()}
    assert [name for name, remark in remarks.items() if remark] == ["seed"]
    assert remarks["seed"] == FROM_THE_NEXT_RUN
    session.edit("SGD", set_optimizer(session.document, "SGD"))
    assert page.training.optimizer.remark.text() == FROM_THE_NEXT_RUN
    with qtbot.waitSignal(window.run.finished):
        window.run.stop()
    assert not any(row.remark.text() for row in page.training.rows.values())
    assert page.training.optimizer.remark.text() == ""


def test_a_run_that_does_not_stop_in_time_keeps_the_window_and_says_why(window, qtbot, answers, monkeypatch):
    window.session.open(digits_cnn(epochs=1000), None)
    window.train_bar.step()
    qtbot.waitUntil(lambda: window.run.state == "paused", timeout=20_000)
    worker = window.run._worker
    monkeypatch.setattr(worker, "is_alive", lambda: True)
    monkeypatch.setattr(worker, "join", lambda *_: None)
    answers.answer = BUTTON.Save
    said = []
    window.weight_files.said.connect(said.append)
    assert not window.weight_files.may_go()
    assert said == ["run 1 stops after its batch; its weights can be saved then."]
    monkeypatch.undo()
    qtbot.waitUntil(lambda: window.run.state == "idle", timeout=20_000)
    assert [run.name for run in window.runs.kept] == ["run 1"]


def test_a_run_without_a_step_of_its_own_is_not_asked_about(trained, qtbot, answers, tmp_path):
    answers.name = str(tmp_path / "w.npz")
    trained.weight_files.save()
    trained.run._state = "running"  # as a run says that has just gone on from it
    trained.run.started.emit(Started(2, 45, 1438, 359, 6090, step=trained.run.step_done, epoch=1))
    assert trained.weight_files.may_go()
    assert answers.asked == []
    trained.run._state = "idle"


def test_safetensors_of_pytorch_are_loaded(window, answers, tmp_path):
    window.session.open(digits_cnn(epochs=1), None)
    report = window.session.report
    weights = telling_weights(Subject(report).program)
    path = packed(tmp_path / "w.safetensors", of_pytorch(report, weights))
    answers.name = str(path)
    window.weight_files.choose()
    assert not answers.asked
    assert not answers.complaints
    taken = window.runs.shown.standing.weights
    np.testing.assert_array_equal(taken[next(iter(weights))], weights[next(iter(weights))])
