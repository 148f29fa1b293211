"""The Tab key goes through a page from top to bottom, whichever of its fields was made first."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLayout, QWidget


def order_tabs(page: QWidget) -> None:
    """Let Tab lead through everything in a page's layouts in their order."""
    for one, following in pairwise(_stops(page.layout())):
        QWidget.setTabOrder(one, following)


def _stops(layout: QLayout | None) -> Iterator[QWidget]:
    for place in range(0 if layout is None else layout.count()):
        item = layout.itemAt(place) if layout is not None else None
        widget = None if item is None else item.widget()
        if widget is not None:
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
                yield widget
            yield from _stops(widget.layout())
        elif item is not None:
            yield from _stops(item.layout())
