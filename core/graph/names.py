"""Names of layers and blocks: what they are made of, and which one is free."""

from __future__ import annotations

from collections.abc import Collection
from unicodedata import normalize

NAME_RULE = "letters of any alphabet, digits, _ . and -, and begin with a letter or _"
"""What names have, as a sentence ends."""

SCHEMA_PATTERN = r"^[^\x00-\x40\x5b-\x5e\x60\x7b-\x7f][^\x00-\x2c\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f]*$"
"""What of this a JSON Schema can say in every dialect of regular expressions: which ASCII characters names have."""


def composed(name: str) -> str:
    """Return the one spelling (Unicode's NFC) of a name, or of a path of names, that keyboards write in several.

    >>> composed("cafe\N{COMBINING ACUTE ACCENT}/1/conv")
    'café/1/conv'
    """
    return normalize("NFC", name)


def can_be_name(text: str) -> bool:
    """Tell whether a layer or a block can have this name.

    No name has a character that references to layers inside blocks, copies or wires need: "/", "~" or "<".

    >>> can_be_name("conv1"), can_be_name("плоский"), can_be_name("1x1")
    (True, True, False)
    """
    return text[:1] not in (".", "-") and text.replace(".", "_").replace("-", "_").isidentifier()


def name_refusal(text: str) -> str:
    """Say why this cannot be a name, and what can.

    >>> name_refusal("1x1")
    '“1x1” cannot be a name: use letters of any alphabet, digits, _ . and -, and begin with a letter or _.'
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
