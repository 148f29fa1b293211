"""The scale of the drawing, with buttons that change it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from designer import theme
from designer.canvas.drawing.paper import Paper

ZOOM_STEP = 1.25


class ZoomControl(QFrame):
    """Smaller, the scale (a click goes to 100 %), larger."""

    def __init__(self, view: Paper, parent: QWidget) -> None:
        super().__init__(parent)
        theme.mark(self, "role", "card")
        self._view = view
        self.smaller = self._button("Zoom out (Ctrl+−)")
        self.scale = self._button("Zoom to 100 % (Ctrl+0)")
        self.larger = self._button("Zoom in (Ctrl++)")
        self.scale.setMinimumWidth(56)
        self.smaller.clicked.connect(self._zoom_out)
        self.larger.clicked.connect(self._zoom_in)
        self.scale.clicked.connect(self._zoom_reset)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(1, 1, 1, 1)
        row.setSpacing(0)
        for button in (self.smaller, self.scale, self.larger):
            row.addWidget(button)
        view.looked.connect(self.refresh)
        self.dress()
        self.refresh()

    def put_beside(self, *actions: QAction) -> None:
        """Put buttons for what else changes what is seen beside the scale."""
        for action in actions:
            button = QToolButton(self)
            button.setDefaultAction(action)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setIconSize(QSize(16, 16))
            self._row.addWidget(button)

    def _button(self, words: str) -> QToolButton:
        button = QToolButton(self)
        button.setToolTip(words)
        button.setAccessibleName(words.partition(" (")[0])
        button.setAutoRepeat(False)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setIconSize(QSize(16, 16))
        return button

    def dress(self) -> None:
        """Take the icons of the theme."""
        self.smaller.setIcon(theme.icon("zoom_out"))
        self.larger.setIcon(theme.icon("zoom_in"))

    def refresh(self) -> None:
        """Show the scale."""
        text = f"{self._view.zoom * 100:.0f} %"
        if text != self.scale.text():
            self.scale.setText(text)

    def _zoom_in(self) -> None:
        self._view.set_zoom(self._view.zoom * ZOOM_STEP)

    def _zoom_out(self) -> None:
        self._view.set_zoom(self._view.zoom / ZOOM_STEP)

    def _zoom_reset(self) -> None:
        self._view.set_zoom(1.0)
