"""From a table to a data set: which column is the label, and whether the others are the pixels of a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.io.datasets.assembling import Origin, joined
from core.io.datasets.axes import planes_or_pixels
from core.io.datasets.classes import StoredLabels, labelled
from core.io.datasets.scales import extremes_of, scaled
from core.io.datasets.stored import Anything
from core.io.datasets.values import LABEL_LIMIT, Dataset
from core.io.failures import shown
from core.text import shape_text

LABEL_NAMES: Final = ("label", "class", "labels", "classes", "fine_label", "target", "species", "y")
"""What the column of the labels is called, in lower case; the first that is there is meant."""

PICTURES: Final = {28 * 28: (28, 28, 1), 32 * 32 * 3: (32, 32, 3)}
"""Numbers of values in a row that are the pixels of a picture, if they are bytes or fractions from 0 to 1."""

_DIGITS = (8, 8, 1)  # UCI's and scikit-learn's, whose values go to 16
_NUMBERING = {"", "id", "index", "unnamed: 0"}  # what programs call the column with which they number rows
_MOST_CLASSES = 1000


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a table.

    Attributes
    ----------
    names : tuple of str
        Of all columns; empty where they have none.
    values : array, (N, columns)
        Numbers; of a column of texts they mean nothing.
    texts : array of str, (N,), or None
        The labels, where they are texts.
    label : int or None
        Their column, where it is known already.
    """

    names: tuple[str, ...]
    values: NDArray[Any]
    texts: NDArray[np.str_] | None = None
    label: int | None = None

    def column_text(self, column: int) -> str:
        """Say which column is meant."""
        return column_text(self.names, column)


def column_text(names: Sequence[str], column: int) -> str:
    """Say which column is meant, by its number and its name.

    >>> column_text(["label", "a"], 1), column_text([], 0)
    ('column 2 (a)', 'column 1')
    """
    name = f" ({shown(names[column])})" if names and names[column] else ""
    return f"column {column + 1}{name}"


def named_label(names: Sequence[str]) -> int | None:
    """Return the column that is named after the label."""
    lowered = [name.strip().lower() for name in names]
    return next((lowered.index(name) for name in LABEL_NAMES if name in lowered), None)


def dataset_of_table(table: Table, origin: Origin, classes: Sequence[str] = ()) -> Dataset:
    """Make a data set of a table.

    Parameters
    ----------
    classes
        Names of the classes, where the file knows them.

    Raises
    ------
    DataError
        No column holds the labels, or a label is no class.

    Examples
    --------
    >>> from pathlib import Path
    >>> rows = np.array([[5.1, 3.5, 0], [4.9, 3.0, 1], [6.2, 2.8, 1]])
    >>> iris = dataset_of_table(Table((), rows), Origin(Path("iris.csv"), "CSV"))
    >>> iris.shape, iris.labels.tolist(), iris.notes
    ((2,), [0, 1, 1], ('the label is column 3',))
    """
    notes: list[str] = []
    left_out = _numbering(table)
    if left_out is not None:
        notes.append(f"{table.column_text(left_out)} numbers the rows and is left out")
    label = table.label
    if label is None:
        label = _label(table, left_out, origin)
        notes.append(f"the label is {table.column_text(label)}")
    stored = table.values[:, label] if table.texts is None else table.texts
    labels = labelled([StoredLabels(stored, f"{origin.path.name}, {table.column_text(label)}")], classes)
    images = _without(table.values, [label, *([] if left_out is None else [left_out])])
    if not images.shape[1]:
        raise DataError(
            f"{shown(origin.path.name)} has a column of labels only. Give the values of each sample beside it."
        )
    images, note = _pictured(images)
    values = scaled([images], origin.path, f"{shown(origin.path.name)}")
    return joined(origin, values, labels, (*notes, *note, *values.notes, *labels.notes))


def _numbering(table: Table) -> int | None:
    """Return the first column if it only numbers the rows: pandas and others write such a one."""
    if not table.names or table.names[0].strip().lower() not in _NUMBERING or table.label == 0:
        return None
    first = table.values[:, 0].astype(np.float64)
    return 0 if bool((np.diff(first) == 1).all()) else None


def _label(table: Table, left_out: int | None, origin: Origin) -> int:
    """Return the first or the last column, whichever looks like labels: the fewer gaps, the more so."""
    last: int = table.values.shape[1] - 1
    ends = [0 if left_out is None else 1, last]
    likeness = [_likeness(table.values[:, column]) for column in ends]
    if not any(likeness):
        begins = [f"{table.column_text(column)} begins with {table.values[0, column]:g}" for column in ends]
        raise DataError(
            f"{shown(origin.path.name)}: neither the first nor the last column holds labels: {' and '.join(begins)}. "
            "Name the column with the classes “label” in the first line."
        )
    if likeness[0] == likeness[1]:
        return ends[0] if last - ends[0] in PICTURES else last
    return ends[int(likeness[1] > likeness[0])]


def _likeness(column: NDArray[Any]) -> int:
    """Return how much numbers look like labels: 0 not at all, 1 if there is but one, 2 with gaps, 3 without."""
    finite = column[np.isfinite(column)]
    values = np.unique(finite)
    if finite.size < column.size or values.size > _MOST_CLASSES or (values != np.trunc(values)).any():
        return 0
    if values.size and (values[0] < -1 or values[-1] >= LABEL_LIMIT):
        return 0
    if values.size < 2:
        return 1
    has_no_gaps = bool(values[0] in {0, 1}) and int(values[-1] - values[0]) == values.size - 1
    return 3 if has_no_gaps else 2


def _without(values: NDArray[Any], columns: Sequence[int]) -> NDArray[Any]:
    """Leave out columns; at the ends, without a copy."""
    first, last = 0, values.shape[1]
    rest = set(columns)
    while first in rest:
        rest.remove(first)
        first += 1
    while last - 1 in rest:
        rest.remove(last - 1)
        last -= 1
    kept = values[:, first:last]
    return np.delete(kept, [column - first for column in rest], axis=1) if rest else kept


def _pictured(rows: NDArray[Any]) -> tuple[Anything, list[str]]:
    """Return rows as pictures where their number and values say so, and what a report says of it."""
    size = rows.shape[1]
    shape = PICTURES.get(size)
    low, high, whole = extremes_of(rows)
    if shape is not None and low >= 0 and high <= 255:
        if shape[2] == 1:
            return rows.reshape(-1, *shape), [f"{size:,} values taken as {shape_text(shape)}"]
        images, order = planes_or_pixels(rows, shape[0])
        return images, [f"{size:,} values taken as {shape_text(shape)}, {order}"]
    if size == _DIGITS[0] * _DIGITS[1] and whole and low >= 0 and high == 16:
        return rows.reshape(-1, *_DIGITS), [f"{size} values taken as {shape_text(_DIGITS)}"]
    return rows, []
