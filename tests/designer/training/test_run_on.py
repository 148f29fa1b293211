"""Run on: what is there is offered, what isn't is said, and a run in PyTorch looks like any other in the window."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.engines import found
from core.training.messages import Batch
from core.training.run_on import RunOn
from core.training.snapshots import Interest
from core.training.trainer import Trainer
from designer.training import Run, RunOnChooser, run_on_chooser
from designer.views.curves import CurvesView
from designer.window.panels import panel_of
from tests.designer.training.test_live import Eye
from tests.designer.training.trainers import digits_cnn

ROOT = Path(__file__).parents[3]
LONG = 60_000
NUMPY, CPU, CUDA = RunOn(), RunOn("torch"), RunOn("torch", "cuda")


@pytest.fixture
def chooser(qtbot, qapp, monkeypatch):
    def make(*at_once, asked=()):
        monkeypatch.setattr(run_on_chooser, "known_at_once", lambda: at_once)
        monkeypatch.setattr(run_on_chooser, "found_by_asking", lambda: asked)
        made = RunOnChooser(Run())
        qtbot.addWidget(made)
        made.show()
        return made

    return make


def test_without_pytorch_our_engine_is_all_and_the_command_is_said(chooser, monkeypatch):
    monkeypatch.setattr("core.engines.table.find_spec", lambda name: None)
    made = chooser(NUMPY)
    assert made.offered == ["NumPy engine"]
    assert made.missing.isVisible()
    assert 'python -m pip install "convograph[torch]"' in made.missing.text()


def test_a_graphics_card_is_offered_once_pytorch_says_that_it_is_there(qtbot, chooser, monkeypatch):
    monkeypatch.setattr("core.engines.table.find_spec", lambda name: object())
    made = chooser(NUMPY, CPU, asked=(NUMPY, CPU, CUDA))
    assert made.offered == ["NumPy engine", "PyTorch, CPU"]
    assert not made.missing.isVisible()
    made.choice.showPopup()
    qtbot.wait(3 * run_on_chooser.POLL_MS)
    assert made.offered == ["NumPy engine", "PyTorch, CPU"]  # nothing moves under the mouse
    made.choice.hidePopup()
    qtbot.waitUntil(lambda: made.offered == ["NumPy engine", "PyTorch, CPU", "PyTorch, CUDA"])
    assert made.choice.currentText() == "NumPy engine"


def test_the_keyboard_chooses(chooser, monkeypatch):
    monkeypatch.setattr("core.engines.table.find_spec", lambda name: object())
    made = chooser(NUMPY, CPU)
    made.choice.setFocus()
    QTest.keyClick(made.choice, Qt.Key.Key_Down)
    assert made._run.run_on == CPU


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ('["cpu", "cuda"]', (NUMPY, CPU, CUDA)),
        ('["cpu"]', (NUMPY, CPU)),
        ("nonsense", (NUMPY, CPU)),
        (subprocess.CalledProcessError(1, "python"), (NUMPY, CPU)),
        (subprocess.TimeoutExpired("python", 1), (NUMPY, CPU)),
    ],
)
def test_what_pytorch_answers_or_does_not(monkeypatch, said, expected):
    def run(*words, **options):
        if isinstance(said, Exception):
            raise said
        return subprocess.CompletedProcess(words, 0, said.encode())

    monkeypatch.setattr(found, "find_spec", lambda name: object())
    monkeypatch.setattr("subprocess.run", run)
    assert found.found_by_asking() == expected


def test_the_window_opens_without_loading_pytorch():
    script = (
        "import sys\n"
        "from PySide6.QtWidgets import QApplication\n"
        "app = QApplication([])\n"
        "from designer.window.main_window import MainWindow\n"
        "window = MainWindow()\n"
        "window.show_workspace('train')\n"
        "window.show()\n"
        "app.processEvents()\n"
        "assert 'torch' not in sys.modules\n"
        "window.close()\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, timeout=120)


@pytest.fixture
def window(make_window, monkeypatch):
    monkeypatch.setattr("core.runs.ticks.LEAST_SECONDS", 0)
    made = make_window()
    made.show_workspace("train")
    return made


def choose_pytorch(window):
    choice = window.docks["training"].findChild(RunOnChooser).choice
    choice.setFocus()
    QTest.keyClick(choice, Qt.Key.Key_Down)
    assert choice.currentText() == "PyTorch, CPU"
    return choice


def train(qtbot, window):
    with qtbot.waitSignal(window.run.finished, timeout=2 * LONG):
        window.train_bar.train_or_pause()


@pytest.mark.torch
def test_a_run_in_pytorch_looks_like_any_other(qtbot, window):
    window.session.open(digits_cnn(epochs=2), None)
    eye = Eye(Interest(frozenset({"conv1"}), maps=frozenset({"conv1"})))
    window.live.add(eye)
    choice = choose_pytorch(window)
    expected = Trainer(digits_cnn(epochs=2), replicas=1)
    losses = [message.loss for message in expected.messages() if isinstance(message, Batch)]
    with qtbot.waitSignal(window.run.started, timeout=2 * LONG):
        window.train_bar.train_or_pause()
    assert not choice.isEnabled()
    qtbot.waitUntil(lambda: window.run.state == "idle", timeout=2 * LONG)
    assert choice.isEnabled()
    data = panel_of(window.panels, CurvesView).data
    np.testing.assert_allclose(data.loss.raw, losses, atol=1e-3)
    assert [epoch.epoch for epoch in data.epochs] == [1, 2]
    shown = window.runs.shown
    assert shown.stored.record.run_on == CPU
    assert shown.state == "done"
    kernels = [snapshot.kernels["conv1"] for snapshot in eye.seen if "conv1" in snapshot.kernels]
    assert any(not np.array_equal(kernels[0], later) for later in kernels)
    np.testing.assert_allclose(
        shown.standing.weights["conv1/kernel"], expected.network.weights["conv1/kernel"], atol=1e-3
    )
    machine = window.time_machine
    qtbot.waitUntil(lambda: len(machine.course.ticks) > 2, timeout=LONG)
    machine.look_at(list(machine.course.ticks)[1])
    qtbot.waitUntil(lambda: eye.seen[-1].step == machine.step, timeout=LONG)
    machine.look_at(None)
    QTest.keyClick(choice, Qt.Key.Key_Up)  # and on in our own engine
    train(qtbot, window)
    assert window.runs.shown.after == "run 1"
    assert window.runs.shown.step == 180
    assert window.runs.shown.stored.record.run_on == NUMPY


@pytest.mark.torch
def test_early_stopping_ends_a_run_in_pytorch(qtbot, window):
    stopping = {"monitor": "val_loss", "patience": 1, "min_delta": 10.0}
    window.session.open(digits_cnn(epochs=30, early_stopping=stopping), None)
    choose_pytorch(window)
    train(qtbot, window)
    assert window.runs.shown.state == "ended early"
    assert window.runs.shown.epochs < 30


@pytest.mark.torch
def test_pause_step_and_changed_settings_reach_a_run_in_pytorch(qtbot, window):
    from core.graph.edits import set_optimizer

    window.session.open(digits_cnn(epochs=30), None)
    choose_pytorch(window)
    window.train_bar.step()
    qtbot.waitUntil(lambda: window.run.state == "paused", timeout=2 * LONG)
    assert window.run.step_done == 1
    window.train_bar.step()
    qtbot.waitUntil(lambda: window.run.step_done == 2 and window.run.state == "paused", timeout=LONG)
    with qtbot.waitSignal(window.run.adjusted, timeout=LONG):
        document = window.session.document
        window.session.edit("x", set_optimizer(document, "Adam", {"learning_rate": 0.0005}))
        window.train_bar.train_or_pause()
    window.train_bar.stop()
    qtbot.waitUntil(lambda: window.run.state == "idle", timeout=LONG)
    assert window.runs.shown.state == "stopped"
