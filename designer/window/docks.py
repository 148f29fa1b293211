"""The panels around the canvas and how they are arranged at first."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabWidget, QWidget

PALETTE_WIDTH = 212
INSPECTOR_WIDTH = 300
BOTTOM_HEIGHT = 320

_Area = Qt.DockWidgetArea


def make_dock(title: str, name: str, widget: QWidget, *, headless: bool = False) -> QDockWidget:
    """Put a widget into a dock that can be moved, floated and hidden; `headless` ones have no title bar."""
    dock = QDockWidget(title)
    dock.setObjectName(name)  # without one its place isn't remembered
    dock.setWidget(widget)
    if headless:
        dock.setTitleBarWidget(QWidget(dock))
        dock.setFeatures(QDockWidget.DockWidgetFeature.NoDockWidgetFeatures)
    return dock


def arrange_docks(
    window: QMainWindow, palette: QDockWidget, inspector: QDockWidget, columns: list[list[QDockWidget]]
) -> None:
    """Lay out the panels: palette left, inspector right, `columns` of tabbed panels side by side below the canvas."""
    window.setCorner(Qt.Corner.BottomLeftCorner, _Area.LeftDockWidgetArea)
    window.setCorner(Qt.Corner.BottomRightCorner, _Area.RightDockWidgetArea)
    window.setTabPosition(_Area.AllDockWidgetAreas, QTabWidget.TabPosition.North)
    window.setDockNestingEnabled(True)
    window.addDockWidget(_Area.LeftDockWidgetArea, palette)
    window.addDockWidget(_Area.RightDockWidgetArea, inspector)
    previous: QDockWidget | None = None
    for column in columns:
        first, *others = column
        if previous is None:
            window.addDockWidget(_Area.BottomDockWidgetArea, first)
        else:
            window.splitDockWidget(previous, first, Qt.Orientation.Horizontal)
        for other in others:
            window.tabifyDockWidget(first, other)
        first.raise_()
        previous = first
    firsts = [column[0] for column in columns]
    window.resizeDocks([palette, inspector], [PALETTE_WIDTH, INSPECTOR_WIDTH], Qt.Orientation.Horizontal)
    window.resizeDocks(firsts, [BOTTOM_HEIGHT] * len(firsts), Qt.Orientation.Vertical)
    window.resizeDocks(firsts, [420, 330, 330][: len(firsts)], Qt.Orientation.Horizontal)
