"""The windows that are open at the same time; a file is open in one of them at most."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, QTimer
from PySide6.QtWidgets import QWidget

from designer.session import Session
from designer.session.own_blocks import OwnBlocks
from designer.session.preferences import SharedPreferences

OFFSET = QPoint(32, 32)
"""How far a window opens from the one before, so that both are seen."""


class Windows(QObject):
    """Knows every window and its session, and holds what they share.

    Attributes
    ----------
    preferences : SharedPreferences
    own_blocks : OwnBlocks
    """

    def __init__(self, preferences: SharedPreferences | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.preferences = preferences or SharedPreferences(parent=self)
        self.own_blocks = OwnBlocks(self)
        self._sessions: dict[QWidget, Session] = {}

    def __iter__(self) -> Iterator[QWidget]:
        return iter(self._sessions)

    def add(self, window: QWidget, session: Session) -> None:
        """Say that a window is there; it is kept until it is taken out."""
        if self._sessions:
            window.move(list(self._sessions)[-1].pos() + OFFSET)
        self._sessions[window] = session

    def take_out(self, window: QWidget) -> None:
        """Say that a window is being closed; it goes when it is."""
        self._sessions.pop(window, None)
        QTimer.singleShot(0, self, partial(QWidget.deleteLater, window))

    def showing(self, path: Path) -> QWidget | None:
        """Return the window in which a file is open."""
        wanted = path.resolve()
        for window, session in self._sessions.items():
            if session.path is not None and session.path.resolve() == wanted:
                return window
        return None

    def close_all(self) -> None:
        """Close the windows one after the other, until a user wants to keep one."""
        for window in reversed(list(self._sessions)):
            if not window.close():
                return


def bring_forward(window: QWidget) -> None:
    """Show a window before the others, also when it was put away."""
    if window.isMinimized():
        window.showNormal()
    window.raise_()
    window.activateWindow()
