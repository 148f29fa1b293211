"""Work that says how far it is and can be given up: a generator."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeAlias, TypeVar

Outcome = TypeVar("Outcome")

Work: TypeAlias = Generator[float, None, Outcome]
"""Work under way: yields how much of it is done, from 0 to 1, and returns its outcome. Closing it gives it up."""


def outcome_of(work: Work[Outcome]) -> Outcome:
    """Do work to its end.

    >>> def halves():
    ...     yield 0.5
    ...     return "done"
    >>> outcome_of(halves())
    'done'
    """
    while True:
        try:
            next(work)
        except StopIteration as end:
            outcome: Outcome = end.value
            return outcome


def pinned(share: float, work: Work[Outcome]) -> Work[Outcome]:
    """Do some work that is a part of a longer one, of which a share is done when it begins."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            outcome: Outcome = end.value
            return outcome
        yield share
