"""Trials on disk: a file with a line for each, so that a search that was killed goes on where it was."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from core.errors import SearchError
from core.io.failures import reason, shown
from core.search.trials import Trial, read_trial

if sys.platform != "win32":
    import fcntl

MOST_BYTES = 256 << 20


def trials_file(document: Path) -> Path:
    """Return where the trials of a document are kept: `lenet5.trials.jsonl` beside `lenet5.json`."""
    return document.with_name(f"{document.stem}.trials.jsonl")


def journal_for(path: Path, about: Mapping[str, Any]) -> Path:
    """Return the first of `path`, `path` with -2, -3, … in its name that is about a search, or isn't there yet.

    Parameters
    ----------
    path : Path
        Such as `lenet5.trials.jsonl`, which is followed by `lenet5.trials-2.jsonl`.
    about : mapping
        As for `Journal`.
    """
    number, tried = 1, path
    while tried.exists() and _begins(tried) != _as_written(about):
        number += 1
        tried = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return tried


class Journal:
    """A file that holds what a search is about and, line by line, its trials. One search writes it at a time.

    Parameters
    ----------
    path : Path
    about : mapping
        What decides the trials: document, space, stages, seed. A file about something else is not touched.

    Raises
    ------
    SearchError
        If another search writes it, it is about another search, or it can't be read or written.
    """

    def __init__(self, path: Path, about: Mapping[str, Any]) -> None:
        self.path = path
        self.trials: dict[int, Trial] = {}
        try:
            self._file: BinaryIO = path.open("a+b")
        except OSError as error:
            raise SearchError(
                f"{shown(path)}, where the trials are kept, cannot be written: {reason(error)}. "
                "Name another file with --storage."
            ) from error
        try:
            self._lock()
            self._read(_as_written(about))
        except BaseException:
            self._file.close()
            raise

    def write(self, trial: Trial) -> None:
        """Add a trial; when this returns, it is on the disk.

        Raises
        ------
        SearchError
        """
        self._write(trial.as_json())
        self.trials[trial.number] = trial

    def close(self) -> None:
        """Let another search write it."""
        self._file.close()

    def _lock(self) -> None:
        if sys.platform == "win32":
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise SearchError(
                f"Another search is writing {shown(self.path)}. Wait for it, or let both share an Optuna storage: "
                "--storage sqlite:///trials.db."
            ) from error

    def _read(self, about: Any) -> None:
        self._file.seek(0)
        text = self._file.read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            raise SearchError(f"{shown(self.path)} is larger than trials make it. Name another file with --storage.")
        if not text:
            self._write({"search": about})
            return
        end = text.rfind(b"\n") + 1  # a killed search may have left half a line
        lines = text[:end].splitlines()
        header = _header(lines[0]) if lines else None
        if header != about:
            what = "holds the trials of another search" if header is not None else "is no file of trials"
            raise SearchError(
                f"{shown(self.path)} {what}: document, space, stages or seed differ. "
                "Name another file with --storage, or remove it."
            )
        for number, line in enumerate(lines[1:], 2):
            try:
                trial = read_trial(json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                raise SearchError(f"{shown(self.path)}, line {number}, is no trial. Remove that line.") from error
            self.trials[trial.number] = trial
        if end < len(text):
            self._file.truncate(end)

    def _write(self, entry: Mapping[str, Any]) -> None:
        try:
            self._file.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise SearchError(
                f"{shown(self.path)}, where the trials are kept, cannot be written: {reason(error)}. "
                "What was tried before is in it; the same command goes on from there."
            ) from error


def _as_written(about: Mapping[str, Any]) -> Any:
    return json.loads(json.dumps(about))


def _header(line: bytes) -> Any:
    """Return what a search is about, from the first line of its file; None where it is something else."""
    try:
        return json.loads(line)["search"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _begins(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            return _header(file.readline(MOST_BYTES))
    except OSError:
        return None
