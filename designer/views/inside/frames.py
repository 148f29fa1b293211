"""The frames around what the chosen cell sees, on every map that is shown, and the lines between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from core.analysis.receptive_field import Box
from designer.views.inside import layers_painting as paint
from designer.views.inside.account import Account
from designer.views.inside.arrangement import Spot

if TYPE_CHECKING:  # loading the engine takes longer than drawing the first frame
    from core.inside.regions import Region

MOST_FRAMES = 64
"""Of single features: where a cell sees more of them, one frame goes around all."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What is seen of a map.

    Attributes
    ----------
    place : int
        Which of the maps that are shown.
    box : Box
        In its values, with the padding that is read.
    is_strong : bool
        Whether it lies on the path that is drawn strong.
    """

    place: int
    box: Box
    is_strong: bool


def frames_of(
    account: Account, spot: Spot, channels: NDArray[np.intp] | None, maps: NDArray[np.floating] | None
) -> list[Frame]:
    """Return the frames of a column.

    Parameters
    ----------
    channels : array of int, optional
        Of the maps, or features, that are shown; None where all are.
    maps : array, (H, W, C) or (C,), optional
        Their values, by which the path is chosen where the arithmetic does not say it.
    """
    region = account.seen.get(spot.column.layer)
    if region is None:
        return []
    seen, box = set(region.channels), region.frame
    shown = range((spot.column.shape or (1,))[-1]) if channels is None else channels.tolist()
    if spot.column.form == "picture":
        return [Frame(0, box, is_strong=True)]
    if spot.column.form != "maps":
        return list(_of_features(spot, [place for place, channel in enumerate(shown) if channel in seen]))
    strong = account.path.get(spot.column.layer)
    if strong not in shown:
        strong = _largest(region, [channel for channel in shown if channel in seen], maps)
    return [
        Frame(place, box, is_strong=channel == strong)
        for place, channel in enumerate(shown)
        if channel in seen or not seen  # padding alone
    ]


def _of_features(spot: Spot, places: list[int]) -> Iterator[Frame]:
    rows, columns = spot.grid
    if len(places) > MOST_FRAMES or (len(places) == spot.shown and len(places) > 1):
        yield Frame(0, Box(0, 0, rows, columns), is_strong=True)
        return
    for place in places:
        column, row = divmod(place, rows)
        yield Frame(0, Box(row, column, row + 1, column + 1), is_strong=True)


def _largest(region: Region, channels: list[int], maps: NDArray[np.floating] | None) -> int | None:
    if maps is None or maps.ndim != 3 or not channels:
        return channels[0] if channels else None
    box = region.inside
    part = np.abs(np.nan_to_num(maps[box.top : box.bottom, box.left : box.right, channels]))
    return channels[int(part.sum(axis=(0, 1)).argmax())]


def paint_frames(painter: QPainter, spots: Mapping[str, Spot], found: Mapping[str, list[Frame]]) -> None:
    """Paint the frames of all columns, by the columns' ids, and before them the lines that join them."""
    for id, frames in found.items():
        target = _strong_rect(spots[id], frames)
        for source in spots[id].column.sources if target is not None else ():
            for frame in found.get(source, ()):
                start = _rect(spots[source], frame)
                if target is not None:
                    paint.paint_cone(painter, start, target, strong=frame.is_strong)
    for id, frames in found.items():
        for frame in sorted(frames, key=_strength):
            paint.paint_frame(painter, spots[id], frame.place, frame.box, strong=frame.is_strong)


def _strength(frame: Frame) -> bool:
    return frame.is_strong


def _strong_rect(spot: Spot, frames: list[Frame]) -> QRectF | None:
    return next((_rect(spot, frame) for frame in frames if frame.is_strong), None)


def _rect(spot: Spot, frame: Frame) -> QRectF:
    box = frame.box
    return spot.box(frame.place, box.top, box.left, box.bottom, box.right).intersected(spot.cells[frame.place])
