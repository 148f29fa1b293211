import re
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QObject

from designer import guard

ROOT = Path(__file__).parents[2]


class Counted:
    """Stands for None, whose references Python no longer counts from 3.12 on."""


def losing(counted, per_call):
    """A call that drops so many references to `counted` each time, as the broken PySide6 does to None."""
    held = [counted] * (per_call * guard.CALLS)

    def call():
        del held[len(held) - per_call :]

    return call


def test_a_call_that_loses_references_is_refused_with_versions_and_cure():
    counted = Counted()
    sentence = guard.broken_pyside(losing(counted, 1), "6.12.0", counted)
    assert sentence is not None
    assert "PySide6 6.12.0 is broken on Python 3." in sentence
    assert "pip install 'PySide6-Essentials>=6.9.3,<6.12'" in sentence


def test_lost_references_are_counted_exactly():
    counted = Counted()
    assert guard.lost_references(losing(counted, 3), counted) == 3 * guard.CALLS


def test_a_few_references_moved_by_others_are_no_proof():
    counted = Counted()
    held = [counted] * (guard.LOST - 1)
    assert guard.broken_pyside(lambda: held.pop() if held else None, "6.11.3", counted) is None


def test_the_installed_pyside_is_sound():
    probe = QObject()
    assert guard.lost_references(lambda: probe.setObjectName("x")) < guard.LOST


@pytest.mark.parametrize(
    ("environment", "platform", "expected"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "darwin", True),
        ({}, "win32", True),
    ],
)
def test_a_display_is_announced_by_x11_or_wayland_on_linux(environment, platform, expected):
    assert guard.has_display(environment, platform) is expected


def test_without_a_display_the_refusal_says_what_works_instead(monkeypatch):
    for variable in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(guard, "has_display", lambda: False)
    sentence = guard.refusal()
    assert sentence is not None
    assert "There is no display here" in sentence
    assert f"python -m {guard.__package__}.headless" in sentence


def test_offscreen_is_not_refused(monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert guard.refusal() is None


def test_a_missing_library_is_named_with_the_line_that_installs_it(monkeypatch):
    def absent(name):
        raise ImportError("libEGL.so.1: cannot open shared object file: No such file or directory")

    monkeypatch.setattr(guard, "import_module", absent)
    sentence = guard.missing_for_drawing()
    assert sentence is not None
    assert "Qt cannot load libEGL.so.1" in sentence
    assert sentence.endswith(guard.apt_line(guard.OFFSCREEN_PACKAGES))


def test_a_missing_pyside_is_named_with_the_line_that_installs_it(monkeypatch):
    def absent(name):
        raise ModuleNotFoundError("No module named 'PySide6'", name="PySide6")

    monkeypatch.setattr(guard, "import_module", absent)
    assert guard.missing_for_drawing() == "PySide6 is not installed. Install it with: pip install PySide6-Essentials"


def test_for_a_window_the_line_brings_all_that_a_window_needs(monkeypatch):
    def absent(name):
        raise ImportError("libEGL.so.1: cannot open shared object file: No such file or directory")

    monkeypatch.setattr(guard, "import_module", absent)
    sentence = guard.missing_for_windows()
    assert sentence is not None
    assert sentence.endswith(guard.apt_line(guard.WINDOW_PACKAGES))


def test_a_window_library_that_does_not_load_is_named(monkeypatch):
    def absent(path):
        raise OSError("libxcb-cursor.so.0: cannot open shared object file: No such file or directory")

    monkeypatch.setattr(guard.ctypes, "CDLL", absent)
    monkeypatch.setattr(guard.sys, "platform", "linux")
    sentence = guard.missing_for_windows()
    assert sentence is not None
    assert "Qt cannot load libxcb-cursor.so.0" in sentence
    assert sentence.endswith(guard.apt_line(guard.WINDOW_PACKAGES))


def test_a_broken_pyside_is_refused_at_start_up(monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setattr(guard, "lost_references", lambda call, counted: guard.CALLS)
    sentence = guard.refusal()
    assert sentence is not None
    assert "is broken on Python 3." in sentence


def test_the_guard_alone_loads_no_qt():
    qt = "[m for m in sys.modules if m.startswith(('PySide6', 'shiboken6'))]"
    code = f"import sys, {guard.__name__}; print({qt})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_bounds_in_pyproject_keep_the_broken_version_out():
    pins = re.findall(r'"(PySide6-Essentials[^"]*)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert pins == [
        "PySide6-Essentials>=6.9.3,<6.12; python_version < '3.12'",
        "PySide6-Essentials>=6.9.3,<7; python_version >= '3.12'",
    ]
