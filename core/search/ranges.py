"""Where the value of one setting is drawn from: a range, or a list of values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np

from core.errors import SearchError
from core.text import excerpt, listing

DIGITS = 4
"""Significant digits of drawn numbers: they are read, compared and typed by people."""
WIDER = 0.1
"""By this share of its width a narrowed range goes beyond the best values on either side."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some values, each as likely as the others.

    >>> Choice((8, 16, 32)).around([16, 16, 8])
    Choice(values=(16, 8))
    """

    values: tuple[Any, ...]

    word: ClassVar[str] = "choice"

    def draw(self, rng: np.random.Generator) -> Any:
        """Draw a value."""
        return self.values[int(rng.integers(len(self.values)))]

    def around(self, best: Sequence[Any]) -> Choice:
        """Return those of the values that are among the best."""
        kept = [value for value in best if value in self.values]
        return Choice(tuple(value for i, value in enumerate(kept) if value not in kept[:i])) if kept else self

    def ends(self) -> tuple[Any, ...]:
        """Return the values between which all others lie, which is to say all."""
        return self.values

    def as_json(self) -> dict[str, Any]:
        """Return the form that stands in a space's file."""
        return {self.word: list(self.values)}


@dataclass(frozen=True, slots=True)
class Uniform:
    """Evenly from a lowest to a highest number.

    Attributes
    ----------
    whole : bool
        Whether the setting takes whole numbers only.
    """

    low: float
    high: float
    whole: bool = False

    word: ClassVar[str] = "uniform"

    @staticmethod
    def _to(value: float) -> float:
        return value

    @staticmethod
    def _back(value: float) -> float:
        return value

    def draw(self, rng: np.random.Generator) -> float:
        """Draw a value."""
        low, high = self._to(self.low), self._to(self.high)
        return self._rounded(self._back(low + (high - low) * rng.random()))

    def around(self, best: Sequence[float]) -> Self:
        """Return the part of the range in which the best values lie, and a little more."""
        low, high = self._to(self.low), self._to(self.high)
        inner = [self._to(value) for value in best]
        if not inner:
            return self
        more = WIDER * ((max(inner) - min(inner)) or (high - low))
        narrow = (max(low, min(inner) - more), min(high, max(inner) + more))
        return replace(self, low=self._rounded(self._back(narrow[0])), high=self._rounded(self._back(narrow[1])))

    def ends(self) -> tuple[float, float]:
        """Return the values between which all others lie."""
        return self._rounded(self.low), self._rounded(self.high)

    def as_json(self) -> dict[str, Any]:
        """Return the form that stands in a space's file."""
        return {self.word: [self.low, self.high]}

    def _rounded(self, value: float) -> float:
        value = min(max(value, self.low), self.high)
        return round(value) if self.whole else float(f"{value:.{DIGITS}g}")


@dataclass(frozen=True, slots=True)
class Log(Uniform):
    """As likely in each power of ten: what learning rates and penalties need, as the course says.

    Source: CS231n, "Neural Networks Part 3", Hyperparameter optimization: `learning_rate = 10 ** uniform(-6, 1)`.

    >>> Log(1e-4, 1).around([0.01, 0.1])
    Log(low=0.007943, high=0.1259, whole=False)
    """

    word: ClassVar[str] = "log"

    @staticmethod
    def _to(value: float) -> float:
        return math.log(value)

    @staticmethod
    def _back(value: float) -> float:
        return math.exp(value)


Range = Choice | Uniform
RANGES: dict[str, type[Choice | Uniform]] = {kind.word: kind for kind in (Log, Uniform, Choice)}


def read_range(path: str, raw: object, *, whole: bool = False) -> Range:
    """Read a range as it stands in a space's file: `{"log": [1e-4, 1]}`.

    Parameters
    ----------
    path : str
        What messages call it.
    whole : bool
        Whether the setting takes whole numbers only.

    Raises
    ------
    SearchError
    """
    example = '{"log": [0.0001, 1]}, {"uniform": [0, 0.5]} or {"choice": [8, 16, 32]}'
    if not isinstance(raw, Mapping) or len(raw) != 1 or next(iter(raw)) not in RANGES:
        raise SearchError(f"{path}: {excerpt(raw)} is no range. Write {example}.")
    ((word, values),) = raw.items()
    if not isinstance(values, list) or not values:
        raise SearchError(f"{path}: {word} needs a list of values, but has {excerpt(values)}. Write {example}.")
    if word == Choice.word:
        return Choice(tuple(values))
    if len(values) != 2 or not all(_is_number(value) for value in values) or not values[0] < values[1]:
        raise SearchError(f"{path}: {word} needs a lower and a higher number, but has {excerpt(values)}.")
    if word == Log.word and values[0] <= 0:
        raise SearchError(
            f"{path}: log goes through powers of ten, which never reach {values[0]:g}. "
            f"Begin above 0, such as {listing(['1e-5'])}."
        )
    return (Log if word == Log.word else Uniform)(float(values[0]), float(values[1]), whole)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
