"""Search as people type it: the start of a name first, then the start of a word in it, then letters in order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias, TypeVar

Rank: TypeAlias = tuple[int, int, int, int, int]
"""Smaller is better; for comparison only."""

_T = TypeVar("_T")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+[A-Za-z]?|[^\W_]+")
_PREFIX, _WORD_START, _INSIDE, _SCATTERED = range(4)


def rank(query: str, names: Sequence[str]) -> Rank | None:
    """Say how well a query fits, or None if it doesn't.

    Parameters
    ----------
    query : str
        Spaces, hyphens and case don't count.
    names : sequence of str
        By which the thing is known, best known first.

    Examples
    --------
    >>> rank("conv", ["Conv2D"]) < rank("conv", ["SeparableConv"]) < rank("cv", ["Conv2D"])
    True
    >>> rank("xyz", ["Conv2D"]) is None
    True
    """
    wanted = _folded(query)
    ranks = (_rank_of(wanted, name, place) for place, name in enumerate(names))
    return min((fit for fit in ranks if fit is not None), default=None)


def search(query: str, things: Iterable[_T], names_of: Callable[[_T], Sequence[str]]) -> list[_T]:
    """Return what fits a query, best first; equally good ones keep their order.

    >>> search("pool", ["Flatten", "AvgPool", "Pooled"], lambda name: [name])
    ['Pooled', 'AvgPool']
    """
    ranked = [(rank(query, names_of(thing)), thing) for thing in things]
    fitting = [(fit, thing) for fit, thing in ranked if fit is not None]
    fitting.sort(key=lambda pair: pair[0])
    return [thing for _, thing in fitting]


def _rank_of(wanted: str, name: str, place: int) -> Rank | None:
    words = _WORD.findall(name)
    text = "".join(words).casefold()
    if not wanted:
        return (_PREFIX, 0, 0, 0, 0)
    if text.startswith(wanted):
        return (_PREFIX, place, 0, 0, int(text != wanted))
    starts = [sum(map(len, words[:i])) for i in range(len(words))]
    start = next((at for at in starts if text.startswith(wanted, at)), None)
    if start is not None:
        return (_WORD_START, place, 0, start, len(text))
    initials = "".join(word[0] for word in words).casefold()
    if len(wanted) > 1 and initials.startswith(wanted):
        return (_WORD_START, place, 1, 0, len(text))
    inside = text.find(wanted)
    if inside >= 0:
        return (_INSIDE, place, 0, inside, len(text))
    span = _shortest_span(wanted, text)
    return None if span is None else (_SCATTERED, place, span, 0, len(text))


def _shortest_span(wanted: str, text: str) -> int | None:
    """Return the length of the shortest piece of the text that has all the letters in order."""
    best: int | None = None
    for start in (i for i, letter in enumerate(text) if letter == wanted[0]):
        at = start
        for letter in wanted[1:]:
            at = text.find(letter, at + 1)
            if at < 0:
                return best
        best = at - start + 1 if best is None else min(best, at - start + 1)
    return best


def _folded(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
