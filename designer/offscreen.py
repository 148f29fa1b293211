"""Opens the window without a screen, brings it into a state and draws it into a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QEventLoop, QSize, QTimer

from designer import theme
from designer.app import make_application
from designer.logbook import quiet_offscreen
from designer.theme import Choice
from designer.window.main_window import MainWindow

SIZE = QSize(1600, 1000)
"""Whatever the screen: offscreen it is small."""
PATIENCE_MS = 60_000
SETTLE_MS = 700
"""How long a window is given to draw what was asked of it."""


def draw_window(choice: Choice, path: Path, prepare: Callable[[MainWindow], None]) -> None:
    """Open a window, let `prepare` bring it into a state, draw it and close it."""
    draw_states(choice, SIZE, {path: prepare})


def draw_states(choice: Choice, size: QSize, states: Mapping[Path, Callable[[MainWindow], None]]) -> None:
    """Open a window, bring it into one state after the other, draw each and close it."""
    make_application()
    quiet_offscreen()
    theme.set_theme(choice)
    window = MainWindow(size=size)
    window.show()
    _wait(SETTLE_MS)
    for path, prepare in states.items():
        prepare(window)
        _wait(SETTLE_MS)
        path.parent.mkdir(parents=True, exist_ok=True)
        window.grab().save(str(path))
    window.run.stop_and_wait()
    window.live.stop_and_wait()
    window.questions.stop_and_wait()
    window.hide()
    window.deleteLater()


def train_for_three_epochs(window: MainWindow) -> None:
    """Train what the window shows, and pause after the third epoch."""
    window.session.select(["conv1"])
    window.train_bar.train_or_pause()
    wait_for_epoch(window, 3)
    window.train_bar.train_or_pause()


def wait_for_epoch(window: MainWindow, number: int) -> None:
    """Wait until an epoch of the running training has ended."""
    loop = QEventLoop()
    window.run.epoch_ended.connect(lambda epoch: loop.quit() if epoch.epoch >= number else None)
    window.run.failed.connect(loop.quit)
    QTimer.singleShot(PATIENCE_MS, loop.quit)
    loop.exec()


def _wait(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()
