"""What must end before a window is gone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from PySide6.QtWidgets import QWidget

STOP_SECONDS = 5.0


@runtime_checkable
class Aside(Protocol):
    """Whatever has a thread of its own at times."""

    def stop_and_wait(self, seconds: float) -> bool:
        """End it; says whether it is gone."""


def end_threads(parts: Iterable[Aside], panels: Iterable[QWidget]) -> None:
    """Leave no thread behind: neither of parts of the window nor of panels that have some."""
    for aside in (*parts, *(panel for panel in panels if isinstance(panel, Aside))):
        aside.stop_and_wait(STOP_SECONDS)
