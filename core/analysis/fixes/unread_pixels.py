"""Fixes for windows that do not reach the end of an image."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from core.analysis.report import LayerReport
from core.layers.pooling import Pool
from core.problems import Fix, SetConfig
from core.shapes import Padding, Pair, Shape, margins, shortest_padding
from core.sliding_windows import Axis, Window
from core.text import setting_text


@runtime_checkable
class Padded(Protocol):
    """A kind whose window slides over a padded image."""

    padding: Padding

    def window(self, image: Shape) -> Window:
        """Lay the window over an image."""


def unread_fixes(about: LayerReport) -> Iterator[Fix]:
    """Offer one more window, over the edge of the image or on wider padding."""
    spec = about.layer.spec
    if isinstance(spec, Pool):
        yield Fix("Round up", (SetConfig(about.id, {"rounding": "ceil"}),))
    elif isinstance(spec, Padded) and spec.padding != "same":
        high, wide = spec.window(about.input_shapes[0]).axes
        (rows, columns) = margins(spec.padding)
        padding = shortest_padding((_reaching(high, rows), _reaching(wide, columns)))
        yield Fix(f"Use padding {setting_text(padding)}", (SetConfig(about.id, {"padding": padding}),))


def _reaching(axis: Axis, sides: Pair) -> Pair:
    """Widen the padding at the end until one more window fits."""
    return (sides[0], sides[1] + axis.stride - axis.slack % axis.stride) if axis.lost else sides
