"""Labels as files hold them, made class numbers: whole numbers, one-hot rows, or texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.io.datasets.values import LABEL_LIMIT, Labels, absence_notes
from core.io.failures import shown
from core.text import counted, number_text

MOST_TEXTS = 10_000
"""Different texts that labels may be; more are names of the samples, not of classes."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """The labels of each part as class numbers, and what the classes are called.

    Attributes
    ----------
    parts : list of int64 array, (N,)
    classes : tuple of str
    notes : tuple of str
    """

    parts: list[Labels]
    classes: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoredLabels:
    """Labels as a file holds them, and what sentences call them: "y_train of mnist.npz"."""

    values: NDArray[Any]
    what: str


def labelled(parts: Sequence[StoredLabels], names: Sequence[str] = ()) -> Labelled:
    """Make class numbers of the labels of a data set's parts; a class has the same number in each.

    Parameters
    ----------
    names
        Of the classes, where the files know them.

    Raises
    ------
    DataError
        A label is no class; the text says which.

    Examples
    --------
    >>> labelled([StoredLabels(np.array(["dog", "cat", "dog"]), "y")])
    Labelled(parts=[array([1, 0, 1])], classes=('cat', 'dog'), notes=())
    >>> labelled([StoredLabels(np.eye(3)[[2, 0]], "y")]).notes
    ('one-hot labels made class numbers', 'no image of class 1')
    """
    columns = [_column(part) for part in parts]
    notes = ["one-hot labels made class numbers"] if any(column.ndim == 2 for column in columns) else []
    n_columns = max((column.shape[1] for column in columns if column.ndim == 2), default=0)
    if n_columns:
        columns = [
            _from_one_hot(column, part.what) if column.ndim == 2 else column
            for column, part in zip(columns, parts, strict=True)
        ]
    if any(column.dtype.kind in "US" for column in columns):
        return _from_texts(columns, parts, names)
    numbers = [_numbers(column, part.what) for column, part in zip(columns, parts, strict=True)]
    values = np.unique(np.concatenate(numbers))
    if set(values.tolist()) == {-1, 1}:
        return Labelled(
            [(column > 0).astype(np.int64) for column in numbers],
            ("-1", "1"),
            (*notes, "the labels −1 and 1 made classes"),
        )
    for column, part in zip(numbers, parts, strict=True):
        _refuse_out_of_range(column, part.what)
    highest = max(int(values[-1]), n_columns - 1)
    classes, named = _named(names, int(values[0]), highest)
    return Labelled(numbers, classes, (*notes, *named, *absence_notes(numbers[0], classes)))


def _column(part: StoredLabels) -> NDArray[Any]:
    """Return labels as (N,), or (N, classes) where each has a row."""
    values = part.values
    if values.dtype.kind not in "biufUS":
        raise DataError(f"{part.what} holds {values.dtype}, no labels. Give one whole number for each image.")
    if values.ndim == 2 and 1 in values.shape:
        return values.reshape(-1)
    if values.ndim not in {1, 2} or not values.size or (values.ndim == 2 and values.dtype.kind in "US"):
        raise DataError(
            f"{part.what} has the shape {values.shape}, no labels. Give a whole number for each image, or one-hot rows."
        )
    return values


def _from_one_hot(rows: NDArray[Any], what: str) -> NDArray[np.intp]:
    is_one_hot = (np.count_nonzero(rows, axis=1) == 1) & (rows.max(axis=1) == 1)
    if not is_one_hot.all():
        first = int(is_one_hot.argmin())
        raise DataError(
            f"{what} has {counted(rows.shape[1], 'value')} for each image, but row {first + 1:,} is not one-hot: "
            f"it does not hold a single 1 among zeros. Give one whole number for each image."
        )
    places: NDArray[np.intp] = rows.argmax(axis=1)
    return places


def _from_texts(columns: list[NDArray[Any]], parts: Sequence[StoredLabels], names: Sequence[str]) -> Labelled:
    texts = [_texts(column) for column in columns]
    found = sorted(set().union(*(np.unique(column).tolist() for column in texts)))
    if len(found) > MOST_TEXTS:
        raise DataError(
            f"{parts[0].what} holds {counted(len(found), 'different text')}; they seem to be names of images, not of "
            "classes. Give the name or number of each image's class."
        )
    if set(found) <= set(names):
        found = list(names)
    order = np.array(found)
    sort = np.argsort(order)
    numbers = [sort[np.searchsorted(order, column, sorter=sort)].astype(np.int64) for column in texts]
    classes = tuple(map(shown, found))
    return Labelled(numbers, classes, absence_notes(numbers[0], classes))


def _texts(column: NDArray[Any]) -> NDArray[np.str_]:
    if column.dtype.kind == "S":
        return np.char.decode(column, "utf-8", "replace")
    return column.astype(str)


def _numbers(column: NDArray[Any], what: str) -> Labels:
    if column.dtype.kind == "f":
        wrong = ~np.isfinite(column) | (column != np.trunc(np.where(np.isfinite(column), column, 0)))
        if wrong.any():
            first = int(wrong.argmax())
            _refuse(what, first, f"{column[first]:g}")
        big = np.abs(column) >= LABEL_LIMIT
        if big.any():
            first = int(big.argmax())
            _refuse(what, first, f"{column[first]:g}")
    elif column.dtype == np.uint64:  # beyond int64 they would become negative
        column = np.minimum(column, LABEL_LIMIT)
    return column.astype(np.int64)


def _refuse_out_of_range(labels: Labels, what: str) -> None:
    wrong = (labels < 0) | (labels >= LABEL_LIMIT)
    if wrong.any():
        first = int(wrong.argmax())
        _refuse(what, first, number_text(int(labels[first])))


def _refuse(what: str, first: int, value: str) -> NoReturn:
    raise DataError(
        f"{what}: label {first + 1:,} is {value}; labels are class numbers from 0 to {LABEL_LIMIT - 1:,}. "
        "Number the classes 0, 1, 2, … and write the file again."
    )


def _named(names: Sequence[str], lowest: int, highest: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what the classes are called, and what a report says of that."""
    if highest < len(names):
        return tuple(map(shown, names)), ()
    if names and lowest == 1 and highest == len(names):  # labels that begin with 1; `first_label` drops the first name
        return ("0", *map(shown, names)), ()
    notes = (f"{counted(len(names), 'name')} for {highest + 1:,} classes: the numbers are used",) if names else ()
    return tuple(map(str, range(highest + 1))), notes
