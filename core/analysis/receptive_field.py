"""Where in the input the receptive field of one output value lies; the report knows only how large it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Protocol, TypeAlias, runtime_checkable

from core.analysis.report import LayerReport, Report
from core.shapes import Shape
from core.sliding_windows import Axis, Window

Number: TypeAlias = int | Fraction


@runtime_checkable
class Slides(Protocol):
    """A kind whose window slides over its one input."""

    def window(self, image: Shape) -> Window:
        """Lay the window over an image."""


@dataclass(frozen=True, slots=True)
class Box:
    """Pixels of the input, `bottom` and `right` excluded; may reach beyond the input's edges."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class _View:
    """Along one axis: what the value at 0 sees, `start … end`, and how far further the next one looks."""

    start: Number
    end: Number
    jump: Number


_Views: TypeAlias = tuple[_View, _View]


def seen(report: Report, layer_id: str, row: int, column: int) -> Box | None:
    """Return the input pixels that one value of a layer's output depends on, unclipped.

    Through a window, `start −= P·j`, `end += ((F − 1)·D − P)·j`, then `j *= S`; several inputs see their hull.
    Source: Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019.

    Parameters
    ----------
    report : Report
    layer_id : str
        In the flattened graph.
    row, column : int
        Of the value, in each of the layer's channels.

    Returns
    -------
    Box or None
        None where it depends on the whole input, or on more than windows.
    """
    layer = report.layers.get(layer_id)
    views = _views(layer, report, {}) if layer is not None else None
    if views is None:
        return None
    (top, bottom), (left, right) = (
        (floor(view.start + at * view.jump), ceil(view.end + at * view.jump))
        for view, at in zip(views, (row, column), strict=True)
    )
    return Box(top, left, bottom, right)


def _views(layer: LayerReport, report: Report, known: dict[str, _Views | None]) -> _Views | None:
    """Work from the inputs down, without recursion: networks are deeper than Python's stack."""
    for id, each in report.layers.items():
        sources = [known.get(source) for source in each.layer.inputs]
        known[id] = _through(each, sources)
        if each is layer:
            break
    return known.get(layer.id)


def _through(layer: LayerReport, sources: Sequence[_Views | None]) -> _Views | None:
    shape = layer.shape
    if shape is None or len(shape) != 3 or layer.receptive_field is None:
        return None
    if not sources:
        pixel = _View(0, 1, 1)
        return (pixel, pixel)
    views = [views for views in sources if views is not None]
    if len(views) < len(sources):
        return None
    if isinstance(layer.layer.spec, Slides):
        window = layer.layer.spec.window(layer.input_shapes[0])
        slid = (_slide(views[0][0], window.high), _slide(views[0][1], window.wide))
        return slid if tuple(view.jump for view in slid) == layer.receptive_field.jump else None
    if any(image[:2] != shape[:2] for image in layer.input_shapes) or not _passes_on(layer):
        return None
    high, wide = _hull([high for high, _ in views]), _hull([wide for _, wide in views])
    return (high, wide) if high and wide else None


def _passes_on(layer: LayerReport) -> bool:
    """Whether the layer itself looks at one place only: then its field is that of one of its inputs, axis by axis."""
    fields = [flow.receptive_field for flow in layer.inputs if flow is not None]
    sizes = [field.size for field in fields if field is not None]
    own = layer.receptive_field
    return own is not None and all(own.size[axis] == max(size[axis] for size in sizes) for axis in (0, 1))


def _slide(view: _View, axis: Axis) -> _View:
    start = view.start - axis.before * view.jump
    return _View(start, view.end + (axis.span - 1 - axis.before) * view.jump, view.jump * axis.stride)


def _hull(views: Sequence[_View]) -> _View | None:
    jumps = {view.jump for view in views}
    if len(jumps) > 1:
        return None
    return _View(min(view.start for view in views), max(view.end for view in views), jumps.pop())
