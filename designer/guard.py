"""What must hold before a window opens; each failure is one sentence that says how to mend it.

Nothing here imports Qt before it has to, so that a machine without Qt gets its sentence too.
"""

import ctypes
import os
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

OFFSCREEN_PACKAGES = ("libglib2.0-0", "libgl1", "libegl1", "libxkbcommon0", "libdbus-1-3", "libfontconfig1")
"""Debian packages that Qt needs to draw at all, even without a display."""

WINDOW_PACKAGES = (
    *OFFSCREEN_PACKAGES,
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-keysyms1",
    "libxkbcommon-x11-0",
    "libxcb-shape0",
)
"""Debian packages that Qt needs for a real window under X11."""

CALLS = 200
"""How often the suspect call is repeated."""

LOST = 100
"""This many references lost in `CALLS` calls are no coincidence."""


def apt_line(packages: tuple[str, ...]) -> str:
    """Return the command that installs Debian packages, ready to be copied into a terminal."""
    return f"sudo apt-get install -y --no-install-recommends {' '.join(packages)}"


def lost_references(call: Callable[[], object], counted: object = None) -> int:
    """Count the references to `counted` (None itself, as a rule) that vanish while `call` is repeated.

    A sound call gives back as many as it takes, so the count stays near zero (other threads may move it a little).
    PySide6 6.12.0 loses one per call below Python 3.12, and the process aborts when none is left; from 3.12 on
    None is immortal and its count stands still.
    """
    before = sys.getrefcount(counted)
    for _ in range(CALLS):
        call()
    return before - sys.getrefcount(counted)


def broken_pyside(call: Callable[[], object], pyside_version: str, counted: object = None) -> str | None:
    """Explain that this PySide6 would abort the program, or return None if it is sound.

    Parameters
    ----------
    call
        A Qt call that returns None, such as ``QObject.setObjectName``.
    pyside_version
        The version to name in the sentence.
    counted
        The object whose references are counted.
    """
    if lost_references(call, counted) < LOST:
        return None
    python = ".".join(map(str, sys.version_info[:3]))
    return (
        f"PySide6 {pyside_version} is broken on Python {python}: it loses a reference to None in nearly every call, "
        "and the program would abort after a few minutes. "
        "Install a sound version (pip install 'PySide6-Essentials>=6.9.3,<6.12') or use Python 3.12 or newer."
    )


def missing_for_drawing(packages: tuple[str, ...] = OFFSCREEN_PACKAGES) -> str | None:
    """Explain what Qt lacks for drawing, and that `packages` supply it; None if nothing is missing."""
    try:
        import_module("PySide6.QtWidgets")
        import_module("PySide6.QtSvgWidgets")
    except ModuleNotFoundError as error:
        return f"{error.name} is not installed. Install it with: pip install PySide6-Essentials"
    except ImportError as error:
        return _missing_library(str(error), packages)
    return None


def missing_for_windows() -> str | None:
    """Explain what Qt lacks to open a window under X11; None if nothing is missing or X11 is not used."""
    if sentence := missing_for_drawing(WINDOW_PACKAGES):
        return sentence
    if not sys.platform.startswith("linux"):
        return None
    import PySide6

    plugin = Path(PySide6.__file__).parent / "Qt" / "plugins" / "platforms" / "libqxcb.so"
    if not plugin.exists():  # a distribution's own PySide6 keeps its plugins, and their dependencies, elsewhere
        return None
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        return _missing_library(str(error), WINDOW_PACKAGES)
    return None


def has_display(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Return whether a window could be shown: always outside Linux, on Linux if X11 or Wayland is announced."""
    return not platform.startswith("linux") or any(environment.get(k) for k in ("DISPLAY", "WAYLAND_DISPLAY"))


def refusal() -> str | None:
    """Explain why no window can open here, or return None if one can.

    A platform chosen by hand (``QT_QPA_PLATFORM=offscreen``) needs no display.
    """
    chosen = os.environ.get("QT_QPA_PLATFORM", "")
    if not chosen and not has_display():
        return (
            "There is no display here: neither DISPLAY nor WAYLAND_DISPLAY is set. "
            "Every command works without one (convograph --help), "
            "and python -m designer.headless trains in the terminal and writes a picture of the window."
        )
    with_x11 = chosen.startswith("xcb") or not (chosen or os.environ.get("WAYLAND_DISPLAY"))
    if sentence := missing_for_windows() if with_x11 else missing_for_drawing():
        return sentence
    import PySide6
    from PySide6.QtCore import QObject

    probe = QObject()
    return broken_pyside(lambda: probe.setObjectName("x"), PySide6.__version__)


def _missing_library(error: str, packages: tuple[str, ...]) -> str:
    library = error.partition(":")[0]
    return (
        f"Qt cannot load {library}: a system library is missing. "
        f"On Debian or Ubuntu this installs it: {apt_line(packages)}"
    )
