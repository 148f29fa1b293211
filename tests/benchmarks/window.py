"""How late a 10 ms timer of the whole window is while LeNet-5 trains and what is on show follows.

In the workspace Design these are curves, filters and maps; in Train, curves, update ratios and gradient norms; in
Inside, the probe and all layers.
"""

from contextlib import closing
from time import perf_counter

import numpy as np
from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer

from core.graph.edits import set_training
from core.io.templates import load_template
from core.training.messages import Batch
from core.training.trainer import Trainer
from designer import theme
from designer.app import make_application
from designer.window.main_window import MainWindow

SECONDS = 6.0
TICK_MS = 10
WARM_UP_MS = 1500
VIEWS = {
    "design": ("curves", "filters", "activations"),
    "train": ("curves", "update ratio", "gradient norm"),
    "inside": ("probe", "layers", "arithmetic"),
}


class Lateness(QObject):
    """A timer that notes by how many milliseconds it comes too late."""

    def __init__(self):
        super().__init__()
        self.late = []
        self._due = 0.0
        self._timer = QTimer(self, interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def start(self):
        self.late = []
        self._due = perf_counter() + TICK_MS / 1000
        self._timer.start()

    def stop(self):
        self._timer.stop()

    def _tick(self):
        now = perf_counter()
        self.late.append(max(0.0, (now - self._due) * 1000))
        self._due = now + TICK_MS / 1000


class Counter(QObject):
    """Counts what a run sends."""

    def __init__(self, run):
        super().__init__()
        self.batches = self.snapshots = 0
        run.batches.connect(self._count_batches)
        run.snapshot.connect(self._count_snapshot)

    def _count_batches(self, batches):
        self.batches += len(batches)

    def _count_snapshot(self, _):
        self.snapshots += 1


def wait(milliseconds):
    loop = QEventLoop()
    QTimer.singleShot(int(milliseconds), loop.quit)
    loop.exec()


def open_window(workspace):
    window = MainWindow()
    window.resize(1600, 1000)
    window.show()
    window.show_workspace(workspace)
    for name in VIEWS[workspace]:
        window.docks[name].show()
        window.docks[name].raise_()
    window.session.select(["conv2"])
    wait(WARM_UP_MS)
    return window


def measure(workspace, batch_size=None):
    """Return the latenesses in ms, batches and snapshots per second; without a batch size nothing trains."""
    window = open_window(workspace)
    lateness, counter = Lateness(), Counter(window.run)
    if batch_size is not None:
        settings = {"epochs": 100_000, "batch_size": batch_size}
        window.run.start(set_training(load_template("lenet5"), settings))
        wait(WARM_UP_MS)
        hidden = [name for name in VIEWS[workspace] if not window.panels[name].isVisible()]
        assert not hidden, "a view that is hidden costs nothing"
    counter.batches = counter.snapshots = 0
    start = perf_counter()
    lateness.start()
    wait(SECONDS * 1000)
    lateness.stop()
    seconds = perf_counter() - start
    for worker in (window.run, window.live, window.inside_parts, window.questions):
        assert worker.stop_and_wait(5.0)
    window.hide()
    window.deleteLater()
    return np.array(lateness.late), counter.batches / seconds, counter.snapshots / seconds


def without_window(batch_size):
    """Return the batches per second of the command line."""
    settings = {"epochs": 100_000, "batch_size": batch_size}
    begins = perf_counter() + WARM_UP_MS / 1000
    n, now = 0, 0.0
    with closing(Trainer(set_training(load_template("lenet5"), settings)).messages()) as messages:
        while now < begins + SECONDS:
            n += isinstance(next(messages), Batch) and now > begins
            now = perf_counter()
    return n / SECONDS


def main():
    app = make_application()
    app.setQuitOnLastWindowClosed(False)
    theme.set_theme("dark")
    print(f"{'':<30}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}{'batches/s':>11}{'alone':>9}{'share':>8}{'pictures/s':>12}")
    for workspace in VIEWS:
        for batch_size in (None, 32, 256):
            late, batches, snapshots = measure(workspace, batch_size)
            p50, p99 = np.quantile(late, [0.5, 0.99])
            name = f"{workspace}, {'idle' if batch_size is None else f'training, batch {batch_size}'}"
            line = f"{name:<30}{p50:>9.2f}{p99:>9.2f}{late.max():>9.2f}{batches:>11.0f}"
            if batch_size is not None:
                alone = without_window(batch_size)
                line += f"{alone:>9.0f}{batches / alone:>7.0%} {snapshots:>12.1f}"
            print(line, flush=True)
    print(f"\ngoals: p99 ≤ 16 ms, max ≤ 50 ms, share ≥ 85 %; over {SECONDS:g} s each, {app.platformName()}")


if __name__ == "__main__":
    main()
