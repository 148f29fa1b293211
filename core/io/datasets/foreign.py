"""What is said of files and folders that hold something, but nothing that training reads."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from core.io.datasets.pickles import is_pickle_name, pickle_refusal
from core.io.failures import shown
from core.io.formats import EMPTY, IDX, FileFormat, recognise_file
from core.text import counted, listing

EXAMPLE: Final = "train-images-idx3-ubyte and train-labels-idx1-ubyte, each with or without .gz"
MOST_OPENED: Final = 500
"""Files of one folder that are opened to find out what they are; more would take long."""

_NAMED = 6
_WHYS: Final = {
    "network": "It holds a network, not a data set.",
    "data": "Convograph does not read such a file as a data set.",
}
_MOST_TELLING_FIRST: Final = ("data", "other", "network")


def is_pickle(path: Path, known: FileFormat | None) -> bool:
    """Say whether a file is a pickle: by its bytes, or by its name where they tell nothing."""
    return is_pickle_name(path.name) if known is None else known.holds == "pickle"


def foreign_text(path: Path, known: FileFormat) -> str:
    """Name what a file is that is not read as a data set, and say why or what can be done with it."""
    return " ".join(filter(None, (f"{shown(path.name)} is {known.what}.", _WHYS.get(known.holds, known.today))))


def no_pair_text(folder: Path) -> str:
    """Say what a folder holds that has no pair of images and labels, and what can be done with it."""
    files, folders = file_names(folder), folder_names(folder)
    none = f"{shown(folder)} holds no pair of images and labels"
    opened = {name: recognise_file(folder / name) for name in files[:MOST_OPENED]}
    for name, known in opened.items():
        if is_pickle(folder / name, known):
            return f"{none}. {pickle_refusal(folder / name)}"
    telling = {name: known for name, known in opened.items() if known not in (None, IDX, EMPTY)}
    sentences = [f"{none}: {names_text(files, folders)}."]
    for holds in _MOST_TELLING_FIRST:
        if found := [foreign_text(folder / name, known) for name, known in telling.items() if known.holds == holds]:
            sentences.append(found[0])
            break
    return " ".join((*sentences, f"Give a folder with {EXAMPLE}."))


def file_names(folder: Path) -> list[str]:
    """List the files of a folder, without hidden ones."""
    return sorted(entry.name for entry in folder.iterdir() if not entry.name.startswith(".") and entry.is_file())


def folder_names(folder: Path) -> list[str]:
    """List the folders in a folder, without hidden ones."""
    return sorted(entry.name for entry in folder.iterdir() if not entry.name.startswith(".") and entry.is_dir())


def names_text(files: list[str], folders: list[str] | None = None) -> str:
    """Say which files there are; where there are none, which folders."""
    if files:
        return f"there are {_some(files, 'more file')}"
    if folders:
        return f"there are no files, only the {counted(len(folders), 'folder')} {_some(folders, 'more folder')}"
    return "there are no files"


def _some(names: list[str], more: str) -> str:
    rest = len(names) - _NAMED
    return listing([*map(shown, names[:_NAMED]), *([counted(rest, more)] if rest > 0 else [])])
