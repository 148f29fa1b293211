"""Starting the window."""

from __future__ import annotations

import gc
import os
import signal
import sys
from pathlib import Path

os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")  # read when pyqtgraph is first imported
# Otherwise pydantic looks through every installed package for plug-ins, which nothing here uses, when it is imported.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

from PySide6.QtCore import QCoreApplication, QObject, QTimer
from PySide6.QtWidgets import QApplication

from designer import theme
from designer.logbook import open_logbook

COLLECT_MS = 2000


class Collector(QObject):
    """Collects cyclic garbage in the window's thread only.

    Python would otherwise do so in whichever thread allocates, and destroy objects of the window from a worker's.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._n = 0
        gc.disable()
        timer = QTimer(self, interval=COLLECT_MS)
        timer.timeout.connect(self.collect)
        timer.start()

    def collect(self) -> None:
        """Collect young objects, and now and then all of them."""
        self._n += 1
        gc.collect(2 if self._n % 15 == 0 else 1)


def make_application() -> QApplication:
    """Make the one application object, with its name and its icon."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    QCoreApplication.setOrganizationName("Convograph")
    QCoreApplication.setApplicationName("Convograph")
    app = QApplication(sys.argv[:1])
    app.setWindowIcon(theme.app_icon())
    return app


def run(file: str | None = None) -> int:
    """Open the window, on a file if one is given, and return the exit status once it is closed."""
    app = make_application()
    collector = Collector(app)  # first: garbage collection would slow the imports below by a twentieth
    from designer.session.preferences import SharedPreferences, load_preferences
    from designer.session.unsaved import left_behind
    from designer.training import left_runs
    from designer.window.main_window import MainWindow
    from designer.window.windows import Windows

    crashes = open_logbook()
    preferences = load_preferences()
    theme.set_theme(preferences.theme)
    window = MainWindow(Windows(SharedPreferences(preferences)))
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl+C in the terminal ends the program
    window.show()
    window.recovery.offer([*left_behind(), *left_runs()])
    if file is not None:
        window.files.open(Path(file))
    else:
        window.greeting.greet_at_start()
    collector.collect()
    gc.freeze()
    status = app.exec()
    if crashes is not None:
        crashes.close()
    return status
