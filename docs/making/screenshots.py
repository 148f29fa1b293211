"""Draws the window's main states into pictures, for the README and for looking at: `make screenshots`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer

from core.graph.edits import set_config, set_training
from core.graph.layouts import add_note
from core.graph.values import Note
from designer.canvas.commands.note_places import framing
from designer.offscreen import PATIENCE_MS, draw_window, train_for_three_epochs
from designer.theme import Choice
from designer.views.preparing import PreprocessingView
from designer.window.main_window import MainWindow
from designer.window.panels import panel_of


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


def _lab(window: MainWindow) -> None:
    """Show a training that has the room."""
    window.show_workspace("train")
    train_for_three_epochs(window)


def _data(window: MainWindow) -> None:
    """Show the bundled digits, standardised."""
    session = window.session
    session.edit("set preprocessing", set_training(session.document, {"preprocessing": ["Standardize"]}))
    loop = QEventLoop()
    panel_of(window.panels, PreprocessingView).fitter.spectrum_found.connect(loop.quit)  # what comes last
    QTimer.singleShot(PATIENCE_MS, loop, loop.quit)
    window.show_workspace("data")
    loop.exec()


def _turned(window: MainWindow) -> None:
    """Show a network top-down."""
    window.actions_by_id["arrange_down"].trigger()
    window.session.select(["conv2"])


STATES: dict[str, tuple[Choice, Callable[[MainWindow], None]]] = {
    "start-dark": ("dark", _start),
    "start-light": ("light", _start),
    "training-dark": ("dark", train_for_three_epochs),
    "training-light": ("light", train_for_three_epochs),
    "data-dark": ("dark", _data),
    "data-light": ("light", _data),
    "train-dark": ("dark", _lab),
    "train-light": ("light", _lab),
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
        draw_window(choice, path, prepare)
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "docs/images"))
