"""Ranges as people type them: "1e-4 … 1 log", "0 … 0.5", "16, 32, 64"."""

from __future__ import annotations

import json
import re
from typing import Any

from core.declare import Setting
from core.text import setting_text

_BETWEEN = re.compile(r"\s*(?:…|\.\.\.?|–|\bto\b)\s*")


def read_range_text(text: str) -> dict[str, Any]:
    """Return the form that a space's file has; whether it will do, `read_space` says.

    Raises
    ------
    ValueError
        If the text is no range.

    Examples
    --------
    >>> read_range_text("1e-4 … 1 log"), read_range_text("0 to 0.5"), read_range_text("16, 32, same")
    ({'log': [0.0001, 1]}, {'uniform': [0, 0.5]}, {'choice': [16, 32, 'same']})
    """
    text = text.strip().replace("−", "-")
    is_log = text.casefold().endswith("log")
    text = text[: -len("log")].strip() if is_log else text
    ends = _BETWEEN.split(text)
    if len(ends) == 2 and all(ends):
        return {"log" if is_log else "uniform": [_number(end) for end in ends]}
    if not text or is_log or len(ends) > 1:
        raise ValueError(text)
    return {"choice": [_value(part.strip()) for part in text.split(",") if part.strip()]}


def range_text(written: dict[str, Any]) -> str:
    """Write a range as it is typed.

    >>> range_text({"log": [0.0001, 1]}), range_text({"choice": [16, 32]})
    ('0.0001 … 1 log', '16, 32')
    """
    ((word, values),) = written.items()
    if word == "choice":
        return ", ".join(map(setting_text, values))
    low, high = (f"{value:g}" for value in values)
    return f"{low} … {high}{' log' if word == 'log' else ''}"


USUAL = {
    "learning_rate": "1e-4 … 1 log",
    "l1": "1e-6 … 0.01 log",
    "l2": "1e-5 … 0.1 log",
    "momentum": "0, 0.5, 0.9, 0.95",
    "weight_decay": "1e-5 … 0.1 log",
    "batch_size": "16, 32, 64",
    "rate": "0.1, 0.25, 0.5",
}
"""What the courses try first."""


def usual_text(setting: Setting, current: Any) -> str:
    """Propose a range for a setting around what it is now.

    >>> from core.layers import KINDS
    >>> usual_text(KINDS["Conv2D"].settings()["filters"], 16)
    '8, 16, 32'
    """
    if setting.name in USUAL:
        return USUAL[setting.name]
    if setting.type == "choice":
        return ", ".join(setting.choices)
    if setting.type == "flag":
        return "true, false"
    if setting.type in ("whole", "size") and isinstance(current, int) and current > 1:
        return f"{current // 2}, {current}, {current * 2}"
    if setting.type == "number" and isinstance(current, int | float) and current > 0:
        return f"{current / 10:g} … {min(current * 10, setting.most or current * 10):g} log"
    if setting.kinds:
        return ", ".join(setting.kinds)
    return "" if current is None else setting_text(current)


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
