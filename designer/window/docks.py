"""The docks that hold the panels of the window, and how they are arranged at first."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QDockWidget, QFrame, QMainWindow, QScrollArea, QTabBar, QTabWidget, QWidget

from designer import theme
from designer.window import panels
from designer.window.rails import RAIL_PX, Foldable

LEFT_WIDTH = 212
RIGHT_WIDTH = 300
BOTTOM_HEIGHT = 330
BOTTOM_SHARE = 0.4
"""Of the window's height, at most, for the panels below the canvas."""
COLUMN_WIDTHS = (400, 310, 370)
"""Of the three columns below the canvas; they share the room in this proportion."""
LEAST_SIDE = 168
LEAST_COLUMN = 150
"""How narrow panels may become; what doesn't fit below the canvas is scrolled."""

MOST_LOOSE_TABS = 7
"""More tabs than that, which a single column has, stand closer together."""

SIDES: tuple[panels.Place, ...] = ("left", "right")

_Area = Qt.DockWidgetArea
_Feature = QDockWidget.DockWidgetFeature
_Option = QMainWindow.DockOption


def make_docks(widgets: Mapping[str, QWidget]) -> dict[str, QDockWidget]:
    """Put the panels' widgets, by the panels' names, into docks."""
    return {panel.name: _dock(panel, widgets[panel.name]) for panel in panels.PANELS}


def _dock(panel: panels.Panel, widget: QWidget) -> QDockWidget:
    """Make a dock that can be moved, floated and hidden; one at a side stays there and has no title."""
    dock = QDockWidget(widget.windowTitle() or panel.title)
    dock.setObjectName(panel.name)  # without one its place isn't remembered
    if panel.place in SIDES:
        widget.setMinimumWidth(max(LEAST_SIDE, widget.minimumWidth()))
        dock.setWidget(Foldable(widget, panel.title, panel.icon, "left" if panel.place == "left" else "right"))
        dock.setTitleBarWidget(QWidget(dock))
        dock.setFeatures(_Feature.DockWidgetClosable)
    else:
        dock.setWidget(_scrolled(widget))
    widget.windowTitleChanged.connect(dock.setWindowTitle)
    return dock


def foldable_in(dock: QDockWidget) -> Foldable | None:
    """Return what folds the panel of a dock; None where the dock is not at a side."""
    holder = dock.widget()
    return holder if isinstance(holder, Foldable) else None


def _scrolled(widget: QWidget) -> QScrollArea:
    """Let a panel be narrower than what it shows."""
    area = QScrollArea()
    area.setWidget(widget)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setMinimumWidth(LEAST_COLUMN)
    return area


class TitleBars(QObject):
    """Hides the title bars of docks whose tabs say the same, and moves many tabs together."""

    def __init__(self, window: QMainWindow, docks: Mapping[str, QDockWidget]) -> None:
        super().__init__(window)
        self._window = window
        fixed = panels.names_at(*SIDES)
        self._bare = {dock: QWidget(dock) for name, dock in docks.items() if name not in fixed}
        self._soon = QTimer(self, singleShot=True, interval=0)  # tabs are there only when all have their places
        self._soon.timeout.connect(self.refresh)
        for dock, nothing in self._bare.items():
            nothing.hide()
            for signal in (dock.dockLocationChanged, dock.topLevelChanged, dock.visibilityChanged):
                signal.connect(self._refresh_soon)
        self.refresh()

    @Slot()
    def _refresh_soon(self) -> None:
        self._soon.start()

    @Slot()
    def refresh(self) -> None:
        """Look at all docks: where one goes, those that it leaves are told nothing."""
        for dock, nothing in self._bare.items():
            others = [other for other in self._window.tabifiedDockWidgets(dock) if not other.isHidden()]
            titled = dock.isFloating() or not others
            if titled != (dock.titleBarWidget() is None):
                dock.setTitleBarWidget(None if titled else nothing)  # type: ignore[arg-type]
        for bar in self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            theme.mark(bar, "tight", bar.count() > MOST_LOOSE_TABS)


def arrange_docks(window: QMainWindow, docks: Mapping[str, QDockWidget], n_columns: int, *, anew: bool = True) -> None:
    """Put the panels where they are at first: at the sides, and in columns of tabs below the canvas.

    Parameters
    ----------
    n_columns : int
        How many columns there are, from one to three.
    anew : bool
        Whether all are shown and the first tab of each column is in front; otherwise what is hidden or floats stays
        so, and so does what is in front.
    """
    floating = {name for name, dock in docks.items() if dock.isFloating() and not anew}
    hidden = [dock for dock in docks.values() if dock.isHidden() and not anew]
    in_front = [dock for dock in docks.values() if window.rect().intersects(dock.geometry())]
    in_front = [] if anew or not window.isVisible() else sorted(in_front, key=QDockWidget.x, reverse=True)
    window.setCorner(Qt.Corner.BottomLeftCorner, _Area.LeftDockWidgetArea)
    window.setCorner(Qt.Corner.BottomRightCorner, _Area.RightDockWidgetArea)
    window.setTabPosition(_Area.AllDockWidgetAreas, QTabWidget.TabPosition.North)
    window.setDockOptions(_Option.AllowNestedDocks | _Option.AllowTabbedDocks | _Option.GroupedDragging)
    placed = {name: dock for name, dock in docks.items() if name not in floating}
    for dock in placed.values():
        dock.setFloating(False)
        window.removeDockWidget(dock)  # out of all tabs: where it is in one, a dock is not split
    for place in SIDES:
        area = _Area.LeftDockWidgetArea if place == "left" else _Area.RightDockWidgetArea
        for name in panels.names_at(place):
            if name in placed:
                window.addDockWidget(area, placed[name])
    columns = [[placed[name] for name in column if name in placed] for column in panels.columns(n_columns)]
    columns = [column for column in columns if column]
    firsts = [column[0] for column in columns]
    if firsts:
        window.addDockWidget(_Area.BottomDockWidgetArea, firsts[0])
    for left, right in pairwise(firsts):  # before any tabs: a dock is split, a tab is joined
        window.splitDockWidget(left, right, Qt.Orientation.Horizontal)
    for first, *others in columns:
        for other in others:
            window.tabifyDockWidget(first, other)
    for dock in docks.values():
        dock.setVisible(dock not in hidden)
    for dock in (*firsts, *in_front):  # of those that share a column now, the leftmost
        if not dock.isHidden():
            dock.raise_()


def size_docks(window: QMainWindow, docks: Mapping[str, QDockWidget], n_columns: int) -> None:
    """Make the panels as large as they are at first; has an effect only once the window is shown."""
    size_sides(window, docks)
    firsts = [docks[column[0]] for column in panels.columns(n_columns)]
    height = min(BOTTOM_HEIGHT, round(BOTTOM_SHARE * window.height()))
    window.resizeDocks(firsts, [height] * len(firsts), Qt.Orientation.Vertical)
    window.resizeDocks(firsts, list(COLUMN_WIDTHS[: len(firsts)]), Qt.Orientation.Horizontal)


def size_sides(window: QMainWindow, docks: Mapping[str, QDockWidget]) -> None:
    """Make the panels at the sides as wide as they are at first."""
    for place in SIDES:
        width = LEFT_WIDTH if place == "left" else RIGHT_WIDTH
        for name in panels.names_at(place):
            holder = foldable_in(docks[name])
            rail = RAIL_PX if holder is not None and holder.rail.isVisible() else 0
            window.resizeDocks([docks[name]], [width + rail], Qt.Orientation.Horizontal)
