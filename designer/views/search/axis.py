"""The axis of one searched setting, or of the accuracy: where values lie between 0 and 1, and which are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Any

from core.text import setting_text


@dataclass(frozen=True, slots=True)
class Axis:
    """Where values lie: by powers of ten, evenly, or one after the other.

    Attributes
    ----------
    ticks : tuple of (str, float)
        What is written, and where from 0 to 1.
    """

    values: tuple[Any, ...]
    low: float = 0.0
    high: float = 1.0
    is_log: bool = False
    ticks: tuple[tuple[str, float], ...] = ()

    def place(self, value: Any) -> float:
        """Return where a value lies, from 0 to 1."""
        if self.values:
            return self.values.index(value) / max(1, len(self.values) - 1) if value in self.values else 0.0
        to = log10 if self.is_log else float
        return (to(value) - to(self.low)) / ((to(self.high) - to(self.low)) or 1.0)


def axis_of(values: Sequence[Any], written: dict[str, Any] | None = None) -> Axis:
    """Return the axis on which values lie; `written` is the range that they were drawn from, where there is one.

    >>> axis = axis_of([0.001, 0.1], {"log": [0.0001, 1]})
    >>> axis.place(0.01), [text for text, _ in axis.ticks]
    (0.5, ['0.0001', '0.001', '0.01', '0.1', '1'])
    """
    ((word, range),) = (written or {"uniform": [min(values), max(values)]}).items()
    if word == "choice":
        every = tuple(_sorted(range))
        marks = tuple((setting_text(value), i / max(1, len(every) - 1)) for i, value in enumerate(every))
        return Axis(every, ticks=marks)
    low, high = float(range[0]), float(range[1])
    if low == high:
        low, high = low - 0.5 * (abs(low) or 1), high + 0.5 * (abs(high) or 1)
    axis = Axis((), low, high, word == "log")
    if axis.is_log:
        powers = [10.0**power for power in _span(ceil(log10(low) - 1e-9), floor(log10(high) + 1e-9))]
        at = powers if len(powers) > 1 else [low, high]
    else:
        at = [low + (high - low) * share for share in (0, 0.25, 0.5, 0.75, 1)]
    return Axis((), low, high, axis.is_log, tuple((_short(value), axis.place(value)) for value in at))


def _span(first: int, last: int) -> list[int]:
    step = max(1, (last - first) // 6 + 1) if last - first > 8 else 1
    return list(range(first, last + 1, step))


def _short(value: float) -> str:
    return f"{value:.3g}".replace("e-0", "e-").replace("-", "−")


def _sorted(values: Sequence[Any]) -> list[Any]:
    if all(isinstance(value, int | float) for value in values):
        return sorted(values)
    return list(values)
