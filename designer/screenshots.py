"""Draws the window's main states into pictures, for the README and for looking at."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop, QSize, QTimer

from core.graph.edits import set_config
from core.graph.layouts import add_note
from core.graph.values import Note
from designer import theme
from designer.app import make_application
from designer.canvas.commands.note_places import framing
from designer.logbook import quiet_offscreen
from designer.theme import Choice
from designer.window.main_window import MainWindow

SIZE = QSize(1600, 1000)
"""Whatever the screen: offscreen it is small."""
PATIENCE_MS = 60_000
SETTLE_MS = 700
"""How long a window is given to draw what was asked of it."""


def picture_of_training(path: Path, choice: Choice = "dark") -> None:
    """Draw the window with LeNet-5 after three epochs on the digits."""
    with_window(choice, path, _train)


def with_window(choice: Choice, path: Path, prepare: Callable[[MainWindow], None]) -> None:
    """Open a window offscreen, bring it into a state, draw it and close it."""
    make_application()
    quiet_offscreen()
    theme.set_theme(choice)
    window = MainWindow(size=SIZE)
    window.show()
    _wait(SETTLE_MS)
    prepare(window)
    _wait(SETTLE_MS)
    path.parent.mkdir(parents=True, exist_ok=True)
    window.grab().save(str(path))
    window.run.stop_and_wait()
    window.live.stop_and_wait()
    window.hide()
    window.deleteLater()


def _train(window: MainWindow) -> None:
    window.session.select(["conv1"])
    loop = QEventLoop()
    window.run.epoch_ended.connect(lambda epoch: loop.quit() if epoch.epoch == 3 else None)
    window.run.failed.connect(loop.quit)
    QTimer.singleShot(PATIENCE_MS, loop.quit)
    window.train_bar.train_or_pause()
    loop.exec()
    window.train_bar.train_or_pause()


def _misfit(window: MainWindow) -> None:
    """Give the second filter a stride that does not fit."""
    session = window.session
    layer = [layer.id for layer in session.document.graph.layers if "filters" in layer.config][-1]
    session.edit("set stride", set_config(session.document, layer, {"stride": 2}), select=[layer])
    window.show_problems()


def _folded(window: MainWindow) -> None:
    """Show a network whose stages are blocks, one of them selected, with what they cost."""
    window.files.open_template("resnet18")
    window.session.select(["stage4b"])
    window.canvas.lenses.choose("parameters")


def _start(window: MainWindow) -> None:
    """Show the window as it opens."""
    window.greeting.greet_at_start()


def _noted(window: MainWindow) -> None:
    """Show a network with frames and a note, and its outline."""
    session, canvas = window.session, window.canvas
    frames = (("Stage 1: strokes", "blue", ("conv1", "relu1", "pool1")), ("Stage 2: parts", "teal", ("conv2", "pool2")))
    document = session.document
    for title, hue, ids in frames:
        rects = [canvas.scene.nodes[id].rect for id in ids]
        document, _ = add_note(document, "frames", framing(Note((0, 0), (1, 1), title, hue), rects))
    words = "5×5 filters see more at once than 3×3; two 3×3 see as much, with fewer parameters."
    document, _ = add_note(document, "cards", Note((432.0, 344.0), (280.0, 56.0), words, "amber"))
    session.edit("annotate", document)
    window.docks["outline"].raise_()
    canvas.fit()


def _turned(window: MainWindow) -> None:
    """Show a network top-down."""
    window.actions_by_id["arrange_down"].trigger()
    window.session.select(["conv2"])


def _wait(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


STATES: dict[str, tuple[Choice, Callable[[MainWindow], None]]] = {
    "start-dark": ("dark", _start),
    "start-light": ("light", _start),
    "training-dark": ("dark", _train),
    "training-light": ("light", _train),
    "problem-dark": ("dark", _misfit),
    "problem-light": ("light", _misfit),
    "notes-dark": ("dark", _noted),
    "notes-light": ("light", _noted),
    "topdown-dark": ("dark", _turned),
    "topdown-light": ("light", _turned),
    "blocks-dark": ("dark", _folded),
    "blocks-light": ("light", _folded),
}
"""The pictures by name: theme, and what is done in the window first."""


def main(folder: str) -> int:
    """Draw all pictures into a folder."""
    for name, (choice, prepare) in STATES.items():
        path = Path(folder) / f"{name}.png"
        with_window(choice, path, prepare)
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "docs/images"))
