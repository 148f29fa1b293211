"""A thread that writes files while a training goes on; what is newer takes the place of what still waits."""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition, Thread
from time import monotonic

from core.errors import SaveError
from core.runs.lock import HEARTBEAT_SECONDS

LEAST_SECONDS = 1.0
"""The least time between two rounds of writing."""
_SHARE = 20
"""A round is followed by a rest of so many times as long, so that writing takes little of a core and of the disk."""


class Scribe(Thread):
    """Writes in rounds: all that waits when a round begins is written, in the order in which it was last asked for.

    A file that is asked for twice before a round is written once, as it was asked for last. `alive` is called between
    the rounds, every few seconds.
    """

    def __init__(self, alive: Callable[[], None]) -> None:
        super().__init__(name="run writer", daemon=True)
        self.failure: SaveError | None = None
        self._alive = alive
        self._changed = Condition()
        self._waiting: dict[str, Callable[[], None]] = {}
        self._is_closed = False
        self._not_before = 0.0

    @property
    def is_free(self) -> bool:
        """Whether nothing waits and a round could begin at once: only then is a copy worth its time."""
        return not self._waiting and monotonic() >= self._not_before

    def ask(self, jobs: dict[str, Callable[[], None]]) -> None:
        """Have files written, those of one call in one round, and in this order."""
        with self._changed:
            self._waiting = {what: job for what, job in self._waiting.items() if what not in jobs} | jobs
            self._changed.notify_all()

    def close(self) -> None:
        """Write what waits, and end."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        self.join()

    def run(self) -> None:
        """Write until closed."""
        while True:
            with self._changed:
                while not self._is_closed and (not self._waiting or monotonic() < self._not_before):
                    left = self._not_before - monotonic() if self._waiting else HEARTBEAT_SECONDS
                    if not self._changed.wait(max(0.0, min(left, HEARTBEAT_SECONDS))):
                        self._alive()
                jobs, self._waiting = self._waiting, {}
                if self._is_closed and not jobs:
                    return
            self._write(jobs)

    def _write(self, jobs: dict[str, Callable[[], None]]) -> None:
        begun = monotonic()
        for job in jobs.values():
            try:
                job()
            except SaveError as error:
                self.failure = error
            except MemoryError:
                self.failure = SaveError("The run could not be written: the memory is full.")
        now = monotonic()
        self._not_before = now + max(LEAST_SECONDS, _SHARE * (now - begun))
        self._alive()
