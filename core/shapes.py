"""Shapes and sizes: height × width × channels, always without the batch."""

from __future__ import annotations

from math import prod
from typing import TypeAlias

Shape: TypeAlias = tuple[int, ...]
"""(H, W, C) of an image, or (C,) of a feature vector."""

Pair: TypeAlias = tuple[int, int]
"""(height, width)."""

Size: TypeAlias = int | Pair
"""One number for both axes, or (height, width)."""

Padding: TypeAlias = int | Pair | tuple[Pair, Pair] | str
"""A number, (height, width), ((top, bottom), (left, right)), "valid" or "same"."""

MOST_VALUES = 10**15
"""No output has more values for one sample: no computer could hold them. It keeps all sizes and counts within what can
be computed with and read."""

VALUE_BYTES = 4
"""Bytes of one float32 value."""


def pair(size: Size) -> Pair:
    """Return (height, width) of a size written as one number or as a pair.

    >>> pair(3), pair((1, 2))
    ((3, 3), (1, 2))
    """
    return (size, size) if isinstance(size, int) else size


def channels_last(shape: Shape) -> Shape | None:
    """Return the (H, W, C) that was probably meant by a shape that looks like (C, H, W), or None where none does.

    One row of pixels may be a signal with many channels, but hardly with as many as there are pixels in the row.

    >>> channels_last((1, 28, 28)), channels_last((3, 224, 320)), channels_last((1, 128, 9)), channels_last((28, 28, 1))
    ((28, 28, 1), (224, 320, 3), None, None)
    """
    if len(shape) != 3 or min(shape[1:]) < _LEAST_SIDE:
        return None
    channels, high, wide = shape
    return (high, wide, channels) if channels == 3 or (channels == 1 and high == wide) else None


_LEAST_SIDE = 5
"""Pixels; a smaller image is rather a late map with few channels."""


def shortest_size(size: Size) -> Size:
    """Write a size with one number when both axes agree.

    >>> shortest_size((3, 3)), shortest_size((1, 2))
    (3, (1, 2))
    """
    high, wide = pair(size)
    return high if high == wide and isinstance(high, int) else (high, wide)


def shortest_padding(padding: Padding) -> Padding:
    """Write a padding with as few numbers as its symmetry allows.

    >>> shortest_padding(((1, 1), (1, 1))), shortest_padding(((1, 1), (2, 2))), shortest_padding(((0, 1), (0, 1)))
    (1, (1, 2), ((0, 1), (0, 1)))
    """
    if isinstance(padding, str | int):
        return padding
    high, wide = padding
    if isinstance(high, tuple) and isinstance(wide, tuple):
        if high[0] != high[1] or wide[0] != wide[1]:
            return (high, wide)
        return shortest_size((high[0], wide[0]))
    return shortest_size(padding)  # type: ignore[arg-type]


def margins(padding: Padding) -> tuple[Pair, Pair]:
    """Write a padding in full, as ((top, bottom), (left, right)); "same" depends on the image and is not for here.

    >>> margins(1), margins((1, 2)), margins("valid")
    (((1, 1), (1, 1)), ((1, 1), (2, 2)), ((0, 0), (0, 0)))
    """
    if isinstance(padding, str):
        return ((0, 0), (0, 0))
    high, wide = (padding, padding) if isinstance(padding, int) else padding
    return (pair(high), pair(wide))


def n_scores(shape: Shape) -> int | None:
    """Return how many classes an output can tell apart: the length of a row, or the channels of a single pixel.

    >>> n_scores((10,)), n_scores((1, 1, 10)), n_scores((2, 1, 10))
    (10, 10, None)
    """
    return shape[-1] if all(side == 1 for side in shape[:-1]) else None


def count(shape: Shape) -> int:
    """Return the number of values in an array of this shape.

    >>> count((28, 28, 6))
    4704
    """
    return prod(shape)
