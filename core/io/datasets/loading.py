"""From the name or path in a document to a data set."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import TypeVar

from core.errors import DataError
from core.io.datasets.bundled import BUNDLED
from core.io.datasets.foreign import file_names, folder_names, foreign_text, is_pickle
from core.io.datasets.formats import Format, choices, format_of, recognised
from core.io.datasets.idx_pairs import is_idx_name
from core.io.datasets.pickles import pickle_refusal
from core.io.datasets.pictures.folder import FORMAT, PictureFolder
from core.io.datasets.resize import Resize
from core.io.datasets.values import DataFacts, Dataset
from core.io.failures import reason, shown
from core.io.formats import recognise_file
from core.io.regular_files import open_file
from core.shapes import Shape
from core.text import listing, nearest_name

Taken = TypeVar("Taken")

_MOST_OPENED = 50
"""Files and folders of a folder that are looked into, where it is no data set itself."""


def load_dataset(
    name_or_path: str, base: Path | None = None, shape: Shape | None = None, resize: Resize = "stretch"
) -> Dataset:
    """Load a bundled data set, or files in one of the known formats.

    Parameters
    ----------
    name_or_path
        A name in `BUNDLED`, or a path of one of the `FORMATS`, such as a folder with one pair of IDX files, or with a
        folder of pictures for each class. A folder that has the name of a bundled set is reached as "./digits".
    base
        Where a relative path starts: the document's folder. Without it, the current one.
    shape
        That of the network's Input. Pictures, which may have many sizes, are decoded straight to it; without it, to the
        most common of their sizes. Other data sets come as they are stored: `fit_to` brings them to the shape.
    resize
        What is done to pictures whose height and width have another ratio (`core.io.datasets.resize`).

    Raises
    ------
    DataError
        It is not there, or its files are damaged; the text says in which file and where, and what is expected there.

    Examples
    --------
    >>> digits = load_dataset("digits")
    >>> len(digits), digits.shape, digits.classes[:3]
    (1797, (8, 8, 1), ('0', '1', '2'))
    """
    if name_or_path in BUNDLED:
        return BUNDLED[name_or_path].load()
    return _from_path(name_or_path, base, partial(_read, shape=shape, resize=resize))


def load_data(name_or_path: str | Path, base: str | Path | None = None) -> Dataset:
    """Load a data set, for scripts and notebooks: `load_dataset`, which also takes paths as texts.

    Parameters
    ----------
    name_or_path
        "digits", or a file or folder in one of the formats: IDX, CIFAR, NPZ, NPY, CSV, HDF5, MATLAB, Parquet, pictures.
    base
        Where a relative path starts; without it, the current folder.

    Returns
    -------
    Dataset
        `images` (N, H, W, C) or (N, features), `labels` (N,), `classes`; `pixels(slice(None))` are the images from 0 to
        1, `test` is the part for the test if there is one, `notes` say what was done, `refused` what can't be read.

    Raises
    ------
    DataError
        As for `load_dataset`.

    Examples
    --------
    >>> digits = load_data("digits")
    >>> digits.images.shape, digits.labels[:3], digits.test
    ((1797, 8, 8, 1), array([0, 1, 2]), None)
    """
    return load_dataset(str(name_or_path), None if base is None else Path(base))


def look_at_dataset(name_or_path: str, base: Path | None = None, most_bytes: int | None = None) -> DataFacts | None:
    """Find out what training must know of a data set; images are read only where their format demands it.

    Parameters
    ----------
    name_or_path, base
        As for `load_dataset`.
    most_bytes : int, optional
        How large a file may be that is read whole; None for as large as can be loaded.

    Returns
    -------
    None where more would have to be read.

    Raises
    ------
    DataError
        As for `load_dataset`, as far as was looked.
    """
    if name_or_path in BUNDLED:
        return BUNDLED[name_or_path].facts
    return _from_path(name_or_path, base, partial(_look, most_bytes=most_bytes))


def open_pictures(name_or_path: str, base: Path | None = None) -> PictureFolder | None:
    """List the pictures of a folder or archive, to read them bit by bit; None for data sets of other formats.

    Raises
    ------
    DataError
        As for `load_dataset`, as far as was looked.
    """
    return None if name_or_path in BUNDLED else _from_path(name_or_path, base, _opened)


def _opened(reader: Format, path: Path) -> PictureFolder | None:
    return PictureFolder(path) if reader.name == FORMAT else None


def _read(reader: Format, path: Path, shape: Shape | None, resize: Resize) -> Dataset:
    return reader.read(path) if reader.read_at is None else reader.read_at(path, shape, resize)


def _look(reader: Format, path: Path, most_bytes: int | None) -> DataFacts | None:
    if reader.look is not None:
        return reader.look(path)
    state = _state(path)
    size = sum(n_bytes for _, n_bytes, _ in state) if path.is_dir() else path.stat().st_size
    return None if most_bytes is not None and size > most_bytes else _facts(reader, path, state)


@lru_cache(maxsize=4)
def _facts(reader: Format, path: Path, state: object) -> DataFacts:
    """Read a data set for its facts alone, once for each state of its files: a window asks after every edit."""
    return reader.read(path).facts


def _state(path: Path) -> tuple[tuple[str, int, int], ...]:
    """Return names, sizes and times of the files of a folder, or of a file and those beside it."""
    folder = path if path.is_dir() else path.parent
    with os.scandir(folder) as entries:
        found = [(entry.name, entry.stat()) for entry in entries if entry.is_file()]
    return tuple(sorted((name, stat.st_size, stat.st_mtime_ns) for name, stat in found))


def _from_path(name_or_path: str, base: Path | None, take: Callable[[Format, Path], Taken]) -> Taken:
    path = _place(name_or_path, base)
    try:
        if not path.is_dir():
            open_file(path).close()  # says what is no file
        known = recognise_file(path)
        if is_pickle(path, known):
            raise DataError(pickle_refusal(path))
        reader = recognised(path)
        if reader is None and known is not None:
            raise DataError(f"{foreign_text(path, known)} Give {_known()}.")
        if reader is None and path.is_file() and not is_idx_name(path.name):
            raise DataError(f"{shown(path.name)} has no format that is known here. Give {_known()}.")
        if reader is None and (inner := _inner_text(path)):
            raise DataError(inner)
        return take(reader or format_of(path), path)
    except OSError as error:
        raise _unreadable(path, error) from error


def _inner_text(folder: Path) -> str:
    """Say what in a folder, which is no data set itself, is one; nothing if that is nothing, or a pickle is there."""
    if not folder.is_dir():
        return ""
    files = file_names(folder)
    if any(is_pickle(folder / name, recognise_file(folder / name)) for name in files[:_MOST_OPENED]):
        return ""
    inner = [name for name in (files + folder_names(folder))[:_MOST_OPENED] if recognised(folder / name)]
    if not inner:
        return ""
    if len(inner) == 1:
        one = f"its {'file' if inner[0] in files else 'folder'} {shown(inner[0])} does"
    else:
        one = f"{listing(map(shown, inner))} in it do"
    return (
        f"{shown(folder)} holds no pair of images and labels itself, but {one}. Give "
        f"{'' if len(inner) == 1 else 'the one you want, such as '}{shown(folder / inner[0])}."
    )


def _place(name_or_path: str, base: Path | None) -> Path:
    if not name_or_path.strip():
        raise DataError(f"No data set is named. Give {_known()}.")
    path = (base or Path()).absolute() / name_or_path
    try:
        path = (base or Path()).absolute() / Path(name_or_path).expanduser()
        path.stat()
        return path
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        raise _unreadable(path, error) from error
    except (RuntimeError, ValueError):  # a home that does not exist; a character that no name may hold
        pass
    close = nearest_name(Path(name_or_path).name, BUNDLED)
    guess = f"Did you mean {close}? " if close else ""
    what = "" if Path(name_or_path).is_absolute() else f"data set {shown(name_or_path)}, nor a "
    raise DataError(f"There is no {what}file {shown(path)}. {guess}Give {_known()}.")


def _known() -> str:
    *most, last = (*BUNDLED, *choices())
    return f"{', '.join(most)}, or {last}"


def _unreadable(path: Path, error: OSError) -> DataError:
    return DataError(f"{shown(path)} cannot be read: {reason(error)}. Check its name and permissions.")
