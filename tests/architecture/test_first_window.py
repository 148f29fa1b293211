"""What the first window needs is loaded before it is drawn; everything else waits until it is asked for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

LATER = {
    "core.engine": "what computes: the threads that train, time and picture networks load it",
    "core.training.trainer": "the thread that trains loads it",
    "threadpoolctl": "the engine's: it looks through the libraries of the process",
    "pyqtgraph": "a third of a second: the curves load it once they are seen",
    "core.zoo": "templates are read, not drawn anew",
    "core.bench": "a command's",
    "core.export": "written when it is asked for",
    "tqdm": "a command's",
    "PIL": "no picture is read before the user opens one",
    "jsonschema": "tests alone need it",
    "designer.help": "the pages of help are made when one is opened",
    "designer.start.gallery": "made when it is opened",
    "designer.start.tour": "made when it begins",
}
"""Package or module → why the first window does without."""

FIRST_FRAME = """
import os, pathlib, sys

from designer.app import make_application
from PySide6.QtCore import QEvent, QObject

app = make_application()

from designer.inspector import needs_line
from designer.session import training_check
from designer.training.looking import preview
from designer.window.main_window import MainWindow

# A busy machine draws late; that they wait counts.
preview.FIRST_MS = needs_line.NEEDS_AFTER_MS = training_check.FIRST_MS = 60_000


class FirstPaint(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            pathlib.Path(sys.argv[1]).write_text("\\n".join(sys.modules))
            os._exit(0)  # no thread is waited for
        return False


window = MainWindow()
paint = FirstPaint()
window.canvas.view.viewport().installEventFilter(paint)
window.show()
app.exec()
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """The names of all modules that are loaded when the first window's canvas is painted."""
    report = tmp_path_factory.mktemp("loaded") / "modules.txt"
    done = subprocess.run(
        [sys.executable, "-c", FIRST_FRAME, str(report)],
        cwd=ROOT,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return set(report.read_text().splitlines())


def test_the_window_is_there(loaded):
    assert {"designer.window.main_window", "designer.canvas.canvas", "designer.start.welcome"} <= loaded


@pytest.mark.parametrize("name", LATER)
def test_the_first_window_does_without(loaded, name):
    found = sorted(module for module in loaded if module == name or module.startswith(f"{name}."))
    assert not found, f"{name}: {LATER[name]}"


def test_what_is_loaded_later_exists():
    ours = [name for name in LATER if name.partition(".")[0] in {"core", "designer"} and name != "core.export"]
    assert ours
    for name in ours:
        place = ROOT.joinpath(*name.split("."))
        assert place.is_dir() or place.with_suffix(".py").exists(), name
