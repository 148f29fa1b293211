"""Parquet tables of Hugging Face: each row holds the file of a picture, as bytes, and its label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from core.errors import DataError
from core.io.datasets.assembling import Held, Origin, assembled
from core.io.datasets.pictures.decoding import PictureError, decode, measure
from core.io.datasets.stored import refuse_beyond_memory
from core.io.datasets.values import Dataset, Pixels, Refused
from core.io.failures import shown
from core.shapes import Shape, count
from core.text import counted, shape_text

_AT_ONCE = 64  # rows; each may be a picture of some megabytes
_MEASURED = 1000  # pictures, of which the most common size is taken


def dataset_of_pictures(held: Any, origin: Origin, column: str, label: str, classes: Sequence[str]) -> Dataset:
    """Make a data set of packed pictures; those that can't be used are refused with the number of their row.

    Parameters
    ----------
    held
        The open file.
    column, label
        The columns of the pictures and of their labels.

    Raises
    ------
    DataError
        None of them can be used, or they would not fit into memory.
    """
    want = _size(held, column)
    n = held.metadata.num_rows
    refuse_beyond_memory(origin.path, 2 * n * count(want), "Use a part of the table.")
    pixels: list[Pixels] = []
    labels: list[Any] = []
    refused: list[Refused] = []
    n_resized = 0
    for row, (data, stored) in enumerate(_rows(held, column, label), 1):
        try:
            picture = decode(data, want)
        except PictureError as error:
            where = ", ".join(filter(None, (f"row {row:,}", error.where)))
            what = f"{error.what} Remove the row." if error.is_other else error.what
            refused.append(Refused(shown(origin.path.name), where, what))
            continue
        n_resized += picture.size != want[:2]
        pixels.append(picture.pixels)
        labels.append(stored)
    if not pixels:
        first = f" {refused[0].where}: {refused[0].what}" if refused else ""
        raise DataError(f"{shown(origin.path.name)} holds no picture that can be read.{first}")
    if len({picture.dtype for picture in pixels}) > 1:  # some of 16 bits
        pixels = [picture if picture.dtype == np.float32 else picture / np.float32(255) for picture in pixels]
    notes = (f"{counted(n_resized, 'picture')} resized to {shape_text(want[:2])}",) if n_resized else ()
    what = f"of {shown(origin.path.name)}"
    images = Held(np.stack(pixels), np.array(labels), f"{shown(column)} {what}", f"{shown(label)} {what}")
    return replace(assembled(origin, images, None, classes, notes), refused=tuple(refused))


def _size(held: Any, column: str) -> Shape:
    """Return the most common height and width of the first pictures, and 3 channels where one has them."""
    sizes: Counter[tuple[int, int]] = Counter()
    channels = 1
    for row, (data, _) in enumerate(_rows(held, column, None)):
        if row == _MEASURED:
            break
        try:
            high, wide, n = measure(data)
        except PictureError:
            continue
        sizes[high, wide] += 1
        channels = max(channels, n)
    return (*sizes.most_common(1)[0][0], channels) if sizes else (1, 1, 1)


def _rows(held: Any, column: str, label: str | None) -> Iterator[tuple[bytes, Any]]:
    columns = [column] if label is None else [column, label]
    for batch in held.iter_batches(_AT_ONCE, columns=columns):
        labels = [None] * len(batch) if label is None else batch.column(label).to_pylist()
        for cell, stored in zip(batch.column(column).to_pylist(), labels, strict=True):
            data = cell.get("bytes") if isinstance(cell, dict) else cell
            yield data if isinstance(data, bytes) else b"", stored
