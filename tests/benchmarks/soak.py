"""A long sitting: LeNet-5 trains while somebody draws, clicks, scrubs and looks everywhere, drawn at random.

``python -m tests.benchmarks.soak --minutes 20`` says how the memory goes (goal: flat within 5 % after the warm-up),
what Qt complained about and what was raised (goal: nothing), and whether the weights are those of the same run with
nobody looking (goal: to the bit).
"""

import argparse
import ctypes
import os
import random
import sys
import tempfile
import threading
from pathlib import Path
from time import monotonic

import numpy as np
from PySide6.QtCore import QEventLoop, QPoint, Qt, QTimer, qInstallMessageHandler
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTabBar

from core.graph.edits import set_training
from core.io.templates import load_template
from core.training.messages import Batch
from core.training.trainer import Trainer

LEFT = Qt.MouseButton.LeftButton
ACT_MS = 60
"""Between two things that are done."""
SAMPLE_S = 5.0
WARM_UP = 0.25
"""Of the time: what is loaded when it is first needed, and what is kept up to a limit, comes in it."""
FLAT = 0.05
HARMLESS = ("This plugin does not support",)  # of the offscreen platform: it has no other windows


def document():
    """What is trained: it has no end that would come first."""
    return set_training(load_template("lenet5"), {"epochs": 100_000, "seed": 1})


class Sitter:
    """Does at random what somebody does who looks: nothing that changes the network or its training."""

    def __init__(self, window, seed):
        self.window, self.random = window, random.Random(seed)
        self.counts = {}

    def act(self):
        """Do one thing."""
        deeds = [*[self.draw, self.click_cell, self.key_cell, self.scrub] * 3, *self.rarely]
        deed = self.random.choice(deeds)
        deed()
        self.counts[deed.__name__] = self.counts.get(deed.__name__, 0) + 1

    @property
    def rarely(self):
        return [self.next_sample, self.tab, self.workspace, self.click_anywhere, self.wheel, self.resize]

    def panel(self, name):
        """Return a panel if it is in sight."""
        panel = self.window.panels[name]
        return panel if panel.isVisible() else None

    def at_random(self, widget):
        return QPoint(self.random.randrange(max(1, widget.width())), self.random.randrange(max(1, widget.height())))

    def draw(self):
        probe = self.panel("probe")
        if probe is None or not probe.pad.can_draw:
            return
        if self.random.random() < 0.3:
            QTest.keyClick(probe.pad, Qt.Key.Key_Delete)
        QTest.mousePress(probe.pad, LEFT, pos=self.at_random(probe.pad))
        for _ in range(self.random.randrange(2, 8)):
            QTest.mouseMove(probe.pad, self.at_random(probe.pad))
        QTest.mouseRelease(probe.pad, LEFT, pos=self.at_random(probe.pad))

    def next_sample(self):
        if (probe := self.panel("probe")) is not None:
            QTest.keyClick(probe.pad, Qt.Key.Key_Space)

    def click_cell(self):
        if (layers := self.panel("layers")) is not None:
            QTest.mouseClick(layers.view.viewport(), LEFT, pos=self.at_random(layers.view.viewport()))

    def key_cell(self):
        key = Qt.Key
        if (layers := self.panel("layers")) is not None:
            keys = [key.Key_Left, key.Key_Right, key.Key_Up, key.Key_Down, key.Key_BracketLeft, key.Key_BracketRight]
            QTest.keyClick(layers.view, self.random.choice([*keys, key.Key_PageUp, key.Key_PageDown, key.Key_B]))

    def scrub(self):
        slider = self.window.time_bar.slider
        if slider.isVisible() and slider.isEnabled():
            key = Qt.Key
            if self.random.random() < 0.5:
                QTest.mouseClick(slider, LEFT, pos=self.at_random(slider))
            else:
                QTest.keyClick(slider, self.random.choice([key.Key_Left, key.Key_Right, key.Key_PageUp, key.Key_End]))

    def tab(self):
        bars = [bar for bar in self.window.findChildren(QTabBar) if bar.isVisible() and bar.count() > 1]
        if bars:
            bar = self.random.choice(bars)
            bar.setCurrentIndex(self.random.randrange(bar.count()))

    def workspace(self):
        self.window.show_workspace(self.random.choice(["inside", "inside", "inside", "train", "design", "data"]))

    def click_anywhere(self):
        """Click into a picture: of predictions, of reasons, of patches, of filters."""
        names = ("predictions", "embedding", "why", "patches", "filters", "activations", "histograms")
        panels = [panel for name in names if (panel := self.panel(name)) is not None]
        if panels:
            panel = self.random.choice(panels)
            target = panel.childAt(self.at_random(panel))
            if target is not None and type(target).__module__.startswith("designer.views"):
                QTest.mouseClick(target, LEFT, pos=self.at_random(target))

    def wheel(self):
        if (layers := self.panel("layers")) is not None:
            bar = layers.view.horizontalScrollBar()
            bar.setValue(self.random.randint(bar.minimum(), bar.maximum()))

    def resize(self):
        self.window.resize(*self.random.choice([(1600, 1000), (1280, 720), (1920, 1080)]))


class Watch:
    """Notes what goes wrong, and how much memory there is."""

    def __init__(self):
        self.complaints, self.memory = [], []
        qInstallMessageHandler(self._hear)
        sys.excepthook = lambda kind, error, _: self.complaints.append(f"{kind.__name__}: {error}")
        sys.unraisablehook = lambda args: self.complaints.append(f"unraisable: {args.exc_value}")
        threading.excepthook = lambda args: self.complaints.append(f"thread: {args.exc_value}")

    def _hear(self, kind, _, text):
        if not any(word in text for word in HARMLESS):
            self.complaints.append(f"Qt: {text}")

    def sample(self, seconds):
        self.memory.append((seconds, megabytes()))

    @property
    def growth(self):
        """By which share the last quarter's mean lies above that of the first after the warm-up."""
        values = np.array([value for _, value in self.memory])
        calm = values[int(len(values) * WARM_UP) :]
        part = max(1, len(calm) // 4)
        return float(calm[-part:].mean() / calm[:part].mean() - 1) if len(calm) else 0.0


def megabytes():
    """Return what this process has in memory, without what the allocator holds in reserve."""
    if hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
        libc.malloc_trim(0)
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def wait(milliseconds):
    loop = QEventLoop()
    QTimer.singleShot(int(milliseconds), loop.quit)
    loop.exec()


def wait_until(check, seconds=60.0):
    end = monotonic() + seconds
    while not check():
        if monotonic() > end:
            raise TimeoutError("it did not come about")
        wait(20)


def undisturbed(n):
    """Return the weights after so many batches when nobody looks."""
    trainer = Trainer(document())
    for message in trainer.messages():
        if isinstance(message, Batch) and message.step == n:
            return {name: array.copy() for name, array in trainer.network.weights.items()}
    raise AssertionError("it has no end")


def sit(window, seconds, seed=0, watch=None):
    """Train, look at random, and stop; returns (weights, batches, what was done)."""
    sitter = Sitter(window, seed)
    window.session.open(document(), None)
    window.show_workspace("inside")
    window.train_bar.train_or_pause()
    begin = last = monotonic()
    while (now := monotonic()) - begin < seconds:
        sitter.act()
        wait(ACT_MS)
        if watch is not None and now - last >= SAMPLE_S:
            last = now
            watch.sample(now - begin)
    window.run.stop()
    wait_until(lambda: window.run.state == "idle" and window.runs.shown is not None)
    standing = window.runs.shown.standing
    return standing.weights, standing.place.step, sitter.counts


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
            os.environ[variable] = folder
        from designer import theme
        from designer.app import make_application
        from designer.window.main_window import MainWindow

        make_application()
        watch = Watch()
        theme.set_theme("dark")
        window = MainWindow()
        window.resize(1600, 1000)
        window.show()
        wait(1500)
        weights, n, counts = sit(window, 60 * arguments.minutes, arguments.seed, watch)
        window.session.mark_saved(None)
        window.runs.forget()  # else it would ask what becomes of the weights
        window.close()
        QApplication.processEvents()
        for seconds, value in watch.memory[:: max(1, len(watch.memory) // 20)]:
            print(f"{seconds:7.0f} s {value:8.0f} MB")
        print(f"memory grew by {watch.growth:.1%} after the warm-up (goal: ≤ {FLAT:.0%})")
        print(f"done: {', '.join(f'{name} {count}' for name, count in sorted(counts.items()))}")
        print(f"complaints (goal: none): {len(watch.complaints)}")
        for text in list(dict.fromkeys(watch.complaints))[:20]:
            print(f"  {text}")
        print(f"{n:,} batches; the same, undisturbed …", flush=True)
        alone = undisturbed(n)
        same = all(np.array_equal(weights[name], array) for name, array in alone.items())
        print(f"weights equal to the bit: {'yes' if same else 'NO'}")
        return 0 if same and not watch.complaints and watch.growth <= FLAT else 1


if __name__ == "__main__":
    sys.exit(main())
