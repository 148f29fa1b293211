"""The numbers that a picture is drawn from, as files and as text."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    r"""What a picture is drawn from.

    Attributes
    ----------
    array : array
        As it is saved as NPY.
    rows : sequence of sequence
        As it is saved as CSV: a row of headings, then the values.

    Examples
    --------
    >>> Numbers(np.eye(1), [["cat, small"], [1.0]]).csv
    '"cat, small"\n1.0\n'
    """

    array: NDArray[np.generic]
    rows: Sequence[Sequence[object]]

    @property
    def csv(self) -> str:
        """The rows as text, separated by commas."""
        return self._text(",")

    @property
    def table(self) -> str:
        """The rows as text, separated by tabs: what spreadsheets take from the clipboard."""
        return self._text("\t")

    @property
    def npy(self) -> bytes:
        """The array as a file; no pickle."""
        file = BytesIO()
        np.save(file, self.array, allow_pickle=False)
        return file.getvalue()

    def _text(self, separator: str) -> str:
        text = StringIO()
        csv.writer(text, delimiter=separator, lineterminator="\n").writerows(self.rows)
        return text.getvalue()


def table_of(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Numbers | None:
    """Return a table; its array has the columns of numbers alone, and NaN where one is missing. None without rows.

    >>> table_of(["class", "share"], [("cat", 0.25), ("hen", None)]).array
    array([[0.25],
           [ nan]])
    """
    every = list(rows)
    if not every:
        return None
    kinds = [{type(value) for value in column} - {type(None)} for column in zip(*every, strict=True)]
    places = [place for place, kind in enumerate(kinds) if kind <= {int, float}]
    array = np.array([[row[place] for place in places] for row in every], np.float64)
    return Numbers(array, [head, *every])


def matrix_rows(matrix: NDArray[np.generic]) -> list[list[object]]:
    """Return a matrix as rows with the numbers of its columns and rows before them.

    >>> matrix_rows(np.array([[5, 6]]))
    [['', 1, 2], [1, 5, 6]]
    """
    head: list[object] = ["", *range(1, matrix.shape[1] + 1)]
    return [head, *([place, *row] for place, row in enumerate(matrix.tolist(), 1))]


def value_rows(values: NDArray[np.generic]) -> list[list[object]]:
    """Return the values of a layer as rows, each with its place, counted as the window does: maps from 1, cells from 0.

    (H, W, C) has row, column and map; a vector has the place alone; of other arrays each axis is counted.

    >>> value_rows(np.float32([[[1, 2]]]))
    [['row', 'column', 'map', 'value'], [0, 0, 1, 1.0], [0, 0, 2, 2.0]]
    >>> value_rows(np.float32([0.5]))
    [['place', 'value'], [0, 0.5]]
    """
    names = {1: ["place"], 3: ["row", "column", "map"]}.get(values.ndim) or [f"axis {n}" for n in range(values.ndim)]
    first = [int(name == "map") for name in names]
    places = (
        [*(place + start for place, start in zip(at, first, strict=True)), value]
        for at, value in zip(np.ndindex(values.shape), values.ravel().tolist(), strict=True)
    )
    return [[*names, "value"], *places]
