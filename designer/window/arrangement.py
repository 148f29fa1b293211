"""How the panels are arranged in a window of a given size: what fits, and what the user has made of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from PySide6.QtCore import QByteArray, QEvent, QObject, QSize, QTimer, Slot
from PySide6.QtWidgets import QDockWidget, QMainWindow

from designer.window.docks import arrange_docks, foldable_in, size_docks, size_sides
from designer.window.rails import Foldable

LOW = 900
"""A window less high than this has one column of tabs below the canvas."""
NARROW = 1500
"""A window less wide than this has at most two."""
SLIM = 1200
"""In a window less wide than this the panels at the sides are folded into rails."""


class Shape(NamedTuple):
    """What there is room for: how many columns below the canvas, and whether panels at the sides stand open."""

    columns: int
    rails: bool

    @property
    def version(self) -> int:
        """The number by which Qt knows arrangements of this shape; 0 is what was written before there were shapes.

        >>> [shape_for(QSize(*size)).version for size in ((1600, 1000), (1400, 1000), (1366, 768), (1024, 640))]
        [0, 1, 2, 5]
        """
        return 3 - self.columns + 3 * self.rails


def shape_for(size: QSize) -> Shape:
    """Return what there is room for in a window.

    >>> shape_for(QSize(1366, 768))
    Shape(columns=1, rails=False)
    """
    columns = 1 if size.height() < LOW else 2 if size.width() < NARROW else 3
    return Shape(columns, rails=size.width() < SLIM)


class Arrangement(QObject):
    """Arranges the panels anew when the window has become too small for them, or large enough again.

    For every shape of the window it remembers what the user has made of it, and comes back to that.
    """

    def __init__(self, window: QMainWindow, docks: Mapping[str, QDockWidget]) -> None:
        super().__init__(window)
        self._window = window
        self._docks = docks
        self._states: dict[str, QByteArray] = {}
        self._unsized = True
        self._shape = shape_for(window.size())
        self._soon = QTimer(self, singleShot=True, interval=0)  # not while the window lays itself out
        self._soon.timeout.connect(self._follow)
        for dock in docks.values():
            if (holder := foldable_in(dock)) is not None:
                holder.opened.connect(self._widen)
        self._fold()
        arrange_docks(window, docks, self._shape.columns)
        window.installEventFilter(self)

    def restore(self, remembered: str) -> None:
        """Come back to what `remembered` returned at an earlier time; what can't be read is left out."""
        for part in remembered.split():
            version, _, state = part.rpartition(":")
            self._states[version or "0"] = QByteArray.fromHex(state.encode(errors="replace"))
        self._shape = shape_for(self._window.size())
        self._take()

    def remembered(self) -> str:
        """Write how panels are arranged, in this shape of the window and in those that it had before."""
        self._keep()
        return " ".join(f"{version}:{bytes(state.toHex().data()).decode()}" for version, state in self._states.items())

    @Slot()
    def reset(self) -> None:
        """Show all panels where they are at first."""
        self._states.pop(str(self._shape.version), None)
        arrange_docks(self._window, self._docks, self._shape.columns)
        self._size()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self._window.isVisible():
            self._soon.start()
        elif event.type() == QEvent.Type.Show:
            self._follow()
            if self._unsized:
                self._size()
        return super().eventFilter(watched, event)

    @Slot()
    def _follow(self) -> None:
        shape = shape_for(self._window.size())
        if shape != self._shape:
            if not self._unsized:
                self._keep()
            self._shape = shape
            self._take()

    def _keep(self) -> None:
        version = self._shape.version
        self._states[str(version)] = self._window.saveState(version)

    def _take(self) -> None:
        """Arrange the panels as they were in this shape; the first time, as they are at first."""
        self._fold()
        version = self._shape.version
        state = self._states.get(str(version))
        if state is not None and self._window.restoreState(state, version):
            self._unsized = False
            return
        arrange_docks(self._window, self._docks, self._shape.columns, anew=False)
        self._unsized = True
        if self._window.isVisible():
            self._size()

    def _fold(self) -> None:
        for dock in self._docks.values():
            if (holder := foldable_in(dock)) is not None:
                holder.set_narrow(self._shape.rails)

    def _size(self) -> None:
        self._unsized = False
        size_docks(self._window, self._docks, self._shape.columns)

    @Slot(object)
    def _widen(self, opened: Foldable) -> None:
        """Give a panel that has been unfolded its width at once, so that one can point at it; the other one folds."""
        for dock in self._docks.values():
            if (holder := foldable_in(dock)) is not None and holder is not opened:
                holder.fold()
        layout = self._window.layout()
        if self._window.isVisible() and layout is not None:
            layout.invalidate()  # what is inside it has not told it yet
            layout.activate()
            size_sides(self._window, self._docks)
            layout.activate()
