"""Who goes first: a training waits a moment before its next batch while a picture is made for the pen."""

from __future__ import annotations

from threading import Event
from typing import Final

MOST_SECONDS: Final = 0.04
"""How long a batch waits at most; after it comes a batch in any case."""


class RightOfWay:
    """Shared by the window, which takes it, and the thread that trains; what is trained does not depend on it."""

    def __init__(self) -> None:
        self._free = Event()
        self._free.set()

    def take(self) -> None:
        """Let the next batch wait."""
        self._free.clear()

    def give_back(self) -> None:
        """Let training go on."""
        self._free.set()

    def wait(self) -> None:
        """Let whoever has taken it go before."""
        if not self._free.is_set():
            self._free.wait(MOST_SECONDS)
