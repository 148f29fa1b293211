"""Samples that are there more than once: under two labels, in two parts, or only twice."""

from __future__ import annotations

from collections.abc import Iterator

from core.io.datasets.findings.finding import DataFinding
from core.io.datasets.findings.look import Look
from core.shapes import count
from core.text import counted, listing

LEAST_VALUES = 16
"""Rows of fewer values are often alike without being copies."""


def contradictions(look: Look) -> Iterator[DataFinding]:
    """Find identical samples under different labels."""
    groups = [group for group in _copies(look) if _contradicts(look, group)]
    if not groups:
        return
    thing = _thing(look)
    n = sum(map(len, groups))
    first = groups[0]
    labels = look.labels
    a = first[0]
    b = next(place for place in first if labels[place] != labels[a])
    pair = listing([f"{look.measures.sample(each)} (label {look.called(int(labels[each]))})" for each in (a, b)])
    rest = f"; so are those of {counted(len(groups) - 1, 'other group')}" if len(groups) > 1 else ""
    what = f"{n:,} {thing}s have the same values but different labels: {pair} are the same bytes{rest}."
    why = "At least one label of each is wrong, and no network can learn both. Correct it, or leave these out."
    yield DataFinding("contradicting_copies", "advice", what, why, _places(groups))


def validation_leaks(look: Look) -> Iterator[DataFinding]:
    """Find validation samples that are also in training."""
    _, validation = look.parts
    if not len(validation):
        return
    kept = set(validation.tolist())
    groups = [group for group in _copies(look) if 0 < sum(place in kept for place in group) < len(group)]
    if not groups:
        return
    leaked = [place for group in groups for place in group if place in kept]
    a = leaked[0]
    b = next(place for place in groups[0] if place not in kept)
    what = (
        f"{counted(len(leaked), 'validation sample')} of {len(validation):,} "
        f"{'is' if len(leaked) == 1 else 'are'} also in training, such as {look.measures.sample(a)}, "
        f"the same bytes as {look.measures.sample(b)}."
    )
    why = "What was learned by heart counts as understood: validation looks better than it is. Leave the copies out."
    yield DataFinding("validation_in_training", "advice", what, why, _places(groups))


def test_leaks(look: Look) -> Iterator[DataFinding]:
    """Find samples of the data set's own test part that are also in what is learned from or validated with."""
    test = look.dataset.test
    if test is None or count(look.dataset.shape) < LEAST_VALUES:
        return
    places, n = look.measures.tested
    if not places:
        return
    what = (
        f"{counted(n, 'test sample')} of {len(test):,} {'is' if n == 1 else 'are'} also in the training part, "
        f"such as {look.measures.sample(places[0])}."
    )
    why = "What was learned by heart counts as understood: the test looks better than it is. Leave the copies out."
    yield DataFinding("test_in_training", "advice", what, why, tuple(places))


def duplicates(look: Look) -> Iterator[DataFinding]:
    """Find samples that are there more than once, where nothing worse follows from it."""
    if next(validation_leaks(look), None) is not None:
        return
    groups = [group for group in _copies(look) if not _contradicts(look, group)]
    if not groups:
        return
    n = sum(len(group) - 1 for group in groups)
    a, b = (look.measures.sample(place) for place in groups[0][:2])
    what = f"{counted(n, 'sample')} {'is a copy' if n == 1 else 'are copies'} of others, such as {b} of {a}."
    yield DataFinding("copies", "note", what, "They count twice in training.", _places(groups))


def _copies(look: Look) -> list[list[int]]:
    return look.measures.copies if count(look.dataset.shape) >= LEAST_VALUES else []


def _contradicts(look: Look, group: list[int]) -> bool:
    return len(set(look.labels[group].tolist())) > 1


def _thing(look: Look) -> str:
    return "picture" if len(look.dataset.shape) == 3 else "sample"


def _places(groups: list[list[int]]) -> tuple[int, ...]:
    return tuple(place for group in groups for place in group)
