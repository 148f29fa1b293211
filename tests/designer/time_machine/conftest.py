"""What tests of the time machine look back at."""

import pytest

from tests.designer.time_machine.moments import EPOCHS
from tests.designer.training.trainers import digits_cnn


@pytest.fixture
def trained(make_window, monkeypatch, qtbot):
    """A window in which a small network has been trained, of which every eighth of an epoch is kept."""
    monkeypatch.setattr("core.runs.ticks.LEAST_SECONDS", 0)
    window = make_window()
    window.session.open(digits_cnn(epochs=EPOCHS), None)
    window.show_workspace("train")
    with qtbot.waitSignal(window.run.finished, timeout=60_000):
        window.train_bar.train_or_pause()
    machine = window.time_machine
    qtbot.waitUntil(lambda: machine.course.name == "run 1" and not machine.course.is_on, timeout=10_000)
    qtbot.waitUntil(lambda: max(machine.course.ticks, default=0) > 0.8 * machine.course.last, timeout=10_000)
    return window
