"""How the strip is painted."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from designer import theme
from designer.canvas.drawing.canvas_style import CanvasStyle, canvas_style
from designer.strip.row import BETWEEN_PX, EDGE_PX, LEFT_PX, Card
from designer.theme import font

_RADIUS = 4
MORE_PX = 18
"""How wide the sign is that the row goes on at a side."""


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
    left, look = rect.left() + LEFT_PX, theme.current()
    ink = QColor({"plain": look.muted, "ok": look.ok_text, "warning": look.warning_text}[card.word.tone])
    if card.place.lane is not None:
        painter.setFont(style.pill_font)
        taken = _write(painter, QPointF(left, rect.top() + 14), card.id, room)
        painter.setPen(ink)
        _write(painter, QPointF(left + taken + BETWEEN_PX, rect.top() + 14), card.second, room - taken - BETWEEN_PX)
        return
    painter.setFont(style.name_font)
    _write(painter, QPointF(left, rect.top() + 18), card.id, room)
    painter.setFont(style.small_font)
    painter.setPen(ink)
    _write(painter, QPointF(left, rect.top() + 33), card.second, room)


def paint_more(painter: QPainter, rect: QRectF, *, before: bool, after: bool) -> None:
    """Say at the sides that the row goes on there."""
    look = theme.current()
    painter.setFont(font(14, 600))
    for shown, left, sign in ((before, rect.left(), "‹"), (after, rect.right() - MORE_PX, "›")):
        if shown:
            side = QRectF(left, rect.top(), MORE_PX, rect.height() - 1)
            painter.fillRect(side, QColor(look.canvas))
            painter.setPen(QPen(QColor(look.muted)))
            painter.drawText(side, Qt.AlignmentFlag.AlignCenter, sign)


def _border(card: Card, style: CanvasStyle, *, chosen: bool) -> QPen:
    if chosen:
        return style.chosen
    return {"error": style.error, "advice": style.advice, "": style.edge}[card.content.verdict]


def _write(painter: QPainter, at: QPointF, text: str, room: float) -> float:
    """Write as much as has room; return how much that took."""
    metrics = QFontMetricsF(painter.font())
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0.0, room))
    painter.drawText(at, shown)
    return metrics.horizontalAdvance(shown)
