"""The middle of the window: the drawing, or the strip where panels have the room; above it, what must be said."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from designer.canvas import Canvas
from designer.strip import Strip
from designer.window.banner import Banner
from designer.window.workspaces import Workspace

_Policy = QSizePolicy.Policy


class Centre(QWidget):
    """Shows the canvas or the strip, which is only as high as it must be."""

    focus_left = Signal()
    """It had the focus, and shows nothing now that could have it."""

    def __init__(self, canvas: Canvas, strip: Strip, *banners: Banner) -> None:
        super().__init__()
        self._canvas, self._strip = canvas, strip
        self._gave_focus = False
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
        had_focus = had_focus or self._gave_focus
        self._gave_focus = had_focus and workspace.centre == "none"
        if self._gave_focus:
            self.focus_left.emit()
        elif had_focus:
            (self._canvas if drawn else self._strip).setFocus()
