"""Which files of a data set are pictures, of which class and part: told by the folders that they lie in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import PurePath
from typing import Final

import numpy as np

from core.errors import DataError
from core.io.datasets.natural import natural_key
from core.io.datasets.pictures.decoding import PictureError, no_picture
from core.io.datasets.pictures.places import MOST_FILES, Entry, Parts, Place
from core.io.datasets.values import Labels, Refused
from core.io.failures import shown
from core.io.formats import BEGINNING, PICTURES, recognise
from core.text import counted, listing

TRAINING: Final = {"train", "training"}
TESTING: Final = {"test", "testing"}
VALIDATION: Final = {"val", "valid", "validation", "dev"}
"""What folders of the parts of a data set are called, in small letters."""

_JPEG = (".jpg", ".jpeg", ".jpe", ".jfif")
_PORTABLE = (".pgm", ".ppm", ".pbm", ".pnm")
ENDINGS: Final = frozenset((".png", *_JPEG, ".gif", ".bmp", ".dib", ".webp", ".tif", ".tiff", *_PORTABLE))
"""Endings of names by which a listing takes a file for a picture; decoding it goes by its bytes."""

_FIRST_BYTES = 64
_MOST_LISTED = 20_000  # files among which a picture must be found
_MOST_OPENED = 200
_MOST_NAMED = 20


@dataclass(frozen=True, slots=True, eq=False)
class Listed:
    """The files of one part and their classes.

    Attributes
    ----------
    entries : tuple of Entry
    labels : NDArray
        (N,) the class of each.
    """

    entries: tuple[Entry, ...]
    labels: Labels


@dataclass(frozen=True, slots=True, eq=False)
class Arrangement:
    """What was found in a place.

    Attributes
    ----------
    classes : tuple of str
        The names of the class folders of the training part, in natural order.
    training, test : Listed
        The test part may be empty.
    refused : tuple of Refused
    notes : tuple of str
    """

    classes: tuple[str, ...]
    training: Listed
    test: Listed
    refused: tuple[Refused, ...]
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Folder:
    """A folder with what is in it, by name."""

    parts: Parts = ()
    files: list[Entry] = field(default_factory=list)
    folders: dict[str, _Folder] = field(default_factory=dict)

    def all_files(self) -> list[Entry]:
        """Return the files in it and in its folders, in natural order."""
        found, waiting = [], [self]
        while waiting:
            folder = waiting.pop()
            found += sorted(folder.files, key=lambda entry: natural_key(entry.parts[-1]))
            waiting += sorted(folder.folders.values(), key=lambda inner: natural_key(inner.parts[-1]), reverse=True)
        return found


def holds_pictures(place: Place) -> bool:
    """Say whether a folder in it holds a picture, by its name or its bytes, or most files do that are in none.

    Only the first files are looked at.

    Raises
    ------
    DataError
        If the place is damaged.
    """
    n_opened = n_beside = n_pictures = 0
    for entry in islice(place.walk(), _MOST_LISTED):
        if isinstance(entry, Refused) or entry.is_folder:
            continue
        is_picture = _has_ending(entry)
        if not is_picture and n_opened < _MOST_OPENED:
            n_opened += 1
            is_picture = _is_picture(place, entry)
        if len(entry.parts) == 1:
            n_beside += 1
            n_pictures += is_picture
        elif is_picture:
            return True
    return 2 * n_pictures > n_beside


def arrange(place: Place) -> Arrangement:
    """List a place and tell classes and parts.

    A folder that holds nothing but one folder of folders is gone into. Folders named like `TRAINING`, with class
    folders in them, and like `TESTING` or `VALIDATION` are parts. Without a test part that for validation becomes it;
    beside one its pictures are training pictures, since validation is drawn from these anyway.

    Raises
    ------
    DataError
        There are no class folders with pictures, or too many files.
    """
    refused: list[Refused] = []
    notes: list[str] = []
    root = _root(_tree(place, refused))
    parts, others = _parts(place, root)
    for folder in others:
        files = folder.all_files()
        if _pictures(place, files[:_MOST_NAMED]):
            n = counted(len(files), "file")
            what = f"It lies beside the folder for training, and is not used ({n}). Move it away."
            refused.append(Refused(_path(folder.parts), "", what))
        elif files:
            notes.append(f"not used, since it holds no picture: {_path(folder.parts)}")
    inner = [folder for of in parts.values() for folder in of if folder is not root]
    _tell_files_beside(place, [root, *inner], refused, notes)
    of_training = _by_class(place, parts["train"], refused, notes)
    if not any(of_training.values()):
        raise DataError(_none_text(place, root))
    keys = sorted(of_training, key=natural_key)
    test, validation = parts["test"], parts["validation"]
    of_test = _by_class(place, test or validation, refused, [])
    if validation and test:
        more = _by_class(place, validation, refused, [])
        notes.append(
            f"the {counted(sum(map(len, more.values())), 'picture')} of {_path(validation[0].parts)} are used for "
            "training, of which validation_split keeps some back"
        )
        for name, entries in more.items():
            of_training.setdefault(name, []).extend(entries)
        keys = sorted(of_training, key=natural_key)
    elif validation:
        notes.append(f"{_path(validation[0].parts)} is the test part")
    for name in sorted(set(of_test) - set(keys), key=natural_key):
        if of_test[name]:
            path = _path(of_test[name][0].parts[:-1])
            what = f"The training part has no class {shown(name)}, so its {counted(len(of_test[name]), 'picture')} "
            refused.append(Refused(path, "", f"{what}cannot be tested. Move it away, or add such training pictures."))
    if empty := [shown(key) for key in keys if not of_training[key]]:
        notes.append(f"no picture in the class folder{'s' * (len(empty) > 1)} {listing(empty)}")
    if len(keys) == 1:
        notes.append(f"one class only, {shown(keys[0])}: there is nothing to tell it from")
    return Arrangement(_unique(keys), _listed(keys, of_training), _listed(keys, of_test), tuple(refused), tuple(notes))


def _tree(place: Place, refused: list[Refused]) -> _Folder:
    root = _Folder()
    for n, found in enumerate(place.walk()):
        if n >= MOST_FILES:
            raise DataError(f"{place.name} holds more than {MOST_FILES:,} files and folders. Use a part of them.")
        if isinstance(found, Refused):
            refused.append(found)
            continue
        folder = root
        for depth, name in enumerate(found.parts if found.is_folder else found.parts[:-1]):
            folder = folder.folders.setdefault(name, _Folder(found.parts[: depth + 1]))
        if not found.is_folder:
            folder.files.append(found)
    return root


def _root(folder: _Folder) -> _Folder:
    """Go into folders that hold nothing but one folder of folders, as archives of a folder do."""
    while len(folder.folders) == 1 and not any(map(_has_ending, folder.files)):
        (inner,) = folder.folders.values()
        if not inner.folders or any(map(_has_ending, inner.files)):
            break
        folder = inner
    return folder


def _parts(place: Place, root: _Folder) -> tuple[dict[str, list[_Folder]], list[_Folder]]:
    """Return the folders of each part, and those beside them; without a training part the root is it."""
    names = {"train": TRAINING, "test": TESTING, "validation": VALIDATION}
    found = {
        part: [folder for name, folder in root.folders.items() if name.lower() in meant]
        for part, meant in names.items()
    }
    has_parts = any(folder.folders for folder in found["train"]) and not any(
        _has_ending(entry) for folder in found["train"] for entry in folder.files
    )
    used = {id(folder) for folders in found.values() for folder in folders}
    if not has_parts and found["train"] and len(used) == len(root.folders):
        raise DataError(_none_text(place, found["train"][0]))
    if not has_parts:
        return {"train": [root], "test": [], "validation": []}, []
    return found, [folder for folder in root.folders.values() if id(folder) not in used]


def _tell_files_beside(place: Place, folders: Iterable[_Folder], refused: list[Refused], notes: list[str]) -> None:
    """Name the files that lie beside class folders."""
    beside = []
    for folder in folders:
        pictures = _pictures(place, folder.files)
        kept = set(pictures)
        beside += [entry.path for entry in folder.files if entry not in kept]
        if len(pictures) > _MOST_NAMED:  # such as a test part without labels
            what = f"It holds {counted(len(pictures), 'picture')} in no class folder. Move them into one, or away."
            refused.append(Refused(_path(folder.parts) or place.name, "", what))
            continue
        refused += [Refused(e.path, "", "It lies in no class folder. Move it into one, or away.") for e in pictures]
    if beside:
        they_are = "it is no picture" if len(beside) == 1 else "they are no pictures"
        notes.append(f"not used, since {they_are}: {listing(sorted(beside, key=natural_key))}")


def _by_class(
    place: Place, folders: Iterable[_Folder], refused: list[Refused], notes: list[str]
) -> dict[str, list[Entry]]:
    """Return the pictures of each class folder; a folder that holds other files alone is none."""
    classes: dict[str, list[Entry]] = {}
    for folder in folders:
        for name, inner in folder.folders.items():
            files = inner.all_files()
            pictures = _pictures(place, files)
            if files and not pictures:
                notes.append(f"{_path(inner.parts)} holds no picture, and is no class")
                continue
            if len(pictures) < len(files):
                kept = set(pictures)
                refused += [
                    Refused(e.path, "", no_picture(_begins(place, e)).what_in_folder) for e in files if e not in kept
                ]
            classes.setdefault(name, []).extend(pictures)
    return classes


def _listed(keys: list[str], entries: dict[str, list[Entry]]) -> Listed:
    listed = [entry for key in keys for entry in entries.get(key, ())]
    counts = [len(entries.get(key, ())) for key in keys]
    return Listed(tuple(listed), np.repeat(np.arange(len(keys)), counts))


def _unique(keys: list[str]) -> tuple[str, ...]:
    """Return the names of classes as they are shown, told apart where their bytes differ in what cannot be shown."""
    seen: Counter[str] = Counter()
    names = []
    for name in map(shown, keys):
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name}~{seen[name]}")
    return tuple(names)


def _none_text(place: Place, root: _Folder) -> str:
    for folder in (root, *root.folders.values()):
        if n := len(_pictures(place, folder.files)):
            where = shown("/".join((place.name, *folder.parts)))
            return (
                f"{where} holds {counted(n, 'picture')}, but in no folder for each class. Make one folder for each "
                f"class in it, such as {where}/cat and {where}/dog, and put the pictures there."
            )
    return (
        f"{place.name} has no class folder with pictures. Make one folder for each class, and put the pictures there."
    )


def _has_ending(entry: Entry) -> bool:
    return PurePath(entry.parts[-1]).suffix.lower() in ENDINGS


def _pictures(place: Place, files: list[Entry]) -> list[Entry]:
    return [entry for entry in files if _has_ending(entry) or _is_picture(place, entry)]


def _is_picture(place: Place, entry: Entry) -> bool:
    return recognise(_begins(place, entry, _FIRST_BYTES)) in PICTURES


def _begins(place: Place, entry: Entry, most: int = BEGINNING) -> bytes:
    try:
        return place.read(entry, most)
    except PictureError:
        return b""


def _path(parts: Parts) -> str:
    return shown("/".join(parts))
