"""The data sets that ship with Convograph: one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import resources
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
        How many samples it has.
    shape : Shape
        Of one sample: (H, W, C) or (features,).
    classes : tuple of str
        The names of the classes.
    scale : float
        The stored value that becomes 1.
    read : callable
        Reads images and labels.
    """

    name: str
    n: int
    shape: Shape
    classes: tuple[str, ...]
    scale: float
    read: Callable[[], tuple[Pixels, Labels]]

    @property
    def facts(self) -> DataFacts:
        """What training must know of it."""
        return DataFacts(self.name, self.shape, self.n, len(self.classes))

    def load(self) -> Dataset:
        """Read the data set."""
        images, labels = self.read()
        return Dataset(self.name, images, labels, self.classes, scale=self.scale, format="bundled")


def _digits() -> tuple[Pixels, Labels]:
    """Read 1,797 real handwritten digits: 8×8 pixels from 0 to 16, ten classes.

    E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998,
    https://doi.org/10.24432/C50P49, CC BY 4.0.
    """
    return (
        read_images(resources.path("datasets/digits-images-idx3-ubyte.gz")),
        read_labels(resources.path("datasets/digits-labels-idx1-ubyte.gz")),
    )


_ALL = (Bundled("digits", n=1797, shape=(8, 8, 1), classes=tuple("0123456789"), scale=16.0, read=_digits),)

BUNDLED: Final[Mapping[str, Bundled]] = MappingProxyType({bundled.name: bundled for bundled in _ALL})
"""The data sets that ship with Convograph, by name."""
