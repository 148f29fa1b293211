"""The table of runs: what it says, and what its keys and buttons do."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from core.graph.edits import set_config, set_optimizer
from core.io.documents import load, save
from core.runs.store import RunStore
from designer.session import Session
from designer.training import Run, Runs, RunsPanel
from designer.training.runs.runs_panel import ComparisonDialog
from designer.training.runs.runs_table import BEST, EPOCHS, NAME, SETTINGS, SIZE, STATE
from tests.designer.training.trainers import digits_cnn

KEY = Qt.Key


@pytest.fixture
def stage(qtbot, tmp_path):
    path = tmp_path / "net.json"
    save(digits_cnn(epochs=1), path)
    session, run = Session(digits_cnn(epochs=1)), Run()
    runs = Runs(session, run)
    session.open(load(path), path)
    panel = RunsPanel(runs)
    qtbot.addWidget(panel)
    panel.resize(700, 300)
    panel.show()
    for rate in (0.001, 0.01):
        session.edit("rate", set_optimizer(session.document, "Adam", {"learning_rate": rate}))
        with qtbot.waitSignal(run.finished, timeout=20_000):
            runs.start_over()
    yield session, run, runs, panel
    assert run.stop_and_wait()
    runs.shelf.close()


def cell(panel, row, column):
    return panel.model.index(row, column).data()


def press(panel, row, key, modifier=Qt.KeyboardModifier.NoModifier):
    panel.table.selectRow(row)
    panel.table.setFocus()
    QTest.keyClick(panel.table, key, modifier)


def test_it_says_what_each_run_is(qtbot, stage):
    _, _, runs, panel = stage
    assert [cell(panel, row, NAME) for row in (0, 1)] == ["run 2", "run 1"]
    assert [cell(panel, row, SETTINGS) for row in (0, 1)] == ["learning rate 0.01", "learning rate 0.001"]
    assert [cell(panel, row, STATE) for row in (0, 1)] == ["done", "done"]
    assert cell(panel, 0, EPOCHS) == "1"
    assert cell(panel, 0, BEST) == f"{runs.kept[1].standing.best.figures.val_accuracy:.1%}"
    qtbot.waitUntil(lambda: "KiB" in cell(panel, 1, SIZE), timeout=20_000)
    qtbot.waitUntil(lambda: panel.disk.text().startswith("2 runs, "), timeout=20_000)
    assert panel.disk.text().endswith("of 4.0 GiB · net.runs")


def test_space_hides_a_curve_and_shows_it_again(stage):
    *_, panel = stage
    said = []
    panel.curve_toggled.connect(lambda name, shown: said.append((name, shown)))
    press(panel, 1, KEY.Key_Space)
    press(panel, 1, KEY.Key_Space)
    assert said == [("run 1", False), ("run 1", True)]


def test_f2_renames(qtbot, stage):
    *_, runs, panel = stage
    press(panel, 1, KEY.Key_F2)
    editor = panel.table.findChild(QLineEdit)
    qtbot.keyClicks(editor, "slow")
    QTest.keyClick(editor, KEY.Key_Return)
    qtbot.waitUntil(lambda: [kept.name for kept in runs.kept] == ["slow", "run 2"])  # Qt commits a moment later
    assert [run.name for run in RunStore(runs.store.folder).runs()] == ["slow", "run 2"]


def test_delete_takes_a_run_away_and_undo_brings_it_back(stage):
    *_, runs, panel = stage
    press(panel, 0, KEY.Key_Delete)
    assert [kept.name for kept in runs.kept] == ["run 1"]
    assert panel.undo.isEnabled()
    press(panel, 0, KEY.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert [cell(panel, row, NAME) for row in (0, 1)] == ["run 2", "run 1"]
    assert not panel.undo.isEnabled()
    panel.table.selectAll()
    QTest.mouseClick(panel.delete, Qt.MouseButton.LeftButton)
    assert runs.kept == ()
    QTest.mouseClick(panel.undo, Qt.MouseButton.LeftButton)
    QTest.mouseClick(panel.undo, Qt.MouseButton.LeftButton)
    assert [kept.name for kept in runs.kept] == ["run 1", "run 2"]


def test_enter_looks_at_a_run(stage):
    *_, runs, panel = stage
    press(panel, 1, KEY.Key_Return)
    assert runs.shown is runs.kept[0]


def test_two_runs_are_compared(qtbot, stage):
    session, run, runs, panel = stage
    session.edit("wider", set_config(session.document, "conv1", {"filters": 20}))
    with qtbot.waitSignal(run.finished, timeout=20_000):
        runs.start_over()
    panel.table.selectRow(0)
    assert not panel.compare.isEnabled()
    panel.table.selectAll()
    assert not panel.compare.isEnabled()
    dialog = ComparisonDialog(runs.kept[0], runs.kept[2], panel)
    text = dialog.text.toPlainText()
    assert text.startswith("run 1 → run 3")
    assert "0.001 → 0.01" in text
    assert "16 → 20" in text
    dialog.deleteLater()


def test_nothing_is_deleted_while_a_run_is_on(qtbot, stage):
    _, run, runs, panel = stage
    runs.start_over(step=True)
    qtbot.waitUntil(lambda: run.state == "paused", timeout=20_000)
    press(panel, 0, KEY.Key_Delete)
    assert len(runs.kept) == 2
    with qtbot.waitSignal(run.finished, timeout=20_000):
        run.stop()
    assert np.isfinite(runs.kept[0].best.val_loss)
