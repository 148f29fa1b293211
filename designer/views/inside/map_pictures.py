"""Maps as pictures: which of them are shown, between which limits, and in which colours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from designer.theme.colormaps import Table, colourise, symmetric_limit
from designer.views.activations import limits_of

Scale: TypeAlias = Literal["layer", "map", "common"]
"""Which values share their colours: those of a layer, those of a map, or all."""

Limits: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class MapPictures:
    """The maps of a layer that are shown.

    Attributes
    ----------
    channels : array of int
        Which they are, in ascending order.
    image : QImage
        One above the other; of features, a grid of them.
    limits : (float, float)
        Of all values of the layer.
    """

    channels: NDArray[np.intp]
    image: QImage
    limits: Limits


def strongest(strength: NDArray[np.floating], n: int, always: int | None = None) -> NDArray[np.intp]:
    """Return which channels are the strongest, in ascending order.

    Parameters
    ----------
    strength : array, (C,)
        How strong each is.
    n : int
        How many at most.
    always : int, optional
        One that is among them in any case.

    Examples
    --------
    >>> strongest(np.array([0.0, 3.0, 1.0, 2.0]), 2).tolist(), strongest(np.array([0.0, 3.0, 1.0]), 1, 2).tolist()
    ([1, 3], [2])
    """
    if len(strength) <= n:
        return np.arange(len(strength))
    order = -strength.astype(np.float64)
    if always is not None and 0 <= always < len(order):
        order[always] = -np.inf
    return np.sort(np.argsort(order, kind="stable")[:n])


def common_limits(layers: Iterable[Limits]) -> Limits:
    """Return limits between which all layers lie."""
    lows, highs = zip(*layers, strict=True)
    return min(lows), max(highs)


def draw_maps(
    maps: NDArray[np.floating],
    grid: tuple[int, int],
    channels: NDArray[np.intp],
    table: Table,
    scale: Scale,
    limits: Limits,
    *,
    signed: bool = False,
    step: int = 1,
) -> MapPictures:
    """Colour maps.

    Parameters
    ----------
    maps : array, (H, W, C) or (C,)
    grid : (rows, columns)
        In which features stand, column by column.
    channels : array of int
    table, limits
        Colours, and what the first and the last of them stand for; where the scale is "map", each map has its own.
    signed : bool
        Whether zero is in the middle of the colours.
    step : int
        Of so many rows and columns of a map one is drawn: there is no room for more.
    """
    if maps.ndim == 3:
        shown = np.ascontiguousarray(maps[::step, ::step, channels].transpose(2, 0, 1))  # (C, H, W)
        known = None
    else:
        rows, columns = grid
        values = np.zeros(rows * columns, np.float32)
        values[: len(channels)] = maps[channels]
        shown = values.reshape(columns, rows).T[None]
        known = (np.arange(values.size) < len(channels)).reshape(columns, rows).T[None]
    if scale == "map" and maps.ndim == 3:
        coloured = np.stack([colourise(each, table, *_own_limits(each, signed=signed)) for each in shown])
    else:
        coloured = colourise(shown, table, *limits)
    if known is not None:
        coloured[~known] = 0
    n, high, wide = shown.shape
    pixels = np.ascontiguousarray(coloured.reshape(n * high, wide, 4))
    image = QImage(pixels.data, wide, n * high, 4 * wide, QImage.Format.Format_RGBA8888)
    drawable = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)  # which is also a copy
    return MapPictures(channels, drawable, limits)


def _own_limits(values: NDArray[np.floating], *, signed: bool) -> Limits:
    if not signed:
        return limits_of(values)
    limit = symmetric_limit(values)
    return -limit, limit
