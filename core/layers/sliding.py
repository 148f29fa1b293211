"""What filters and pools have in common beyond the arithmetic of windows."""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd

from core.layers.explanation import by_axis, field_lines, index_text, seen_text
from core.layers.values import ReceptiveField
from core.sliding_windows import Axis, Window
from core.text import number_text, ratio_text


def slide_field(window: Window, field: ReceptiveField | None) -> ReceptiveField | None:
    """Widen a receptive field by a sliding window: `r += (F − 1)·D·j`, then `j *= S`.

    The whole input (None) stays the whole input. Source: Araujo, Norris and Sim, "Computing Receptive Fields of
    Convolutional Neural Networks", Distill 2019.
    """
    if field is None:
        return None
    (high, wide), (jump_h, jump_w) = field.size, field.jump
    size = (high + (window.high.span - 1) * jump_h, wide + (window.wide.span - 1) * jump_w)
    return ReceptiveField(size, (jump_h * window.high.stride, jump_w * window.wide.stride))


def slide_field_lines(window: Window, field: ReceptiveField | None) -> Iterator[str]:
    """Write the recursion with the numbers in it: "r = 6 + (5 − 1)·2 = 14, j = 2·1 = 2"."""
    after = slide_field(window, field)
    if field is None or after is None:
        yield from field_lines((field,), after)
        return
    texts = []
    for side, axis in enumerate(window.axes):
        spread = f"({axis.f} − 1)" + (f"·{axis.dilation}" if axis.dilation > 1 else "")
        r, j = ratio_text(field.size[side]), ratio_text(field.jump[side])
        texts.append(
            f"r = {r} + {spread}·{j} = {ratio_text(after.size[side])}, "
            f"j = {j}·{axis.stride} = {ratio_text(after.jump[side])}"
        )
    yield "r + (F − 1)·j, then j·S:"
    yield from by_axis(*texts)
    yield seen_text(after)


def reads(window: Window) -> str:
    """Write the pixel that a window reads: "2·i + a − 1, 2·j + b − 1"."""
    high, wide = (
        index_text(place, axis.stride, offset, axis.dilation, axis.before)
        for place, offset, axis in zip("ij", "ab", window.axes, strict=True)
    )
    return f"{high}, {wide}"


def border_text(window: Window) -> str | None:
    """Say how far windows reach beyond the image: "2 on every side"; None where they don't."""
    edges = [(axis.before, axis.after + axis.overhang) for axis in window.axes]
    if not any(map(any, edges)):
        return None
    (top, bottom), (left, right) = edges
    if len({top, bottom, left, right}) == 1:
        return f"{top} on every side"
    return f"{top} above, {bottom} below, {left} left and {right} right"


def places_text(window: Window) -> str:
    """Count the places of a window: "55·55 = 3,025 places"."""
    high, wide = window.out
    return f"{high}·{wide} = {number_text(high * wide)} places"


def overlaps(window: Window) -> int:
    """Return in how many windows a pixel can lie."""
    return _overlap(window.high) * _overlap(window.wide)


def _overlap(axis: Axis) -> int:
    """Count along an axis the windows i and offsets a that read one pixel, `S·i + D·a`, as both go up in step."""
    common = gcd(axis.stride, axis.dilation)
    apart, ahead = axis.stride // common, axis.dilation // common
    return min(-(-axis.f // apart), -(-axis.out // ahead))
