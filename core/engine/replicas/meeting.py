"""Where processes wait for each other: counters in shared memory that only ever grow."""

from __future__ import annotations

import sys
from collections.abc import Callable
from select import select
from time import perf_counter, sleep

from core.layers.values import Array

SPIN_SECONDS = 0.002
"""So long one waits without sleeping: longer than replicas of equal parts are apart, shorter than anybody notices."""
LONGEST_SLEEP = 0.02
"""What a replica that nothing is asked of wakes up for, 50 times a second."""


def give_way() -> None:
    """Let another thread have the interpreter, if one wants it; takes about 1 µs.

    Its lock changes hands, so that what was written before is seen by all processors before what is written after.
    """
    # sleep(0) takes 80 µs on Linux, as the system rounds times up; on Windows, select wants something to look at.
    if sys.platform == "win32":
        sleep(0)
    else:
        select((), (), (), 0)


def wait_until(is_so: Callable[[], bool], look: Callable[[], object] | None = None) -> None:
    """Wait, at first without sleeping, then sleeping longer and longer.

    Parameters
    ----------
    is_so : callable
        What is waited for.
    look : callable, optional
        Called before every sleep, to raise where waiting has become hopeless.
    """
    began = perf_counter()
    while not is_so():
        waited = perf_counter() - began
        if waited < SPIN_SECONDS:
            give_way()
            continue
        if look is not None:
            look()
        sleep(min(waited / 10, LONGEST_SLEEP))


class Meetings:
    """A place where all come as far as the others, again and again.

    Parameters
    ----------
    arrivals : array of int64, (members, n)
        Shared; a member writes to its own row only, which is a cache line of its own.
    member : int
    look : callable, optional
        As for `wait_until`.
    """

    def __init__(self, arrivals: Array, member: int, look: Callable[[], object] | None = None) -> None:
        self._arrivals, self._member, self._look = arrivals[:, 0], member, look
        self._n = 0

    def meet(self) -> None:
        """Wait until all have come here as often."""
        self._n += 1
        give_way()  # what was computed is seen before the counter
        self._arrivals[self._member] = self._n
        if not self._all_here():
            wait_until(self._all_here, self._look)

    def _all_here(self) -> bool:
        return bool((self._arrivals >= self._n).all())
