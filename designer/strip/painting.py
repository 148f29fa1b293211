"""How the strip is painted."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from designer import theme
from designer.canvas.drawing.canvas_style import CanvasStyle, canvas_style
from designer.strip.row import EDGE_PX, LEFT_PX, Card
from designer.theme import font

_RADIUS = 4
_MORE_PX = 18
"""Of the veil over what goes on at a side."""


def paint_ground(painter: QPainter, rect: QRectF, *, focused: bool) -> None:
    """Paint what cards stand on, with a frame where the keys go here."""
    look = theme.current()
    painter.fillRect(rect, QColor(look.canvas))
    painter.setPen(QColor(look.line))
    painter.drawLine(rect.bottomLeft() - QPointF(0, 0.5), rect.bottomRight() - QPointF(0, 0.5))
    if focused:
        painter.setPen(QColor(look.accent))
        painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5))


def paint_wires(painter: QPainter, wires: Iterable[tuple[QPointF, ...]], left: float, right: float) -> None:
    """Paint the wires of which something is between two places."""
    painter.setPen(canvas_style().wires[0])
    for wire in wires:
        if wire[-1].x() >= left and wire[0].x() <= right:
            painter.drawPolyline(list(wire))


def paint_card(painter: QPainter, card: Card, *, chosen: bool) -> None:
    """Paint a layer."""
    style = canvas_style()
    family = style.families[card.content.family]
    painter.setBrush(style.card)
    painter.setPen(_border(card, style, chosen=chosen))
    rect = card.rect.adjusted(0.5, 0.5, -0.5, -0.5)
    if card.is_dot:
        radius = min(rect.width(), rect.height()) / 2 - 2
        painter.drawEllipse(rect.center(), radius, radius)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(family)
        painter.drawEllipse(rect.center(), 3, 3)
        return
    if card.content.stacked:
        painter.drawRoundedRect(rect.translated(3, -3), _RADIUS, _RADIUS)
    painter.drawRoundedRect(rect, _RADIUS, _RADIUS)
    painter.fillRect(QRectF(rect.left(), rect.top() + 1, EDGE_PX, rect.height() - 2), family)
    room = rect.width() - LEFT_PX - 4
    painter.setPen(style.title)
    if card.place.lane is not None:
        painter.setFont(style.pill_font)
        _write(painter, QPointF(rect.left() + LEFT_PX, rect.top() + 14), card.id, room)
        return
    painter.setFont(style.name_font)
    _write(painter, QPointF(rect.left() + LEFT_PX, rect.top() + 18), card.id, room)
    painter.setFont(style.small_font)
    look = theme.current()
    ink = {"plain": look.muted, "ok": look.ok_text, "warning": look.warning_text}[card.word.tone]
    painter.setPen(QColor(ink))
    _write(painter, QPointF(rect.left() + LEFT_PX, rect.top() + 33), card.word.text, room)


def paint_more(painter: QPainter, rect: QRectF, *, before: bool, after: bool) -> None:
    """Say at the sides that the row goes on there."""
    look = theme.current()
    painter.setFont(font(14, 600))
    for shown, left, sign in ((before, rect.left(), "‹"), (after, rect.right() - _MORE_PX, "›")):
        if shown:
            side = QRectF(left, rect.top(), _MORE_PX, rect.height() - 1)
            painter.fillRect(side, QColor(look.canvas))
            painter.setPen(QPen(QColor(look.muted)))
            painter.drawText(side, Qt.AlignmentFlag.AlignCenter, sign)


def _border(card: Card, style: CanvasStyle, *, chosen: bool) -> QPen:
    if chosen:
        return style.chosen
    return {"error": style.error, "advice": style.advice, "": style.edge}[card.content.verdict]


def _write(painter: QPainter, at: QPointF, text: str, room: float) -> None:
    metrics = QFontMetricsF(painter.font())
    painter.drawText(at, metrics.elidedText(text, Qt.TextElideMode.ElideRight, room))
