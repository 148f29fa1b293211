"""The verdict's two parts: drawn correctly, and trainable; and what goes when its cause has gone."""

import json
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QFileDialog

from core.graph.edits import set_config, set_training
from core.io.documents import loads
from core.io.templates import load_template
from tests.core.datasets.making import write_pair


def letters(folder, units=26):
    """Write a data set with the labels 1 to 26, and draw a network for it."""
    write_pair(folder / "letters", n=26, labels=np.arange(1, 27, dtype=np.uint8))
    layers = [
        {"id": "input", "kind": "Input", "config": {"shape": [4, 3, 1]}},
        {"id": "flat", "kind": "Flatten", "inputs": ["input"]},
        {"id": "fc1", "kind": "Dense", "inputs": ["flat"], "config": {"units": units}},
    ]
    training = {"dataset": str(folder / "letters"), "epochs": 1}
    return loads(json.dumps({"format": "convograph", "version": 1, "layers": layers, "training": training}))


def known(window):
    return window.session.readiness is not None


@pytest.fixture
def at_letters(window, qtbot, tmp_path):
    window.session.open(letters(tmp_path), None)
    qtbot.waitUntil(lambda: bool(window.session.training_problems))
    return window


def test_a_valid_network_that_cannot_be_trained_says_both(at_letters):
    window = at_letters
    assert window.verdict.text() == "Valid, can't be trained"
    assert "Can't be trained: The labels of letters/train begin with 1" in window.verdict.toolTip()
    window.show_problems()
    problems = window.panels["problems"]
    assert problems.state.text() == "Valid, but can't be trained: 1 reason"
    assert problems.cards.cards[0].problem.code == "TRAIN-CLASSES"


def test_train_answers_with_the_reason_instead_of_beginning(at_letters, qtbot):
    window = at_letters
    assert "It cannot train yet: The labels" in window.train_bar._train.toolTip()
    with qtbot.waitSignal(window.train_bar.problems_requested):
        window.train_bar.train_or_pause()
    assert window.run.state == "idle"


def test_one_click_counts_labels_from_1_and_then_it_trains(at_letters, qtbot):
    window = at_letters
    window.show_problems()
    (button,) = window.panels["problems"].cards.cards[0].buttons
    button.considered.emit(button.fix)
    assert window.panels["problems"].cards.cards[0].outcome.text() == "Solves this; the network stays as it is"
    button.click()
    assert window.session.document.training.settings.first_label == 1
    qtbot.waitUntil(lambda: window.session.readiness.trainable)
    assert window.verdict.text().startswith("Valid")
    assert "can't" not in window.verdict.text()
    with qtbot.waitSignal(window.run.finished, timeout=20_000):
        window.train_bar.train_or_pause()
    assert window.run.dataset.classes[0] == "1"
    assert len(window.run.dataset.classes) == 26


def by_the_list(window, name, monkeypatch):
    window.datasets.activated.emit(window.datasets.findData(name))


def by_the_dialog(window, name, monkeypatch):
    path = write_pair(Path(window.session.document.training.settings.dataset).parent / "others")[0]
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    window.own_data.choose_file()


def by_its_name(window, name, monkeypatch):
    window.inspector.document_page.training.rows["dataset"].changed.emit("dataset", name, "1")


@pytest.mark.parametrize("choose", [by_the_list, by_the_dialog, by_its_name])
def test_another_data_set_is_counted_from_0_again_and_undo_brings_both_back(window, tmp_path, monkeypatch, choose):
    drawn = set_training(letters(tmp_path), {"first_label": 1})
    window.session.open(drawn, None)
    choose(window, "digits", monkeypatch)
    settings = window.session.document.training.settings
    assert settings.dataset != drawn.training.settings.dataset
    assert settings.first_label == 0
    window.session.undo()
    assert window.session.document == drawn


def test_what_could_not_start_is_no_longer_said_once_its_cause_is_cured(make_window, qtbot):
    window = make_window(size=(1280, 800))  # with room for all words
    session = window.session
    session.edit("choose data set", set_training(session.document, {"dataset": "nowhere"}))
    with qtbot.waitSignal(window.run.finished):  # pressed before anybody could know
        window.train_bar.train_or_pause()
    assert "could not start" in window.train_bar.text
    assert "could not start" in window.statusBar().currentMessage()
    curves = window.panels["curves"]
    assert not curves._notice.isHidden()
    session.edit("choose data set", set_training(session.document, {"dataset": "digits"}))
    assert window.train_bar.text == ""
    assert window.statusBar().currentMessage() == ""
    assert curves._notice.isHidden()
    qtbot.waitUntil(lambda: known(window) and session.readiness.trainable)


def test_a_data_set_that_comes_while_one_is_away_is_seen_on_coming_back(window, qtbot, tmp_path):
    session = window.session
    document = letters(tmp_path)
    (tmp_path / "letters").rename(tmp_path / "away")
    session.open(set_training(document, {"first_label": 1}), None)
    qtbot.waitUntil(lambda: bool(session.training_problems))
    assert session.training_problems[0].code == "DATA-UNREADABLE"
    (tmp_path / "away").rename(tmp_path / "letters")
    window.training_check.ask_again()
    qtbot.waitUntil(lambda: session.readiness.trainable)


def test_what_is_done_to_the_data_stands_beside_its_name(window, qtbot):
    qtbot.waitUntil(lambda: known(window))
    assert window.toolbar._data.text() == "8×8, enlarged to 28×28"
    assert "8×8, enlarged to 28×28" in window.datasets.toolTip()


def test_what_alexnet_learns_and_costs_is_said_before_train(window, qtbot):
    window.session.open(load_template("alexnet"), None)
    qtbot.waitUntil(lambda: known(window))
    brief = window.session.readiness.brief
    assert brief.startswith("10 of 1,000 outputs · about ")
    assert brief.endswith(" an epoch")
    window.resize(1600, 900)
    qtbot.waitUntil(lambda: window.train_bar.text == brief)
    tip = window.train_bar._train.toolTip()
    assert "990 of the 1,000 outputs of softmax stay unused" in tip
    assert "An epoch of 1,438 samples takes about" in tip


def test_an_edit_that_makes_it_untrainable_is_seen_without_pressing_train(window, qtbot):
    qtbot.waitUntil(lambda: known(window))
    session = window.session
    session.edit("set units", set_config(session.document, "fc3", {"units": 7}))
    qtbot.waitUntil(lambda: session.cannot_train)
    assert window.verdict.text() == "Valid, can't be trained"
    session.undo()
    assert not session.cannot_train  # what was found is about another document
    qtbot.waitUntil(lambda: session.readiness.trainable)


def test_on_a_small_screen_too_it_is_said_what_training_costs(make_window, qtbot):
    window = make_window(size=(1280, 720))
    window.files.open_template("vgg16")
    qtbot.waitUntil(lambda: known(window))
    qtbot.waitUntil(lambda: window.train_bar.text == window.session.readiness.brief)
    assert "an epoch" in window.train_bar.text


def test_the_name_of_the_file_goes_before_what_is_done_to_the_data(window, qtbot):
    qtbot.waitUntil(lambda: known(window))
    seen = set()
    for width in range(1500, 1000, -20):
        window.resize(width, 720)
        seen.add((window.toolbar._file.isVisible(), window.toolbar._data.isVisible()))
    assert (False, True) in seen
    assert (True, False) not in seen
