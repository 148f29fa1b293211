"""Menus whose entries change: the panels of the window, and the files that were open lately."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QMenu


class PanelsMenu(QMenu):
    """Shows and hides panels: the way back for one that was closed."""

    def __init__(self, docks: Iterable[QDockWidget], parent: QMenu) -> None:
        super().__init__("Panels", parent)
        for dock in docks:
            self.addAction(dock.toggleViewAction())


class RecentMenu(QMenu):
    """The files that were open lately, the newest first; looks them up whenever it opens.

    Parameters
    ----------
    recent : callable
        Gives the files' paths.
    """

    chosen = Signal(object)
    """Carries the path of the file to open."""

    def __init__(self, recent: Callable[[], tuple[str, ...]], parent: QMenu) -> None:
        super().__init__("Open recent", parent)
        self._recent = recent
        self.setToolTipsVisible(True)
        self.aboutToShow.connect(self._fill)
        self.triggered.connect(self._choose)

    def _fill(self) -> None:
        self.clear()
        paths = [Path(name) for name in self._recent()]
        for path in paths:
            twins = sum(other.name == path.name for other in paths) > 1
            action = self.addAction(f"{path.name} – {path.parent.name}" if twins else path.name)
            action.setData(str(path))
            action.setToolTip(str(path))
        if not paths:
            self.addAction("No files yet").setEnabled(False)

    def _choose(self, action: QAction) -> None:
        self.chosen.emit(Path(action.data()))
