"""Finding the folder of a run behind whatever a user names."""

from __future__ import annotations

from pathlib import Path

from core.io.regular_files import open_file
from core.runs.record import FORMAT, NAME
from core.runs.store import newest_folder

_BEGINNING = 4096
"""Bytes of a record in which it says what it is."""


def run_folder(path: Path) -> Path | None:
    """Return the folder of the run that a path names: its folder, its record, or the folder of all runs of a document.

    Of the last it is the newest. None where a path names no run; what is wrong with one is said by whoever reads it.
    """
    try:
        if path.name == NAME and _is_record(path):
            return path.parent
        if not path.is_dir():
            return None
        if _is_record(path / NAME):
            return path
        newest = newest_folder(path) if path.suffix == ".runs" else None
    except (OSError, ValueError):
        return None
    return newest if newest is not None and _is_record(newest / NAME) else None


def document_of(folder: Path) -> Path | None:
    """Return the document beside which the folder of a run lies; None where there is none."""
    runs = folder.absolute().parent
    document = runs.with_name(f"{runs.stem}.json")
    try:
        return document if runs.suffix == ".runs" and document.is_file() else None
    except OSError:
        return None


def _is_record(path: Path) -> bool:
    try:
        with open_file(path) as file:
            return f'"{FORMAT}"'.encode() in file.read(_BEGINNING)
    except OSError:
        return False
