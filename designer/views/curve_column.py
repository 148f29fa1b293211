"""A plot below its heading."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget


def curve_column(heading: QWidget, figure: QWidget, plot: QWidget) -> QWidget:
    """Return a column with a heading, a figure at its right, and a plot that takes the room."""
    column = QWidget()
    inside, above = QVBoxLayout(column), QHBoxLayout()
    inside.setContentsMargins(0, 0, 0, 0)
    inside.setSpacing(0)
    above.setSpacing(8)
    above.addWidget(heading, 1)
    above.addWidget(figure)
    inside.addLayout(above)
    inside.addWidget(plot, 1)
    return column
