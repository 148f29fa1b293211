"""Moving the mouse over a view, whatever other windows are open."""

from PySide6.QtTest import QTest


def move_mouse(widget, place):
    """Move the mouse to a place of a widget, with no button held.

    Asked for by widget, Qt moves the cursor of the screen, and the window that lies uppermost there hears of it: one
    that an earlier test left may be in front. Asked for by window, that window hears of it.
    """
    window = widget.window()
    QTest.mouseMove(window.windowHandle(), widget.mapTo(window, place))
