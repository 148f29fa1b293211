"""Signals that ask a program to end: noted, so that it ends where nothing is lost."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Self

from core.own_process import ENDING

_WHY = {
    "SIGINT": "by Ctrl+C",
    "SIGTERM": "on request (SIGTERM)",
    "SIGHUP": "because the terminal was closed (SIGHUP)",
}
"""By the names of `ENDING`."""


class Interruption:
    """Notes the first signal that asks for the end; those that follow change nothing.

    A signal that whoever started the program has it ignore, as `nohup` does, stays ignored.

    Attributes
    ----------
    signal : signal.Signals or None
        The one that came first.
    """

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None
        self._before: dict[signal.Signals, signal._HANDLER] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():  # no other may say how signals are taken
            for number in ENDING:
                if signal.getsignal(number) != signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, _: FrameType | None) -> None:
        if self.signal is None:
            self.signal = signal.Signals(number)

    @property
    def why(self) -> str:
        """Say what ended the program, to follow "Stopped"."""
        return "" if self.signal is None else _WHY[self.signal.name]

    @property
    def status(self) -> int:
        """Return the exit status by which shells know that a signal ended a program."""
        return 0 if self.signal is None else 128 + self.signal
