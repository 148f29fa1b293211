"""From the name or path in a document to a data set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np

import resources
from core.errors import DataError
from core.io.datasets.idx import read_images, read_labels
from core.io.datasets.idx_pairs import find_pair
from core.io.datasets.values import Dataset
from core.io.failures import reason, shown
from core.shapes import Shape
from core.text import counted, listing, nearest_name


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is known of a data set without reading it: the shape of a sample, and the names of the classes."""

    shape: Shape
    classes: tuple[str, ...]


SKETCHES: Final[Mapping[str, Sketch]] = MappingProxyType({"digits": Sketch((8, 8, 1), tuple("0123456789"))})
"""The data sets that ship with Convograph, by name."""


def digits() -> Dataset:
    """Load the 1,797 real handwritten digits that ship with Convograph: 8×8 pixels from 0 to 16, ten classes.

    E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998,
    https://doi.org/10.24432/C50P49, CC BY 4.0.
    """
    images = read_images(resources.path("datasets/digits-images-idx3-ubyte.gz"))
    labels = read_labels(resources.path("datasets/digits-labels-idx1-ubyte.gz"))
    return Dataset("digits", images, labels, SKETCHES["digits"].classes, scale=16.0)


BUNDLED: Final[Mapping[str, Callable[[], Dataset]]] = MappingProxyType({"digits": digits})
"""The data sets that ship with Convograph: name → function that loads it."""


def load_dataset(name_or_path: str, base: Path | None = None) -> Dataset:
    """Load a bundled data set, or a pair of IDX files.

    Parameters
    ----------
    name_or_path
        A name in `BUNDLED`, a folder with one pair of IDX files, or the images file whose labels lie beside it.
        A folder that has the name of a bundled set is meant by "./digits".
    base
        Where a relative path starts: the document's folder. Without it, the current one.

    Raises
    ------
    DataError
        It is not there, or the files are not what they should be; the text names file, offset, expectation and finding.

    Examples
    --------
    >>> len(load_dataset("digits")), load_dataset("digits").shape
    (1797, (8, 8, 1))
    """
    if name_or_path in BUNDLED:
        return BUNDLED[name_or_path]()
    path = _place(name_or_path, base)
    pair = find_pair(path)
    images, labels = read_images(pair.images), read_labels(pair.labels)
    if len(images) != len(labels):
        raise DataError(
            f"{shown(pair.images.name)} holds {counted(len(images), 'image')}, but {shown(pair.labels.name)} beside it "
            f"{counted(len(labels), 'label')}. They do not belong together: put the labels of these images there."
        )
    per_class = np.bincount(labels)
    absent = [str(label) for label in np.flatnonzero(per_class == 0)]
    notes = (f"no image of class {_some(absent)}",) if absent else ()
    return Dataset(pair.name, images, labels, tuple(map(str, range(len(per_class)))), notes=notes)


def _place(name_or_path: str, base: Path | None) -> Path:
    known = f"{listing(BUNDLED, 'or')}, a folder with a pair of IDX files, or the images file of a pair"
    if not name_or_path.strip():
        raise DataError(f"No data set is named. Give {known}.")
    path = (base or Path()).absolute() / name_or_path
    try:
        path = (base or Path()).absolute() / Path(name_or_path).expanduser()
        if path.exists():
            return path
    except OSError as error:
        raise DataError(f"{shown(path)} cannot be read: {reason(error)}. Check its name and permissions.") from error
    except (RuntimeError, ValueError):  # a home that does not exist; a character that no name may hold
        pass
    close = nearest_name(name_or_path, BUNDLED)
    guess = f"Did you mean {close}? " if close else ""
    raise DataError(f"There is no data set {shown(name_or_path)}, nor a file {shown(path)}. {guess}Give {known}.")


def _some(names: list[str]) -> str:
    return listing([*names[:6], *([f"{len(names) - 6:,} others"] if len(names) > 6 else [])])
