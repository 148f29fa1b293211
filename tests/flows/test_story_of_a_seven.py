"""A drawn seven is taken for something else: why, which cell, from where, backwards, and what training does to it.

Everything is done by mouse and keys in the workspace Inside; where each number comes from is compared with the engine.
"""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.graph.edits import set_training
from core.io.templates import load_template
from designer.session.looking import Cell

LEFT, CTRL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier
SEVEN = ((0.25, 0.2), (0.75, 0.2), (0.66, 0.4), (0.55, 0.6), (0.45, 0.85))
N_MORE = 10


@pytest.fixture
def window(make_window, qtbot, monkeypatch):
    """A window in which LeNet-5 has hardly begun to learn: it says what it says."""
    monkeypatch.setattr("core.runs.ticks.LEAST_SECONDS", 0)
    window = make_window(size=(1600, 1000))
    window.session.open(set_training(load_template("lenet5"), {"epochs": 3, "batch_size": 128}), None)
    return window


def step(window, qtbot, n):
    """Train so many batches, one by one, with F6."""
    for _ in range(n):
        before = window.time_machine.course.last
        QTest.keyClick(window, Qt.Key.Key_F6)
        qtbot.waitUntil(
            lambda before=before: window.run.state == "paused" and window.time_machine.course.last > before,
            timeout=60_000,
        )


def seen(qtbot, window, check=lambda look: True):
    """Wait for a look that is whole and as wanted."""
    qtbot.waitUntil(
        lambda: (look := window.inside.look) is not None and bool(look.maps) and look.is_whole and check(look),
        timeout=30_000,
    )


def draw(pad, points):
    frame = pad.frame
    places = [QPoint(int(frame.left() + x * frame.width()), int(frame.top() + y * frame.height())) for x, y in points]
    QTest.mousePress(pad, LEFT, pos=places[0])
    for place in places[1:]:
        QTest.mouseMove(pad, place)
    QTest.mouseRelease(pad, LEFT, pos=places[-1])


def in_front(window, qtbot, name):
    """Bring a panel forward by its tab, as a click does, and return it."""
    window.docks[name].raise_()
    qtbot.waitUntil(window.panels[name].isVisible, timeout=5_000)
    return window.panels[name]


def test_from_a_seven_to_the_cell_that_did_it_and_back_in_time(window, qtbot):
    model, machine = window.inside, window.time_machine
    QTest.keyClick(window, Qt.Key.Key_4, CTRL)
    step(window, qtbot, 3)
    probe, layers = window.panels["probe"], window.panels["layers"]
    assert layers.isVisible()

    # A seven is drawn. The network says something, and how sure it is.
    QTest.mouseClick(probe.switch.parts[0], LEFT)
    draw(probe.pad, SEVEN)
    seen(qtbot, window, lambda look: look.probed == window.session.probe.now and look.step == 3)
    assert model.look.probed.picture is not None
    scores = model.look.maps["softmax"].ravel()
    said = int(scores.argmax())
    assert probe.verdict.accessibleName().startswith(f"The network says {said} with ")

    # Why? Maps of what its score reacts to, for the class that is said.
    why = in_front(window, qtbot, "why")
    qtbot.waitUntil(lambda: why.page is not None and "live · step 3" in why.page.heading.text(), timeout=30_000)
    qtbot.waitUntil(lambda: all(each.heat is not None for each in why.page.maps), timeout=60_000)
    assert f"said {said} with" in why.page.heading.text()
    assert why.page.limits.text().startswith(why.page.maps[0].title)

    # The cell that did it: from the score back to the largest of its parts, as far as an image.
    arithmetic = in_front(window, qtbot, "arithmetic")
    score = Cell("fc3", said)
    QTest.mouseClick(layers.view.viewport(), LEFT, pos=layers.view.place_of(score).center().toPoint())
    assert model.cell == score
    while len(model.look.maps[model.cell.layer].shape) < 3:
        before = model.cell
        QTest.mouseClick(arithmetic.back, LEFT)
        assert model.cell != before
    cell = model.cell
    value = float(model.look.maps[cell.layer][cell.row, cell.column, cell.channel])
    assert model.account.sentence == arithmetic.accessibleDescription()

    # Its patch: what it sees of the drawing is framed, and cut out; the sum is what the engine says.
    assert arithmetic.seen.picture.image is not None
    assert arithmetic.seen.place.text().endswith("of input")
    assert np.isclose(model.account.workings[0].value, value, rtol=1e-4, atol=1e-6)

    # Backwards: what that cell's gradient is, and to what it is handed on.
    layers.view.setFocus()
    QTest.keyClick(layers.view, Qt.Key.Key_B)
    seen(qtbot, window, lambda look: look.are_gradients)
    assert "gradient" in layers.readout.text()
    assert "gradient" in arithmetic.accessibleDescription()
    QTest.keyClick(layers.view, Qt.Key.Key_B)
    seen(qtbot, window, lambda look: not look.are_gradients)

    # Ten more batches: the same cell has another value, the same drawing other scores.
    step(window, qtbot, N_MORE)
    seen(qtbot, window, lambda look: look.step == 3 + N_MORE)
    assert model.cell == cell
    assert not np.array_equal(model.look.maps["softmax"].ravel(), scores)

    # Back in time, with the slider's keys: the drawing gets the scores again that it had before the first batches.
    slider = window.time_bar.slider
    qtbot.waitUntil(lambda: slider.isEnabled() and len(machine.course.ticks) > 1, timeout=10_000)
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Home)
    first = min(machine.course.ticks)
    seen(qtbot, window, lambda look: look.step == first)
    assert machine.step == first
    assert model.cell == cell
    QTest.keyClick(slider, Qt.Key.Key_End)
    seen(qtbot, window, lambda look: look.step == 3 + N_MORE)
    QApplication.processEvents()
    assert machine.step is None
