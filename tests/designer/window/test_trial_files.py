"""Trials that are in memory only: saving the document keeps them, and nothing takes them without a question."""

import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox

from core.graph.edits import set_training
from core.io.templates import load_template
from core.search.messages import StageBegan, TrialBegan, TrialEnded
from core.search.ranges import Log
from core.search.search import Search
from core.search.space import Space
from core.search.stages import Stage
from core.search.trials import Trial
from designer.views.search.search_run import Told

RATE = "training.optimizer.learning_rate"
BUTTONS = QMessageBox.StandardButton


@pytest.fixture
def searched(window):
    """Let the window know two trials of a document without a file."""
    window.session.open(load_template("mlp"), None)
    return know_trials(window)


def know_trials(window, beside=None):
    space = Space({RATE: Log(1e-4, 1.0)})
    search = Search(window.session.document, space, [Stage(1, 2)], base=window.files._folder(), beside=beside)
    told = Told((RATE,), n_trials=2)
    told.take_in(StageBegan(0, Stage(1, 2), space))
    for number in (1, 2):
        told.take_in(TrialBegan(number, 0, {RATE: 0.01 * number}))
        told.take_in(TrialEnded(Trial(number, 0, {RATE: 0.01 * number}, "finished", (0.9,), (0.3,))))
    window.search.search, window.search.told = search, told
    window.search.changed.emit(told)
    return window


@pytest.fixture
def answer(monkeypatch):
    """Answer questions, and note what they said."""
    asked = []

    def give(button, file=None):
        def answered(box):
            asked.append(box.text())
            return button

        monkeypatch.setattr(QMessageBox, "exec", answered)
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file or ""), ""))
        return asked

    return give


def test_new_asks_and_cancel_leaves_everything(searched, answer):
    asked = answer(BUTTONS.Cancel)
    before = searched.session.document
    searched.files.new()
    assert asked == ["2 trials of the search are only in memory: save them before they are lost?"]
    assert searched.session.document is before
    assert len(searched.search.told.trials) == 2
    assert not searched.close()
    answer(BUTTONS.Discard)


def test_discarded_they_go_with_their_document(searched, answer):
    answer(BUTTONS.Discard)
    searched.files.new()
    assert searched.search.told.trials == {}
    assert searched.panels["best"].choice is None
    assert searched.search.unkept == []


def test_saved_they_are_in_a_file_and_nobody_is_asked_again(searched, answer, tmp_path):
    asked = answer(BUTTONS.Save, tmp_path / "mine.trials.jsonl")
    assert searched.files.may_leave()
    assert len((tmp_path / "mine.trials.jsonl").read_text().splitlines()) == 3
    assert searched.files.may_leave()
    assert len(asked) == 1


def test_where_they_cannot_be_written_the_document_stays(searched, answer, tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr(QMessageBox, "warning", lambda *words: said.append(words[-1]))
    answer(BUTTONS.Save, tmp_path / "no" / "such.jsonl")
    assert not searched.files.may_leave()
    assert "cannot be written" in said[0]
    answer(BUTTONS.Save)  # no name is chosen
    assert not searched.files.may_leave()
    answer(BUTTONS.Discard)


def test_a_document_that_is_saved_takes_its_trials_along(searched, answer, tmp_path):
    answer(BUTTONS.Cancel, tmp_path / "net.json")
    assert searched.files.save()
    assert len((tmp_path / "net.trials.jsonl").read_text().splitlines()) == 3
    assert "2 trials are kept in net.trials.jsonl" in searched.panels["search"].said.text()
    assert searched.files.may_leave()


def test_trials_that_are_beside_their_document_are_not_asked_about(window, answer, tmp_path):
    asked = answer(BUTTONS.Cancel)
    window.session.open(load_template("mlp"), tmp_path / "net.json")
    know_trials(window, beside=tmp_path / "net.json")
    window.files.new()
    assert asked == []
    assert window.search.told.trials == {}


def test_a_search_that_is_on_ends_with_its_document(window, answer, qtbot, tmp_path):
    answer(BUTTONS.Discard)
    window.session.open(set_training(load_template("mlp"), {"seed": 3}), None)
    panel = window.panels["search"]
    panel.coarse[1].setValue(100)
    panel.begin()
    assert window.search.is_on
    window.files.new()
    assert not window.search.is_on
    assert panel.start.isEnabled()
    assert window.search.told.trials == {}
