"""A window that is destroyed without being closed takes its parts along without a word."""

import shiboken6

from designer import theme
from designer.window.main_window import MainWindow


def test_views_that_go_ask_for_nothing(qtbot):
    theme.set_theme("dark")
    window = MainWindow()
    live = window.live
    with qtbot.waitExposed(window):
        window.show()
    qtbot.waitUntil(lambda: bool(window.thumbnails._maps), timeout=20_000)
    assert live.stop_and_wait()
    with qtbot.captureExceptions() as raised:
        shiboken6.delete(window)
    assert not raised
