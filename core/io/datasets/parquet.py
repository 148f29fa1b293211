"""Parquet files, read by pyarrow (the extra `parquet`): a column for each value, lists of values, or pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.io.datasets.assembling import Held, Origin, assembled
from core.io.datasets.extras import library
from core.io.datasets.parquet_pictures import dataset_of_pictures
from core.io.datasets.stored import refuse_beyond_memory, refuse_bomb, refusing
from core.io.datasets.tables import Table, dataset_of_table, named_label
from core.io.datasets.values import Dataset
from core.io.failures import shown
from core.io.formats import PARQUET, is_of
from core.io.regular_files import open_file
from core.io.weights import DAMAGE
from core.text import listing

FORMAT = "Parquet"
_AT_ONCE = 4096  # rows


def is_parquet(path: Path) -> bool:
    """Say whether a file is Parquet."""
    return path.is_file() and is_of(path, PARQUET)


def read_parquet(path: Path) -> Dataset:
    """Read a table whose rows are a label and numbers, a list of numbers, or the file of a picture.

    Raises
    ------
    DataError
        pyarrow is missing, the file is damaged, or has no such columns.
    """
    parquet = library("pyarrow.parquet", path.name, PARQUET.what)
    arrow = library("pyarrow", path.name, PARQUET.what)
    with refusing(path, PARQUET.what, (*DAMAGE, arrow.ArrowException)), open_file(path) as file:
        try:
            return _dataset(parquet.ParquetFile(file), path, arrow.types)
        except OSError as error:  # pyarrow says with the system's error that bytes make no sense to it
            raise ValueError(str(error)) from error


def _dataset(held: Any, path: Path, types: Any) -> Dataset:
    schema, n = held.schema_arrow, held.metadata.num_rows
    size = path.stat().st_size
    n_bytes = max(sum(held.metadata.row_group(i).total_byte_size for i in range(held.num_row_groups)), n)
    refuse_bomb(path, n_bytes, size)
    names = tuple(schema.names)
    label = named_label(names)
    lists = [i for i, name in enumerate(names) if types.is_nested(schema.field(name).type)]
    texts = [i for i, name in enumerate(names) if _is_text(schema.field(name).type, types)]
    if label is None and len(texts) == 1:
        label = texts[0]
    origin, classes = Origin(path, FORMAT), _class_names(schema, names, label)
    pictures = next((name for name in names if _holds_files(schema.field(name).type, types)), None)
    if pictures is not None:
        if label is None:
            raise DataError(_no_label_text(path, names))
        return dataset_of_pictures(held, origin, pictures, names[label], classes)
    wrong = next((i for i in texts if i != label), None)
    if wrong is not None:
        raise DataError(
            f"{shown(path.name)}: its column {shown(names[wrong])} holds texts. Leave it out, or call it label."
        )
    if lists:
        return _of_lists(held, origin, names, lists[0], label, classes)
    columns = [i for i in range(len(names)) if i not in texts]
    refuse_beyond_memory(path, n * len(names) * 4, "Use a part of the table.")
    values = np.zeros((n, len(names)), np.float32)
    labels: list[Any] = []
    start = 0
    for batch in held.iter_batches(_AT_ONCE):
        with np.errstate(over="ignore"):  # what is beyond float32 becomes infinite, and is said to be
            for i in columns:
                values[start : start + len(batch), i] = _numbers(batch.column(i), names[i], path)
        if label in texts:
            labels += batch.column(label).to_pylist()
        start += len(batch)
    stored = np.array([str(text) for text in labels]) if texts else None
    return dataset_of_table(Table(names, values[:start], stored, label), origin, classes)


def _of_lists(
    held: Any, origin: Origin, names: tuple[str, ...], images: int, label: int | None, classes: list[str]
) -> Dataset:
    """Make a data set of a column whose rows are lists of values, perhaps lists of lists."""
    others = [i for i in range(len(names)) if i != images]
    if label is None and len(others) == 1:
        (label,) = others
    if label is None:
        raise DataError(_no_label_text(origin.path, names))
    values, labels = [], []
    n_bytes = 0
    for batch in held.iter_batches(_AT_ONCE, columns=[names[images], names[label]]):
        rows = _rows(batch.column(names[images]), names[images], origin.path)
        n_bytes += 2 * rows.nbytes
        refuse_beyond_memory(origin.path, n_bytes, "Use a part of the table.")
        values.append(rows)
        labels.append(np.array(batch.column(names[label]).to_pylist()))
    if not values:
        raise DataError(f"{shown(origin.path.name)} holds no rows. Give at least one sample.")
    if len({rows.shape[1:] for rows in values}) > 1:
        raise DataError(f"{shown(origin.path.name)}: the lists of its column {shown(names[images])} differ in length.")
    what = f"of {shown(origin.path.name)}"
    held_values = Held(
        np.concatenate(values),
        np.concatenate(labels),
        f"{shown(names[images])} {what}",
        f"{shown(names[label])} {what}",
    )
    return assembled(origin, held_values, None, classes)


def _rows(column: Any, name: str, path: Path) -> NDArray[Any]:
    """Return a column of lists as an array, a row for each."""
    n, sizes = len(column), []
    while hasattr(column, "flatten") and hasattr(column, "value_lengths"):
        inner = column.flatten()
        if column.null_count or not len(column) or len(inner) % len(column):
            lengths = {0}
        else:
            lengths = set(column.value_lengths().unique().to_pylist())
        if len(lengths) != 1 or 0 in lengths:
            raise DataError(
                f"{shown(path.name)}: the lists of its column {shown(name)} differ in length, or are empty."
            )
        sizes.append(lengths.pop())
        column = inner
    return _numbers(column, name, path).reshape(n, *sizes)


def _numbers(column: Any, name: str, path: Path) -> NDArray[Any]:
    values = column.to_numpy(zero_copy_only=False)
    if values.dtype.kind not in "fiub":
        raise DataError(f"{shown(path.name)}: its column {shown(name)} holds {column.type} values; numbers are needed.")
    return np.asarray(values)


def _no_label_text(path: Path, names: tuple[str, ...]) -> str:
    return f"{shown(path.name)} has no column called label; there are {listing(map(shown, names))}."


def _holds_files(kind: Any, types: Any) -> bool:
    """Say whether a column is one of packed pictures, as Hugging Face's are: their bytes, beside a path or alone."""
    if types.is_struct(kind):
        return any(kind.field(i).name == "bytes" for i in range(kind.num_fields))
    return bool(types.is_binary(kind) or types.is_large_binary(kind))


def _is_text(kind: Any, types: Any) -> bool:
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_dictionary(kind))


def _class_names(schema: Any, names: tuple[str, ...], label: int | None) -> list[str]:
    """Return the names of the classes that Hugging Face's data sets keep beside the columns."""
    try:
        info = json.loads((schema.metadata or {})[b"huggingface"])
        found = info["info"]["features"][names[label or 0]]["names"]
    except (KeyError, ValueError, TypeError, RecursionError):
        return []
    return [str(name) for name in found] if label is not None and isinstance(found, list) else []
