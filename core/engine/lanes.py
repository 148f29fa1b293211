"""Threads that share the work of one large layer, where nothing but its output is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import cache

from core.engine.cores import n_cores

LEAST_MACS = 4_000_000
"""A layer with fewer is done before another thread has begun: they take about 0.05 ms."""


def lanes_for(macs: int) -> int:
    """Return how many threads should share a layer of so many multiply-accumulates: cores, or one."""
    return n_cores() if macs >= LEAST_MACS else 1


@cache
def _others() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max(1, n_cores() - 1), "lane")


def run_side_by_side(tasks: Sequence[Callable[[], object]]) -> None:
    """Run tasks, the first in the calling thread and each other in one of its own; return when all are done."""
    first, *others = tasks
    if not others:  # in a hurry: small networks have layers that take no longer than what follows
        first()
        return
    # NumPy keeps what it warns of in the context.
    futures = [_others().submit(copy_context().run, task) for task in others]
    try:
        first()
    finally:
        for future in futures:
            future.result()
