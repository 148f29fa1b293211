"""The panels around the canvas and how they are arranged at first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QDockWidget, QFrame, QMainWindow, QScrollArea, QTabWidget, QWidget

FIXED = ("palette", "inspector")
COLUMNS = (("curves", "problems", "summary", "explain", "history"), ("filters", "outline"), ("activations",))
NARROW_COLUMNS = (("curves", "problems", "summary", "explain", "history"), ("activations", "filters", "outline"))
NARROW = 1500
"""The panels that stay at the sides, and those below the canvas, tabbed where they share a column; in a window less
wide than `NARROW` there are fewer columns."""
PALETTE_WIDTH = 212
INSPECTOR_WIDTH = 300
BOTTOM_HEIGHT = 330
BOTTOM_SHARE = 0.38
"""Of the window's height, at most, for the panels below the canvas."""
COLUMN_WIDTHS = (400, 310, 370)
"""Of the three columns below the canvas; they share the room in this proportion."""
LEAST_PALETTE = 168
LEAST_COLUMN = 150
"""How narrow panels may become; what doesn't fit below the canvas is scrolled."""

_Area = Qt.DockWidgetArea
_Feature = QDockWidget.DockWidgetFeature
_Option = QMainWindow.DockOption


def make_dock(title: str, name: str, widget: QWidget, *, fixed: bool = False) -> QDockWidget:
    """Put a widget into a dock that can be moved, floated and hidden; a fixed one stays and has no title."""
    dock = QDockWidget(title)
    dock.setObjectName(name)  # without one its place isn't remembered
    if fixed:
        widget.setMinimumWidth(max(LEAST_PALETTE, widget.minimumWidth()))
        dock.setWidget(widget)
        dock.setTitleBarWidget(QWidget(dock))
        dock.setFeatures(_Feature.DockWidgetClosable)
    else:
        dock.setWidget(_scrolled(widget))
    return dock


def _scrolled(widget: QWidget) -> QScrollArea:
    """Let a panel be narrower than what it shows."""
    area = QScrollArea()
    area.setWidget(widget)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setMinimumWidth(LEAST_COLUMN)
    return area


class TitleKeeper(QObject):
    """Hides the title bars of docks whose tabs say the same."""

    def __init__(self, window: QMainWindow, docks: Iterable[QDockWidget]) -> None:
        super().__init__(window)
        self._window = window
        self._bare = {dock: QWidget(dock) for dock in docks}
        self._soon = QTimer(self, singleShot=True, interval=0)  # tabs are there only when all have their places
        self._soon.timeout.connect(self.keep)
        for dock, nothing in self._bare.items():
            nothing.hide()
            for signal in (dock.dockLocationChanged, dock.topLevelChanged, dock.visibilityChanged):
                signal.connect(self._keep_soon)
        self.keep()

    @Slot()
    def _keep_soon(self) -> None:
        self._soon.start()

    @Slot()
    def keep(self) -> None:
        """Look at all docks: where one goes, those that it leaves are told nothing."""
        for dock, nothing in self._bare.items():
            others = [other for other in self._window.tabifiedDockWidgets(dock) if not other.isHidden()]
            titled = dock.isFloating() or not others
            if titled != (dock.titleBarWidget() is None):
                dock.setTitleBarWidget(None if titled else nothing)  # type: ignore[arg-type]


def _columns(window: QMainWindow, docks: Mapping[str, QDockWidget]) -> list[list[QDockWidget]]:
    """Return the panels below the canvas, those that share a place together."""
    names = COLUMNS if window.width() >= NARROW else NARROW_COLUMNS
    return [[docks[name] for name in column] for column in names]


def arrange_docks(window: QMainWindow, panels: Mapping[str, QDockWidget]) -> None:
    """Lay out the panels: palette left, inspector right, columns of tabbed panels side by side below the canvas."""
    columns = _columns(window, panels)
    palette, inspector = (panels[name] for name in FIXED)
    window.setCorner(Qt.Corner.BottomLeftCorner, _Area.LeftDockWidgetArea)
    window.setCorner(Qt.Corner.BottomRightCorner, _Area.RightDockWidgetArea)
    window.setTabPosition(_Area.AllDockWidgetAreas, QTabWidget.TabPosition.North)
    window.setDockOptions(_Option.AllowNestedDocks | _Option.AllowTabbedDocks | _Option.GroupedDragging)
    docks = (palette, inspector, *(dock for column in columns for dock in column))
    for dock in docks:
        dock.setFloating(False)
        window.removeDockWidget(dock)  # out of all tabs: where it is in one, a dock is not split
    window.addDockWidget(_Area.LeftDockWidgetArea, palette)
    window.addDockWidget(_Area.RightDockWidgetArea, inspector)
    firsts = [column[0] for column in columns]
    window.addDockWidget(_Area.BottomDockWidgetArea, firsts[0])
    for left, right in pairwise(firsts):  # before any tabs: a dock is split, a tab is joined
        window.splitDockWidget(left, right, Qt.Orientation.Horizontal)
    for first, *others in columns:
        for other in others:
            window.tabifyDockWidget(first, other)
    for dock in docks:
        dock.show()
    for first, *_ in columns:
        first.raise_()


def size_docks(window: QMainWindow, panels: Mapping[str, QDockWidget]) -> None:
    """Give the panels their first sizes; has an effect only once the window is shown."""
    columns = [column[0] for column in _columns(window, panels)]
    window.resizeDocks([panels[name] for name in FIXED], [PALETTE_WIDTH, INSPECTOR_WIDTH], Qt.Orientation.Horizontal)
    height = min(BOTTOM_HEIGHT, round(BOTTOM_SHARE * window.height()))
    window.resizeDocks(columns, [height] * len(columns), Qt.Orientation.Vertical)
    window.resizeDocks(columns, list(COLUMN_WIDTHS[: len(columns)]), Qt.Orientation.Horizontal)
