"""A colour for each class of a data set; who can't tell two of them apart has the shapes that go with them."""

from __future__ import annotations

from typing import Final

CLASS_COLOURS: Final = (
    "#4d8dff",
    "#ef8a3d",
    "#22a79a",
    "#e0628f",
    "#9a7bf0",
    "#c9a227",
    "#56b6e0",
    "#a5714b",
    "#7fae4a",
    "#8a94a6",
)
"""The first ones differ most, also without red–green vision: blue, orange, teal, pink."""


def class_colour(label: int) -> str:
    """Return the colour of a class, by its number; after the last one they begin anew.

    >>> class_colour(0) == class_colour(10)
    True
    """
    return CLASS_COLOURS[label % len(CLASS_COLOURS)]
