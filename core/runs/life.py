"""Signs of life of a run that another process writes, perhaps on another computer, as its folder shows them."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from math import inf
from pathlib import Path

from core.runs.curve import BATCHES, CURVE
from core.runs.files import LAST, RESUME
from core.runs.lock import NAME as LOCK
from core.runs.lock import holder, is_written
from core.runs.record import NAME, Record
from core.runs.ticks import FOLDER as TICKS

_WRITTEN = (LOCK, NAME, CURVE, BATCHES, LAST, RESUME, TICKS)
"""What a writer writes or touches again and again."""


@dataclass(frozen=True, slots=True)
class Life:
    """What is known of the process that writes a run.

    Attributes
    ----------
    host : str
        The computer that it is on; "" for this one.
    silent_seconds : float
        How long ago it last wrote, or how old a copy is: no more can be seen of another computer than its files.
        Infinity where they are gone.
    holds : bool
        Whether it keeps others from writing. One on another computer that was silent for long doesn't: it may have
        been killed, and then somebody else goes on.
    """

    host: str
    silent_seconds: float
    holds: bool = True


def life_of(folder: Path, record: Record) -> Life | None:
    """Return what is known of a run's writer; None where none is left.

    On this computer the lock tells whether a process lives. On another one nothing does: it is taken to be on until
    its record says how it ended, or its lock that its process gave up.
    """
    locked_by, here = holder(folder), socket.gethostname()
    host, holds = locked_by or record.host, is_written(folder)
    if host in ("", here):
        return Life("", _silence(folder)) if holds else None
    if record.state != "interrupted" or locked_by == "":
        return None
    return Life(host, _silence(folder), holds)


def _silence(folder: Path) -> float:
    """Return the age of what was written last, in seconds; clocks of other computers may be ahead."""
    written = []
    for name in _WRITTEN:
        try:
            written.append((folder / name).stat().st_mtime)
        except OSError:
            continue
    return max(0.0, time.time() - max(written)) if written else inf
