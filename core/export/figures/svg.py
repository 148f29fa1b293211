"""A picture in SVG: vectors, text that can be searched and edited, light or dark as the page is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from core.export.exporter import Exporter, Subject
from core.export.figures.figure import (
    DIRECTION,
    HUES,
    LINE_PX,
    MOST_AVOIDED,
    Figure,
    Placed,
    direction_of,
    extent,
    figure_of,
    placed,
    shortened,
    tint,
)
from core.export.option import Option
from core.io.failures import shown

_EDGE = 24.0
"""Free space around the picture."""
_LIFT = 14.0
"""How far a wire that passes over boxes stays away from them."""

_FONT = 'font-family="Inter, Segoe UI, Helvetica, Arial, sans-serif" font-size="12" text-anchor="middle"'
_STYLE = """\
text { fill: #1b1f24 } .about, .shape { fill: #4b5563 } rect { stroke-width: 1.5 }
.wire { fill: none; stroke: #5f6b78; stroke-width: 1.5 } .tip { fill: #5f6b78 }"""
_DARK = "text { fill: #e6e9ef } .about, .shape { fill: #aab2c0 } .wire { stroke: #8a94a6 } .tip { fill: #8a94a6 }"


_GROUNDS = {"light": "#ffffff", "dark": "#15171c"}
"""What a picture stands on that does not follow its page."""
LOOK = Option("look", "light, dark, or whichever the page is that shows it", ("auto", "light", "dark"))


def svg(subject: Subject) -> str:
    """Write the layers as a picture."""
    report = subject.report
    figure = figure_of(report)
    boxes = placed(figure, direction_of(subject))
    width, height = extent(boxes)
    size = f"{width + 2 * _EDGE:g} {height + 2 * _EDGE:g}"
    title = shown(figure.title or "network")
    hues = dict.fromkeys(box.hue for box in figure.boxes)
    light = [f".{hue} {{ fill: #{tint(hue, 0.12)}; stroke: #{HUES[hue]} }}" for hue in hues]
    dark = [_DARK, *(f".{hue} {{ fill: #{HUES[hue]}; fill-opacity: 0.33; stroke: #{tint(hue, 0.7)} }}" for hue in hues)]
    styles, ground = [_STYLE, " ".join(light)], list[str]()
    if LOOK.of(subject) in _GROUNDS:
        place = f'x="{-_EDGE:g}" y="{-_EDGE:g}" width="{width + 2 * _EDGE:g}" height="{height + 2 * _EDGE:g}"'
        ground = [f'<rect {place} fill="{_GROUNDS[LOOK.of(subject)]}"/>']
    if LOOK.of(subject) == LOOK.default:
        styles += ["@media (prefers-color-scheme: dark) {", *dark, "}"]
    elif LOOK.of(subject) == "dark":
        styles += dark
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-_EDGE:g} {-_EDGE:g} {size}" '
        f'width="{width + 2 * _EDGE:g}" height="{height + 2 * _EDGE:g}" role="img" aria-label={quoteattr(title)}>',
        f"<title>{escape(title)}</title>",
        "<style>",
        *styles,
        "</style>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path class="tip" d="M0 0 8 4 0 8z"/></marker></defs>',
        *ground,
        *(f'<path class="wire" marker-end="url(#tip)" d="{way}"/>' for way in _ways(figure, boxes)),
        f"<g {_FONT}>",
        *(line for box in boxes for line in _box(box)),
        "</g></svg>",
        "",
    ]
    return "\n".join(lines)


def _box(box: Placed) -> list[str]:
    radius = box.height / 2 if box.drawn.small else 6
    at = f'x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}" rx="{radius:g}"'
    lines = [f'<rect class="{box.drawn.hue}" {at}/>']
    if box.drawn.hue == "block":  # a second edge, as of a stack
        inner = f'x="{box.x + 3:g}" y="{box.y + 3:g}" width="{box.width - 6:g}" height="{box.height - 6:g}" rx="4"'
        lines.append(f'<rect class="block" style="fill:none" {inner}/>')
    kinds = ("about",) if box.drawn.small else ("name", "about", "shape")
    x, y = box.x + box.width / 2, box.y + (box.height - len(kinds) * LINE_PX) / 2 + 12.5
    for n, (kind, text) in enumerate(zip(kinds, box.drawn.lines, strict=True)):
        whole = f"<title>{escape(shown(text))}</title>" if text != shortened(text) else ""
        words = escape(shown(shortened(text)))
        strong = ' font-size="13" font-weight="600"' if kind == "name" else ""
        lines.append(f'<text class="{kind}" x="{x:g}" y="{y + n * LINE_PX:g}"{strong}>{words}{whole}</text>')
    return lines


def _ways(figure: Figure, boxes: Sequence[Placed]) -> Iterator[str]:
    avoided = boxes if len(boxes) <= MOST_AVOIDED else ()
    return (_way(avoided, boxes[source], boxes[target]) for source, target in figure.wires)


def _way(boxes: Sequence[Placed], one: Placed, other: Placed) -> str:
    """Write the way of a wire: from side to side, over the top of what stands between."""
    if other.x >= one.x + one.width or other.x + other.width <= one.x:
        return _along(boxes, one, other)
    x1, x2 = one.x + one.width / 2, other.x + other.width / 2
    down = other.y >= one.y
    y1, y2 = (one.y + one.height, other.y) if down else (one.y, other.y + other.height)
    between = [
        box
        for box in boxes
        if box not in {one, other} and min(y1, y2) < box.y + box.height and box.y < max(y1, y2) and _meets(box, x1, x2)
    ]
    if between:
        side = max([box.x + box.width for box in between]) + _LIFT
        out, back = one.x + one.width, other.x + other.width
        side = max(side, out + _LIFT, back + _LIFT)
        y1, y2 = one.y + one.height / 2, other.y + other.height / 2
        half = (y1 + y2) / 2
        return f"M{out:g} {y1:g}C{side:g} {y1:g} {side:g} {y1:g} {side:g} {half:g}S{side:g} {y2:g} {back:g} {y2:g}"
    middle = (y1 + y2) / 2
    return f"M{x1:g} {y1:g}C{x1:g} {middle:g} {x2:g} {middle:g} {x2:g} {y2:g}"


def _meets(box: Placed, x1: float, x2: float) -> bool:
    return min(x1, x2) < box.x + box.width and box.x < max(x1, x2) + 1


def _along(boxes: Sequence[Placed], one: Placed, other: Placed) -> str:
    right = other.x >= one.x + one.width
    x1, x2 = (one.x + one.width, other.x) if right else (one.x, other.x + other.width)
    y1, y2 = one.y + one.height / 2, other.y + other.height / 2
    low, high = min(x1, x2), max(x1, x2)
    between = [
        box
        for box in boxes
        if box not in {one, other} and low < box.x + box.width and box.x < high and _crosses(box, y1, y2)
    ]
    if not between:
        middle = (x1 + x2) / 2
        return f"M{x1:g} {y1:g}C{middle:g} {y1:g} {middle:g} {y2:g} {x2:g} {y2:g}"
    top = min(box.y for box in between) - _LIFT
    step = 18.0 if right else -18.0
    return (
        f"M{x1:g} {y1:g}C{x1 + step:g} {y1:g} {x1:g} {top:g} {x1 + step:g} {top:g}"
        f"L{x2 - step:g} {top:g}C{x2:g} {top:g} {x2 - step:g} {y2:g} {x2:g} {y2:g}"
    )


def _crosses(box: Placed, y1: float, y2: float) -> bool:
    return min(y1, y2) - 1 < box.y + box.height and box.y < max(y1, y2) + 1


SVG = Exporter(
    "svg",
    "SVG",
    "figure",
    "a picture of the layers, light or dark as the page is",
    ".svg",
    svg,
    options=(LOOK, DIRECTION),
)
