"""The main job through the real window: draw, be refused, mend it, train, watch, save, open again."""

import threading
import time

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QPushButton

from core.graph.values import layers_by_id
from core.io.documents import load
from core.training.snapshots import Snapshot
from designer import theme
from designer.canvas.commands.selection import delete_selection
from designer.session.mime import kind_mime
from designer.window.rails import unfold

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
COPY = Qt.DropAction.CopyAction


def drop(canvas, kind, point):
    """Drag a kind out of the palette onto the canvas: what Qt delivers while a drag goes on."""
    viewport = canvas.view.viewport()
    mime = kind_mime(kind)
    place = canvas.view.viewportTransform().map(point).toPoint()
    for near in (place + QPoint(40, 30), place):
        kind_of_event = QDragEnterEvent if near != place else QDragMoveEvent
        QApplication.sendEvent(viewport, kind_of_event(near, COPY, mime, LEFT, NONE))
    QApplication.sendEvent(viewport, QDropEvent(place.toPointF(), COPY, mime, LEFT, NONE))


def enter(widget, text):
    """Type a value into a field and leave it with Enter."""
    widget.setFocus()
    QTest.keyClick(widget, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(widget, text)
    QTest.keyClick(widget, Qt.Key.Key_Return)


def fix_button(window, label):
    buttons = window.inspector.findChildren(QPushButton)
    return next(button for button in buttons if button.text() == label and button.isVisible())


def train_to_the_end(window, qtbot):
    """Press Train; gives the epochs and the first and last snapshots."""
    epochs, snapshots = [], []
    window.run.epoch_ended.connect(epochs.append)
    window.run.snapshot.connect(snapshots.append)
    with qtbot.waitSignal(window.run.finished, timeout=60_000):
        window.actions_by_id["train_or_pause"].trigger()
    return epochs, snapshots


def test_a_newcomer_draws_checks_trains_looks_and_saves(make_window, qtbot, tmp_path, monkeypatch):
    window = make_window(size=(1600, 1000))  # room for curves, filters and maps side by side
    session, canvas = window.session, window.canvas
    assert session.report.valid
    assert session.report.totals.parameters == 61_706
    assert window.verdict.text() == "Valid"

    # Drag a Conv2D onto the wire between pool1 and conv2: it is inserted, and the shapes behind it follow.
    wire = canvas.scene.wires[("conv2", 0)]
    drop(canvas, "Conv2D", wire.path().pointAtPercent(0.5))
    assert layers_by_id(session.document.graph)["conv2"].inputs == ("conv3",)
    assert session.selection == ("conv3",)
    assert session.report.layers["conv3"].shape == (12, 12, 32)

    # With stride 3 its filter does not fit, and the sentence says so where one looks.
    unfold(window.inspector)  # on the screen of the tests, which is small
    qtbot.waitUntil(window.inspector.layer_page.isVisible)
    enter(window.inspector.layer_page.form.rows["stride"].editor, "3")
    (problem,) = session.report.errors
    assert problem.what == "conv3: a 3×3 filter does not fit a 14×14 input with stride 3."
    assert problem.why == "(14 − 3)/3 + 1 = 4.67 is not a whole number."
    assert window.verdict.text() == "1 problem"
    assert "Problems  1" in window.docks["problems"].windowTitle()

    # Pressing Train now shows the problem and trains nothing.
    window.train_bar.train_or_pause()
    assert window.run.state == "idle"

    # The offered fix cures it.
    QTest.mouseClick(fix_button(window, "Use padding 2"), LEFT)
    assert session.report.valid
    assert layers_by_id(session.document.graph)["conv3"].config["padding"] == 2

    # Train two epochs: the loss falls, filters change, maps are drawn.
    session.select([])
    enter(window.inspector.document_page.training.rows["epochs"].editor, "2")
    session.select(["conv1"])
    epochs, snapshots = train_to_the_end(window, qtbot)
    assert [epoch.epoch for epoch in epochs] == [1, 2]
    assert epochs[1].train_loss < epochs[0].train_loss
    first, last = snapshots[0], snapshots[-1]
    assert not np.array_equal(first.kernels["conv1"], last.kernels["conv1"])
    assert last.maps["conv1"].shape == (28, 28, 6)
    assert isinstance(last, Snapshot)
    assert window.panels["curves"].data.last_step == 2 * 45
    assert len(window.panels["curves"].data.validation("loss")) == 2
    qtbot.waitUntil(lambda: window.panels["activations"].showing and window.panels["filters"].showing)

    # Save, change something, open again: the same document.
    path = tmp_path / "mine.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    window.actions_by_id["save_document"].trigger()
    saved = session.document
    assert not session.modified
    assert load(path) == saved
    delete_selection(window.canvas)
    assert session.modified
    monkeypatch.setattr(QMessageBox, "exec", lambda _: QMessageBox.StandardButton.Discard)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    window.actions_by_id["open_document"].trigger()
    assert session.document == saved
    assert session.path == path
    assert session.undo_label is None


def test_closing_in_the_middle_of_a_run_leaves_nothing_behind(make_window, qtbot, monkeypatch):
    monkeypatch.setattr(QMessageBox, "exec", lambda _: QMessageBox.StandardButton.Discard)
    before = set(threading.enumerate())
    window = make_window()
    with qtbot.waitSignal(window.run.batches, timeout=20_000):
        window.train_bar.train_or_pause()
    start = time.perf_counter()
    assert window.close()
    assert time.perf_counter() - start < 5
    assert set(threading.enumerate()) <= before


def test_cancelling_the_question_keeps_the_window_and_the_changes(window, monkeypatch):
    window.session.select(["relu1"])
    window.actions_by_id["delete_selection"].trigger()
    monkeypatch.setattr(QMessageBox, "exec", lambda _: QMessageBox.StandardButton.Cancel)
    assert not window.close()
    assert window.session.modified
    window.palette_panel.template_requested.emit("mlp")
    assert window.session.document.name == "LeNet-5"


def test_a_file_that_cannot_be_opened_is_named_with_the_reason(window, monkeypatch, tmp_path):
    said = []
    monkeypatch.setattr(QMessageBox, "warning", lambda *arguments: said.append(arguments[-1]))
    path = tmp_path / "broken.json"
    path.write_text("{", encoding="utf-8")
    before = window.session.document
    assert not window.files.open(path)
    assert "broken.json is not JSON" in said[0]
    assert window.session.document is before


def test_undo_and_redo_follow_every_step_and_are_named(window):
    actions = window.actions_by_id
    assert not actions["undo"].isEnabled()
    window.session.select(["relu1"])
    actions["delete_selection"].trigger()
    assert "relu1" in actions["undo"].toolTip()
    actions["undo"].trigger()
    assert "relu1" in layers_by_id(window.session.document.graph)
    assert not window.session.modified
    actions["redo"].trigger()
    assert "relu1" not in layers_by_id(window.session.document.graph)


def test_the_theme_changes_at_a_key_and_is_remembered(window):
    assert theme.current().is_dark
    window.actions_by_id["toggle_theme"].trigger()
    assert not theme.current().is_dark
    assert window.preferences.now.theme == "light"
    window.actions_by_id["toggle_theme"].trigger()
