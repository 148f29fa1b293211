"""The maps of a look as they are drawn; what was drawn once is kept until there is something newer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage

from core.training.snapshots import Snapshot, difference
from designer import theme
from designer.session.looking import Cell, Digest, Insight
from designer.theme.colormaps import ACTIVATIONS, Table, symmetric_limit, weights
from designer.views.activations import limits_of
from designer.views.class_bars import probabilities_of
from designer.views.inside.arrangement import MOST_CELLS, MOST_MAPS, Spot
from designer.views.inside.columns import Column
from designer.views.inside.map_pictures import Limits, MapPictures, Scale, common_limits, draw_maps, strongest
from designer.views.sample_image import picture_of


class ShownMaps:
    """Draws the maps of columns when they are asked for.

    Attributes
    ----------
    entered : QImage or None
        What entered the network.
    scale : Scale
    beside : ShownMaps or None
        Those of another moment: of both the same maps are shown, and colours stand for the same numbers.
    is_difference : bool
        Whether the other moment minus this one is shown.
    """

    def __init__(self) -> None:
        self.entered: QImage | None = None
        self._pixels: NDArray[np.floating] | None = None
        self._drawable: tuple[QSize, QImage] | None = None
        self.scale: Scale = "layer"
        self.beside: ShownMaps | None = None
        self.is_difference = False
        self._changes: dict[str, tuple[Snapshot, Snapshot, NDArray[np.floating] | None]] = {}
        self._maps: Mapping[str, NDArray[np.floating]] = {}
        self._digests: Mapping[str, Digest] = {}
        self.are_gradients = False
        self._columns: Sequence[Column] = ()
        self._pictures: dict[str, MapPictures] = {}
        self._limits: dict[str, Limits] = {}

    def take(self, look: Insight, columns: Sequence[Column]) -> None:
        """Draw what a newer look shows."""
        before = self._maps
        self.are_gradients, self._maps, self._digests = look.are_gradients, look.shown, look.digests
        self._columns = columns
        for column in columns:
            is_shared = self.scale == "common" or self.beside is not None
            if is_shared or before.get(column.layer) is not self._maps.get(column.layer):
                self._limits.pop(column.layer, None)
                self.forget(column.id)
        if look.pixels is not self._pixels:
            self._pixels = look.pixels
            self.entered = None if look.pixels is None else picture_of(look.pixels)
            self._drawable = None

    def entered_in(self, size: QSize) -> QImage | None:
        """Return what entered, in the size in which it is drawn where that is smaller."""
        if self.entered is None:
            return None
        if self._drawable is None or self._drawable[0] != size:
            smaller = size.width() < self.entered.width()
            mode = Qt.TransformationMode.SmoothTransformation
            image = self.entered.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, mode) if smaller else self.entered
            self._drawable = (size, image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied))
        return self._drawable[1]

    def forget(self, column: str | None = None) -> None:
        """Draw anew; where a column is named, that one only."""
        if column is None:
            self._pictures.clear()
        else:
            self._pictures.pop(column, None)

    @property
    def table(self) -> Table:
        """The colours of what is shown."""
        return weights(theme.current()) if self.is_signed else ACTIVATIONS

    @property
    def is_signed(self) -> bool:
        """Whether zero is in the middle of the colours."""
        return self.are_gradients or self.is_difference

    def has_pictures(self, column: Column) -> bool:
        """Say whether a column is drawn in these colours; what enters is shown as it is, unless it has a gradient."""
        return column.form in {"maps", "bar"} or (self.are_gradients and column.form == "picture")

    def values(self, layer: str) -> NDArray[np.floating] | None:
        """Return what is shown of a layer; None where it is not known, or where A and B show different samples."""
        other = self.beside
        if not self.is_difference:
            return self._maps.get(layer)
        if other is None or layer not in self._maps or layer not in other._maps:
            return None
        if self.are_gradients != other.are_gradients:
            return None
        b, a, known = self._changes.get(layer) or (None, None, None)
        if b is None or a is None or b.maps[layer] is not other._maps[layer] or a.maps[layer] is not self._maps[layer]:
            b, a = (Snapshot(0, maps={layer: each._maps[layer]}, sample=each._pixels) for each in (other, self))
            known = difference(b, a).maps.get(layer)
            self._changes[layer] = (b, a, known)
        return known

    def class_changes(self, layer: str) -> NDArray[np.floating] | None:
        """Return by how much more likely classes are at the other moment; None where that is not known."""
        if self.values(layer) is None or self.beside is None:
            return None
        b, a = (probabilities_of(each._maps[layer]) for each in (self.beside, self))
        return None if b is None or a is None else b - a

    def limits(self, layer: str) -> Limits | None:
        """Return the smallest and the largest value that the colours of a layer stand for; None where not known."""
        alone = self.beside is None or self.is_difference or self.beside.is_difference
        both = [self._limits_of(layer), None if alone or self.beside is None else self.beside._limits_of(layer)]
        known = [limits for limits in both if limits is not None]
        return common_limits(known) if both[0] is not None else None

    def _limits_of(self, layer: str) -> Limits | None:
        maps = self._maps
        if self.values(layer) is None:
            return None
        shared = [layer]
        if self.scale == "common":
            shared += [c.layer for c in self._columns if c.form in {"maps", "bar"} and self.values(c.layer) is not None]
        if self.is_difference:
            limit = max(symmetric_limit(values) for each in shared if (values := self.values(each)) is not None)
            return -limit, limit
        for each in shared:
            if each not in self._limits:
                known = None if self.are_gradients else self._digests.get(each)
                self._limits[each] = limits_of(maps[each]) if known is None else known.limits
        low, high = common_limits(self._limits[each] for each in shared)
        if self.are_gradients:
            low, high = -max(-low, high), max(-low, high)
        return low, high

    def of(self, spot: Spot, chosen: Cell | None) -> MapPictures | None:
        """Return what is drawn of a column, the chosen map in any case; None where that is not known yet."""
        column = spot.column
        maps = self.values(column.layer)
        if maps is None or not self.has_pictures(column):
            return None
        if column.id not in self._pictures:
            always = chosen.channel if chosen is not None and chosen.layer == column.layer else None
            most = MOST_MAPS if column.form == "maps" else MOST_CELLS
            if column.form == "picture":
                maps = maps.sum(axis=2, keepdims=True)
            digest = self._digests.get(column.layer) or Digest.of(maps)  # of the moment: both show the same maps
            strength = digest.strength[: maps.shape[-1]]
            theirs = None if self.beside is None else self.beside._digests.get(column.layer)
            if theirs is not None and column.form != "picture" and theirs.strength.shape == strength.shape:
                strength = strength + theirs.strength
            channels = strongest(strength, min(most, max(1, spot.shown)), always)
            limits = self.limits(column.layer) or (0.0, 0.0)
            self._pictures[column.id] = draw_maps(
                maps, spot.grid, channels, self.table, self.scale, limits, signed=self.is_signed, step=spot.step
            )
        return self._pictures[column.id]


def place_of(spot: Spot, pictures: MapPictures | None, cell: Cell) -> tuple[int, int, int] | None:
    """Return in which of a column's maps a value is, and its row and column there; None where it is not shown."""
    if spot.column.form == "picture":
        return 0, cell.row, cell.column
    if spot.column.form == "classes":
        return 0, cell.channel, 0
    if pictures is None or cell.channel not in pictures.channels:
        return None
    place = int((pictures.channels == cell.channel).argmax())
    if spot.column.form == "bar":
        return 0, place % spot.grid[0], place // spot.grid[0]
    return place, cell.row, cell.column
