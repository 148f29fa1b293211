"""Channels that must be shared out evenly: among groups, pieces or blocks."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from math import gcd, isqrt

from core.declare import LARGEST
from core.problems import Problem, set_fix
from core.text import counted, listing


def sharing_problems(field: str, parts: int, **shared: int) -> Iterator[Problem]:
    """Say that a number of parts does not divide all that it shares out; the cure is the nearest that does.

    Parameters
    ----------
    field : str
        The setting that says how many parts: "groups".
    parts : int
        Its value.
    **shared : int
        How many there are of each thing, by its noun: `channel=4`.

    Examples
    --------
    >>> (problem,) = sharing_problems("groups", 3, channel=4, filter=8)
    >>> problem.what, problem.why
    ('3 groups cannot share 4 channels and 8 filters evenly', '4/3 = 1.333 and 8/3 = 2.667 must be whole.')
    >>> problem.fixes[0].label
    'Use groups 2'
    """
    if any(n % parts for n in shared.values()):
        best = nearest_divisor(parts, gcd(*shared.values()))
        yield Problem(
            "GROUPS",
            field=field,
            what=f"{parts} {field} cannot share {listing([counted(n, noun) for noun, n in shared.items()])} evenly",
            why=f"{listing([f'{n}/{parts} = {n / parts:.4g}' for n in shared.values()])} must be whole.",
            fixes=(set_fix(f"Use {field} {best}", **{field: best}),),
        )


def nearest_divisor(wish: int, n: int) -> int:
    """Return the divisor of `n` that is nearest to a wish and no larger than a setting may be; of two the smaller.

    >>> nearest_divisor(5, 32), nearest_divisor(3, 8), nearest_divisor(100, 7)
    (4, 2, 7)
    """
    return min(_divisors(n), key=lambda d: (abs(d - wish), d))


@lru_cache(maxsize=256)
def _divisors(n: int) -> tuple[int, ...]:
    """Return the divisors of a number that are no larger than a setting may be."""
    smaller = [d for d in range(1, min(isqrt(n), LARGEST) + 1) if n % d == 0]
    return tuple({d for small in smaller for d in (small, n // small) if d <= LARGEST})
