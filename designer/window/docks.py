"""The panels around the canvas and how they are arranged at first."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabWidget, QWidget

PALETTE_WIDTH = 212
INSPECTOR_WIDTH = 300
BOTTOM_HEIGHT = 330
COLUMN_WIDTHS = (440, 300, 340)
"""Of the three columns below the canvas; they share the room in this proportion."""

_Area = Qt.DockWidgetArea
_Option = QMainWindow.DockOption


def make_dock(title: str, name: str, widget: QWidget, *, fixed: bool = False) -> QDockWidget:
    """Put a widget into a dock that can be moved, floated and hidden; a fixed one stays and has no title."""
    dock = QDockWidget(title)
    dock.setObjectName(name)  # without one its place isn't remembered
    dock.setWidget(widget)
    if fixed:
        dock.setTitleBarWidget(QWidget(dock))
        dock.setFeatures(QDockWidget.DockWidgetFeature.NoDockWidgetFeatures)
    else:
        TitleKeeper(dock)
    return dock


class TitleKeeper(QObject):
    """Hides a dock's title bar while its tab says the same."""

    def __init__(self, dock: QDockWidget) -> None:
        super().__init__(dock)
        self._dock = dock
        self._nothing = QWidget(dock)
        self._nothing.hide()
        dock.dockLocationChanged.connect(self.keep)
        dock.topLevelChanged.connect(self.keep)
        dock.visibilityChanged.connect(self.keep)

    @Slot()
    def keep(self) -> None:
        window = self._dock.parentWidget()
        alone = not isinstance(window, QMainWindow) or not window.tabifiedDockWidgets(self._dock)
        titled = alone or self._dock.isFloating()
        if titled != (self._dock.titleBarWidget() is None):
            self._dock.setTitleBarWidget(None if titled else self._nothing)  # type: ignore[arg-type]


def arrange_docks(
    window: QMainWindow, palette: QDockWidget, inspector: QDockWidget, columns: list[list[QDockWidget]]
) -> None:
    """Lay out the panels: palette left, inspector right, `columns` of tabbed panels side by side below the canvas."""
    window.setCorner(Qt.Corner.BottomLeftCorner, _Area.LeftDockWidgetArea)
    window.setCorner(Qt.Corner.BottomRightCorner, _Area.RightDockWidgetArea)
    window.setTabPosition(_Area.AllDockWidgetAreas, QTabWidget.TabPosition.North)
    window.setDockOptions(_Option.AllowNestedDocks | _Option.AllowTabbedDocks | _Option.GroupedDragging)
    window.addDockWidget(_Area.LeftDockWidgetArea, palette)
    window.addDockWidget(_Area.RightDockWidgetArea, inspector)
    firsts = [column[0] for column in columns]
    window.addDockWidget(_Area.BottomDockWidgetArea, firsts[0])
    for left, right in pairwise(firsts):  # before any tabs: a dock is split, a tab is joined
        window.splitDockWidget(left, right, Qt.Orientation.Horizontal)
    for first, *others in columns:
        for other in others:
            window.tabifyDockWidget(first, other)
        first.raise_()


def size_docks(window: QMainWindow, palette: QDockWidget, inspector: QDockWidget, columns: list[QDockWidget]) -> None:
    """Give the panels their first sizes; has an effect only once the window is shown."""
    window.resizeDocks([palette, inspector], [PALETTE_WIDTH, INSPECTOR_WIDTH], Qt.Orientation.Horizontal)
    window.resizeDocks(columns, [BOTTOM_HEIGHT] * len(columns), Qt.Orientation.Vertical)
    window.resizeDocks(columns, list(COLUMN_WIDTHS), Qt.Orientation.Horizontal)
