"""Single pictures on their way into a network: fitted to its Input, and drawings placed as the samples are."""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt

import numpy as np
from numpy.typing import NDArray

from core.io.datasets.fitting import fit_to
from core.io.datasets.resize import Resize
from core.io.datasets.values import Dataset, Pixels, plain_dataset
from core.shapes import Shape, count

ENOUGH, MOST_VALUES = 400, 4_000_000
"""Samples that are looked at to learn how they are placed, fewer where they are large."""
DARK = 0.1
"""What is darker counts as ground."""
_AGREE = 0.06
"""Of the side of a picture: samples whose middles differ by more are not centred."""
_LEAST_SHARE = 0.8
"""Of the samples must lie on a dark ground."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Where what is drawn lies in a picture, in shares of its height and width.

    Attributes
    ----------
    top, left, bottom, right : float
        The smallest rectangle around it.
    mass : (float, float)
        Its centre of mass, row and column.
    """

    top: float
    left: float
    bottom: float
    right: float
    mass: tuple[float, float]

    @property
    def middle(self) -> tuple[float, float]:
        """The middle of the rectangle, row and column."""
        return (self.top + self.bottom) / 2, (self.left + self.right) / 2

    @property
    def size(self) -> float:
        """The longer side of the rectangle."""
        return max(self.bottom - self.top, self.right - self.left)


@dataclass(frozen=True, slots=True)
class Placing:
    """How the samples of a data set lie in their pictures: bright on a dark ground, all alike in size and place.

    Attributes
    ----------
    size : float
        The longer side of what is drawn, as a share of the picture's.
    by_mass : bool
        Whether the centre of mass is in the middle, as in MNIST; otherwise the rectangle around it is.
    """

    size: float
    by_mass: bool

    def words(self, side: int) -> str:
        """Say what is done to a drawing in a picture with so many pixels along its side.

        >>> Placing(20 / 28, by_mass=True).words(28)
        'Scaled to 20 of 28 pixels and centred by its mass, as the samples are.'
        """
        middle = "its mass" if self.by_mass else "its outline"
        return f"Scaled to {round(self.size * side)} of {side} pixels and centred by {middle}, as the samples are."

    def moved(self, extent: Extent) -> tuple[float, float, float]:
        """Return by what a drawing is enlarged, and how far it is moved down and to the right after that.

        What is drawn stays within the picture, also where its mass is far from its middle.

        Examples
        --------
        >>> Placing(0.5, by_mass=False).moved(Extent(0.0, 0.0, 0.25, 0.125, (0.1, 0.1)))
        (2.0, 0.25, 0.375)
        """
        factor = self.size / extent.size
        centre = extent.mass if self.by_mass else extent.middle
        ends = ((extent.top, extent.bottom), (extent.left, extent.right))
        down, right = (
            min(max(0.5 - at * factor, -low * factor), 1 - high * factor)
            for at, (low, high) in zip(centre, ends, strict=True)
        )
        return factor, down, right


def extent_of(picture: Pixels) -> Extent | None:
    """Return where the bright part of a picture (H, W, C) lies; None where all of it is dark."""
    ink = picture.max(axis=2)
    ink = np.where(ink > DARK, ink, 0)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return None
    high, wide = ink.shape
    whole = float(ink.sum())
    mass = (
        float((ink.sum(axis=1) @ (np.arange(high) + 0.5)) / whole / high),
        float((ink.sum(axis=0) @ (np.arange(wide) + 0.5)) / whole / wide),
    )
    return Extent(rows[0] / high, columns[0] / wide, (rows[-1] + 1) / high, (columns[-1] + 1) / wide, mass)


def placing_of(dataset: Dataset) -> Placing | None:
    """Find out how the samples of a data set are placed; None where they are not on a dark ground, or not alike.

    MNIST's digits were scaled into 20 × 20 pixels and moved so that their centre of mass is in the middle of 28 × 28.
    Source: LeCun, Cortes and Burges, "The MNIST database of handwritten digits".

    Examples
    --------
    >>> from core.io.datasets import load_dataset
    >>> placing_of(load_dataset("digits"))
    Placing(size=1.0, by_mass=False)
    """
    if len(dataset.shape) != 3:
        return None
    most = min(ENOUGH, MOST_VALUES // count(dataset.shape) + 1, len(dataset))
    places = np.linspace(0, len(dataset) - 1, most).round().astype(np.int64)
    pictures = dataset.pixels(np.unique(places))
    found = [extent for extent in map(extent_of, pictures) if extent is not None]
    is_dark = float((pictures.max(axis=3) < DARK).mean(axis=(1, 2)).mean()) if len(pictures) else 0.0
    if len(found) < _LEAST_SHARE * len(pictures) or is_dark < 1 / 4:
        return None
    size = float(np.median([extent.size for extent in found]))
    by_middle, by_mass = (
        float(np.median(np.abs(np.array([centre(extent) for extent in found]) - 0.5))) for centre in (_middle, _mass)
    )
    spread = float(np.median(np.abs(np.array([extent.size for extent in found]) - size)))
    if min(by_middle, by_mass) > _AGREE or spread > _AGREE:
        return None
    return Placing(size, by_mass < by_middle)


def _middle(extent: Extent) -> tuple[float, float]:
    return extent.middle


def _mass(extent: Extent) -> tuple[float, float]:
    return extent.mass


def pad_shape(shape: Shape) -> Shape | None:
    """Return the (H, W, C) that one draws in for an Input of a shape; None where it takes no picture.

    >>> pad_shape((28, 28, 1)), pad_shape((64,)), pad_shape((2,))
    ((28, 28, 1), (8, 8, 1), None)
    """
    if len(shape) == 3:
        return shape if shape[2] in {1, 3} else None
    side = isqrt(shape[0])
    return (side, side, 1) if side >= 4 and side * side == shape[0] else None


def fit_picture(
    picture: Pixels, shape: Shape, resize: Resize = "stretch", name: str = "the picture"
) -> NDArray[np.float32]:
    """Fit one picture (H, W, C), from 0 to 1, to an Input as `fit_to` does; an Input of features takes a square.

    Raises
    ------
    DataError
        If it can't be: the channels clash, or the Input takes no picture.
    """
    drawn = pad_shape(shape) if len(shape) == 1 else None
    dataset = plain_dataset(picture[None], np.zeros(1, np.int64), name)
    if drawn is not None and picture.size != shape[0]:
        dataset = fit_to(dataset, drawn, resize)
    fitted: NDArray[np.float32] = fit_to(dataset, shape, resize).pixels(slice(0, 1))[0]
    return fitted
