"""What divides the inspector: headings and rules."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QLabel

from designer import theme


def heading(text: str) -> QLabel:
    """Make the heading of a section."""
    label = QLabel(text)
    theme.mark(label, "role", "strong")
    return label


def small_heading(text: str) -> QLabel:
    """Make the heading of a group within a section."""
    label = QLabel(text)
    theme.mark(label, "role", "heading")
    label.setContentsMargins(0, 8, 0, 0)
    return label


def rule() -> QFrame:
    """Make a thin line across."""
    line = QFrame()
    line.setFrameShape(QFrame.Shape.HLine)
    line.setFrameShadow(QFrame.Shadow.Plain)
    return line
