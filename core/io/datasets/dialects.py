"""How a table of values is written: its encoding, what separates fields, names in its first line, decimals."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

SAMPLE = 1 << 18
"""Bytes of a file by which its dialect is told."""

_SEPARATORS = "\t;,"  # in this order: where ; separates, a comma may stand in numbers
_NUMBER = re.compile(r"[-+]?(\d++(\.\d*+)?|\.\d++)(e[-+]?\d++)?|[-+]?(nan|inf(inity)?)", re.IGNORECASE)
_WITH_COMMA = re.compile(r"[-+]?\d*+,\d++(e[-+]?\d++)?", re.IGNORECASE)
_ENCODINGS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_ROWS = 50


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a table is written.

    Attributes
    ----------
    encoding : str
    separator : str
    names : tuple of str
        Of the columns, from its first line; empty where that holds values.
    n_columns : int
    decimal_comma : bool
    text_columns : tuple of int
        Columns whose fields are mostly no numbers.
    """

    encoding: str
    separator: str
    names: tuple[str, ...]
    n_columns: int
    decimal_comma: bool
    text_columns: tuple[int, ...]

    def fields(self, line: str) -> list[str]:
        """Return the fields of a line, without quotes."""
        return [field.strip() for field in next(csv.reader([line], delimiter=self.separator), [])]

    def number(self, field: str) -> float | None:
        """Return the number that a field holds."""
        if self.decimal_comma:
            field = field.replace(",", ".")
        return float(field) if _NUMBER.fullmatch(field) else None


def dialect_of(first: bytes, *, whole: bool) -> Dialect | None:
    r"""Tell the dialect of a table by its first bytes; None if they are no table of numbers.

    Parameters
    ----------
    whole
        Whether these bytes are the whole file; else the last line may be cut.

    Examples
    --------
    >>> dialect_of(b"label;a;b\n7;0,5;1\n2;1;0,25\n", whole=True)
    Dialect(encoding='utf-8-sig', separator=';', names=('label', 'a', 'b'), n_columns=3, decimal_comma=True,
        text_columns=())
    >>> dialect_of(b"Dear all,\nmany thanks", whole=True)
    """
    encoding = next((name for mark, name in _ENCODINGS.items() if first.startswith(mark)), "")
    if not encoding and b"\0" in first:
        return None
    encoding = encoding or ("utf-8-sig" if _is_utf_8(first, whole=whole) else "cp1252")
    text = first.decode(encoding, "replace")
    if text.lstrip().startswith(("{", "[", "<")):
        return None
    lines = text.splitlines()
    if not whole:
        lines = lines[:-1] or lines
    lines = [line for line in lines if line.strip()][:_ROWS]
    separator = _separator(lines)
    if separator is None:
        return None
    rows = [[field.strip() for field in row] for row in csv.reader(lines, delimiter=separator)]
    n_columns = Counter(map(len, rows)).most_common(1)[0][0]
    return _judged(encoding, separator, [row for row in rows if len(row) == n_columns])


def _is_utf_8(first: bytes, *, whole: bool) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(first, final=whole)
    except UnicodeDecodeError:
        return False
    return True


def _separator(lines: Sequence[str]) -> str | None:
    """Return the separator by which most lines have equally many fields, and more than one."""
    for separator in _SEPARATORS:
        try:
            lengths = Counter(len(row) for row in csv.reader(lines, delimiter=separator))
        except csv.Error:
            continue
        n, times = lengths.most_common(1)[0] if lengths else (0, 0)
        if n > 1 and 2 * times > sum(lengths.values()):
            return separator
    return None


def _judged(encoding: str, separator: str, rows: list[list[str]]) -> Dialect | None:
    """Complete a dialect by what stands in its rows, which are equally long."""
    below = rows[1:] or rows
    decimal_comma = separator != "," and any(_WITH_COMMA.fullmatch(field) for row in below for field in row)

    def is_number(field: str) -> bool:
        return _NUMBER.fullmatch(field.replace(",", ".") if decimal_comma else field) is not None

    columns = range(len(rows[0]))
    share = [sum(is_number(row[j]) for row in below) / len(below) for j in columns]
    texts = tuple(j for j in columns if share[j] <= 0.5)
    if len(texts) == len(columns):
        return None
    has_names = len(rows) > 1 and any(j not in texts and not is_number(rows[0][j]) for j in columns)
    names = tuple(rows[0]) if has_names and not any(is_number(field) for field in rows[0] if field) else ()
    return Dialect(encoding, separator, names, len(columns), decimal_comma, texts)
