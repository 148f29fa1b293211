"""How a layer is painted, in less and less detail as the canvas shrinks."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen

from designer.canvas.lettering import write
from designer.canvas.look import Look, look
from designer.canvas.sizes import PILL_INSET, PILL_TEXT_LEFT, PORT_RADIUS, pill_rect
from designer.theme import font

if TYPE_CHECKING:
    from designer.canvas.face import Face
    from designer.canvas.node import Node

BLOCK = 0.25
"""Below this scale a layer is one rectangle."""
NAMES = 0.36
"""Below this scale no card has a name."""
SKETCH = 0.5
"""Below this scale a card is a rectangle with its family's bar."""


def detail(scale: float) -> int:
    """Give in which of three ways layers are painted at a scale: 0 full, 1 sketched, 2 as blocks."""
    return 2 if scale < BLOCK else 1 if scale < SKETCH else 0


_PAD = 14
_RADIUS = 5
_COPY = 4
"""How far the sheets of a stack are apart."""


def paint_card(painter: QPainter, node: Node) -> None:
    """Paint a layer as a card."""
    scale, made = painter.worldTransform().m11(), look()
    face, box = node.face, node.box
    if scale < BLOCK:
        _paint_block(painter, node, QRectF(0, 0, box.width, box.height), made)
        return
    border = _border(node, made)
    if scale < SKETCH:
        painter.setPen(border)
        painter.setBrush(_ground(node, made))
        painter.drawRect(QRectF(0, 0, box.width, box.height))
        painter.fillRect(QRectF(0, 0, 12, box.height), made.families[face.family])
        if scale >= NAMES:
            painter.setFont(made.far_font)
            painter.setPen(made.title)
            write(painter, QPointF(24, 48), _shortened(face.id, box.width - 30, 24, 500))
        if face.verdict:
            painter.translate(box.width - 26, box.height - 24)
            painter.scale(2.4, 2.4)
            paint_sign(painter, QPointF(0, 0), face.verdict, made)
        return
    rect = QRectF(0, 0, box.width, box.height)
    if node.flash > 0:
        _paint_halo(painter, rect, made, node.flash)
    if face.stacked:
        painter.setPen(made.edge)
        painter.setBrush(made.card)
        for sheet in (2, 1):
            painter.drawRoundedRect(rect.translated(sheet * _COPY, -sheet * _COPY), _RADIUS, _RADIUS)
    painter.setPen(border)
    painter.setBrush(_ground(node, made))
    painter.drawRoundedRect(rect, _RADIUS, _RADIUS)
    painter.fillRect(QRectF(0, 12, 3, 24), made.families[face.family])
    _paint_words(painter, node, made)
    if face.spatial and face.shape is not None:
        area = QRectF(_PAD, 45, box.width - 2 * _PAD, box.height - 72)
        coloured = face.n_ports == 0
        node.thumbnail.paint_maps(painter, area, face.shape[-1], made, coloured=coloured)
    elif node.thumbnail.values is not None:
        left = _PAD + QFontMetricsF(made.shape_font).horizontalAdvance(face.shape_line) + 10
        right = box.width - _PAD - (20 if face.verdict else 0)
        area = QRectF(left, box.height - 27, right - left, 16)
        node.thumbnail.paint_features(painter, area, made.families[face.family], made)
    if face.verdict:
        paint_sign(painter, QPointF(box.width - _PAD - 5, box.height - 18), face.verdict, made)
    _paint_ports(painter, node, made)


def paint_pill(painter: QPainter, node: Node) -> None:
    """Paint a layer as a pill that sits on its wire."""
    scale, made = painter.worldTransform().m11(), look()
    face = node.face
    rect = pill_rect(node.box)
    if scale < BLOCK:
        _paint_block(painter, node, rect, made)
        return
    painter.setPen(_border(node, made))
    painter.setBrush(_ground(node, made))
    radius = rect.height() / 2
    if scale < SKETCH:
        painter.drawRect(rect)
        painter.fillRect(QRectF(rect.left(), rect.top(), 16, rect.height()), made.families[face.family])
        return
    if node.flash > 0:
        _paint_halo(painter, rect, made, node.flash)
        painter.setPen(_border(node, made))
        painter.setBrush(_ground(node, made))
    painter.drawRoundedRect(rect, radius, radius)
    middle = QPointF(rect.left() + 10, rect.center().y())
    if face.verdict:
        paint_sign(painter, middle, face.verdict, made)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(made.families[face.family])
        painter.drawEllipse(middle, 3, 3)
    painter.setPen(made.text)
    painter.setFont(made.pill_font)
    shift = 4 if face.verdict else 0
    write(painter, QPointF(PILL_INSET + PILL_TEXT_LEFT + shift, rect.center().y() + 4), face.label_line)
    if node.hovered or node.role or not face.n_wired:
        _paint_ports(painter, node, made)


def paint_sign(painter: QPainter, middle: QPointF, verdict: str, made: Look) -> None:
    """Paint a round sign with a cross for an error, a triangle with a bar for advice: told apart without colour."""
    x, y = middle.x(), middle.y()
    if verdict == "error":
        painter.setPen(made.error)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(middle, 5.5, 5.5)
        painter.drawLine(QPointF(x - 2, y - 2), QPointF(x + 2, y + 2))
        painter.drawLine(QPointF(x - 2, y + 2), QPointF(x + 2, y - 2))
        return
    painter.setPen(made.advice)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolygon([QPointF(x, y - 5.5), QPointF(x + 6, y + 5), QPointF(x - 6, y + 5)])
    painter.drawLine(QPointF(x, y - 1.5), QPointF(x, y + 1))
    painter.drawPoint(QPointF(x, y + 3))


def _paint_block(painter: QPainter, node: Node, rect: QRectF, made: Look) -> None:
    """Paint a layer as a rectangle, crossed out where it has an error."""
    painter.fillRect(rect, _block_colour(node, made))
    if node.face.verdict == "error":
        painter.setPen(made.cross)
        painter.drawLine(rect.topLeft(), rect.bottomRight())
        painter.drawLine(rect.bottomLeft(), rect.topRight())


def _block_colour(node: Node, made: Look) -> QColor:
    if node.chosen or node.flash > 0 or node.role == "target":
        return made.chosen.color()
    if node.face.verdict == "error":
        return made.error.color()
    return made.tints[node.face.family] if node.heat is None else made.far_heats[node.heat]


def _ground(node: Node, made: Look) -> QBrush:
    if node.role == "target":
        return made.legal_fill
    return made.card if node.heat is None else made.heats[node.heat]


def _border(node: Node, made: Look) -> QPen:
    if node.chosen or node.role == "target":
        return made.chosen
    return {"error": made.error, "advice": made.advice, "": made.edge}[node.face.verdict]


def _paint_halo(painter: QPainter, rect: QRectF, made: Look, strength: float) -> None:
    colour = QColor(made.chosen.color())
    colour.setAlphaF(0.45 * strength)
    painter.setPen(QPen(colour, 12))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect, _RADIUS, _RADIUS)


def _paint_words(painter: QPainter, node: Node, made: Look) -> None:
    face, box = node.face, node.box
    right = box.width - _PAD
    taken = 0.0
    number = face.parameters if node.heat is None else node.heat_text
    if number:
        painter.setFont(made.number_font)
        painter.setPen(made.muted if node.heat is None else made.text)
        taken = _width(number, 12, 400)
        write(painter, QPointF(right - taken, 22), number)
        taken += 6
    painter.setFont(made.name_font)
    painter.setPen(made.title)
    write(painter, QPointF(_PAD, 22), _shortened(face.id, right - _PAD - taken, 13, 600))
    painter.setFont(made.small_font)
    painter.setPen(made.muted)
    write(painter, QPointF(_PAD, 38), second_line(face, right - _PAD))
    painter.setFont(made.shape_font)
    painter.setPen(made.text)
    write(painter, QPointF(_PAD, box.height - 13), face.shape_line)


def _paint_ports(painter: QPainter, node: Node, made: Look) -> None:
    inputs, output = node.local_ports()
    painter.setPen(made.port_legal if node.role in ("legal", "target") else made.port)
    painter.setBrush(made.port_fill)
    for i, point in enumerate(inputs):
        if i >= node.face.n_ports and node.role:
            painter.setBrush(made.legal_fill)
        painter.drawEllipse(point, PORT_RADIUS, PORT_RADIUS)
    if node.role in ("legal", "target"):
        painter.setPen(made.port)
        painter.setBrush(made.port_fill)
    if node.role == "source":
        painter.setPen(made.port_legal)
    painter.drawEllipse(output, PORT_RADIUS, PORT_RADIUS)


def second_line(face: Face, room: float) -> str:
    """Give kind and settings as far as there is room; the kind goes first, which the colour tells as well."""
    fits = not face.settings or _width(face.label_line, 11, 400) <= room
    return _shortened(face.label_line if fits else face.settings, room, 11, 400)


@lru_cache(maxsize=8192)
def _width(text: str, size: int, weight: int) -> float:
    return QFontMetricsF(font(size, weight)).horizontalAdvance(text)


@lru_cache(maxsize=8192)
def _shortened(text: str, width: float, size: int, weight: int) -> str:
    return QFontMetricsF(font(size, weight)).elidedText(text, Qt.TextElideMode.ElideRight, width)
