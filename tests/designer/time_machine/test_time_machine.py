"""Looking back at a run: while it goes on and after it, undisturbed, and training on from there."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from core.graph.edits import set_config
from core.io.weights import read_weights
from core.training.snapshots import Interest
from tests.designer.training.test_live import Eye
from tests.designer.training.trainers import digits_cnn

EPOCHS = 2


@pytest.fixture
def window(make_window, monkeypatch):
    """A window that trains a small network in its Train workspace, of which every eighth of an epoch is kept."""
    monkeypatch.setattr("core.runs.ticks.LEAST_SECONDS", 0)
    window = make_window()
    window.session.open(digits_cnn(epochs=EPOCHS), None)
    window.show_workspace("train")
    return window


@pytest.fixture
def eye(window):
    eye = Eye(Interest(frozenset({"conv1"})))
    window.live.add(eye)
    return eye


def trained(qtbot, window):
    with qtbot.waitSignal(window.run.finished, timeout=60_000):
        window.train_bar.train_or_pause()
    machine = window.time_machine
    qtbot.waitUntil(lambda: machine.course.name == "run 1" and not machine.course.is_on, timeout=30_000)
    qtbot.waitUntil(lambda: max(machine.course.ticks, default=0) > 0.8 * machine.course.last, timeout=30_000)
    return machine


def kernel_at(machine, step, session):
    stored = read_weights(machine.course.ticks[step], session.report.weight_shapes)
    return stored["conv1/kernel"]


def seen_at(qtbot, eye, step):
    qtbot.waitUntil(lambda: bool(eye.seen) and eye.seen[-1].step == step, timeout=10_000)
    return eye.seen[-1]


def test_only_training_has_the_bar(window):
    assert window.time_bar.isVisible()
    window.show_workspace("design")
    assert not window.time_bar.isVisible()
    window.show_workspace("train")
    assert window.time_bar.isVisible()
    assert not window.time_bar.slider.isEnabled()
    assert window.time_bar.words.text() == "no run yet: its moments are kept while it trains"


def test_views_show_the_moment_that_is_looked_at(qtbot, window, eye):
    machine = trained(qtbot, window)
    step = list(machine.course.ticks)[3]
    machine.look_at(step)
    snapshot = seen_at(qtbot, eye, step)
    np.testing.assert_array_equal(snapshot.kernels["conv1"], kernel_at(machine, step, window.session))
    assert window.live.origin == f"run 1 at batch {step}"
    machine.look_at(None)
    snapshot = seen_at(qtbot, eye, machine.course.last)
    np.testing.assert_array_equal(snapshot.kernels["conv1"], window.runs.shown.standing.weights["conv1/kernel"])
    assert window.live.origin == "run 1"


def test_a_run_goes_on_while_one_looks_back(qtbot, window, eye):
    machine = window.time_machine
    window.train_bar.train_or_pause()
    qtbot.waitUntil(lambda: len(machine.course.ticks) > 2, timeout=20_000)
    step = list(machine.course.ticks)[1]
    machine.look_at(step)
    seen_at(qtbot, eye, step)
    before = window.run.step_done
    qtbot.waitUntil(lambda: window.run.step_done > before + 5 or window.run.state == "idle", timeout=20_000)
    assert machine.step == step
    assert eye.seen[-1].step == step
    assert window.live.origin == f"run 1 at batch {step}"
    qtbot.waitUntil(lambda: window.run.state == "idle", timeout=60_000)
    assert machine.step == step  # still, although the run has ended meanwhile


def test_looking_back_changes_no_bit(qtbot, window, eye):
    trained(qtbot, window)
    undisturbed = window.runs.shown.standing.weights
    machine = window.time_machine
    window.train_bar.start_over()
    rng = np.random.default_rng(0)
    while window.run.state != "idle":
        qtbot.wait(20)
        known = list(machine.course.ticks)
        machine.look_at(int(rng.choice(known)) if known and rng.random() < 0.8 else None)
    again = window.runs.shown.standing.weights
    assert window.runs.shown.name == "run 2"
    for name, array in undisturbed.items():
        np.testing.assert_array_equal(again[name], array, err_msg=name)


def test_keys_go_from_moment_to_moment(qtbot, window):
    machine = trained(qtbot, window)
    slider, ticks, ends = window.time_bar.slider, list(machine.course.ticks), list(machine.course.epochs)
    assert len(ends) == EPOCHS
    for key, step in (
        (Qt.Key.Key_Home, ticks[0]),
        (Qt.Key.Key_Left, ticks[0]),
        (Qt.Key.Key_Right, ticks[1]),
        (Qt.Key.Key_PageDown, max(tick for tick in ticks if tick <= ends[0])),
        (Qt.Key.Key_End, None),
        (Qt.Key.Key_Left, ticks[-1]),
    ):
        QTest.keyClick(slider, key)
        assert machine.step == step, key
    assert f"batch {ticks[-1]} of {machine.course.last}" in slider.accessibleDescription()


def test_a_click_goes_to_the_last_moment_before_it(qtbot, window):
    machine = trained(qtbot, window)
    slider, ticks = window.time_bar.slider, list(machine.course.ticks)
    between = (ticks[2] + ticks[3]) / 2
    QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(round(slider.x_of(between)), 15))
    assert machine.step == ticks[2]
    QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width() - 2, 15))
    assert machine.step is None


def test_playing_ends_with_now(qtbot, window, monkeypatch):
    machine = trained(qtbot, window)
    machine._play.setInterval(1)
    seen = []
    machine.step_changed.connect(seen.append)
    QTest.mouseClick(window.time_bar.play, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not machine.is_playing, timeout=10_000)
    assert seen == [*machine.course.ticks, None]


def test_a_run_branches_from_a_moment(qtbot, window):
    machine = trained(qtbot, window)
    assert not window.time_bar.branch.isEnabled()
    step = list(machine.course.ticks)[2]
    expected = kernel_at(machine, step, window.session).astype(np.float32)
    machine.look_at(step)
    with qtbot.waitSignal(window.run.finished, timeout=60_000):
        QTest.mouseClick(window.time_bar.branch, Qt.MouseButton.LeftButton)
        assert machine.step is None
    first, second = window.runs.kept
    assert (second.name, second.after) == ("run 2", f"run 1 at batch {step}")
    np.testing.assert_array_equal(second.stored.start().weights["conv1/kernel"], expected)
    assert second.epochs == EPOCHS  # of its own
    assert second.step > step
    assert first in window.runs.unsaved  # nothing else has its weights


def test_no_run_branches_where_it_could_not(qtbot, window):
    machine = window.time_machine
    window.train_bar.train_or_pause()
    qtbot.waitUntil(lambda: window.run.step_done > 20, timeout=20_000)
    window.train_bar.train_or_pause()
    qtbot.waitUntil(lambda: len(machine.course.ticks) > 1, timeout=20_000)
    machine.look_at(list(machine.course.ticks)[1])
    assert machine.why_not_branched == "Stop run 1 first (it is kept)."
    assert not window.time_bar.branch.isEnabled()
    window.run.stop()
    qtbot.waitUntil(lambda: window.run.state == "idle", timeout=60_000)
    assert window.time_bar.branch.isEnabled()
    session = window.session
    session.edit("fewer", set_config(session.document, "conv1", {"filters": 3}))
    assert machine.why_not_branched == "The network has been edited since: undo that first."
    assert not window.time_bar.branch.isEnabled()
    assert window.live.origin.endswith("before your edit")
