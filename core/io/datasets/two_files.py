"""A folder with a file for training and one for the test, such as train_32x32.mat and test_32x32.mat."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.io.datasets.assembling import with_test
from core.io.datasets.foreign import file_names
from core.io.datasets.values import Dataset, absence_notes
from core.io.failures import shown

_TRAIN = re.compile(r"(?<![^\W_])train(ing)?(?![^\W_])", re.IGNORECASE)
_TEST = re.compile(r"(?<![^\W_])test(ing)?(?![^\W_])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FileReader:
    """How files of a format are recognised and read."""

    recognises: Callable[[Path], bool]
    read: Callable[[Path], Dataset]


def two_files(folder: Path, readers: Sequence[FileReader]) -> tuple[Path, Path, FileReader] | None:
    """Return the file for training, the one for the test and what reads both; None where there are not just these two.

    Their names differ in nothing but "train" and "test".
    """
    if not folder.is_dir():
        return None
    names = file_names(folder)
    tests = {_TEST.sub("", name): name for name in names if _TEST.search(name)}
    found = [(name, tests[rest]) for name in names if _TRAIN.search(name) and (rest := _TRAIN.sub("", name)) in tests]
    if len(found) != 1:
        return None
    train, test = (folder / name for name in found[0])
    reader = next((reader for reader in readers if reader.recognises(train)), None)
    return (train, test, reader) if reader is not None and reader.recognises(test) else None


def read_two_files(folder: Path, readers: Sequence[FileReader]) -> Dataset:
    """Read a folder that `two_files` finds them in.

    Raises
    ------
    DataError
        One of them can't be read, or their samples have different shapes.
    """
    found = two_files(folder, readers)
    if found is None:
        raise FileNotFoundError(folder)
    train_path, test_path, reader = found
    train, test = _alike(reader.read(train_path), reader.read(test_path))
    name = shown(folder.resolve().name)
    train = replace(train, name=name, refused=(*train.refused, *test.refused))
    return with_test(train, replace(test, name=f"{name}/test", refused=()))


def _alike(train: Dataset, test: Dataset) -> tuple[Dataset, Dataset]:
    """Give two data sets the same classes and the same scale."""
    scale = max(train.scale, test.scale)
    if all(name.isdigit() for name in train.classes + test.classes):
        classes: tuple[str, ...] = max(train.classes, test.classes, key=len)
    else:
        classes = train.classes + tuple(sorted(set(test.classes) - set(train.classes)))
    notes = tuple(note for note in train.notes if note not in absence_notes(train.labels, train.classes))
    place = {name: i for i, name in enumerate(classes)}
    renumbered = np.array([place[name] for name in test.classes])
    return (
        replace(train, classes=classes, scale=scale, notes=(*notes, *absence_notes(train.labels, classes))),
        replace(test, classes=classes, scale=scale, labels=renumbered[test.labels]),
    )
