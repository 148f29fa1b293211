"""Names of any length in sentences: a label cannot break a word, and would be as wide as the longest."""

from __future__ import annotations

import re

_LONGEST = 28
_LONG_WORD = re.compile(rf"\S{{{_LONGEST + 1},}}")


def with_short_names(text: str) -> str:
    """Return a sentence with its longest words cut in the middle.

    >>> with_short_names("Connect " + "a" * 300 + " to it")
    'Connect aaaaaaaaaaaaaaaaa…aaaaaaaaaa to it'
    """
    return _LONG_WORD.sub(lambda match: f"{match[0][:17]}…{match[0][-10:]}", text)
