"""What kinds are asked with and answer with: arrays, weights, receptive fields, examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.shapes import MOST_VALUES, Shape, count

Array: TypeAlias = NDArray[Any]
Arrays: TypeAlias = tuple[Array, ...]


@dataclass(frozen=True, slots=True)
class Weight:
    """One learned (or, for a statistic, measured) array of a layer.

    Attributes
    ----------
    shape : tuple of int
        As it stands in weights files, channels last.
    fan_in, fan_out : int
        Values that one output reads and that one input feeds; what He's and Xavier's initialisations ask for.
    init : {"drawn", "zeros", "ones"} or float
        "drawn": at random, as the training settings say; a number fills it.
    role : {"parameter", "statistic"}
        Statistics follow the data and are not counted as parameters.
    """

    shape: tuple[int, ...]
    fan_in: int = 1
    fan_out: int = 1
    init: Literal["drawn", "zeros", "ones"] | float = "drawn"
    role: Literal["parameter", "statistic"] = "parameter"

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return count(self.shape)

    @property
    def filling(self) -> float | None:
        """What it is filled with at first; None where it is drawn."""
        if self.init == "drawn":
            return None
        return self.init if isinstance(self.init, float) else float(self.init == "ones")


@dataclass(frozen=True, slots=True)
class ReceptiveField:
    """How many input pixels one value sees (`size`) and how far apart two neighbours look (`jump`), per axis."""

    size: tuple[int | Fraction, int | Fraction] = (1, 1)
    jump: tuple[int | Fraction, int | Fraction] = (1, 1)

    @property
    def readable(self) -> bool:
        """Whether its numbers are within what sizes may be; enlarging and shrinking in turn leads to any numbers."""
        numbers = (*self.size, *self.jump)
        return max(numbers) <= MOST_VALUES and all(number.denominator <= MOST_VALUES for number in numbers)


@dataclass(frozen=True, slots=True)
class Example:
    """A worked case, literal: what the tests assert and the help page shows."""

    config: Mapping[str, Any]
    inputs: tuple[Shape, ...]
    output: Shape
    parameters: int = 0
    macs: int = 0
    explanation: tuple[str, ...] = ()


@dataclass(slots=True)
class Context:
    """What one layer's mathematics gets beside arrays: the mode, its random numbers, and a place to keep things.

    Attributes
    ----------
    training : bool
    rng : numpy.random.Generator
        Drawn from in training only.
    """

    training: bool = False
    rng: np.random.Generator = field(default_factory=np.random.default_rng)
    _kept: dict[str, Any] = field(default_factory=dict)
    updates: dict[str, Array] = field(default_factory=dict)

    def keep(self, name: str, value: Any) -> Any:
        """Keep something that backward needs, and return it."""
        self._kept[name] = value
        return value

    def kept(self, name: str) -> Any:
        """Return what forward kept."""
        return self._kept[name]

    def update(self, name: str, value: Array) -> None:
        """Set a statistic's new value, to be stored after the batch."""
        self.updates[name] = value
