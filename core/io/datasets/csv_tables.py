"""Tables of values as text, CSV and TSV: a line for each sample, its label among the fields.

A line that can't be read is refused with its number, and the column where that is known; the others are kept.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.io.datasets.assembling import Origin
from core.io.datasets.beginnings import beginning
from core.io.datasets.dialects import SAMPLE, Dialect, dialect_of
from core.io.datasets.sources import Lines
from core.io.datasets.stored import most_unpacked, refuse_beyond_memory, refusing
from core.io.datasets.tables import Table, column_text, dataset_of_table, named_label
from core.io.datasets.values import Dataset, Refused
from core.io.failures import shown
from core.io.formats import CSV, GZIP, recognise_file
from core.io.regular_files import open_file
from core.text import bytes_text, counted, excerpt

FORMAT: Final = "CSV"
MOST_REFUSED: Final = 1000
"""Lines that are listed one by one; the others are counted."""

_LONGEST_LINE = 16 << 20  # characters
_AT_ONCE = 1 << 20  # values


def is_csv(path: Path) -> bool:
    """Say whether a file, plain or packed with gzip, is a table: most lines have equally many fields, with numbers."""
    known = recognise_file(path)
    if known is not None and known.recognises is not CSV.recognises:
        return False
    first = beginning(path, SAMPLE)
    return bool(first) and dialect_of(first, whole=len(first) < SAMPLE) is not None


def read_csv(path: Path) -> Dataset:
    """Read a table of values separated by commas, semicolons or tabs.

    Parameters
    ----------
    path
        The label is the column named `label` or `class`; without such a name the one that holds texts, or else the
        first or the last, whichever looks like class numbers. The first line may hold names. 784 other columns are
        28×28×1 pixels, 3,072 are 32×32×3.

    Raises
    ------
    DataError
        It is damaged, has no labels, or most of its lines can't be read.
    """
    first = beginning(path, SAMPLE)
    dialect = dialect_of(first, whole=len(first) < SAMPLE)
    if dialect is None:
        raise DataError(f"{shown(path.name)} is no table of numbers: give lines of equally many fields.")
    with refusing(path, "a table of values"), _text(path, dialect.encoding) as lines:
        rows = _read(lines, dialect, path)
    texts = None if rows.text_column is None else np.array(rows.texts)
    table = Table(dialect.names, np.concatenate(rows.values), texts, rows.label)
    dataset = dataset_of_table(table, Origin(path, FORMAT))
    return replace(dataset, refused=tuple(rows.refused), sources=Lines(shown(path.name), np.array(rows.numbers)))


@contextmanager
def _text(path: Path, encoding: str) -> Iterator[Iterator[tuple[int, str]]]:
    """Open a file, and go through its lines that are not blank, each with its number."""
    with open_file(path) as file:
        packed = file.read(2) == GZIP
        file.seek(0)
        size = os.fstat(file.fileno()).st_size
        stream = gzip.GzipFile(fileobj=file) if packed else file
        text = io.TextIOWrapper(stream, encoding=encoding, errors="replace")
        yield _lines(text, path, most_unpacked(size) if packed else None)


def _lines(text: io.TextIOWrapper, path: Path, most: int | None) -> Iterator[tuple[int, str]]:
    number, n_read = 0, 0
    while line := text.readline(_LONGEST_LINE):
        number += 1
        n_read += len(line)
        if len(line) == _LONGEST_LINE:
            raise DataError(
                f"{shown(path.name)}: line {number:,} has more than {_LONGEST_LINE:,} characters: no table."
            )
        if most is not None and n_read > most:
            raise DataError(
                f"{shown(path.name)} unpacks to more than {bytes_text(most)}, which no honest file of its size does. "
                "Unpack it first if you trust it."
            )
        if line.strip():
            yield number, line


@dataclass(slots=True)
class _Rows:
    """What was read so far."""

    dialect: Dialect
    path: Path
    label: int | None
    values: list[NDArray[Any]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    n: int = 0
    n_refused: int = 0

    @property
    def text_column(self) -> int | None:
        """The column of labels that are texts."""
        return self.label if self.label in self.dialect.text_columns else None

    def add(self, lines: list[tuple[int, str]]) -> None:
        """Take lines: all at once, or one by one where that fails."""
        values = self._at_once([line for _, line in lines])
        if values is None:
            values = self._one_by_one(lines)
        else:
            self.numbers += [number for number, _ in lines]
        self.values.append(_narrow(values))
        self.n += len(values)
        refuse_beyond_memory(self.path, self.n * self.dialect.n_columns * 4, "Use a part of the table.")

    def _at_once(self, lines: list[str]) -> NDArray[Any] | None:
        dialect, text_column = self.dialect, self.text_column
        if dialect.decimal_comma:
            if text_column is not None:
                return None
            lines = [line.replace(",", ".") for line in lines]
        elif text_column is None and (whole := _whole_numbers(lines, dialect)) is not None:
            return whole
        columns = [column for column in range(dialect.n_columns) if column != text_column]
        texts: list[str] = []
        if text_column is not None:
            rows = list(csv.reader(lines, delimiter=dialect.separator))
            if len(rows) != len(lines) or any(len(row) != dialect.n_columns for row in rows):
                return None
            texts = [row[text_column].strip() for row in rows]
        try:
            values = np.loadtxt(
                lines,
                np.float32,
                comments=None,
                delimiter=dialect.separator,
                quotechar='"',
                ndmin=2,
                usecols=None if text_column is None else columns,
            )
        except (ValueError, OverflowError):
            return None
        if values.shape != (len(lines), len(columns)) or not all(texts):
            return None
        self.texts += texts
        return values if text_column is None else np.insert(values, text_column, 0, axis=1)

    def _one_by_one(self, lines: list[tuple[int, str]]) -> NDArray[Any]:
        kept = []
        for number, line in lines:
            row = self._row(number, line)
            if isinstance(row, Refused):
                self.n_refused += 1
                self.refused += [row] if self.n_refused <= MOST_REFUSED else []
            else:
                kept.append(row)
                self.numbers.append(number)
        with np.errstate(over="ignore"):  # what is beyond float32 becomes infinite, and is said to be
            return np.array(kept, np.float32).reshape(-1, self.dialect.n_columns)

    def _row(self, number: int, line: str) -> list[float] | Refused:
        dialect = self.dialect
        try:
            fields = dialect.fields(line)
        except csv.Error as error:
            return self._refused(f"line {number:,}", f"it can't be divided into fields: {error}.")
        if len(fields) != dialect.n_columns:
            what = f"it has {counted(len(fields), 'field')}; the others have {dialect.n_columns:,}."
            return self._refused(f"line {number:,}", what)
        row = []
        for column, text in enumerate(fields):
            value = dialect.number(text) if column != self.text_column else 0.0 if text else None
            if value is None:
                what = f"{excerpt(text)} is not a number." if text else "nothing stands there."
                return self._refused(f"line {number:,}, {column_text(dialect.names, column)}", what)
            row.append(value)
        if self.text_column is not None:
            self.texts.append(fields[self.text_column])
        return row

    def _refused(self, where: str, what: str) -> Refused:
        return Refused(shown(self.path.name), where, f"{what} Correct the line, or remove it.")


def _whole_numbers(lines: list[str], dialect: Dialect) -> NDArray[np.int64] | None:
    """Return lines of nothing but whole numbers, ten times faster than others are read; None for other lines."""
    separator = dialect.separator
    if any(line.count(separator) != dialect.n_columns - 1 for line in lines):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a warning is all that NumPy says where it stops
        try:
            values = np.fromstring(separator.join(line.strip("\r\n") for line in lines), np.int64, sep=separator)
        except (ValueError, DeprecationWarning):
            return None
    return values.reshape(len(lines), -1) if values.size == len(lines) * dialect.n_columns else None


def _narrow(values: NDArray[Any]) -> NDArray[Any]:
    """Return values as bytes where they are such: a quarter of the memory."""
    if values.size and values.min() >= 0 and values.max() <= 255:
        narrow = values.astype(np.uint8)
        if (narrow == values).all():
            return narrow
    return values.astype(np.float32)


def _read(lines: Iterator[tuple[int, str]], dialect: Dialect, path: Path) -> _Rows:
    if dialect.names:
        next(lines, None)
    label = named_label(dialect.names)
    if label is None and len(dialect.text_columns) == 1:
        label = dialect.text_columns[0]
    rows = _Rows(dialect, path, label)
    n_at_once = max(1, _AT_ONCE // dialect.n_columns)
    while some := list(islice(lines, n_at_once)):
        rows.add(some)
    if rows.n_refused >= max(rows.n, 1):
        first = rows.refused[0] if rows.refused else None
        why = f"{first.where}: {first.what}" if first else "there is no line of values."
        others = f" {counted(rows.n_refused - 1, 'other line')} can't be read, either." if rows.n_refused > 1 else ""
        raise DataError(f"{shown(path.name)}: {why}{others}")
    if rows.n_refused > MOST_REFUSED:
        more = f"{rows.n_refused - MOST_REFUSED:,} more lines can't be read, either. Correct those above first."
        rows.refused.append(Refused(shown(path.name), "", more))
    return rows
