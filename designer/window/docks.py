"""The docks that hold the panels of the window, and how they are arranged at first."""

from __future__ import annotations

from collections.abc import Container, Mapping
from itertools import pairwise
from typing import Literal

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import (
    QAbstractButton,
    QDockWidget,
    QFrame,
    QMainWindow,
    QScrollArea,
    QTabBar,
    QTabWidget,
    QWidget,
)

from designer import theme
from designer.window import panels
from designer.window.rails import RAIL_PX, Foldable
from designer.window.workspaces import SIDE_PLACES, Column, Form, Place, Row, Workspace

BOTTOM_HEIGHT = 330
BOTTOM_SHARE = 0.4
"""Of the window's height, at most, for the panels below the canvas."""
LEAST_SIDE = 168
LEAST_COLUMN, LEAST_ROW = 150, 48
"""How small panels may become; what doesn't fit is scrolled."""

MOST_LOOSE_TABS = 7
"""More tabs than that, which a single column has, stand closer together."""
_LOOSE_PX = 20
"""How much wider than its text a tab is that doesn't stand close to others, by the style sheet."""

_BUTTON_TIPS = {
    "qt_dockwidget_floatbutton": "Move the panel out of the window, or back into it",
    "qt_dockwidget_closebutton": "Close the panel; View › Panels shows it again",
}
_Area = Qt.DockWidgetArea
_Feature = QDockWidget.DockWidgetFeature
_Option = QMainWindow.DockOption
_MOVABLE = _Feature.DockWidgetClosable | _Feature.DockWidgetMovable | _Feature.DockWidgetFloatable


def make_docks(window: QMainWindow, widgets: Mapping[str, QWidget]) -> dict[str, QDockWidget]:
    """Put the panels' widgets, by the panels' names, into docks of a window."""
    return {panel.name: _dock(window, panel, widgets[panel.name]) for panel in panels.PANELS}


def _dock(window: QMainWindow, panel: panels.Panel, widget: QWidget) -> QDockWidget:
    """Make a dock for a panel; one with a rail can be folded into it.

    Qt styles everything in a widget anew when it gets another parent: parents have theirs before panels are put in.
    """
    dock = QDockWidget(widget.windowTitle() or panel.title, window)
    dock.setObjectName(panel.name)  # without one its place isn't remembered
    for button in dock.findChildren(QAbstractButton):
        button.setToolTip(_BUTTON_TIPS.get(button.objectName(), ""))
    if panel.icon:
        widget.setMinimumWidth(max(LEAST_SIDE, widget.minimumWidth()))
        side: Literal["left", "right"] = "left" if "left" in panel.places.values() else "right"
        holder = Foldable(widget, panel.title, panel.icon, side, dock)
        dock.setWidget(holder)
        dock.visibilityChanged.connect(holder.set_in_sight)
    else:
        area = scroll_area()
        dock.setWidget(area)
        area.setWidget(widget)
        dock.visibilityChanged.connect(widget.setVisible)  # Qt only moves what is behind other tabs out of sight
    widget.windowTitleChanged.connect(dock.setWindowTitle)
    return dock


def foldable_in(dock: QDockWidget) -> Foldable | None:
    """Return what folds the panel of a dock; None where the dock is not at a side."""
    holder = dock.widget()
    return holder if isinstance(holder, Foldable) else None


def scroll_area() -> QScrollArea:
    """Return what lets a panel be narrower than what it shows."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setMinimumSize(LEAST_COLUMN, LEAST_ROW)
    return area


class TitleBars(QObject):
    """Hides the title bars of docks whose tabs say the same or that stay at a side, and moves many tabs together."""

    def __init__(self, window: QMainWindow, docks: Mapping[str, QDockWidget]) -> None:
        super().__init__(window)
        self._window = window
        self._docks = docks
        self._fixed: frozenset[str] = frozenset()
        self._bare = {name: QWidget(dock) for name, dock in docks.items()}
        self._soon = QTimer(self, singleShot=True, interval=0)  # tabs are there only when all have their places
        self._soon.timeout.connect(self.refresh)
        for name, dock in docks.items():
            self._bare[name].hide()
            for signal in (
                dock.dockLocationChanged,
                dock.topLevelChanged,
                dock.visibilityChanged,
                dock.windowTitleChanged,
            ):
                signal.connect(self._refresh_soon)
            dock.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._refresh_soon()
        return False

    def follow(self, workspace: Workspace) -> None:
        """Let the docks at the sides of the canvas stay where they are; all others can be moved and floated."""
        places = {panel.name: panel.places.get(workspace.name) for panel in panels.PANELS}
        at_sides = {name for name, place in places.items() if place in SIDE_PLACES}
        self._fixed = frozenset(at_sides if workspace.centre == "canvas" else ())
        for name, dock in self._docks.items():
            features = _Feature.DockWidgetClosable if name in self._fixed else _MOVABLE
            if features != dock.features():
                dock.setFeatures(features)
        self.refresh()

    @Slot()
    def _refresh_soon(self) -> None:
        self._soon.start()

    @Slot()
    def refresh(self) -> None:
        """Look at all docks: where one goes, those that it leaves are told nothing."""
        for name, dock in self._docks.items():
            others = [other for other in self._window.tabifiedDockWidgets(dock) if not other.isHidden()]
            titled = name not in self._fixed and (dock.isFloating() or not others)
            if titled != (dock.titleBarWidget() is None):
                dock.setTitleBarWidget(None if titled else self._bare[name])  # type: ignore[arg-type]
        for bar in self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            theme.mark(bar, "tight", bar.count() > MOST_LOOSE_TABS or _loose_width(bar) > bar.width())


def _loose_width(bar: QTabBar) -> int:
    """Return how wide the tabs of a bar would be if none stood close to others."""
    return sum(bar.fontMetrics().horizontalAdvance(bar.tabText(i)) + _LOOSE_PX for i in range(bar.count()))


def arrange_docks(
    window: QMainWindow,
    docks: Mapping[str, QDockWidget],
    workspace: Workspace,
    form: Form,
    former: Form | None = None,
) -> None:
    """Put the panels where a workspace has them at first: at the sides, and in rows and columns of tabs between them.

    Parameters
    ----------
    former : Form, optional
        In which the workspace was until now: what the user has hidden, shown or set free since then stays so, and so
        does what is in front. By default the workspace is as it is at first.
    """
    shown, front, floating = panels.shown_in(workspace, form), list[QDockWidget](), set[str]()
    if former is not None:
        standing = {name for name, dock in docks.items() if not dock.isHidden()}
        by_then = panels.shown_in(workspace, former)
        shown = (shown - (by_then - standing)) | (standing - by_then)
        floating = {name for name, dock in docks.items() if dock.isFloating()}
        front = [docks[name] for name in standing if window.rect().intersects(docks[name].geometry())]
        front = sorted(front, key=QDockWidget.x, reverse=True) if window.isVisible() else []
    window.setCorner(Qt.Corner.BottomLeftCorner, _Area.LeftDockWidgetArea)
    window.setCorner(Qt.Corner.BottomRightCorner, _Area.RightDockWidgetArea)
    window.setTabPosition(_Area.AllDockWidgetAreas, QTabWidget.TabPosition.North)
    window.setDockOptions(_Option.AllowNestedDocks | _Option.AllowTabbedDocks | _Option.GroupedDragging)
    for name, dock in docks.items():
        if name not in floating:
            if dock.isFloating():
                dock.setFloating(False)
            window.removeDockWidget(dock)  # out of all tabs: where it is in one, a dock is not split
    groups = {
        place: [docks[name] for name in names if name not in floating]
        for place, names in panels.grouped(workspace, form).items()
    }
    groups = {place: group for place, group in groups.items() if group}
    _place_sides(window, groups)
    _place_rows(window, workspace, groups)
    for first, *others in groups.values():
        for other in others:
            window.tabifyDockWidget(first, other)
    for name, dock in docks.items():
        dock.setVisible(name in shown)
    fronts = [docks[name] for name in panels.fronts(workspace, groups)]
    for dock in (*fronts, *front):  # of those that share a place now, the leftmost
        if not dock.isHidden():
            dock.raise_()


def _place_sides(window: QMainWindow, groups: Mapping[Place, list[QDockWidget]]) -> None:
    """Put the first panel of each place at a side there, one place below the other."""
    for place in SIDE_PLACES:
        if place in groups:
            area = _Area.LeftDockWidgetArea if place == "left" else _Area.RightDockWidgetArea
            window.addDockWidget(area, groups[place][0])


def _place_rows(window: QMainWindow, workspace: Workspace, groups: Mapping[Place, list[QDockWidget]]) -> None:
    """Put the first panel of each place between the sides there: a dock is split before it is a tab."""
    rows = _rows_of(workspace, groups)
    if rows:
        window.addDockWidget(_Area.BottomDockWidgetArea, groups[rows[0][1][0][1][0]][0])
    _split(window, [groups[columns[0][1][0]][0] for _, columns in rows], Qt.Orientation.Vertical)
    for _, columns in rows:
        _split(window, [groups[places[0]][0] for _, places in columns], Qt.Orientation.Horizontal)
        for _, places in columns:
            _split(window, [groups[place][0] for place in places], Qt.Orientation.Vertical)


def _split(window: QMainWindow, docks: list[QDockWidget], way: Qt.Orientation) -> None:
    for one, next_one in pairwise(docks):
        window.splitDockWidget(one, next_one, way)


def _rows_of(workspace: Workspace, groups: Container[Place]) -> list[Row]:
    """Return the rows of a workspace without the places that have no panels."""
    rows = []
    for share, columns in workspace.rows:
        kept = [Column(width, tuple(place for place in places if place in groups)) for width, places in columns]
        if kept := [column for column in kept if column.places]:
            rows.append(Row(share, tuple(kept)))
    return rows


def size_docks(window: QMainWindow, docks: Mapping[str, QDockWidget], workspace: Workspace, form: Form) -> None:
    """Make the panels as large as they are at first; has an effect only once the window is shown."""
    size_sides(window, docks, workspace, form)
    groups = _standing(docks, workspace, form)
    rows = _rows_of(workspace, groups)
    room = window.height() if workspace.centre == "strip" else min(BOTTOM_HEIGHT, round(BOTTOM_SHARE * window.height()))
    stacks = [column.places for row in rows for column in row.columns if len(column.places) > 1]
    for places in (*stacks, tuple(place for place in SIDE_PLACES[1:] if place in groups)):
        window.resizeDocks([groups[place][0] for place in places], [room // 2] * len(places), Qt.Orientation.Vertical)
    firsts = [groups[row.columns[0].places[0]][0] for row in rows]
    window.resizeDocks(firsts, _shared(room, [row.share for row in rows]), Qt.Orientation.Vertical)
    for row in rows:
        firsts = [groups[column.places[0]][0] for column in row.columns]
        widths = _shared(window.width(), [column.share for column in row.columns])
        window.resizeDocks(firsts, widths, Qt.Orientation.Horizontal)


def _standing(docks: Mapping[str, QDockWidget], workspace: Workspace, form: Form) -> dict[Place, list[QDockWidget]]:
    """Return the docks that take room at each place."""
    groups = {}
    for place, names in panels.grouped(workspace, form).items():
        if group := [docks[name] for name in names if not docks[name].isHidden() and not docks[name].isFloating()]:
            groups[place] = group
    return groups


def _shared(room: int, shares: list[int]) -> list[int]:
    return [room * share // sum(shares) for share in shares]


def size_sides(window: QMainWindow, docks: Mapping[str, QDockWidget], workspace: Workspace, form: Form) -> None:
    """Make the panels at the sides as wide as they are at first."""
    for place, (first, *_) in _standing(docks, workspace, form).items():
        if place in SIDE_PLACES:
            width = workspace.left_width if place == "left" else workspace.right_width
            holder = foldable_in(first)
            rail = RAIL_PX if holder is not None and holder.rail.isVisible() else 0
            window.resizeDocks([first], [width + rail], Qt.Orientation.Horizontal)
