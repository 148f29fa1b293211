"""What one draws with: pen and eraser, how wide they are, undo, and whether the drawing is placed as samples are."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QSlider, QToolButton, QVBoxLayout, QWidget

from designer import theme
from designer.views.inside.pad import LEAST_PEN_PX, MOST_PEN_PX, PEN_PX, Pad

_STEP = 10
"""Positions of the slider for each pixel of the pen."""


class DrawTools(QWidget):
    """Steers a pad.

    Attributes
    ----------
    place : QCheckBox
        Whether the drawing is placed as the samples are.
    """

    placing_changed = Signal()
    """The user wants the drawing placed, or left where it is."""

    def __init__(self, pad: Pad, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pad = pad
        self.pen, self.eraser = tool("Pen", "Draw"), tool("Eraser", "Take away what was drawn")
        self.undo = tool("Undo", "Take the last stroke back (Ctrl+Z on the pad)")
        self.clear = tool("Clear", "Take everything away; Undo brings it back")
        row = QHBoxLayout()
        row.setSpacing(4)
        for button in (self.pen, self.eraser):
            button.setCheckable(True)
            button.setAutoExclusive(True)
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.undo)
        row.addWidget(self.clear)
        self.pen.setChecked(True)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(round(LEAST_PEN_PX * _STEP), round(MOST_PEN_PX * _STEP))
        self.slider.setValue(round(PEN_PX * _STEP))
        self.slider.setAccessibleName("Width of the pen")
        title, self._width = QLabel("pen"), QLabel(f"{PEN_PX:.1f} px")
        for label in (title, self._width):
            theme.mark(label, "role", "muted")
        width = QHBoxLayout()
        width.addWidget(title)
        width.addWidget(self.slider, 1)
        width.addWidget(self._width)
        self.place = QCheckBox("Place it as the samples are")
        self.place.setChecked(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(row)
        column.addLayout(width)
        column.addWidget(self.place)
        self.eraser.toggled.connect(self._on_eraser)
        self.undo.clicked.connect(pad.undo)
        self.clear.clicked.connect(pad.clear)
        self.slider.valueChanged.connect(self._on_width)
        self.place.toggled.connect(self.placing_changed)

    @Slot(bool)
    def _on_eraser(self, on: bool) -> None:
        self._pad.erases = on

    @Slot(int)
    def _on_width(self, value: int) -> None:
        self._pad.pen_px = value / _STEP
        self._width.setText(f"{self._pad.pen_px:.1f} px")


def tool(text: str, tip: str) -> QToolButton:
    """Return a button."""
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    return button
