"""Pictures of shapes, drawn in whole numbers, from which a first layer learns filters that are known beforehand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.io.datasets.generated.draws import Draws
from core.io.datasets.values import Labels

SIZE = 32
"""Pixels of a side."""

Drawn: TypeAlias = NDArray[np.int32]
"""(n, 32, 32), or what broadcasts to it."""

_ONE = 16
"""Lengths are counted in sixteenths of a pixel; a pixel is covered by as many sixteenths."""


def shapes(seed: int, n: int) -> tuple[NDArray[np.uint8], Labels]:
    """Draw pictures of ten classes in turn, which differ in place, size, width of stroke, colours and noise.

    The ideal filters of a first layer are six:

    - four bars or edges that lie (horizontal bars, and the sides of squares and triangles), stand, rise and fall. They
      tell the four classes of bars apart, and circle, square, triangle and cross are made of them: strokes are lighter
      or darker than the ground, whatever their tint;
    - red against blue and its opposite: spots are as light as their ground, so that nothing but colour shows them.

    What the second layer has to do is to count which of them meet where.

    Returns
    -------
    (n, 32, 32, 3) bytes, and (n,) numbers of `CLASSES`.

    Examples
    --------
    >>> images, labels = shapes(0, 20)
    >>> images.shape, [CLASSES[label] for label in labels[:5]]
    ((20, 32, 32, 3), ['horizontal bars', 'vertical bars', 'rising bars', 'falling bars', 'circle'])
    """
    draws = Draws(seed)
    labels = np.arange(n) % len(CLASSES)
    images = np.empty((n, SIZE, SIZE, 3), np.uint8)
    for label, draw in enumerate(_DRAWN.values()):
        places = np.flatnonzero(labels == label)
        images[places] = draw(draws, len(places))
    return images, labels


# --- What covers a pixel: from 0, not at all, to 16 -------------------------------------------------------------------


def _bars(draws: Draws, n: int, along_x: int, along_y: int) -> NDArray[np.uint8]:
    """Draw parallel bars across a direction; diagonal ones are √2 ≈ 17/12 as far apart along both axes."""
    x, y = np.arange(SIZE, dtype=np.int32), np.arange(SIZE, dtype=np.int32)[:, None]
    period = _each(draws.whole(6 * _ONE, 10 * _ONE, (n,)))
    if along_x and along_y:
        period = period * 17 // 12
    phase = _each(draws.whole(0, 64 * _ONE, (n,)))
    distance = np.abs((_ONE * (along_x * x + along_y * y) + 64 * _ONE + phase) % period - period // 2)
    return _coloured(draws, np.clip(period // 4 + _ONE // 2 - distance, 0, _ONE))


def _outlines(draws: Draws, n: int, distance: Callable[[Drawn, Drawn, Drawn], Drawn]) -> NDArray[np.uint8]:
    """Draw strokes where a distance, in sixteenths, is below half their width.

    `distance` takes x and y from the centre of the shape and its radius, all in sixteenths.
    """
    radius, half = _each(draws.whole(7 * _ONE, 11 * _ONE, (n,))), _each(draws.whole(_ONE, 3 * _ONE // 2, (n,)))
    x, y, radius = _around(draws, n, radius)
    return _coloured(draws, np.clip(half + _ONE // 2 - distance(x, y, radius), 0, _ONE))


def _circle(x: Drawn, y: Drawn, radius: Drawn) -> Drawn:
    return np.abs(x * x + y * y - radius * radius) // (2 * radius)


def _square(x: Drawn, y: Drawn, radius: Drawn) -> Drawn:
    return np.abs(np.maximum(np.abs(x), np.abs(y)) - radius * 7 // 8)


def _triangle(x: Drawn, y: Drawn, radius: Drawn) -> Drawn:
    """Measure from the sides of a triangle on its base; the others fall by 2 in 1, and √5 ≈ 9/4."""
    side = (2 * np.abs(x) - y - radius) * 4 // 9
    return np.abs(np.maximum(side, y - radius * 7 // 8))


def _cross(x: Drawn, y: Drawn, radius: Drawn) -> Drawn:
    x, y = np.abs(x), np.abs(y)
    return np.maximum(np.minimum(x, y), np.maximum(x, y) - radius)


def _spot(draws: Draws, n: int, warm: int) -> NDArray[np.uint8]:
    """Draw a soft spot that is as light as its ground, redder (1) or bluer (−1)."""
    x, y, radius = _around(draws, n, _each(draws.whole(5 * _ONE, 9 * _ONE, (n,))))
    cover = np.clip(2 * _ONE - 2 * _ONE * (x * x + y * y) // (radius * radius), 0, _ONE)
    ground = _tinted(draws, draws.whole(80, 175, (n, 1)), 20)
    opposite = draws.whole(50, 80, (n, 1)) * (warm * np.array([1, 0, -1]))
    return _mixed(draws, cover, ground, ground + opposite)


def _around(draws: Draws, n: int, radius: Drawn) -> tuple[Drawn, Drawn, Drawn]:
    """Return coordinates around a centre that is drawn so that nearly all of a shape lies in the picture."""
    room = SIZE * _ONE // 2 - radius
    shift = draws.whole(-256, 256, (2, n))
    line = _ONE * np.arange(SIZE, dtype=np.int32) - SIZE * _ONE // 2 + _ONE // 2
    return line - _each(shift[0]) * room // 256, line[:, None] - _each(shift[1]) * room // 256, radius


# --- Colours ----------------------------------------------------------------------------------------------------------


def _coloured(draws: Draws, cover: Drawn) -> NDArray[np.uint8]:
    """Paint in a colour that is clearly lighter or darker than the ground."""
    n = len(cover)
    level, contrast = draws.whole(60, 195, (n, 1)), draws.whole(60, 105, (n, 1))
    towards_middle: NDArray[np.int64] = np.where(level < 128, 1, -1)
    return _mixed(draws, cover, _tinted(draws, level, 20), _tinted(draws, level + towards_middle * contrast, 20))


def _tinted(draws: Draws, level: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    return level + draws.whole(-most, most, (len(level), 3))


def _mixed(draws: Draws, cover: Drawn, ground: NDArray[np.int64], ink: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Mix ground and ink, with the noise of two bytes: a standard deviation of 20."""
    n = len(cover)
    first, second = draws.bytes((2, n, SIZE, SIZE, 3)).astype(np.int16)
    image = (first - second) * 3 >> 4
    image += ground.astype(np.int16)[:, None, None]
    image += cover.astype(np.int16)[..., None] * (ink - ground).astype(np.int16)[:, None, None] >> 4
    return np.clip(image, 0, 255).astype(np.uint8)


def _each(values: NDArray[np.int64]) -> Drawn:
    """Stand one number beside each picture: (n,) -> (n, 1, 1)."""
    return values.astype(np.int32)[:, None, None]


_DRAWN: Mapping[str, Callable[[Draws, int], NDArray[np.uint8]]] = {
    "horizontal bars": lambda draws, n: _bars(draws, n, 0, 1),
    "vertical bars": lambda draws, n: _bars(draws, n, 1, 0),
    "rising bars": lambda draws, n: _bars(draws, n, 1, 1),
    "falling bars": lambda draws, n: _bars(draws, n, 1, -1),
    "circle": lambda draws, n: _outlines(draws, n, _circle),
    "square": lambda draws, n: _outlines(draws, n, _square),
    "triangle": lambda draws, n: _outlines(draws, n, _triangle),
    "cross": lambda draws, n: _outlines(draws, n, _cross),
    "warm spot": lambda draws, n: _spot(draws, n, 1),
    "cool spot": lambda draws, n: _spot(draws, n, -1),
}

CLASSES = tuple(_DRAWN)
"""The names of the classes."""
