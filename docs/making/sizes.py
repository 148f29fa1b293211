"""Draws the window's main states at the sizes that screens have, for looking at: `python -m docs.making.sizes FOLDER`.

It needs no screen where QT_QPA_PLATFORM is `offscreen`. With QT_SCALE_FACTOR=2 the same window is drawn as on a screen
at 200 %; the sizes are those that the program sees.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize

from core.graph.edits import set_config
from designer.offscreen import draw_states, wait_for_epoch
from designer.window.main_window import MainWindow

SIZES = ((960, 600), (1024, 640), (1280, 720), (1366, 768), (1600, 1000), (1920, 1080), (2560, 1440))
"""The first is a screen of 1920×1200 at 200 %, the third also one of 2560×1440."""


def _start(window: MainWindow) -> None:
    window.greeting.greet()


def _open(window: MainWindow) -> None:
    window.files.open_template("lenet5")


def _selected(window: MainWindow) -> None:
    window.session.select(["conv2"])


def _problems(window: MainWindow) -> None:
    window.session.edit("set stride", set_config(window.session.document, "conv2", {"stride": 2}), select=["conv2"])
    window.show_problems()


def _training(window: MainWindow) -> None:
    window.session.undo()
    window.docks["curves"].raise_()
    window.train_bar.train_or_pause()
    wait_for_epoch(window, 1)


def _filters(window: MainWindow) -> None:
    wait_for_epoch(window, 2)
    window.train_bar.train_or_pause()
    window.docks["filters"].raise_()


def _maps(window: MainWindow) -> None:
    window.docks["activations"].raise_()


def _train(window: MainWindow) -> None:
    window.show_workspace("train")
    window.docks["curves"].raise_()


def _data(window: MainWindow) -> None:
    window.show_workspace("data")


def _summary(window: MainWindow) -> None:
    window.docks["summary"].raise_()


STATES: dict[str, Callable[[MainWindow], None]] = {
    "start": _start,
    "open": _open,
    "selected": _selected,
    "problems": _problems,
    "training": _training,
    "filters": _filters,
    "maps": _maps,
    "summary": _summary,
    "train": _train,
    "data": _data,
}
"""One after the other, in one window."""


def main(folder: str) -> int:
    """Draw all states at all sizes into a folder."""
    for width, height in SIZES:
        pictures = {Path(folder) / f"{width}x{height}-{name}.png": do for name, do in STATES.items()}
        draw_states("dark", QSize(width, height), pictures)
        print(*pictures, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "sizes"))
