"""While a network trains, figures and pictures change many times a second; the window is not laid out anew for them."""

import pytest
from PySide6.QtCore import QEvent, QObject

from core.graph.edits import set_training
from core.io.templates import load_template


class Layouts(QObject):
    """Counts how often a window is laid out."""

    def __init__(self, window):
        super().__init__(window)
        self.n = 0
        window.installEventFilter(self)

    def eventFilter(self, watched, event):
        self.n += event.type() == QEvent.Type.LayoutRequest
        return False


@pytest.mark.parametrize("workspace", ["design", "train", "inside"])
def test_news_of_a_training_lay_nothing_out(make_window, qtbot, workspace):
    window = make_window(size=(1600, 1000))
    window.show_workspace(workspace)
    texts, snapshots = [], []
    window.run.start(set_training(load_template("lenet5"), {"epochs": 1000, "batch_size": 32}))
    window.run.snapshot.connect(lambda _: snapshots.append(1))
    qtbot.waitUntil(lambda: len(snapshots) >= 5, timeout=60_000)
    layouts = Layouts(window)
    window.run.progressed.connect(lambda _: texts.append((window.train_bar.text, window.status_line.text())))
    qtbot.waitUntil(lambda: len(snapshots) >= 15 and len(set(texts)) >= 4, timeout=60_000)
    assert layouts.n <= 2  # a finding of the doctor may come meanwhile, which has a place of its own
