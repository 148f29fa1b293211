"""Nothing is lost: a student trains, tries things out, goes back, and is asked before leaving."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLabel, QMessageBox, QPushButton

from core.graph.edits import set_training
from core.io.templates import load_template

LEFT = Qt.MouseButton.LeftButton


def visible_button(window, text):
    found = [button for button in window.findChildren(QPushButton) if button.text() == text and button.isVisible()]
    assert len(found) == 1, [button.text() for button in window.findChildren(QPushButton) if button.isVisible()]
    return found[0]


def press(window, text):
    QTest.mouseClick(visible_button(window, text), LEFT)


def finish(window, qtbot, text):
    with qtbot.waitSignal(window.run.finished, timeout=60_000):
        press(window, text)


def said_in(widget):
    return " ".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


def enter(editor, text):
    editor.setFocus()
    QTest.keyClick(editor, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(editor, text)
    QTest.keyClick(editor, Qt.Key.Key_Return)


@pytest.fixture
def student(window, qtbot):
    """A window with a small network that trains in a moment."""
    window.resize(1280, 800)
    window.session.open(set_training(load_template("digits_cnn"), {"epochs": 2}), None)
    return window


def test_runs_are_kept_edited_compared_saved_and_asked_about(student, qtbot, tmp_path, monkeypatch):
    window, curves = student, student.panels["curves"]
    filters, runs = student.panels["filters"], student.runs

    # Train. The button becomes Continue, with Start over beside it; pressing the key again loses nothing.
    finish(window, qtbot, "Train")
    first = {name: array.copy() for name, array in runs.kept[0].standing.weights.items()}
    visible_button(window, "Start over")
    with qtbot.waitSignal(window.run.finished, timeout=60_000):
        QTest.keyClick(window, Qt.Key.Key_F5)
    assert [run.name for run in runs.kept] == ["run 1", "run 2"]
    for name, array in first.items():
        np.testing.assert_array_equal(runs.kept[0].standing.weights[name], array)
    assert runs.kept[1].standing.place.epochs == 4

    # Start over: a third run from new weights, drawn over the other two.
    finish(window, qtbot, "Start over")
    assert (curves.data.name, [run.name for run in curves.earlier]) == ("run 3", ["run 1", "run 2"])
    assert curves.data.first_step == 0
    assert curves.earlier[1].first_step == 90

    # A setting that is changed during a run is marked where it applies; the run takes it over.
    press(window, "Step")
    qtbot.waitUntil(lambda: window.run.state == "paused", timeout=20_000)
    page = window.inspector.document_page
    enter(page.training.optimizer_form.rows["learning_rate"].editor, "0.0005")
    enter(page.training.rows["seed"].editor, "7")
    assert page.training.rows["seed"].remark.text() == "from the next run"
    with qtbot.waitSignal(window.run.finished, timeout=60_000):
        press(window, "Resume")
    assert curves.data.changes == [(91, "learning rate 0.001 → 0.0005")]
    assert not page.training.rows["seed"].remark.isVisible()

    # An edit: what was trained stays to be looked at, and says what it is.
    window.session.select(["conv2"])
    window.docks["filters"].raise_()
    qtbot.waitUntil(filters.isVisible)
    enter(window.inspector.layer_page.form.rows["filters"].editor, "24")
    qtbot.waitUntil(lambda: "run 4, before your edit" in said_in(filters), timeout=20_000)
    assert "32 of 3×3×16" in said_in(filters)
    visible_button(window, "Train")

    # Undo leads back to it, and training goes on from it.
    window.canvas.view.setFocus()
    QTest.keyClick(window.canvas.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: "· run 4 ·" in said_in(filters), timeout=20_000)
    visible_button(window, "Continue")

    # An earlier run is chosen; its weights are saved.
    runs.choose(runs.kept[0])
    assert curves.data.name == "run 1"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "first.npz"), ""))
    window.actions_by_id["save_weights"].trigger()
    for name, array in np.load(tmp_path / "first.npz").items():
        np.testing.assert_array_equal(array, first[name])

    # Closing asks once about the rest, in one sentence.
    asked = []
    monkeypatch.setattr(window.session, "_saved", window.session.document)
    monkeypatch.setattr(QMessageBox, "exec", lambda box: asked.append(box.text()) or QMessageBox.StandardButton.Cancel)
    window.close()
    which = "run 2 and run 4 are only in memory: save those of run 4"
    assert asked == [f"The weights of {which} before they are lost?"]
    assert window.isVisible()
