"""How large everything on the canvas is, in pixels at 100 %: painting and automatic layout both ask here."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from math import ceil
from typing import Final

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetricsF

from core.analysis.report import Report
from core.graph.arrange import GRID
from core.graph.layering import Box
from core.graph.values import Document, LayoutDirection, Position
from designer.canvas.drawing.node_content import NodeContent, NodeContents
from designer.theme import font

CARD_WIDTH: Final = 152
TALL: Final = 136
"""Height of a card with room for pictures of its maps."""
LOW: Final = 80
"""Height of a card of a layer without spatial output."""
LINE: Final = 40
"""How far below a card's top its wires run."""
CARD_GAP: Final = 64
"""Free space between two cards on a wire; a pill with one short word just fills it."""
CARD_GAP_DOWN: Final = 48
"""The same where data flows down; the box of a pill just fills it."""
PILL_HEIGHT: Final = 24
PILL_INSET: Final = 4
"""A pill's box is so much larger than the pill, on all sides, that its wires lie on the grid."""
PILL_INSET_DOWN: Final = 12
"""The same above and below where data flows down: a wire that passes a pill has to turn off before it."""
PILL_TEXT_LEFT: Final = 17
PILL_TEXT_RIGHT: Final = 9
PORT_STEP: Final = 16
"""Distance of two inputs of a card."""
PORT_RADIUS: Final = 4.5
MARGIN: Final = 10
"""How far a card's ports, borders and shadows reach beyond its box."""


def box_of(content: NodeContent, direction: LayoutDirection) -> Box:
    """Return the size of a layer's picture in a drawing where data flows in a direction; widths are on the grid."""
    if content.pill:
        width = PILL_TEXT_LEFT + _text_width(content.label_line) + PILL_TEXT_RIGHT + 2 * PILL_INSET
        if direction == "right":
            return Box(ceil(width / GRID) * GRID, PILL_HEIGHT + 2 * PILL_INSET, PILL_HEIGHT / 2 + PILL_INSET, 0)
        # Half a pill and half a card differ by steps of the grid, so that wires between their middles run straight.
        line = CARD_WIDTH / 2 - ((CARD_WIDTH - width) // 2 // GRID) * GRID
        return Box(2 * line, PILL_HEIGHT + 2 * PILL_INSET_DOWN, line, 0)
    height = TALL if content.spatial else LOW
    if direction == "down":
        return Box(CARD_WIDTH, height, CARD_WIDTH / 2, CARD_GAP_DOWN)
    return Box(CARD_WIDTH, height, LINE, CARD_GAP)


def boxes_of(document: Document, report: Report) -> dict[str, Box]:
    """Return the size of the picture of every layer of the drawn graph."""
    direction = document.layout.direction
    return {id: box_of(content, direction) for id, content in NodeContents().update(document, report).items()}


def rects_of(places: Mapping[str, Position], boxes: Mapping[str, Box]) -> dict[str, QRectF]:
    """Return what layers cover that stand at places."""
    return {id: QRectF(*place, boxes[id].width, boxes[id].height) for id, place in places.items()}


def pill_rect(box: Box) -> QRectF:
    """Return where in its box a pill is painted."""
    inset = (box.height - PILL_HEIGHT) / 2
    return QRectF(PILL_INSET, inset, box.width - 2 * PILL_INSET, PILL_HEIGHT)


def port_offset(content: NodeContent, box: Box, direction: LayoutDirection, port: int, n_ports: int) -> float:
    """Return how far from the box's top, or its left, an input lies: the first on the line, the others beyond it."""
    if content.pill or n_ports < 2:
        return box.line
    side = box.width if direction == "down" else box.height
    step = min(PORT_STEP, (side - box.line - PORT_STEP) / (n_ports - 1))
    return box.line + port * step


@cache
def _text_width(text: str) -> float:
    return QFontMetricsF(font(11, 500)).horizontalAdvance(text)
