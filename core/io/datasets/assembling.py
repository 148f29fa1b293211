"""From arrays as a file holds them to a data set: axes, values, labels and names put in order, each change noted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.errors import DataError
from core.io.datasets.axes import arranged
from core.io.datasets.classes import Labelled, StoredLabels, labelled
from core.io.datasets.scales import Scaled, scaled
from core.io.datasets.stored import Anything
from core.io.datasets.values import Dataset, sample_text
from core.io.failures import shown


@dataclass(frozen=True, slots=True)
class Held:
    """Images and labels of one part, as a file holds them.

    Attributes
    ----------
    images, labels : array
    images_name, labels_name : str
        What sentences call them: "x_train of mnist.npz".
    """

    images: Anything
    labels: Anything
    images_name: str
    labels_name: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a data set comes from.

    Attributes
    ----------
    path : Path
        Its file or folder.
    format : str
        As in the table of formats.
    samples_last : bool
        Whether samples are the last axis, as MATLAB has them.
    """

    path: Path
    format: str
    samples_last: bool = False

    @property
    def name(self) -> str:
        """What the data set is called."""
        return shown(self.path.name if self.path.is_dir() else self.path.name.split(".")[0] or self.path.name)


def assembled(
    origin: Origin,
    train: Held,
    test: Held | None = None,
    names: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> Dataset:
    """Make a data set of the arrays of a file.

    Parameters
    ----------
    test
        The part that the file keeps for the test, if it has one.
    names
        Of the classes, where the file knows them.
    notes
        What a report says before all that is noted here.

    Raises
    ------
    DataError
        The arrays are no images and labels, or do not belong together.

    Examples
    --------
    >>> import numpy as np
    >>> held = Held(np.zeros((2, 1, 8, 8), np.uint8), np.array([[1], [0]]), "x", "y")
    >>> assembled(Origin(Path("mine.npz"), "NPZ"), held)
    Dataset(name='mine', classes=('0', '1'), scale=255.0,
        notes=('channels stood first (1×8×8), now last (8×8×1)',), format='NPZ', refused=())
    """
    parts = [train] if test is None else [train, test]
    labels = labelled([StoredLabels(part.labels, part.labels_name) for part in parts], names)
    placed = [
        arranged(part.images, len(column), part.images_name, samples_last=origin.samples_last)
        for part, column in zip(parts, labels.parts, strict=True)
    ]
    values = scaled([images for images, _ in placed], origin.path, train.images_name)
    said = (*notes, *placed[0][1], *values.notes, *labels.notes)
    return joined(origin, values, labels, said)


def joined(origin: Origin, values: Scaled, labels: Labelled, notes: tuple[str, ...]) -> Dataset:
    """Return the data set of parts that are in order; the second part, if there is one, is that for the test."""
    made = [
        Dataset(
            origin.name if i == 0 else f"{origin.name}/test",
            images,
            column,
            labels.classes,
            values.scale,
            notes if i == 0 else (),
            origin.format,
        )
        for i, (images, column) in enumerate(zip(values.parts, labels.parts, strict=True))
    ]
    if len(made) == 1:
        return made[0]
    train, test = made
    return with_test(train, test)


def with_test(train: Dataset, test: Dataset) -> Dataset:
    """Return a data set with a part for the test.

    Raises
    ------
    DataError
        Their samples have different shapes.
    """
    if train.shape != test.shape:
        raise DataError(
            f"{train.name}: the samples for training are {sample_text(train.shape)}, those for the test "
            f"{sample_text(test.shape)}. Give both in one shape."
        )
    return replace(train, test=test)
