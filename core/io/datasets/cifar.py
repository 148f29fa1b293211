"""CIFAR-10 and CIFAR-100 in their binary form: records of a label, or two, and 3,072 bytes of a 32×32 image.

The bytes of an image are its red plane, its green and its blue, each row by row. CIFAR-100 puts the coarse label before
the fine one; the fine one is used. Source: A. Krizhevsky, "The CIFAR-10 dataset", section "Binary version".
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.io.datasets.assembling import Origin, with_test
from core.io.datasets.foreign import file_names
from core.io.datasets.sources import Places
from core.io.datasets.stored import mapped_from, plain_array, refuse_beyond_memory, refusing, take
from core.io.datasets.values import DataFacts, Dataset, Labels, absence_notes
from core.io.failures import shown
from core.io.formats import CIFAR_10, CIFAR_100, recognise_file
from core.io.regular_files import open_file
from core.text import counted, number_text

SIDE = 32
PIXELS = 3 * SIDE * SIDE
_AT_ONCE = 1024  # records
_NAME = re.compile(r"(data_batch_?\d*|test_batch|train|test)\.bin")
_MOST_NAMES = 1 << 16  # bytes of a file of class names


@dataclass(frozen=True, slots=True)
class Version:
    """One of the two data sets.

    Attributes
    ----------
    name : str
    n_labels : int
        Labels before the pixels of a record; the last is used.
    n_classes : int
    names : str
        The file of the names of the classes.
    """

    name: str
    n_labels: int
    n_classes: int
    names: str

    @property
    def record(self) -> int:
        """Bytes of one image with its labels."""
        return self.n_labels + PIXELS


TEN: Final = Version("CIFAR-10", 1, 10, "batches.meta.txt")
HUNDRED: Final = Version("CIFAR-100", 2, 100, "fine_label_names.txt")


@dataclass(frozen=True, slots=True)
class Batch:
    """One file of records, or one member of an archive.

    Attributes
    ----------
    name : str
    size : int
        Bytes.
    records : callable
        Reads them, given the bytes of a record: (N, bytes of a record) uint8.
    """

    name: str
    size: int
    records: Callable[[int], NDArray[np.uint8]]

    @property
    def is_test(self) -> bool:
        """Whether its images are those for the test."""
        return PurePosixPath(self.name).name.startswith("test")


def is_batch_name(name: str) -> bool:
    """Say whether a file is called as the official ones are."""
    return _NAME.fullmatch(PurePosixPath(name).name) is not None


def is_cifar(path: Path) -> bool:
    """Say whether a file holds records of CIFAR, or a folder such a file."""
    if path.is_dir():
        return any(_is_batch(path / name) for name in file_names(path) if name.endswith(".bin"))
    return _is_batch(path)


def read_cifar(path: Path) -> Dataset:
    """Read a folder of batches, of which those that are named after the test become its test part, or one file.

    Raises
    ------
    DataError
        A file holds no whole number of records, a label is no class, or the files are of both versions.
    """
    batches, version, names = _found(path)
    return read_batches(batches, version, names, Origin(path, version.name))


def look_at_cifar(path: Path) -> DataFacts:
    """Read the labels of a folder of batches, or of one file.

    Raises
    ------
    DataError
        As for `read_cifar`.
    """
    batches, version, _ = _found(path)
    train, test = _divided(batches, version)
    sizes = [batch.size // version.record for batch in train]
    labels = np.concatenate([_labels(batch.records(version.record), version) for batch in train])
    _refuse_others(train, sizes, labels, version)
    for batch in test:
        _refuse_others([batch], [0], _labels(batch.records(version.record), version), version)
    name = Origin(path, version.name).name
    return DataFacts(name, (SIDE, SIDE, 3), len(labels), version.n_classes, int(labels.min()))


def _found(path: Path) -> tuple[list[Batch], Version, list[str]]:
    """Return the batches of a path, and the names of their classes."""
    folder = path if path.is_dir() else path.parent
    names = [name for name in file_names(path) if name.endswith(".bin")] if path.is_dir() else [path.name]
    batches = [_batch(folder / name) for name in names if _is_batch(folder / name)]

    def told(batch: Batch) -> Version | None:
        known = recognise_file(folder / batch.name)
        return None if known is None else HUNDRED if known is CIFAR_100 else TEN

    version = version_of(batches, path, told)
    return batches, version, _class_names(folder / version.names)


def version_of(batches: Sequence[Batch], path: Path, told: Callable[[Batch], Version | None]) -> Version:
    """Say which of the two data sets batches belong to.

    Parameters
    ----------
    path
        Where they lie.
    told
        Tells it of one by its bytes; None where these tell nothing.

    Raises
    ------
    DataError
        They belong to both.
    """
    versions = {batch.name: told(batch) for batch in batches}
    hundreds = [name for name, version in versions.items() if version is HUNDRED]
    tens = [name for name, version in versions.items() if version is TEN]
    if hundreds and tens:
        raise DataError(
            f"{shown(path)} holds batches of CIFAR-10, such as {shown(tens[0])}, and of CIFAR-100, such as "
            f"{shown(hundreds[0])}. Give a folder with one of them."
        )
    called = [PurePosixPath(name).stem for name in versions]
    return HUNDRED if hundreds or (not tens and {"train", "test"}.issuperset(called)) else TEN


def read_batches(batches: Sequence[Batch], version: Version, names: Sequence[str], origin: Origin) -> Dataset:
    """Make a data set of batches, of the test too where there is more than that.

    Parameters
    ----------
    names
        Of the classes; where they are not as many, their numbers are used.

    Raises
    ------
    DataError
        As for `read_cifar`.
    """
    train, test = _divided(batches, version)
    classes = tuple(map(shown, names)) if len(names) == version.n_classes else tuple(map(str, range(version.n_classes)))
    dataset = _part(train, version, classes, origin, origin.name)
    return with_test(dataset, _part(test, version, classes, origin, f"{origin.name}/test")) if test else dataset


def _divided(batches: Sequence[Batch], version: Version) -> tuple[Sequence[Batch], Sequence[Batch]]:
    """Return the batches for training, and those for the test where there are others; raise where one was cut."""
    for batch in batches:
        if batch.size % version.record or not batch.size:
            n, rest = divmod(batch.size, version.record)
            raise DataError(
                f"{shown(batch.name)}: {counted(batch.size, 'byte')} are no whole number of {version.name} records of "
                f"{version.record:,} bytes: after {counted(n, 'image')} (offset {number_text(n * version.record)}) "
                f"{counted(rest, 'byte')} are left. The file was cut short or damaged: download or copy it again."
            )
    train = [batch for batch in batches if not batch.is_test]
    return (train, [batch for batch in batches if batch.is_test]) if train else (batches, [])


def _labels(records: NDArray[np.uint8], version: Version) -> Labels:
    return records[:, version.n_labels - 1].astype(np.int64)


def _refuse_others(batches: Sequence[Batch], sizes: Sequence[int], labels: Labels, version: Version) -> None:
    """Raise where a label is no class; the text says in which batch and where."""
    wrong = labels >= version.n_classes
    if wrong.any():
        first = int(wrong.argmax())
        file = min(int(np.searchsorted(np.cumsum(sizes), first, side="right")), len(batches) - 1)
        place = first - sum(sizes[:file])
        raise DataError(
            f"{shown(batches[file].name)}: label {place + 1:,} (offset "
            f"{number_text(place * version.record + version.n_labels - 1)}) is {labels[first]}; {version.name} has "
            f"classes from 0 to {version.n_classes - 1}. The file is damaged, or something else: download it again."
        )


def names_in(text: bytes) -> list[str]:
    r"""Return the names of classes, one in a line; the official file ends with an empty one.

    >>> names_in(b"airplane\nautomobile\n\n")
    ['airplane', 'automobile']
    """
    return [line.strip() for line in text.decode("utf-8", "replace").splitlines() if line.strip()]


def _part(batches: Sequence[Batch], version: Version, classes: tuple[str, ...], origin: Origin, name: str) -> Dataset:
    sizes = [batch.size // version.record for batch in batches]
    if len(batches) == 1 and batches[0].size > mapped_from():
        records = batches[0].records(version.record)
        images = np.moveaxis(records[:, version.n_labels :].reshape(-1, 3, SIDE, SIDE), 1, -1)
        labels = _labels(records, version)
    else:
        refuse_beyond_memory(origin.path, sum(sizes) * PIXELS, "Give one of its files: it can stay on the disk.")
        images, labels = _in_memory(batches, sizes, version)
    _refuse_others(batches, sizes, labels, version)
    sources = Places([(batch.name, n) for batch, n in zip(batches, sizes, strict=True)]) if len(batches) > 1 else ()
    notes = absence_notes(labels, classes)
    return Dataset(name, images, labels, classes, 255.0, notes, origin.format, sources)


def _in_memory(batches: Sequence[Batch], sizes: Sequence[int], version: Version) -> tuple[NDArray[np.uint8], Labels]:
    """Read batches one after the other, so that no more than one is there twice."""
    images = np.empty((sum(sizes), SIDE, SIDE, 3), np.uint8)
    labels = np.empty(sum(sizes), np.int64)
    start = 0
    for batch, n in zip(batches, sizes, strict=True):
        records = batch.records(version.record)
        labels[start : start + n] = _labels(records, version)
        for first in range(0, n, _AT_ONCE):
            planes = records[first : first + _AT_ONCE, version.n_labels :].reshape(-1, 3, SIDE, SIDE)
            images[start + first : start + first + len(planes)] = np.moveaxis(planes, 1, -1)
        start += n
    return images, labels


def _is_batch(path: Path) -> bool:
    """Tell batches by their bytes; an official name counts where these are nothing else that is known."""
    known = recognise_file(path)
    if known is None:
        return is_batch_name(path.name)
    return known.recognises in {CIFAR_10.recognises, CIFAR_100.recognises}


def _batch(path: Path) -> Batch:
    def records(record: int) -> NDArray[np.uint8]:
        with refusing(path, "a batch of CIFAR"), open_file(path) as file:
            n = os.fstat(file.fileno()).st_size // record
            return plain_array(file, np.dtype(np.uint8), (n, record), 0)

    return Batch(path.name, path.stat().st_size, records)


def _class_names(path: Path) -> list[str]:
    if not path.is_file():
        return []
    with refusing(path, "a list of names"), open_file(path) as file:
        return names_in(bytes(take(file, _MOST_NAMES)))
