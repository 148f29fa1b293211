"""Turning the wheel, which QTest cannot."""

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication


def wheel(view, at, angle, modifiers=Qt.KeyboardModifier.NoModifier):
    """Turn the wheel over a point of a view; 120 is one notch away from the user."""
    place = QPointF(at)
    globally = QPointF(view.viewport().mapToGlobal(at))
    phase, buttons = Qt.ScrollPhase.NoScrollPhase, Qt.MouseButton.NoButton
    event = QWheelEvent(place, globally, QPoint(), QPoint(0, angle), buttons, modifiers, phase, False)
    QApplication.sendEvent(view.viewport(), event)
