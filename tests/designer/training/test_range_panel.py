"""The range test in the window: the curve as it comes, the proposal in one step, and that nothing else is touched."""

import csv
import threading

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from core.graph.edits import set_config, set_training
from core.io.templates import load_template
from core.training.sweep import STEPS
from designer.session import Session
from designer.training import RangePanel

SGD = {"optimizer": {"kind": "SGD", "learning_rate": 5.0, "momentum": 0.9}, "epochs": 400}


@pytest.fixture
def panel(qtbot):
    made = []

    def make(document):
        session = Session()
        session.open(document, None)
        panel = RangePanel(session)
        qtbot.addWidget(panel)
        panel.resize(480, 260)
        panel.show()
        made.append(panel)
        return panel

    yield make
    for each in made:
        assert each.run.stop_and_wait()


def press(button):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def swept(qtbot, panel):
    with qtbot.waitSignal(panel.run.ended, timeout=60_000):
        press(panel.button)
    return panel


def rate_of(panel):
    return panel.session.document.training.optimizer.learning_rate


def test_the_proposal_is_marked_and_used_in_one_step(qtbot, panel):
    shown = panel(set_training(load_template("mlp"), SGD))
    assert shown.button.text() == "Range test"
    assert shown.use.isHidden()
    swept(qtbot, shown)
    proposal = shown.curve.proposal
    assert 1e-4 < proposal < 0.2
    assert shown.use.text() == f"Use {proposal:g}"
    assert f"proposed: {proposal:g}" in shown.curve.accessibleDescription()
    assert "falls most steeply" in shown.state.toolTip()
    shown.grab()
    press(shown.use)
    assert rate_of(shown) == proposal
    assert shown.session.document.training.optimizer.momentum == 0.9
    assert shown.session.undo_label == f"use a learning rate of {proposal:g}"
    assert not shown.use.isEnabled()
    assert "before your edit" not in shown.state.text()
    shown.grab()
    shown.session.undo()
    assert rate_of(shown) == 5
    assert shown.use.isEnabled()


def test_what_was_edited_since_is_kept_and_makes_the_proposal_old(qtbot, panel):
    shown = swept(qtbot, panel(set_training(load_template("mlp"), SGD)))
    shown.session.edit("set units", set_config(shown.session.document, "fc1", {"units": 50}))
    assert shown.state.text() == "Of the network before your edit."
    assert not shown.use.isEnabled()
    shown.session.undo()
    assert shown.use.isEnabled()


def test_the_curve_comes_step_by_step(qtbot, panel):
    shown = panel(load_template("lenet5"))
    lengths = []
    shown.run.told.connect(lambda _: lengths.append(len(shown.curve.tried)))
    swept(qtbot, shown)
    assert len(lengths) > 2
    assert lengths == sorted(lengths)
    assert lengths[-1] <= STEPS


def test_it_is_cancelled_and_made_again(qtbot, panel):
    shown = panel(load_template("pattern_conv_conv_pool"))
    press(shown.button)
    assert shown.button.text() == "Stop"
    with qtbot.waitSignal(shown.run.ended, timeout=60_000):
        press(shown.button)
    assert shown.button.isEnabled()
    assert shown.use.isHidden()
    assert not [thread for thread in threading.enumerate() if thread.name == "range test"]


def test_another_document_begins_anew_and_hears_nothing_of_the_old_one(qtbot, panel):
    shown = panel(load_template("lenet5"))
    press(shown.button)
    with qtbot.waitSignal(shown.run.ended, timeout=60_000):
        shown.session.open(load_template("mlp"), None)
    assert shown.curve.tried == ()
    assert shown.button.text() == "Range test"


def test_where_there_is_nothing_to_propose_it_says_what_to_do(qtbot, panel, tmp_path):
    np.savez(tmp_path / "blank.npz", images=np.zeros((64, 8, 8, 1), np.uint8), labels=np.arange(64) % 10)
    shown = panel(set_training(load_template("mlp"), {"dataset": str(tmp_path / "blank.npz")}))
    swept(qtbot, shown)
    assert "No learning rate is proposed" in shown.state.text()
    assert "sanity checks" in shown.state.text()
    assert shown.use.isHidden()
    shown.grab()


def test_why_it_can_not_be_made_is_said(qtbot, panel):
    shown = swept(qtbot, panel(set_config(load_template("mlp"), "fc2", {"units": 7})))
    assert "softmax gives only 7 numbers" in shown.state.text()
    assert shown.button.text() == "Range test"


def test_numbers_in_the_tooltip_and_in_files(qtbot, panel, tmp_path, monkeypatch):
    shown = swept(qtbot, panel(load_template("mlp")))
    one = shown.curve.tried[40]
    at = QPoint(round(shown.curve.x_of(one.rate)), 60)
    QApplication.sendEvent(shown.curve, QHelpEvent(QEvent.Type.ToolTip, at, shown.curve.mapToGlobal(at)))
    assert QToolTip.text().startswith(f"learning rate {one.rate:.2g}\nloss {one.loss:.4g}")
    for name, write in (("rates.csv", shown.keeping.save_csv), ("rates.png", shown.keeping.save_picture)):
        monkeypatch.setattr("designer.pictures.keeping.choose", lambda *_, path=tmp_path / name: path)
        write()
    rows = list(csv.DictReader((tmp_path / "rates.csv").read_text().splitlines()))
    assert [float(row["learning_rate"]) for row in rows] == [one.rate for one in shown.curve.tried]
    assert (tmp_path / "rates.png").read_bytes().startswith(b"\x89PNG")
    shown.keeping.copy_picture()
    assert QGuiApplication.clipboard().image().width() > 2 * shown.curve.width()  # with its words


def test_in_the_window_it_begins_beside_a_run_which_takes_the_rate_over(qtbot, window):
    session = window.session
    session.open(set_training(load_template("mlp"), SGD | {"optimizer": {"kind": "SGD", "learning_rate": 1e-4}}), None)
    window.show_workspace("train")
    with qtbot.waitSignal(window.run.epoch_ended, timeout=60_000):
        window.train_bar.train_or_pause()
    shown = window.panels["range test"]
    with qtbot.waitSignal(shown.run.ended, timeout=60_000):
        press(window.panels["training"].range_test)
        assert shown.run.is_running
    assert shown.isVisible()
    with qtbot.waitSignal(window.run.adjusted, timeout=60_000) as taken:
        press(shown.use)
    ((adjustment,),) = (taken.args[0].adjustments,)
    assert (adjustment.name, adjustment.after) == ("learning_rate", shown.curve.proposal)
    with qtbot.waitSignal(window.run.finished, timeout=60_000):
        window.run.stop()
