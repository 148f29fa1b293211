"""Which two files a user means by a folder or by one file: images, and the labels that lie beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.errors import DataError
from core.io.datasets.idx import pickle_refusal
from core.io.failures import reason, shown
from core.text import counted, listing

_NAME = re.compile(r"(?P<set>.*)(?P<role>image|label)s?(?:[-._](?:idx[0-9]?|ubyte))*(?P<packed>\.gz)?", re.IGNORECASE)
_PICKLES = {".pkl", ".pickle", ".joblib", ".pt", ".pth"}
_CIFAR_PICKLES = re.compile(r"data_batch_[1-5]|test_batch|batches\.meta")
_EXAMPLE = "train-images-idx3-ubyte and train-labels-idx1-ubyte, each with or without .gz"
_SHOWN = 6


@dataclass(frozen=True)
class Pair:
    """Images and their labels, with the part of the name that they share ("train-", "t10k-")."""

    images: Path
    labels: Path
    shared: str

    @property
    def name(self) -> str:
        """Folder and set: "mnist/t10k"."""
        return "/".join(filter(None, (shown(self.images.parent.resolve().name), shown(self.shared.strip("-._ ")))))


def find_pair(path: Path) -> Pair:
    """Find the images and labels that a path stands for.

    Parameters
    ----------
    path
        A folder with one pair, or an images file whose labels lie beside it. Names are those of MNIST: what stands
        before "images" and "labels" must agree; what follows may be any of -idx3, .idx1, -ubyte, .gz. Of a file that
        lies there both plain and packed, the plain one is taken.

    Raises
    ------
    DataError
        There is no such path, no pair, or more than one.
    """
    try:
        if path.is_dir():
            return _in_folder(path)
        if path.exists():
            return _beside(path)
    except OSError as error:
        raise DataError(f"{shown(path)} cannot be read: {reason(error)}. Check its name and permissions.") from error
    raise DataError(f"There is no file or folder {shown(path)}. Check the name, or give the whole path.")


def _in_folder(folder: Path) -> Pair:
    names = _names(folder)
    pairs = list(_pairs(folder, names))
    if len(pairs) == 1:
        return pairs[0]
    if pairs:
        found = listing(shown(pair.images.name) for pair in pairs)
        raise DataError(
            f"{shown(folder)} holds {len(pairs)} data sets: {found}. "
            f"Give the images file of the one you want, such as {shown(pairs[0].images)}."
        )
    if pickles := [name for name in names if _is_pickle(name)]:
        raise DataError(f"{shown(folder)} holds no pair of images and labels. {pickle_refusal(folder / pickles[0])}")
    raise DataError(
        f"{shown(folder)} holds no pair of images and labels: {_found_text(names)}. Give a folder with {_EXAMPLE}."
    )


def _beside(path: Path) -> Pair:
    if _is_pickle(path.name):
        raise DataError(pickle_refusal(path))
    match = _NAME.fullmatch(path.name)
    if match is None:
        raise DataError(
            f"The labels of {shown(path.name)} cannot be found, because its name does not say that it holds images. "
            f"Name the files as MNIST does: {_EXAMPLE}."
        )
    shared, names = match["set"], _names(path.parent)
    if match["role"].lower() == "label":
        images = _chosen(names, shared, "image")
        hint = f"the images file {shown(images)} beside it" if images else "the images file that belongs to it"
        raise DataError(f"{shown(path.name)} holds the labels of a data set. Give {hint}.")
    labels = _chosen(names, shared, "label", packed=match["packed"] is not None)
    if labels is None:
        expected = re.sub("idx[34]", "idx1", re.sub("image", "label", path.name[len(shared) :], flags=re.IGNORECASE))
        raise DataError(
            f"The labels of {shown(path.name)} are not beside it: {shown(shared + expected)} is expected in "
            f"{shown(path.parent)}; {_found_text(names)}. Put the labels there."
        )
    return Pair(path, path.parent / labels, shared)


def _pairs(folder: Path, names: list[str]) -> Iterator[Pair]:
    sets = {match["set"].lower(): match["set"] for name in names if (match := _NAME.fullmatch(name))}
    for shared in sets.values():
        images, labels = _chosen(names, shared, "image"), _chosen(names, shared, "label")
        if images and labels:
            yield Pair(folder / images, folder / labels, shared)


def _chosen(names: Iterable[str], shared: str, role: str, packed: bool = False) -> str | None:
    matches = filter(None, map(_NAME.fullmatch, names))
    fitting = (m for m in matches if m["set"].lower() == shared.lower() and m["role"].lower() == role)
    best = min(fitting, key=lambda match: ((match["packed"] is not None) != packed, match.string), default=None)
    return best and best.string


def _names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir() if not entry.name.startswith(".") and entry.is_file())


def _is_pickle(name: str) -> bool:
    return not _PICKLES.isdisjoint(map(str.lower, Path(name).suffixes)) or bool(_CIFAR_PICKLES.fullmatch(name))


def _found_text(names: list[str]) -> str:
    if not names:
        return "there are no files"
    rest = len(names) - _SHOWN
    return f"there are {listing([*map(shown, names[:_SHOWN]), *([counted(rest, 'more file')] if rest > 0 else [])])}"
