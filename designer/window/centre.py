"""The middle of the window: the drawing, or the strip where panels have the room; above it, what must be said."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from designer.canvas import Canvas
from designer.strip import Strip
from designer.window.banner import Banner
from designer.window.workspaces import Workspace

_Policy = QSizePolicy.Policy


class Centre(QWidget):
    """Shows the canvas or the strip, which is only as high as it must be."""

    def __init__(self, canvas: Canvas, strip: Strip, *banners: Banner) -> None:
        super().__init__()
        self._canvas, self._strip = canvas, strip
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for banner in banners:
            column.addWidget(banner)
        column.addWidget(canvas, 1)
        column.addWidget(strip)
        strip.hide()

    @Slot(object)
    def show_workspace(self, workspace: Workspace) -> None:
        """Show what a workspace has in the middle; the focus goes along."""
        drawn = workspace.centre == "canvas"
        had_focus = self.isAncestorOf(focused) if (focused := self.window().focusWidget()) is not None else False
        self._canvas.setVisible(drawn)
        self._strip.setVisible(workspace.centre == "strip")
        self.setSizePolicy(_Policy.Preferred, _Policy.Preferred if drawn else _Policy.Fixed)
        if had_focus:
            (self._canvas if drawn else self._strip).setFocus()
