"""What of the layout is not drawn as the file has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from core.analysis.abridging import first_of
from core.problems import Problem, key_path
from core.text import excerpt

_NOTE = 'an object with "at": [x, y] and "size": [width, height] in pixels, and texts'
_LAYOUT_KEYS = {
    "positions": ("an object of positions by layer", "[x, y] in pixels", "The layer is placed anew."),
    "routes": ("an object of ways by wire", "a list of points [x, y] in pixels", "The wire runs by itself."),
    "frames": ("a list of notes", _NOTE, "It is kept as it is and not drawn."),
    "cards": ("a list of notes", _NOTE, "It is kept as it is and not drawn."),
    "direction": ('"right" or "down"', "", ""),
}
"""What each part of the layout must be, what each of its entries must be, and what comes of an entry that is not."""
_BY_NAME = {"positions": "the position of", "routes": "the way of"}
"""What the entries of those parts are that have names."""


def layout_problems(unread: Mapping[str, Any]) -> Iterator[Problem]:
    """Say what of the layout is not drawn as the file has it."""
    for key, (wanted, each, instead) in _LAYOUT_KEYS.items():
        if key not in unread:
            continue
        refused, path = unread[key], f"$.layout.{key}"
        if isinstance(refused, Mapping) and key in _BY_NAME:

            def no_place(
                entry: tuple[str, Any], key: str = key, each: str = each, why: str = instead, path: str = path
            ) -> Problem:
                what = f"{_BY_NAME[key]} {entry[0]} must be {each}, but is {excerpt(entry[1])}"
                return _not_drawn(what, why, key_path(path, entry[0]))

            yield from first_of(refused.items(), no_place)
        elif isinstance(refused, list) and each and key not in _BY_NAME:
            first = excerpt(refused[0])
            one, several = f"an entry of {key} must be", f"{len(refused)} entries of {key} must each be"
            what = (
                f"{one} {each}, but is {first}" if len(refused) == 1 else f"{several} {each}, but the first is {first}"
            )
            yield _not_drawn(what, instead, path)
        else:
            what = f"{key} must be {wanted}, but is {excerpt(refused)}"
            yield _not_drawn(what, "It is kept as it is and has no effect.", path)


def _not_drawn(what: str, why: str, path: str) -> Problem:
    return Problem("KEY-VALUE", f"Layout: {what}.", why, "advice", path=path)
