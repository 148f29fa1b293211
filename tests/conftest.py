"""What holds for every test: no display, no user settings, the same random numbers every time."""

import importlib.util
import os
import re
import sys
from pathlib import Path

import hypothesis
import pytest

# Both are read when Qt and pyqtgraph are first imported. A drag test runs with QT_QPA_PLATFORM=xcb set from outside.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["PYQTGRAPH_QT_LIB"] = "PySide6"

hypothesis.settings.register_profile("convograph", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("convograph")

HAS_TORCH = importlib.util.find_spec("torch") is not None
_SPEAKS_OF_TORCH = re.compile(r"^(import torch$|from torch |from tests\.torch\.)", re.MULTILINE)


@pytest.fixture(scope="session", autouse=True)
def _own_settings(tmp_path_factory):
    """Keep the settings, recent files and autosaves of whoever runs the tests out of them, and unharmed by them."""
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
            patch.setenv(variable, str(tmp_path_factory.mktemp(variable.lower())))
        yield


@pytest.fixture(scope="session", autouse=True)
def _share_of_the_cores():
    """Divide the cores among the workers that run tests side by side.

    A training takes as many replicas as there are cores, unless it is told how many. Each is a process, which takes
    longer to start than the small networks of tests to train; tests about replicas say how many they want.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    with pytest.MonkeyPatch.context() as patch:
        if workers > 1:
            from core.engine.cores import n_cores

            patch.setattr("core.engine.cost.n_cores", lambda: max(1, n_cores() // workers))
        yield


@pytest.fixture(scope="session", autouse=True)
def _patience():
    """Wait long before a test fails: a machine that does other things too may take ten times as long."""
    from pytestqt.qtbot import QtBot

    with pytest.MonkeyPatch.context() as patch:
        for wait in (QtBot.waitUntil, QtBot.waitSignal, QtBot.waitSignals, QtBot.waitExposed):
            patch.setattr(wait, "__kwdefaults__", {**wait.__kwdefaults__, "timeout": 30_000})
        yield


@pytest.fixture(autouse=True)
def _hands_off():
    """Let go of the mouse after each test: a button that is held changes what moving it means to the next one.

    ``QTest.mouseDClick`` leaves the button down, and so does a press whose gesture ends with Esc.
    """
    yield
    if "PySide6.QtTest" not in sys.modules:
        return
    from PySide6.QtGui import QGuiApplication
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QWidget

    for button in QGuiApplication.mouseButtons():
        QTest.mouseRelease(QWidget(), button)


@pytest.fixture(autouse=True)
def _no_question_waits(monkeypatch):
    """Fail at once where a question is asked that a test doesn't answer: nobody would press a button."""
    if "PySide6.QtWidgets" in sys.modules:
        from PySide6.QtWidgets import QMessageBox

        def asked(box):
            raise AssertionError(f"asked: {box.text()} {box.informativeText()}")

        monkeypatch.setattr(QMessageBox, "exec", asked)


@pytest.fixture
def make_window(qtbot):
    """Return a function that shows a window; what is unsaved in it is not asked about in the end."""
    import shiboken6  # only tests of the window need Qt

    from designer import theme
    from designer.window.main_window import MainWindow

    theme.set_theme("dark")
    made = []

    def show(windows=None, size=None):
        window = MainWindow(windows)
        made.append(window)
        if size is not None:
            window.resize(*size)
        with qtbot.waitExposed(window):
            window.show()
        window.canvas.view.setFocus()
        return window

    yield show
    for window in made:
        if shiboken6.isValid(window):
            window.session.mark_saved(window.session.path)
            window.run.stop_and_wait()
            window.runs.forget()
            window.close()
            window.deleteLater()


@pytest.fixture
def window(make_window):
    """Show a window as it opens."""
    return make_window()


@pytest.hookimpl(tryfirst=True)
def pytest_collectreport(report):
    """Fail where a file cannot be imported, which `--doctest-ignore-import-errors` alone would skip.

    Files that speak of PyTorch may be skipped where it is not installed.
    """
    if not report.skipped or "unable to import module" not in str(report.longrepr):
        return
    if HAS_TORCH or not _SPEAKS_OF_TORCH.search(Path(report.fspath).read_text(encoding="utf-8")):
        report.outcome = "failed"


def pytest_collection_modifyitems(items):
    offscreen = os.environ["QT_QPA_PLATFORM"].startswith("offscreen")
    for item in items:
        if item.get_closest_marker("torch") and not HAS_TORCH:
            item.add_marker(pytest.mark.skip(reason="needs PyTorch: make test-torch installs it"))
        if item.get_closest_marker("dnd") and offscreen:
            item.add_marker(pytest.mark.skip(reason="needs a real window: make test opens one under Xvfb"))


def pytest_terminal_summary(terminalreporter):
    reports = terminalreporter.stats.get("skipped", ())
    skipped = [r for r in reports if isinstance(r, pytest.TestReport) and "torch" in r.keywords]
    if skipped:
        terminalreporter.write_line(
            f"{len(skipped)} comparisons with PyTorch skipped: make test-torch installs it and runs them."
        )
