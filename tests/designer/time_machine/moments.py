"""A run whose moments are compared."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.io.weights import read_weights
from designer.window.finding import bring_forward

EPOCHS = 2
STEP = 2
"""Which of the moments that are kept is the earlier one."""


def weights_at(window, step):
    if step is None:
        return window.runs.shown.standing.weights
    return read_weights(window.time_machine.course.ticks[step], window.session.report.weight_shapes)


def compared(window, step):
    """Compare what is looked at, as A, with another moment, as B; None: the end of the run."""
    QTest.mouseClick(window.time_bar.compare, Qt.MouseButton.LeftButton)
    window.time_machine.look_at(step)


def pair_of(qtbot, window, name):
    bring_forward(window.docks[name])
    qtbot.waitUntil(lambda: name in window.comparing.pairs, timeout=10_000)
    return window.comparing.pairs[name]
