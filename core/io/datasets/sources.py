"""Where samples come from, said when it is asked for: of a million there is not a text for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

import numpy as np

from core.io.datasets.values import Indices


class _Said(Sequence[str]):
    """A sequence of texts that are made when they are asked for."""

    def __init__(self, n: int) -> None:
        self._n = n

    def __len__(self) -> int:
        return self._n

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> list[str]: ...

    def __getitem__(self, place: int | slice) -> str | list[str]:
        """Return one, or those of a slice."""
        if isinstance(place, slice):
            return [self._text(i) for i in range(*place.indices(self._n))]
        return self._text(range(self._n)[place])

    def _text(self, place: int) -> str:
        raise NotImplementedError


class Places(_Said):
    """Samples of several files, one after the other.

    >>> Places([("a.bin", 2), ("b.bin", 3)])[1:3]
    ['a.bin, image 2', 'b.bin, image 1']
    """

    def __init__(self, files: Sequence[tuple[str, int]]) -> None:
        self._names = [name for name, _ in files]
        self._ends = np.cumsum([n for _, n in files])
        super().__init__(int(self._ends[-1]))

    def _text(self, place: int) -> str:
        file = int(np.searchsorted(self._ends, place, side="right"))
        first = int(self._ends[file - 1]) if file else 0
        return f"{self._names[file]}, image {place - first + 1:,}"


class Lines(_Said):
    """Samples that stand in lines of a file.

    >>> Lines("a.csv", np.array([2, 5]))[1]
    'a.csv, line 5'
    """

    def __init__(self, name: str, numbers: Indices) -> None:
        self._name, self._numbers = name, numbers
        super().__init__(len(numbers))

    def _text(self, place: int) -> str:
        return f"{self._name}, line {self._numbers[place]:,}"
