"""How a layer is painted, in less and less detail as the canvas shrinks."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, Protocol, TypeAlias

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen

from core.graph.layering import Box
from designer.canvas.drawing.canvas_style import CanvasStyle, canvas_style
from designer.canvas.drawing.draw_text import write
from designer.canvas.drawing.node_content import NodeContent
from designer.canvas.drawing.sizes import PILL_INSET, PILL_TEXT_LEFT, PORT_RADIUS, pill_rect
from designer.canvas.drawing.thumbnail import Thumbnail
from designer.theme import font

BLOCK = 0.25
"""Below this scale a layer is one rectangle."""
NAMES = 0.36
"""Below this scale no card has a name."""
SKETCH = 0.5
"""Below this scale a card is a rectangle with its family's bar."""


def detail(scale: float) -> int:
    """Return in which of three ways layers are painted at a scale: 0 full, 1 sketched, 2 as blocks."""
    return 2 if scale < BLOCK else 1 if scale < SKETCH else 0


Role: TypeAlias = Literal["", "legal", "illegal", "target", "source"]
"""What a layer is to the wire or palette entry that is dragged."""


class Painted(Protocol):
    """What painting must know of a layer; `designer.canvas.drawing.node.Node` says what each attribute means."""

    content: NodeContent
    box: Box
    thumbnail: Thumbnail
    chosen: bool
    role: Role
    hovered: bool
    flash: float
    heat: int | None
    heat_text: str
    badge: str

    def local_ports(self) -> tuple[list[QPointF], QPointF]:
        """Return its inputs and its output in its own coordinates."""


_PAD = 14
_RADIUS = 5
_COPY = 4
"""How far the sheets of a stack are apart."""


def paint_card(painter: QPainter, node: Painted) -> None:
    """Paint a layer as a card."""
    scale, style = painter.worldTransform().m11(), canvas_style()
    content, box = node.content, node.box
    if scale < BLOCK:
        _paint_block(painter, node, QRectF(0, 0, box.width, box.height), style)
        return
    border = _border(node, style)
    if scale < SKETCH:
        painter.setPen(border)
        painter.setBrush(_ground(node, style))
        painter.drawRect(QRectF(0, 0, box.width, box.height))
        painter.fillRect(QRectF(0, 0, 12, box.height), style.families[content.family])
        if scale >= NAMES:
            painter.setFont(style.far_font)
            painter.setPen(style.title)
            write(painter, QPointF(24, 48), _shortened(content.id, box.width - 30, 24, 500))
        if content.verdict:
            painter.translate(box.width - 26, box.height - 24)
            painter.scale(2.4, 2.4)
            paint_sign(painter, QPointF(0, 0), content.verdict, style)
        return
    rect = QRectF(0, 0, box.width, box.height)
    if node.flash > 0:
        _paint_halo(painter, rect, style, node.flash)
    if content.stacked:
        painter.setPen(style.edge)
        painter.setBrush(style.card)
        for sheet in (2, 1):
            painter.drawRoundedRect(rect.translated(sheet * _COPY, -sheet * _COPY), _RADIUS, _RADIUS)
    painter.setPen(border)
    painter.setBrush(_ground(node, style))
    painter.drawRoundedRect(rect, _RADIUS, _RADIUS)
    painter.fillRect(QRectF(0, 12, 3, 24), style.families[content.family])
    _paint_words(painter, node, style)
    if content.spatial and content.shape is not None:
        area = QRectF(_PAD, 45, box.width - 2 * _PAD, box.height - 72)
        coloured = content.n_ports == 0
        node.thumbnail.paint_maps(painter, area, content.shape[-1], style, coloured=coloured)
    elif node.thumbnail.values is not None:
        left = _PAD + QFontMetricsF(style.shape_font).horizontalAdvance(content.shape_line) + 10
        right = box.width - _PAD - (20 if content.verdict else 0)
        area = QRectF(left, box.height - 27, right - left, 16)
        node.thumbnail.paint_features(painter, area, style.families[content.family], style)
    if content.verdict:
        paint_sign(painter, QPointF(box.width - _PAD - 5, box.height - 18), content.verdict, style)
    _paint_ports(painter, node, style)


def paint_pill(painter: QPainter, node: Painted) -> None:
    """Paint a layer as a pill that sits on its wire."""
    scale, style = painter.worldTransform().m11(), canvas_style()
    content = node.content
    rect = pill_rect(node.box)
    if scale < BLOCK:
        _paint_block(painter, node, rect, style)
        return
    painter.setPen(_border(node, style))
    painter.setBrush(_ground(node, style))
    radius = rect.height() / 2
    if scale < SKETCH:
        painter.drawRect(rect)
        painter.fillRect(QRectF(rect.left(), rect.top(), 16, rect.height()), style.families[content.family])
        return
    if node.flash > 0:
        _paint_halo(painter, rect, style, node.flash)
        painter.setPen(_border(node, style))
        painter.setBrush(_ground(node, style))
    painter.drawRoundedRect(rect, radius, radius)
    middle = QPointF(rect.left() + 10, rect.center().y())
    if content.verdict:
        paint_sign(painter, middle, content.verdict, style)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(style.families[content.family])
        painter.drawEllipse(middle, 3, 3)
    painter.setPen(style.text)
    painter.setFont(style.pill_font)
    shift = 4 if content.verdict else 0
    write(painter, QPointF(PILL_INSET + PILL_TEXT_LEFT + shift, rect.center().y() + 4), content.label_line)
    if node.hovered or node.role or not content.n_wired:
        _paint_ports(painter, node, style)


def paint_sign(painter: QPainter, middle: QPointF, verdict: str, style: CanvasStyle) -> None:
    """Paint a round sign with a cross for an error, a triangle with a bar for advice: told apart without colour."""
    x, y = middle.x(), middle.y()
    if verdict == "error":
        painter.setPen(style.error)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(middle, 5.5, 5.5)
        painter.drawLine(QPointF(x - 2, y - 2), QPointF(x + 2, y + 2))
        painter.drawLine(QPointF(x - 2, y + 2), QPointF(x + 2, y - 2))
        return
    painter.setPen(style.advice)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolygon([QPointF(x, y - 5.5), QPointF(x + 6, y + 5), QPointF(x - 6, y + 5)])
    painter.drawLine(QPointF(x, y - 1.5), QPointF(x, y + 1))
    painter.drawPoint(QPointF(x, y + 3))


def _paint_block(painter: QPainter, node: Painted, rect: QRectF, style: CanvasStyle) -> None:
    """Paint a layer as a rectangle, crossed out where it has an error."""
    painter.fillRect(rect, _block_colour(node, style))
    if node.content.verdict == "error":
        painter.setPen(style.cross)
        painter.drawLine(rect.topLeft(), rect.bottomRight())
        painter.drawLine(rect.bottomLeft(), rect.topRight())


def _block_colour(node: Painted, style: CanvasStyle) -> QColor:
    if node.chosen or node.flash > 0 or node.role == "target":
        return style.chosen.color()
    if node.content.verdict == "error":
        return style.error.color()
    return style.tints[node.content.family] if node.heat is None else style.far_heats[node.heat]


def _ground(node: Painted, style: CanvasStyle) -> QBrush:
    if node.role == "target":
        return style.legal_fill
    return style.card if node.heat is None else style.heats[node.heat]


def _border(node: Painted, style: CanvasStyle) -> QPen:
    if node.chosen or node.role == "target":
        return style.chosen
    return {"error": style.error, "advice": style.advice, "": style.edge}[node.content.verdict]


def _paint_halo(painter: QPainter, rect: QRectF, style: CanvasStyle, strength: float) -> None:
    colour = QColor(style.chosen.color())
    colour.setAlphaF(0.45 * strength)
    painter.setPen(QPen(colour, 12))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect, _RADIUS, _RADIUS)


def _paint_words(painter: QPainter, node: Painted, style: CanvasStyle) -> None:
    content, box = node.content, node.box
    right = box.width - _PAD
    taken = 0.0
    is_badge = bool(node.badge) and node.heat is None
    number = node.badge if is_badge else content.parameters if node.heat is None else node.heat_text
    if number:
        painter.setFont(style.number_font)
        painter.setPen(style.badge if is_badge else style.muted if node.heat is None else style.text)
        taken = _width(number, 12, 400)
        write(painter, QPointF(right - taken, 22), number)
        taken += 6
    painter.setFont(style.name_font)
    painter.setPen(style.title)
    write(painter, QPointF(_PAD, 22), _shortened(content.id, right - _PAD - taken, 13, 600))
    painter.setFont(style.small_font)
    painter.setPen(style.muted)
    write(painter, QPointF(_PAD, 38), second_line(content, right - _PAD))
    painter.setFont(style.shape_font)
    painter.setPen(style.text)
    write(painter, QPointF(_PAD, box.height - 13), content.shape_line)


def _paint_ports(painter: QPainter, node: Painted, style: CanvasStyle) -> None:
    inputs, output = node.local_ports()
    painter.setPen(style.port_legal if node.role in ("legal", "target") else style.port)
    painter.setBrush(style.port_fill)
    for i, point in enumerate(inputs):
        if i >= node.content.n_ports and node.role:
            painter.setBrush(style.legal_fill)
        painter.drawEllipse(point, PORT_RADIUS, PORT_RADIUS)
    if node.role in ("legal", "target"):
        painter.setPen(style.port)
        painter.setBrush(style.port_fill)
    if node.role == "source":
        painter.setPen(style.port_legal)
    painter.drawEllipse(output, PORT_RADIUS, PORT_RADIUS)


def second_line(content: NodeContent, room: float) -> str:
    """Return kind and settings as far as there is room; the kind goes first, which the colour tells as well."""
    fits = not content.settings or _width(content.label_line, 11, 400) <= room
    return _shortened(content.label_line if fits else content.settings, room, 11, 400)


@lru_cache(maxsize=8192)
def _width(text: str, size: int, weight: int) -> float:
    return QFontMetricsF(font(size, weight)).horizontalAdvance(text)


@lru_cache(maxsize=8192)
def _shortened(text: str, width: float, size: int, weight: int) -> str:
    return QFontMetricsF(font(size, weight)).elidedText(text, Qt.TextElideMode.ElideRight, width)
