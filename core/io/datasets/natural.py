"""The order that people expect of names with numbers in them."""

from __future__ import annotations

import re

_DIGITS = re.compile(r"([0-9]+)")


def natural_key(name: str) -> tuple[list[str | tuple[int, str]], str]:
    """Return what names are sorted by: numbers in them by their value, letters without regard to case.

    >>> sorted(["10", "2", "1", "b2", "B10", "a"], key=natural_key)
    ['1', '2', '10', 'a', 'b2', 'B10']
    """
    parts: list[str | tuple[int, str]] = list(_DIGITS.split(name.casefold()))
    for place in range(1, len(parts), 2):  # every other part is a number, of any length
        digits = str(parts[place]).lstrip("0")
        parts[place] = (len(digits), digits)
    return parts, name
