"""Long lists of problems of one kind: the first are listed, the others counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from core.limits import MOST_OF_A_KIND, MOST_OF_ONE
from core.problems import Problem
from core.text import counted

T = TypeVar("T")

_CUT = "The list is cut here; correct the first ones, and these come up."


def first_of(items: Iterable[T], problem_of: Callable[[T], Problem], most: int = MOST_OF_ONE) -> Iterator[Problem]:
    """Yield the problems of the first items, and one that counts the others; only those are written."""
    items = tuple(items)
    yield from map(problem_of, items[:most])
    if len(items) > most:
        yield more_like(problem_of(items[most]), len(items) - most)


def more_like(first: Problem, n: int) -> Problem:
    """Count problems that are not listed; the first of them says where they begin."""
    what = f"… and {counted(n, 'more problem', 'more problems')} of this kind."
    return replace(first, what=what, why=_CUT, fixes=())


def abridged(problems: Sequence[Problem]) -> Sequence[Problem]:
    """Cut a list where it has more problems of one kind than anybody reads."""
    if len(problems) <= MOST_OF_A_KIND:
        return problems
    totals = Counter((problem.code, problem.severity) for problem in problems if problem.why != _CUT)
    listed: Counter[tuple[str, str]] = Counter()
    short = []
    for problem in problems:
        if problem.why == _CUT:  # it counts what was cut before, and is not one of those that are counted here
            short.append(problem)
            continue
        kind = (problem.code, problem.severity)
        listed[kind] += 1
        if listed[kind] <= MOST_OF_A_KIND:
            short.append(problem)
        elif listed[kind] == MOST_OF_A_KIND + 1:
            short.append(more_like(problem, totals[kind] - MOST_OF_A_KIND))
    return short
