"""The curve of a run: a line for each epoch in `curve.csv`, and every batch in `batches.npz`."""

from __future__ import annotations

import csv
import io
from array import array
from collections.abc import Iterable
from dataclasses import fields
from math import isfinite
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError, SaveError
from core.io.arrays import Arrays, load_arrays
from core.io.atomic import write_atomically
from core.io.failures import reason, shown
from core.io.regular_files import open_file
from core.text import bytes_text
from core.training.messages import Batch, Epoch

CURVE, BATCHES = "curve.csv", "batches.npz"
MOST_BATCHES = 1 << 18
"""Batches that are kept of a run; beyond, every second one is left out, again and again."""

_COLUMNS = tuple(field.name for field in fields(Epoch))
_WHOLE = frozenset({"epoch", "step"})
_FLAGS = frozenset({"is_best", "is_last"})
_LARGEST = 64 << 20
_KEPT = {"step": "q", "epoch": "q", "batch": "q", "loss": "d", "accuracy": "d", "n": "q", "learning_rate": "d"}


class CurveFile:
    """Appends a line for each epoch; what is written is there whatever becomes of the process."""

    def __init__(self, folder: Path, earlier: Iterable[Epoch]) -> None:
        """Begin with the epochs of a run that goes on, and forget those that will be computed again.

        Raises
        ------
        SaveError
        """
        self._path = folder / CURVE
        write_atomically(self._path, "".join([_line(_COLUMNS), *map(_epoch_line, earlier)]).encode(), durable=False)
        self._file: IO[str] | None = None

    def append(self, epoch: Epoch) -> None:
        """Write a line.

        Raises
        ------
        SaveError
        """
        try:
            if self._file is None:
                self._file = self._path.open("a", encoding="utf-8", newline="")
            self._file.write(_epoch_line(epoch))
            self._file.flush()
        except OSError as error:
            raise SaveError(f"{shown(self._path)} could not be written: {reason(error)}.") from error

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _epoch_line(epoch: Epoch) -> str:
    return _line("" if value is None else repr(value) for value in (getattr(epoch, name) for name in _COLUMNS))


def _line(values: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(values)
    return line.getvalue()


def read_curve(folder: Path) -> tuple[Epoch, ...]:
    """Read the epochs of a run; a last line that a crash has cut off is left out.

    Raises
    ------
    DataError
        If the file can't be read, or is damaged elsewhere.
    """
    path = folder / CURVE
    try:
        with open_file(path) as file:
            data = file.read(_LARGEST + 1)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise DataError(f"{shown(path)} cannot be read: {reason(error)}.") from error
    if len(data) > _LARGEST:
        raise DataError(f"{shown(path)} is larger than {bytes_text(_LARGEST)}, which no curve reaches.")
    if not data:
        return ()
    text, _, _ = data.decode(errors="replace").rpartition("\n")
    epochs: list[Epoch] = []
    try:
        rows = csv.DictReader(io.StringIO(text))
        if not {"epoch", "step", "train_loss"} <= {*(rows.fieldnames or ())}:
            raise DataError(f"{shown(path)} is damaged: its first line doesn't name the columns of a curve.")
        for number, row in enumerate(rows, start=2):
            epoch = _epoch(row)
            if epoch is None or (epochs and epoch.epoch <= epochs[-1].epoch):
                raise DataError(f"{shown(path)} is damaged: line {number} is not the line of an epoch.")
            epochs.append(epoch)
    except csv.Error as error:
        raise DataError(f"{shown(path)} is damaged: it is no table of values between commas.") from error
    return tuple(epochs)


def _epoch(row: dict[str | Any, str | Any]) -> Epoch | None:
    """Return the epoch of a line; None where a figure is missing or none."""
    values: dict[str, Any] = {}
    try:
        for name in _COLUMNS:
            text = row.get(name)
            if name in _FLAGS:
                values[name] = text == "True"
            elif text:
                values[name] = int(text) if name in _WHOLE else float(text)
            elif name.startswith("val_"):
                values[name] = None
        epoch = Epoch(**values)
    except (ValueError, TypeError):
        return None
    return epoch if epoch.epoch > 0 and epoch.step > 0 and isfinite(epoch.train_loss) else None


class Batches:
    """The batches of a run as columns of numbers, of which a bounded number is kept."""

    def __init__(self) -> None:
        self._columns = {name: array(code) for name, code in _KEPT.items()}
        self._every = 1

    def add(self, batch: Batch) -> None:
        """Keep a batch."""
        if batch.step % self._every:
            return
        for name, column in self._columns.items():
            column.append(getattr(batch, name))
        if len(self._columns["step"]) >= MOST_BATCHES:
            self._every *= 2
            is_kept = np.frombuffer(self._columns["step"], "q") % self._every == 0
            self._columns = {
                name: array(_KEPT[name], np.frombuffer(column, _KEPT[name])[is_kept].tobytes())
                for name, column in self._columns.items()
            }

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return copies of the columns."""
        return {name: np.array(column, dtype=_KEPT[name]) for name, column in self._columns.items()}

    def take(self, arrays: dict[str, NDArray[Any]], until: int) -> None:
        """Begin with the batches of a run that goes on, up to a step."""
        is_kept = arrays["step"] <= until
        for name, column in self._columns.items():
            column.frombytes(np.ascontiguousarray(arrays[name][is_kept], dtype=_KEPT[name]).tobytes())
        steps = arrays["step"][is_kept]
        if len(steps) > 1:
            self._every = 1 << max(0, int(np.diff(steps).max()).bit_length() - 1)


def read_batches(folder: Path) -> dict[str, NDArray[Any]]:
    """Read the batches of a run as columns by the names of what `Batch` says; there may be none as yet.

    Raises
    ------
    DataError
    """
    path = folder / BATCHES

    def require(arrays: Arrays) -> None:
        if not isinstance(arrays, dict) or not arrays.keys() >= _KEPT.keys():
            raise DataError(f"{shown(path)} is damaged: it doesn't hold {', '.join(_KEPT)}.")
        if any(a.ndim != 1 or len(a) != len(arrays["step"]) for name, a in arrays.items() if name in _KEPT):
            raise DataError(f"{shown(path)} is damaged: its columns differ in length.")

    if not path.exists():
        return no_batches()
    arrays = load_arrays(path, require, _LARGEST)
    return {name: arrays[name].astype(code) for name, code in _KEPT.items()} if isinstance(arrays, dict) else {}


def no_batches() -> dict[str, NDArray[Any]]:
    """Return the batches of a run that has none."""
    return {name: np.empty(0, code) for name, code in _KEPT.items()}
