"""Pairs of IDX files: which two a user means by a folder or by one file, images and the labels that lie beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.io.datasets.assembling import with_test
from core.io.datasets.foreign import EXAMPLE, file_names, folder_names, names_text, no_pair_text
from core.io.datasets.idx import is_idx, read_image_sizes, read_images, read_labels
from core.io.datasets.values import DataFacts, Dataset, Labels, absence_notes
from core.io.failures import shown
from core.text import counted, listing

FORMAT = "IDX"
_TRAIN, _TEST = "train", ("t10k", "test")  # what MNIST and EMNIST call their two parts
_NAME = re.compile(r"(?P<set>.*)(?P<role>image|label)s?(?:[-._](?:idx[0-9]?|ubyte))*(?P<packed>\.gz)?", re.IGNORECASE)


@dataclass(frozen=True)
class _Pair:
    """Images and their labels, with the part of the name that they share ("train-", "t10k-")."""

    images: Path
    labels: Path
    shared: str

    @property
    def name(self) -> str:
        """Folder and set: "mnist/t10k"."""
        return "/".join(filter(None, (self.folder, shown(self.shared.strip("-._ ")))))

    @property
    def folder(self) -> str:
        """The folder's name."""
        return shown(self.images.parent.resolve().name)


def is_idx_pair(path: Path) -> bool:
    """Say whether a file is IDX, or a folder holds an IDX file that is named after images or labels."""
    if not path.is_dir():
        return is_idx(path)
    return any(is_idx(path / name) for name in file_names(path) if _NAME.fullmatch(name))


def is_idx_name(name: str) -> bool:
    """Say whether a file is called as one of a pair.

    >>> is_idx_name("train-images.idx3-ubyte.gz"), is_idx_name("notes.txt")
    (True, False)
    """
    return _NAME.fullmatch(name) is not None


def read_idx_pair(path: Path) -> Dataset:
    """Read the images and labels that a path stands for.

    Parameters
    ----------
    path
        A folder with one pair, or with one for training and one for the test whose names differ in "train" and "t10k"
        or "test" alone; or an images file whose labels lie beside it. Names are those of MNIST: what stands before
        "images" and "labels" must agree; what follows may be any of -idx3, .idx1, -ubyte, .gz. Of a file that is there
        both plain and packed, the plain one is taken.

    Raises
    ------
    DataError
        There is no pair or more than one, a file is damaged, or the two do not belong together.
    """
    pair, test = _in_folder(path) if path.is_dir() else (_beside(path), None)
    images, labels = _read(pair)
    if test is None:
        classes = tuple(map(str, range(int(labels.max()) + 1)))
        return Dataset(pair.name, images, labels, classes, notes=absence_notes(labels, classes), format=FORMAT)
    test_images, test_labels = _read(test)
    classes = tuple(map(str, range(int(max(labels.max(), test_labels.max())) + 1)))
    return with_test(
        Dataset(pair.folder, images, labels, classes, notes=absence_notes(labels, classes), format=FORMAT),
        Dataset(test.name, test_images, test_labels, classes, format=FORMAT),
    )


def look_at_idx_pair(path: Path) -> DataFacts:
    """Read the labels that a path stands for, and the header of their images.

    Raises
    ------
    DataError
        As for `read_idx_pair`, except for damage after the header of packed images.
    """
    pair, test = _in_folder(path) if path.is_dir() else (_beside(path), None)
    (n, *shape), labels = read_image_sizes(pair.images), read_labels(pair.labels)
    _require_same(pair, n, len(labels))
    highest, name = int(labels.max()), pair.name
    if test is not None:
        highest, name = max(highest, int(read_labels(test.labels).max())), pair.folder
    return DataFacts(name, tuple(shape), n, highest + 1, int(labels.min()))


def _read(pair: _Pair) -> tuple[NDArray[np.uint8], Labels]:
    images, labels = read_images(pair.images), read_labels(pair.labels)
    _require_same(pair, len(images), len(labels))
    return images, labels


def _require_same(pair: _Pair, n_images: int, n_labels: int) -> None:
    if n_images != n_labels:
        raise DataError(
            f"{shown(pair.images.name)} holds {counted(n_images, 'image')}, but {shown(pair.labels.name)} beside it "
            f"{counted(n_labels, 'label')}. They do not belong together: put the labels of these images there."
        )


def _in_folder(folder: Path) -> tuple[_Pair, _Pair | None]:
    """Return the pair of a folder, and the one for the test if there is one."""
    names = file_names(folder)
    pairs = list(_pairs(folder, names))
    if len(pairs) == 1:
        return pairs[0], None
    if len(pairs) == 2:
        for train, test in (pairs, pairs[::-1]):
            if test.shared.lower() in {train.shared.lower().replace(_TRAIN, name) for name in _TEST}:
                return train, test
    if pairs:
        names_of_images = listing(shown(pair.images.name) for pair in pairs)
        raise DataError(
            f"{shown(folder)} holds {len(pairs)} data sets: {names_of_images}. "
            f"Give the images file of the one you want, such as {shown(pairs[0].images)}."
        )
    inner = [name for name in folder_names(folder) if _has_pair(folder / name)]
    if inner:
        raise DataError(
            f"{shown(folder)} holds no pair of images and labels itself, but its folder {shown(inner[0])} does. "
            f"Give {shown(folder / inner[0])}."
        )
    raise DataError(no_pair_text(folder))


def _has_pair(folder: Path) -> bool:
    with suppress(OSError):
        return any(is_idx(pair.images) for pair in _pairs(folder, file_names(folder)))
    return False


def _beside(path: Path) -> _Pair:
    match = _NAME.fullmatch(path.name)
    if match is None:
        raise DataError(
            f"The labels of {shown(path.name)} cannot be found, because its name does not say that it holds images. "
            f"Name the files as MNIST does: {EXAMPLE}."
        )
    shared, names = match["set"], file_names(path.parent)
    if match["role"].lower() == "label":
        images = _chosen(names, shared, "image")
        hint = f"the images file {shown(images)} beside it" if images else "the images file that belongs to it"
        raise DataError(f"{shown(path.name)} holds the labels of a data set. Give {hint}.")
    labels = _chosen(names, shared, "label", packed=match["packed"] is not None)
    if labels is None:
        expected = re.sub("idx[34]", "idx1", re.sub("image", "label", path.name[len(shared) :], flags=re.IGNORECASE))
        raise DataError(
            f"The labels of {shown(path.name)} are not beside it: {shown(shared + expected)} is expected in "
            f"{shown(path.parent)}; {names_text(names)}. Put the labels there."
        )
    return _Pair(path, path.parent / labels, shared)


def _pairs(folder: Path, names: list[str]) -> Iterator[_Pair]:
    sets = {match["set"].lower(): match["set"] for name in names if (match := _NAME.fullmatch(name))}
    for shared in sets.values():
        images, labels = _chosen(names, shared, "image"), _chosen(names, shared, "label")
        if images and labels:
            yield _Pair(folder / images, folder / labels, shared)


def _chosen(names: Iterable[str], shared: str, role: str, packed: bool = False) -> str | None:
    matches = filter(None, map(_NAME.fullmatch, names))
    fitting = (m for m in matches if m["set"].lower() == shared.lower() and m["role"].lower() == role)
    best = min(fitting, key=lambda match: ((match["packed"] is not None) != packed, match.string), default=None)
    return best and best.string
