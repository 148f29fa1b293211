"""Names of layers and blocks: what they are made of, and which one is free."""

from __future__ import annotations

import re
from collections.abc import Collection

NAME_RULE = "letters, digits, _ . and -, and begin with a letter or _"
"""What names have, as a sentence ends."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")


def can_be_name(text: str) -> bool:
    """Tell whether a layer or a block can have this name.

    >>> can_be_name("conv1"), can_be_name("1x1")
    (True, False)
    """
    return _NAME.match(text) is not None


def name_refusal(text: str) -> str:
    """Say why this cannot be a name, and what can.

    >>> name_refusal("1x1")
    '“1x1” cannot be a name: use letters, digits, _ . and -, and begin with a letter or _.'
    """
    return f"“{text}” cannot be a name: use {NAME_RULE}."


def numbered_name(stem: str, taken: Collection[str], first: int = 1) -> str:
    """Return the stem with the first number that makes it a name nothing has.

    >>> numbered_name("conv", {"conv1", "conv3"})
    'conv2'
    """
    n = first
    while (name := f"{stem}{n}") in taken:
        n += 1
    return name


def free_name(name: str, taken: Collection[str], joint: str = "_") -> str:
    """Return the name if nothing has it, or else with the first number from 2 on that is free.

    >>> free_name("stem", {"pool"}), free_name("stem", {"stem"})
    ('stem', 'stem_2')
    """
    return name if name not in taken else numbered_name(f"{name}{joint}", taken, 2)
