"""Text that is typed into a field, read as the value of a setting, and the other way round."""

from __future__ import annotations

import json
import re
from math import floor, log10
from typing import Any

from core.declare import FieldType, Setting
from core.shapes import shortest_padding, shortest_size

_WHOLE = re.compile(r"[-+]?(\d+|\d{1,3}(,\d{3})+)\Z")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\Z", re.IGNORECASE)
_ROUND = re.compile(r"(\d+(?:[.,]\d+)?)\s*([kmg])\Z", re.IGNORECASE)
_PREFIXES = {"k": 10**3, "m": 10**6, "g": 10**9}
_SEVERAL = re.compile(r"\d+([\s,;×x*·]+\d+)*\Z", re.IGNORECASE)
_WORDS = ("valid", "same")
_LONGEST = 200
"""Texts that are longer are no value of any setting but a name or a list of numbers."""
_LONGEST_LIST = 100_000


def read_text(setting: Setting, text: str) -> Any:
    """Read what was typed; whether the value is in range is for the declaration to say.

    Sizes, paddings and shapes may be written in any of the ways people write them: "3×3", "3x5", "1, 2", "[28 28 1]".

    Raises
    ------
    ValueError
        If the text is not of the setting's form.
    """
    if setting.type == "name":
        return text
    text = text.strip().replace("−", "-")
    if not text and setting.optional:
        return None
    if setting.type == "numbers":
        return _read_numbers(setting, text)
    if len(text) > _LONGEST:
        raise ValueError(text)
    return _read(setting.type, text)


def _read_numbers(setting: Setting, text: str) -> Any:
    """Read a word, or numbers apart by commas or spaces; with semicolons between them commas are decimal ones."""
    if text.casefold() in setting.choices:
        return text.casefold()
    bare = text.strip("[]() ")
    parts = bare.replace(",", ".").split(";") if ";" in bare else re.split(r"\s*,\s*|\s+", bare)
    if len(text) > _LONGEST_LIST or not all(_NUMBER.match(part.strip()) for part in parts):
        raise ValueError(text)
    return tuple(float(part) for part in parts)


def _read(type: FieldType, text: str) -> Any:
    match type:
        case "whole" if _WHOLE.match(text):
            return int(text.replace(",", ""))
        case "whole" if found := _ROUND.match(text):
            return round(float(found[1].replace(",", ".")) * _PREFIXES[found[2].lower()])
        case "number" if _NUMBER.match(text.replace(",", ".")):
            return float(text.replace(",", "."))
        case "padding" if text.casefold() in _WORDS:
            return text.casefold()
        case "size" | "padding" | "shape":
            return _read_several(type, text)
    raise ValueError(text)


def _read_several(type: FieldType, text: str) -> Any:
    bare = re.sub(r"[\[\]()]", " ", text).strip()
    if not _SEVERAL.match(bare):
        raise ValueError(text)
    numbers = tuple(map(int, re.findall(r"\d+", bare)))
    match type, numbers:
        case "shape", (_,) | (_, _, _):
            return numbers
        case "size" | "padding", (single,):
            return single
        case "size" | "padding", (high, wide):
            return shortest_size((high, wide))
        case "padding", (top, bottom, left, right):
            return shortest_padding(((top, bottom), (left, right)))
    raise ValueError(text)


def value_text(setting: Setting, value: Any) -> str:
    """Write a value as it stands in a field; what is not a value of the setting is written as in the file."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and setting.type in ("whole", "number", "size", "padding"):
        if setting.type == "size" and (setting.required or setting.headline):
            return f"{value} × {value}"
        text = f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)
        return re.sub(r"e([-+])0", r"e\1", text)
    if isinstance(value, tuple | list) and setting.type == "numbers":
        return ", ".join(f"{part:g}" if isinstance(part, int | float) else _file_text(part) for part in value)
    if isinstance(value, tuple | list) and setting.type in ("size", "padding", "shape"):
        nested = any(isinstance(part, tuple | list) for part in value)
        return ", ".join(_file_text(part) for part in value) if nested else " × ".join(map(str, value))
    return _file_text(value)


def sides_text(setting: Setting, value: Any) -> str:
    """Write a size or padding with both its sides, equal or not: 3 → "3 × 3"."""
    return f"{value} × {value}" if type(value) is int else value_text(setting, value)


def _file_text(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def stepped(setting: Setting, value: Any, by: int) -> Any:
    """Return the value that an arrow key leads to, within the bounds; the same value where there is none.

    Whole numbers, sizes and paddings go by ones, or as their declaration says; numbers by one of their leading digit:
    0.001 → 0.002, 0.05 → 0.04.
    """
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, tuple | list):
        return tuple(stepped(setting, part, by) for part in value)
    least = 0 if setting.type == "padding" else 1 if setting.type == "size" else setting.least
    moved = _next_whole(setting, round(value), by) if setting.type != "number" else _next_digit(float(value), by)
    if least is not None and (moved < least or (setting.open_least and moved <= least)):
        return value
    if setting.most is not None and (moved > setting.most or (setting.open_most and moved >= setting.most)):
        return value
    return moved


def stepped_side(setting: Setting, text: str, caret: int, by: int) -> tuple[str, int, int]:
    """Step the number of a text in which the caret stands; return it, and where the number now begins and ends."""
    found = next((n for n in re.finditer(r"\d+", text) if n.end() >= caret), None) or re.search(r"\d+\Z", text)
    if found is None:
        return text, caret, caret
    number = str(stepped(setting, int(found[0]), by))
    return text[: found.start()] + number + text[found.end() :], found.start(), found.start() + len(number)


def _next_whole(setting: Setting, value: int, by: int) -> int:
    match setting.steps:
        case "doubling" if value > 0:
            return 1 << value.bit_length() if by > 0 else 1 << (value - 1).bit_length() - 1 if value > 1 else 0
        case "odd":
            return value + by if value % 2 == 0 else value + 2 * by
    return value + by


def _next_digit(value: float, by: int) -> float:
    if value == 0:
        return 0.1 * by
    power = floor(log10(abs(value)))
    leading = abs(value) / 10.0**power
    towards_zero = (by < 0) == (value > 0)
    if towards_zero and leading < 1.5:
        power -= 1
    return float(f"{value + by * 10.0**power:.12g}")


def as_json(value: Any) -> Any:
    """Return a value in the types that a file has: lists for tuples."""
    return [as_json(part) for part in value] if isinstance(value, tuple) else value
