"""What a figure shows, whatever it is written in: boxes with their texts and places, and the wires between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from core.analysis.report import Report
from core.export.exporter import Subject
from core.export.option import Option
from core.graph.arrange import arrange
from core.graph.layering import Box
from core.graph.values import BlockUse, Layer, LayoutDirection
from core.graph.wiring import owner
from core.layers import Family, Kind
from core.shapes import Shape
from core.text import shape_text, size_text

Hue: TypeAlias = Family | Literal["block", "unknown"]

HUES: Final[Mapping[Hue, str]] = {
    "input": "6b7484",
    "convolution": "2f6fd0",
    "pooling": "15776f",
    "activation": "a06a10",
    "normalisation": "7552d8",
    "dense": "c23f72",
    "merge": "5f6b78",
    "block": "4b5563",
    "unknown": "b42318",
}
"""The colour of each family, as RRGGBB, dark enough for text on white; light fills are mixed from it."""

LETTER_PX, LINE_PX, MARGIN_PX = 7.2, 17.0, 10.0
"""How wide a letter is at 13 px, in a font that nobody knows here; how high a line is; what stays free around text."""
HEIGHT_PX, PILL_PX = 64.0, 32.0
"""Of a box with three lines, and of a pill; places are multiples of 8 px, and middles are to lie on one line."""
LEAST_WIDTH_PX, MOST_LETTERS = 96.0, 24

MOST_AVOIDED = 2_000
"""Boxes of a picture whose wires still go round them; of larger ones nobody could follow a wire anyway."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A layer, or a use of a block, as a box.

    Attributes
    ----------
    key : str
        What the figure calls it: `n1`. The user's name may hold anything.
    id, about, shape : str
        The lines of its text: its name, what it is, and the shape of its output.
    size : shape or None
        The same shape as numbers.
    small : bool
        Whether it works value by value: a pill on the wire.
    """

    key: str
    id: str
    about: str
    shape: str
    hue: Hue
    size: Shape | None
    small: bool

    @property
    def lines(self) -> tuple[str, ...]:
        """Its text, line by line; a pill only says what it is."""
        return (self.about,) if self.small else (self.id, self.about, self.shape)


@dataclass(frozen=True, slots=True)
class Placed:
    """A box with its place: the top left corner, width and height in pixels."""

    drawn: Drawn
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Figure:
    """What is drawn.

    Attributes
    ----------
    title : str
        The document's name.
    boxes : tuple of Drawn
        In the order of computing, as far as there is one.
    wires : tuple of (int, int)
        From which box to which, by their places in `boxes`.
    """

    title: str
    boxes: tuple[Drawn, ...]
    wires: tuple[tuple[int, int], ...]


DIRECTION = Option("direction", "where data flows to", ("as-drawn", "right", "down"))


def direction_of(subject: Subject) -> LayoutDirection:
    """Return where data flows to in a figure."""
    wanted = DIRECTION.of(subject)
    return "right" if wanted == "right" else "down" if wanted == "down" else subject.report.document.layout.direction


def figure_of(report: Report) -> Figure:
    """Return what to draw of a document; what is not known is shown as "?"."""
    graph = report.document.graph
    ids = {layer.id for layer in graph.layers}
    ranks = {id: rank for rank, id in enumerate(report.layers)}
    layers = sorted(graph.layers, key=lambda layer: ranks.get(report.block_outputs.get(layer.id, layer.id), len(ranks)))
    boxes = tuple(_drawn(f"n{i}", layer, report) for i, layer in enumerate(layers, 1))
    place = {layer.id: i for i, layer in enumerate(layers)}
    wires = [
        (place[owner(source, ids)], i)
        for i, layer in enumerate(layers)
        for source in layer.inputs
        if owner(source, ids) in ids
    ]
    return Figure(report.document.name, boxes, tuple(dict.fromkeys(wires)))


def _drawn(key: str, layer: Layer, report: Report) -> Drawn:
    found = report.of(layer.id)
    size = None if found is None else found.shape
    shape, spec = shape_text(size), layer.spec
    if isinstance(spec, BlockUse):
        about = spec.block if spec.repeat == 1 else f"{spec.block} ×{spec.repeat}"
        return Drawn(key, layer.id, about, shape, "block", size, small=False)
    if not isinstance(spec, Kind):
        return Drawn(key, layer.id, layer.kind or "?", shape, "unknown", size, small=False)
    return Drawn(key, layer.id, _about(spec), shape, spec.family, size, spec.elementwise)


def _about(kind: Kind) -> str:
    """Say what a layer is, as papers do: "Conv2D 5×5 /2" has a stride of 2."""
    sizes = [getattr(kind, name) for name in ("kernel_size", "pool_size") if name in type(kind).model_fields]
    parts = [type(kind).__name__, *map(size_text, sizes)]
    stride = getattr(kind, "stride", None)
    if stride not in {None, 1, (1, 1)} and stride != getattr(kind, "pool_size", None):
        parts.append(f"/{stride if isinstance(stride, int) else size_text(stride)}")
    return " ".join(parts)


def placed(figure: Figure, direction: LayoutDirection = "right", longest: float | None = None) -> tuple[Placed, ...]:
    """Give every box its place, along the flow of data."""
    sizes = {box.key: _size(box) for box in figure.boxes}
    gap = 28.0 if direction == "down" else 36.0
    boxes = {
        key: Box(width, height, (width if direction == "down" else height) / 2, gap)
        for key, (width, height) in sizes.items()
    }
    inputs: dict[str, list[str]] = {box.key: [] for box in figure.boxes}
    for source, target in figure.wires:
        inputs[figure.boxes[target].key].append(figure.boxes[source].key)
    places = arrange(inputs, boxes, direction, longest=longest)
    return tuple(Placed(box, *places[box.key], *sizes[box.key]) for box in figure.boxes)


def _size(box: Drawn) -> tuple[float, float]:
    letters = max(len(shortened(line)) for line in box.lines)
    width = letters * LETTER_PX + 2 * MARGIN_PX
    return (width, PILL_PX) if box.small else (max(LEAST_WIDTH_PX, width), HEIGHT_PX)


def shortened(line: str) -> str:
    """Cut a long line in its middle.

    >>> shortened("a" * 30)
    'aaaaaaaaaaa…aaaaaaaaaaaa'
    """
    half = MOST_LETTERS // 2
    return line if len(line) <= MOST_LETTERS else f"{line[: half - 1]}…{line[-half:]}"


def extent(boxes: Sequence[Placed]) -> tuple[float, float]:
    """Return the width and height of a picture of boxes."""
    return (
        max((box.x + box.width for box in boxes), default=0.0),
        max((box.y + box.height for box in boxes), default=0.0),
    )


def tint(hue: Hue, share: float) -> str:
    """Mix a colour with white; `share` of it is left.

    >>> tint("dense", 0.0), tint("dense", 1.0)
    ('ffffff', 'c23f72')
    """
    values = [int(HUES[hue][place : place + 2], 16) for place in (0, 2, 4)]
    return "".join(f"{round(255 + (value - 255) * share):02x}" for value in values)
