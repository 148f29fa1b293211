"""Room for two moments one above the other: what is below them in a low window gives way until they are gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

LEAST_BELOW_PX = 130
"""What stays of a panel that gives way; it scrolls what it shows."""

Heights: TypeAlias = Mapping[QDockWidget, int]


def make_room(content: QWidget, dock: QDockWidget, docks: Iterable[QDockWidget]) -> Heights:
    """Make a dock as high as its content would be, as far as the dock below can give; return how high both were."""
    holder = dock.widget()
    lacking = content.sizeHint().height() - (0 if holder is None else holder.height())
    below = next((other for other in docks if _is_below(other, dock)), None)
    if below is None or lacking <= 0:
        return {}
    given = min(lacking, below.height() - LEAST_BELOW_PX)
    before = {dock: dock.height(), below: below.height()}
    if given <= 0:
        return {}
    give_back({dock: dock.height() + given, below: below.height() - given})
    return before


def give_back(heights: Heights) -> None:
    """Make docks as high as they were."""
    window = next((each.parent() for each in heights), None)
    if isinstance(window, QMainWindow):
        window.resizeDocks(list(heights), list(heights.values()), Qt.Orientation.Vertical)


def _is_below(other: QDockWidget, dock: QDockWidget) -> bool:
    """Say whether a dock that is seen stands below another, in the same column."""
    there, here = other.geometry(), dock.geometry()
    is_seen = other.isVisible() and not other.isFloating() and not other.visibleRegion().isEmpty()
    return is_seen and there.top() > here.bottom() and there.left() < here.right() and here.left() < there.right()
