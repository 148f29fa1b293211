"""A training ends well: how well is said, and from there it goes on to the mistakes, their reasons and the pad."""

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton

from core.graph.edits import set_training
from core.io.templates import load_template
from core.training.evaluating import evaluate

LEFT = Qt.MouseButton.LeftButton
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def student(window, qtbot):
    window.resize(1600, 1000)
    window.session.open(set_training(load_template("digits_cnn"), {"epochs": 2}), None)
    QTest.keyClick(window, Qt.Key.Key_3, CTRL)
    qtbot.waitUntil(window.panels["curves"].isVisible)
    return window


def train(window, qtbot):
    with qtbot.waitSignal(window.run.finished, timeout=60_000):
        QTest.keyClick(window, Qt.Key.Key_F5)
    result = window.panels["result"]
    qtbot.waitUntil(lambda: result.isVisible() and result.page is not None and result.page.is_showing, timeout=20_000)
    return result.page


def press(page, text):
    (button,) = (each for each in page.findChildren(QPushButton) if each.text() == text and each.isVisible())
    QTest.mouseClick(button, LEFT)


def test_from_the_result_to_the_reasons_and_the_pad(student, qtbot, tmp_path, monkeypatch):
    window = student

    # The training ends; the page that says how it has come out is in front of the curves.
    page = train(window, qtbot)
    run = window.runs.kept[0]
    accuracy = evaluate(run.document, run.standing.weights).accuracy
    assert page.sentence.text().startswith(f"{100 * accuracy:.1f} % of 359 unseen digits right (± ")
    assert "run 1 · 2 epochs · done" in page.about.text()

    # Save weights leads to the dialog, and writes what was measured.
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(tmp_path / "w.npz"), ""))
    press(page, "Save weights…")
    qtbot.waitUntil((tmp_path / "w.npz").exists, timeout=10_000)
    assert evaluate(run.document, tmp_path / "w.npz").accuracy == accuracy

    # Export leads to its dialog, with the weights that were measured.
    seen = []

    def look():
        dialog = QApplication.activeModalWidget()
        seen.append([dialog.weights.itemText(i) for i in range(dialog.weights.count())])
        dialog.reject()

    QTimer.singleShot(800, look)
    press(page, "Export…")
    assert "weights of run 1" in seen[0]
    window.activateWindow()  # as a screen's window manager does once the dialog is gone
    qtbot.waitUntil(window.isActiveWindow, timeout=30_000)

    # Why was the worst mistake taken for something else? Inside says it, beside the confusion matrix.
    index = page.grid.choice
    press(page, "See why")
    assert window.arrangement.workspace.name == "inside"
    why, predictions = window.panels["why"], window.panels["predictions"]
    assert why.isVisible()
    assert predictions.isVisible()
    qtbot.waitUntil(lambda: why.page.said is not None and why.page.said.probed.sample == index, timeout=20_000)
    qtbot.waitUntil(lambda: all(picture.heat is not None for picture in why.page.maps), timeout=30_000)
    assert why.page.heading.text().startswith(f"sample {index + 1:,}: is ")

    # Another mistake is chosen among the predictions, and explained; it becomes the probe of all views.
    qtbot.waitUntil(lambda: predictions.page.is_showing, timeout=20_000)
    predictions.page.grid.setFocus()
    QTest.keyClick(predictions.page.grid, Qt.Key.Key_Right)
    chosen = predictions.page.grid.choice
    qtbot.waitUntil(lambda: why.page.said.probed.sample == chosen, timeout=20_000)
    QTest.mouseClick(why.page.take, LEFT)
    assert window.session.probe.now.sample == chosen

    # A cell of the matrix leads to its samples in Data.
    counts = predictions.page.answer.evaluation.confusion
    best = int(counts.diagonal().argmax())
    at = predictions.page.matrix.rect_of((best, best)).center().toPoint()
    QTest.mouseClick(predictions.page.matrix, LEFT, pos=at)
    QTest.mouseClick(predictions.page.show_in_data, LEFT)
    assert window.arrangement.workspace.name == "data"
    samples = window.panels["samples"]
    qtbot.waitUntil(lambda: len(samples.grid.order) == counts[best, best], timeout=20_000)

    # Draw your own: the pad is there, and takes the pen.
    QTest.keyClick(window, Qt.Key.Key_3, CTRL)
    qtbot.waitUntil(page.draw.isVisible, timeout=10_000)
    press(page, "Draw your own")
    assert window.arrangement.workspace.name == "inside"
    probe = window.panels["probe"]
    qtbot.waitUntil(lambda: probe.isVisible() and probe.pad.can_draw, timeout=20_000)

    # Continue trains as many epochs again, and comes back with a newer result.
    QTest.keyClick(window, Qt.Key.Key_3, CTRL)
    qtbot.waitUntil(page.go_on.isVisible, timeout=10_000)
    with qtbot.waitSignal(window.run.finished, timeout=60_000):
        press(page, "Continue")
    qtbot.waitUntil(lambda: page.moment is not None and page.moment.origin == "run 2", timeout=20_000)
    last = window.runs.kept[-1]
    expected = evaluate(last.document, last.standing.weights).accuracy
    qtbot.waitUntil(lambda: f"{100 * expected:.1f} %" in page.sentence.text(), timeout=20_000)


def test_a_run_that_is_stopped_leaves_the_curves_in_front(student, qtbot):
    window = student
    QTest.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: window.run.state == "running", timeout=20_000)
    with qtbot.waitSignal(window.run.finished, timeout=60_000):
        window.run.stop()
    assert window.panels["curves"].isVisible()
    assert not window.panels["result"].isVisible()
