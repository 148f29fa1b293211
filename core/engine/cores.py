"""How many cores there are to compute on."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path


@cache
def n_cores() -> int:
    """Count the cores that this process may use; two threads of one core count once, where the system tells."""
    usable = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    return len({_siblings(number) for number in usable})


def _siblings(number: int) -> str:
    try:
        return Path(f"/sys/devices/system/cpu/cpu{number}/topology/thread_siblings_list").read_text(encoding="ascii")
    except OSError:
        return str(number)
