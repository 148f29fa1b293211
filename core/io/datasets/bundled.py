"""The data sets that ship with Convograph: one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Final

import resources
from core.io.datasets.generated import shapes, toys
from core.io.datasets.idx import read_images, read_labels
from core.io.datasets.values import DataFacts, Dataset, Labels, Pixels
from core.shapes import Shape


@dataclass(frozen=True, slots=True)
class Bundled:
    """A shipped data set: what is known of it without reading it, and how it is read.

    Attributes
    ----------
    name : str
        What documents call it.
    n : int
        How many samples it has, those of its test part not counted.
    shape : Shape
        Of one sample: (H, W, C) or (features,).
    classes : tuple of str
        The names of the classes.
    scale : float
        The stored value that becomes 1.
    read : callable
        Reads or computes images and labels.
    read_test : callable, optional
        The same for the test part, where there is one.
    """

    name: str
    n: int
    shape: Shape
    classes: tuple[str, ...]
    scale: float
    read: Callable[[], tuple[Pixels, Labels]]
    read_test: Callable[[], tuple[Pixels, Labels]] | None = None

    @property
    def facts(self) -> DataFacts:
        """What training must know of it."""
        return DataFacts(self.name, self.shape, self.n, len(self.classes))

    def load(self) -> Dataset:
        """Read the data set."""
        test = None if self.read_test is None else self._dataset(*self.read_test())
        return self._dataset(*self.read(), test)

    def _dataset(self, images: Pixels, labels: Labels, test: Dataset | None = None) -> Dataset:
        return Dataset(self.name, images, labels, self.classes, scale=self.scale, format="bundled", test=test)


def _digits() -> tuple[Pixels, Labels]:
    """Read 1,797 real handwritten digits: 8×8 pixels from 0 to 16, ten classes.

    E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998,
    https://doi.org/10.24432/C50P49, CC BY 4.0.
    """
    return (
        read_images(resources.path("datasets/digits-images-idx3-ubyte.gz")),
        read_labels(resources.path("datasets/digits-labels-idx1-ubyte.gz")),
    )


_TRAINING, _TEST = 1, 2
"""The seeds that the parts of what is computed are drawn from."""


def _shapes(n: int, n_test: int) -> Bundled:
    """Describe `core.io.datasets.generated.shapes`."""
    return Bundled(
        "shapes",
        n,
        shape=(shapes.SIZE, shapes.SIZE, 3),
        classes=shapes.CLASSES,
        scale=255.0,
        read=partial(shapes.shapes, _TRAINING, n),
        read_test=partial(shapes.shapes, _TEST, n_test),
    )


def _toy(toy: toys.Toy) -> Bundled:
    """Describe one of `core.io.datasets.generated.toys`; its coordinates stay as they are."""
    return Bundled(
        toy.name,
        toy.n,
        shape=(2,),
        classes=tuple(map(str, range(toy.n_classes))),
        scale=1.0,
        read=partial(toy.draw, _TRAINING, toy.n),
        read_test=partial(toy.draw, _TEST, toy.n),
    )


_ALL = (
    Bundled("digits", n=1797, shape=(8, 8, 1), classes=tuple("0123456789"), scale=16.0, read=_digits),
    _shapes(n=3000, n_test=1000),
    *map(_toy, toys.TOYS),
)

BUNDLED: Final[Mapping[str, Bundled]] = MappingProxyType({bundled.name: bundled for bundled in _ALL})
"""The data sets that ship with Convograph, by name."""
