"""A data set: images as they are stored, their labels, and what was done to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import DataError
from core.shapes import Shape, count
from core.text import counted, listing, shape_text

Indices: TypeAlias = NDArray[np.int64]
"""Places of samples in a data set, counted from 0."""

Pixels: TypeAlias = NDArray[np.uint8 | np.float32]
"""Pixels as they are stored."""

Labels: TypeAlias = NDArray[np.int64]
"""The number of each sample's class, counted from 0."""

LABEL_LIMIT = 65_536
"""Labels stay below this: the greatest number of units a layer may have."""

_BLOCK = 1 << 22  # values looked at at a time
_SHOWN = 6
"""Names of classes that a note lists."""


@dataclass(frozen=True, slots=True)
class DataFacts:
    """What training must know of a data set, as it is stored.

    Attributes
    ----------
    name : str
    shape : Shape
        Of one sample.
    n : int
        How many samples there are.
    n_classes : int
        How many classes there are when labels count from 0.
    lowest : int
        The smallest label.
    n_nonfinite, first_nonfinite : int
        How many samples hold NaN or infinity, from which training could only diverge, and where the first of them is.
    refused : tuple of Refused
        What could not be read, as far as was looked.
    """

    name: str
    shape: Shape
    n: int
    n_classes: int
    lowest: int = 0
    n_nonfinite: int = 0
    first_nonfinite: int = 0
    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """A part of a data set that could not be used, such as one picture of a folder.

    Attributes
    ----------
    file : str
        Its file, by the path within the data set.
    where : str
        The place in it: "line 17", "byte 2,048 of 3,117"; empty where it is the whole.
    what : str
        A sentence: what is wrong, and what to do.
    """

    file: str
    where: str
    what: str

    def as_json(self) -> dict[str, str]:
        """Return the object that `data --json` prints."""
        return {"file": self.file, "where": self.where, "what": self.what}


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labelled samples, kept in the type they were stored in; `pixels` scales a batch to [0, 1] when it is asked for.

    Parameters
    ----------
    name
        What the user calls it.
    images
        (N, H, W, C), or (N, features) once flattened; uint8, or float32 where resizing made fractions. Kept read-only.
    labels
        (N,) int64, each the place of a name in `classes`. Kept read-only.
    classes
        The names of the classes.
    scale
        The stored value that becomes 1: 255 for bytes, 16 for the bundled digits, 1 for float32.
    notes
        What was done to the images, for the report: "resized from 8×8 to 28×28 (bilinear)".
    format
        What the format it was read from is called: "IDX", "CIFAR-10"; "bundled" for what ships with Convograph.
    sources
        Where each sample comes from, such as "cats/7.png"; empty where that is no more than its place.
    refused
        What could not be read. Training goes on without it only where the user says so.
    test
        The part that the data set itself keeps for the test after training, if it has one.

    Raises
    ------
    DataError
        The arrays do not belong together.
    """

    name: str
    images: Pixels = field(repr=False)
    labels: Labels = field(repr=False)
    classes: tuple[str, ...]
    scale: float = 255.0
    notes: tuple[str, ...] = ()
    format: str = ""
    sources: Sequence[str] = field(default=(), repr=False)
    refused: tuple[Refused, ...] = ()
    test: Dataset | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if problem := self._wrong_images() or self._wrong_labels():
            raise DataError(f"{self.name}: {problem}")
        for name, array in (("images", self.images.view()), ("labels", self.labels.astype(np.int64))):
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    def __len__(self) -> int:
        return len(self.images)

    @property
    def shape(self) -> Shape:
        """(H, W, C) of one image, or (features,)."""
        return self.images.shape[1:]

    @property
    def facts(self) -> DataFacts:
        """What training must know of it."""
        n_nonfinite = first = 0
        if self.images.dtype.kind == "f":
            finite = self._finite()
            n_nonfinite, first = int((~finite).sum()), int(finite.argmin())
        lowest = int(self.labels.min())
        n_classes = len(self.classes)
        return DataFacts(self.name, self.shape, len(self), n_classes, lowest, n_nonfinite, first, self.refused)

    def stored_range(self) -> tuple[float, float]:
        """Return the smallest and the largest value as they are stored, NaN and infinity not counted."""
        low, high = np.inf, -np.inf
        step = max(1, _BLOCK // count(self.shape))
        for start in range(0, len(self), step):
            block = self.images[start : start + step]
            values = block[np.isfinite(block)] if block.dtype.kind == "f" else block
            if values.size:
                low, high = min(low, float(values.min())), max(high, float(values.max()))
        return (low, high) if low <= high else (0.0, 0.0)

    def _finite(self) -> NDArray[np.bool_]:
        """Say of each sample whether all its values are finite; block by block, since images may lie on the disk."""
        finite = np.empty(len(self), np.bool_)
        step = max(1, _BLOCK // count(self.shape))
        for start in range(0, len(self), step):
            block = np.isfinite(self.images[start : start + step])
            finite[start : start + step] = block.all(axis=tuple(range(1, block.ndim)))
        return finite

    def pixels(self, samples: Indices | slice) -> NDArray[np.float32]:
        """Return a fresh batch of these samples, scaled to [0, 1].

        Parameters
        ----------
        samples
            Places in the data set, or a slice of them.

        Returns
        -------
        (N, H, W, C) or (N, features) float32, in one piece of memory that no one else holds.
        """
        return np.divide(self.images[samples], np.float32(self.scale), dtype=np.float32, order="C")

    def _wrong_images(self) -> str | None:
        images = self.images
        if images.dtype not in {np.dtype(np.uint8), np.dtype(np.float32)}:
            return f"its images are {images.dtype}; give them as uint8 (0 … 255) or float32 (0 … 1)."
        if images.ndim not in {2, 4} or not images.size:
            return (
                f"its images have the shape {images.shape}; give at least one image as an array of "
                "samples × height × width × channels, or samples × features."
            )
        if not self.scale > 0:
            return f"its scale is {self.scale:g}; give the stored value that becomes 1, such as 255 for bytes."
        return None

    def _wrong_labels(self) -> str | None:
        labels = self.labels
        if labels.dtype.kind not in "iu" or labels.shape != (len(self.images),):
            has_rows = labels.ndim == 2 and len(labels) == len(self.images) and labels.shape[1] > 1
            hint = " Of one-hot rows, labels.argmax(axis=1) makes that." if has_rows else ""
            return (
                f"its labels are {labels.dtype} of the shape {labels.shape}; "
                f"give one whole number for each of the {counted(len(self.images), 'image')}.{hint}"
            )
        low, high = int(labels.min()), int(labels.max())
        if low < 0 or high >= len(self.classes):
            return (
                f"its labels run from {low} to {high}, but the classes named are {len(self.classes)}. "
                "Labels count from 0; name a class for each."
            )
        return None


def plain_dataset(images: ArrayLike, labels: ArrayLike, name: str = "the data") -> Dataset:
    """Make a data set of plain arrays.

    Parameters
    ----------
    images
        (N, H, W, C) or (N, features): bytes, where 255 becomes 1, or floats, which stay as they are.
    labels
        (N,) whole numbers from 0; the classes are called by them.

    Raises
    ------
    DataError
        The arrays do not belong together.

    Examples
    --------
    >>> data = plain_dataset(np.zeros((3, 8, 8, 1)), [0, 2, 1])
    >>> len(data), data.shape, data.classes
    (3, (8, 8, 1), ('0', '1', '2'))
    """
    pixels, numbers = _as_array(images, f"{name}: its images"), _as_array(labels, f"{name}: its labels")
    if pixels.dtype.kind == "f":
        pixels = pixels.astype(np.float32)
    classes: tuple[str, ...] = ()
    if numbers.dtype.kind in "iu" and numbers.size > 0:
        low, high = int(numbers.min()), int(numbers.max())
        if low < 0:
            raise DataError(f"{name}: its smallest label is {low:,}. Labels count from 0; a class has each number.")
        if high >= LABEL_LIMIT:
            raise DataError(
                f"{name}: its largest label is {high:,}; labels are class numbers up to {LABEL_LIMIT - 1:,}."
            )
        classes = tuple(map(str, range(high + 1)))
    return Dataset(name, pixels, numbers, classes, scale=1.0 if pixels.dtype == np.float32 else 255.0)


def _as_array(values: ArrayLike, what: str) -> NDArray[Any]:
    try:
        return np.asarray(values)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise DataError(f"{what} are no array of numbers: {error}") from error


def counted_from(dataset: Dataset, first: int) -> Dataset:
    """Return the same samples with classes that begin at a label: it becomes 0, the next one 1.

    Parameters
    ----------
    dataset
        Stays as it is; where labels count from 0, it is returned itself.
    first
        The label of the first class.

    Raises
    ------
    DataError
        Labels are smaller than that.
    """
    if first == 0:
        return dataset
    lowest = int(dataset.labels.min())
    if lowest < first:
        raise DataError(smaller_labels_text(dataset.name, lowest, first))
    notes = tuple(note for note in dataset.notes if note not in absence_notes(dataset.labels, dataset.classes))
    labels, classes = dataset.labels - first, dataset.classes[first:]
    return replace(
        dataset,
        labels=labels,
        classes=classes,
        notes=(*notes, *absence_notes(labels, classes)),
        test=dataset.test and counted_from(dataset.test, first),
    )


def smaller_labels_text(name: str, lowest: int, first: int) -> str:
    """Say that labels are smaller than the one that classes begin at."""
    return f"{name} has samples with the label {lowest}, but first_label says that labels begin with {first}."


def absence_notes(labels: Labels, classes: Sequence[str]) -> tuple[str, ...]:
    """Name the classes that have no samples.

    >>> absence_notes(np.array([0, 3, 3]), "abcd"), absence_notes(np.array([0, 1]), "ab")
    (('no image of class b and c',), ())
    """
    absent = [classes[place] for place in np.flatnonzero(np.bincount(labels, minlength=len(classes)) == 0).tolist()]
    rest = len(absent) - _SHOWN
    some = [*absent[:_SHOWN], *([counted(rest, "other")] if rest > 0 else [])]
    return (f"no image of class {listing(some)}",) if absent else ()


def sample_text(shape: Shape) -> str:
    """Write the shape of one sample: an image, or a row of values.

    >>> sample_text((8, 8, 1)), sample_text((64,))
    ('8×8×1', '64 values')
    """
    return shape_text(shape) if len(shape) > 1 else counted(shape[0], "value")
