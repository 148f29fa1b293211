"""How a module of ours is started as a program of its own, from a work tree as from an installed package."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from pathlib import Path

ENDING: tuple[signal.Signals, ...] = tuple(
    signal.Signals[name] for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
"""Signals that ask a program to end: Ctrl+C, the system, a terminal that is closed. Windows lacks the last."""


def own_command(module: str, *arguments: str) -> list[str]:
    """Return what starts a module of ours.

    With `-P`, what lies in the folder where somebody works is never imported instead of Python's own or ours.

    Examples
    --------
    >>> own_command("json.tool", "net.json")[1:]
    ['-P', '-m', 'json.tool', 'net.json']
    """
    return [sys.executable, "-P", "-m", module, *arguments]


def own_environment(**variables: str) -> dict[str, str]:
    """Return this process's environment, with variables of its own, in which `own_command` finds its module."""
    home = str(Path(__file__).parents[__name__.count(".")])  # where the outermost package lies
    path = os.pathsep.join([home, *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, **variables, "PYTHONPATH": path}


def limit_memory(n_bytes: int) -> None:
    """Let this process take no more memory than so many bytes, where the system can see to that."""
    if sys.platform != "win32":
        import resource

        _, hardest = resource.getrlimit(resource.RLIMIT_DATA)
        limit = n_bytes if hardest == resource.RLIM_INFINITY else min(n_bytes, hardest)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hardest))


def limit_seconds(seconds: float) -> None:
    """Let this process compute no longer than so many seconds, rounded up, where the system can see to that.

    Time that others compute meanwhile does not count, so a busy machine ends nothing early. The system ends the process
    by SIGXCPU.
    """
    if sys.platform != "win32":
        import resource

        _, hardest = resource.getrlimit(resource.RLIMIT_CPU)
        limit = max(1, ceil(seconds))
        resource.setrlimit(
            resource.RLIMIT_CPU, (limit if hardest == resource.RLIM_INFINITY else min(limit, hardest), hardest)
        )


def ran_out_of_seconds(status: int) -> bool:
    """Say whether a process that ended with a status had computed for longer than it may."""
    return sys.platform != "win32" and status == -signal.SIGXCPU


@contextmanager
def unasked_to_end() -> Iterator[None]:
    """Keep the signals of `ENDING` from the processes that are started meanwhile, for as long as they live.

    A terminal sends them to every process of a program, which is then to end in the order that its first one decides.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)  # a process inherits what its parent's thread blocks
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
