"""The sanity checks in the window: ticks as they come, what to do where one fails, and that a run is left alone."""

import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from core.graph.edits import set_config, set_training
from core.io.templates import load_template
from core.training.sanity.outcome import TITLES
from core.training.sanity.sanity import CHECKS
from designer.session import Session
from designer.training import SanityPanel

SICK = {"optimizer": {"kind": "SGD", "learning_rate": 100.0}}


@pytest.fixture
def panel(qtbot):
    def make(document):
        session = Session()
        session.open(document, None)
        panel = SanityPanel(session)
        qtbot.addWidget(panel)
        panel.resize(264, 400)
        panel.show()
        return panel

    made = []
    yield lambda document: made.append(make(document)) or made[-1]
    for each in made:
        assert each.run.stop_and_wait()


def press(button):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def check(qtbot, panel):
    with qtbot.waitSignal(panel.run.ended, timeout=60_000):
        press(panel.button)


def test_every_check_has_its_row_before_anything_is_loaded():
    assert list(TITLES) == list(CHECKS)


def test_four_ticks_with_their_numbers(qtbot, panel):
    shown = panel(load_template("mlp"))
    assert shown.button.text() == "Run checks"
    assert not any(row.brief.isVisible() for row in shown.rows.values())
    check(qtbot, shown)
    assert shown.state.text() == "All 4 passed."
    assert shown.button.text() == "Run again"
    assert shown.rows["initial_loss"].brief.text().startswith("ln 10 = 2.303")
    assert "worst of 4 arrays" in shown.rows["gradients"].brief.text()
    assert [row.accessibleName().endswith("passed") for row in shown.rows.values()] == [True] * 4


def test_ticks_come_one_by_one(qtbot, panel):
    shown = panel(load_template("lenet5"))
    known = []
    shown.run.judged.connect(lambda outcome: known.append((outcome.check, shown.run.is_running)))
    check(qtbot, shown)
    assert known == [(name, True) for name in CHECKS]


def test_a_failed_check_says_what_to_do_and_does_it_in_one_step(qtbot, panel):
    shown = panel(set_training(load_template("mlp"), SICK))
    check(qtbot, shown)
    row = shown.rows["overfits_20_samples"]
    assert shown.state.text() == "1 check failed."
    assert shown.windowTitle() == "Sanity checks  1"
    assert row.what.isVisible()
    assert "That rate is too high" in row.what.text()
    (button,) = row.findChildren(QPushButton)
    press(button)
    rate = shown.session.document.training.optimizer.learning_rate
    assert button.text() == f"Set learning_rate to {rate:g}"
    assert rate < 100
    assert shown.state.text() == "Of the network before your edit."
    assert not button.isEnabled()
    shown.session.undo()
    assert shown.session.document.training.optimizer.learning_rate == 100


def test_layers_that_are_to_blame_are_told_until_an_edit(qtbot, panel):
    shown = panel(set_training(load_template("mlp"), SICK))
    said = []
    shown.found.connect(said.append)
    check(qtbot, shown)
    assert said == [{"fc1": "dead"}]
    shown.session.edit("Set units", set_config(shown.session.document, "fc1", {"units": 50}))
    assert said[-1] == {}


def test_what_was_found_is_marked_as_old_after_an_edit_and_new_again_after_undo(qtbot, panel):
    shown = panel(load_template("mlp"))
    check(qtbot, shown)
    shown.session.edit("Set units", set_config(shown.session.document, "fc1", {"units": 50}))
    assert shown.state.text() == "Of the network before your edit."
    shown.session.undo()
    assert shown.state.text() == "All 4 passed."


def test_another_document_begins_with_no_ticks(qtbot, panel):
    shown = panel(load_template("mlp"))
    check(qtbot, shown)
    shown.session.open(load_template("lenet5"), None)
    assert shown.button.text() == "Run checks"
    assert all(row.outcome is None for row in shown.rows.values())


def test_checks_of_a_document_that_was_left_are_not_told(qtbot, panel):
    shown = panel(load_template("lenet5"))
    press(shown.button)
    with qtbot.waitSignal(shown.run.ended, timeout=60_000):
        shown.session.open(load_template("mlp"), None)
    assert all(row.outcome is None for row in shown.rows.values())


def test_they_can_be_stopped_and_made_again(qtbot, panel):
    shown = panel(load_template("pattern_conv_conv_pool"))
    press(shown.button)
    assert shown.button.text() == "Stop"
    with qtbot.waitSignal(shown.run.ended, timeout=60_000):
        press(shown.button)
    assert not shown.run.is_running
    assert shown.button.isEnabled()
    assert shown.button.text() in ("Run checks", "Run again")
    assert not [thread for thread in threading.enumerate() if thread.name == "sanity checks"]


def test_why_they_can_not_be_made_is_said(qtbot, panel):
    shown = panel(set_config(load_template("mlp"), "fc2", {"units": 7}))
    check(qtbot, shown)
    assert "softmax gives only 7 numbers" in shown.state.text()
    assert shown.button.text() == "Run checks"
