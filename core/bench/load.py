"""What else the machine is doing, and how much memory processes take: read from /proc, where there is one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


@dataclass(frozen=True, slots=True)
class Reading:
    """The processor time used so far, in seconds: by everything, and by a process with all that it started."""

    at: float
    all: float
    own: float

    def foreign(self, later: Reading) -> float:
        """Return how many cores other programs kept busy on average between two readings.

        >>> Reading(0, 100, 10).foreign(Reading(2, 104, 13))
        0.5
        """
        return max(0.0, (later.all - self.all) - (later.own - self.own)) / (later.at - self.at)


def read(proc: Path = PROC, root: int | None = None) -> Reading | None:
    """Read the processors' time; None where the system doesn't say."""
    try:
        user, nice, system, _, _, irq, softirq, *_ = map(
            int, (proc / "stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
        )
        own = sum(_ticks(proc / str(pid)) for pid in family(proc, os.getpid() if root is None else root))
    except (OSError, ValueError):
        return None
    return Reading(perf_counter(), (user + nice + system + irq + softirq) / TICKS, own / TICKS)


def family(proc: Path, root: int) -> list[int]:
    """Return the ids of a process and of all that it started, directly or not."""
    children: dict[int, list[int]] = {}
    for entry in proc.iterdir():
        if entry.name.isdigit() and (fields := _fields(entry)):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    members = [root]
    for pid in members:
        members += children.get(pid, [])
    return members


def _ticks(process: Path) -> int:
    """Return the time of a process, with its children that have ended."""
    return sum(map(int, _fields(process)[11:15]))


def _fields(process: Path) -> list[str]:
    """Return the fields of a process after its name, which may hold anything; none if it has ended."""
    try:
        return (process / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def memory_bytes(pids: Iterable[int], proc: Path = PROC) -> int | None:
    """Return the memory of processes, shared pages counted once; None where the system doesn't say."""
    total = 0
    try:
        for pid in pids:
            lines = (proc / str(pid) / "smaps_rollup").read_text(encoding="ascii").splitlines()
            total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    except (OSError, StopIteration, ValueError):
        return None
    return total * 1024
