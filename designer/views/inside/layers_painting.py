"""How the columns of layers are painted."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QImage, QPainter, QPen

from core.analysis.receptive_field import Box
from core.shapes import Shape
from core.text import shape_text
from designer import theme
from designer.views.class_bars import percent_text
from designer.views.class_rows import ClassRow
from designer.views.inside.arrangement import FOOT_PX, HEAD_PX, Spot
from designer.views.inside.map_pictures import MapPictures

_MARK_PX = 18
_Flag = Qt.AlignmentFlag


def paint_heading(painter: QPainter, spot: Spot, *, selected: bool) -> None:
    """Write the name and the shape of a layer, with a line in the colour of its family."""
    look, column = theme.current(), spot.column
    middle, top = spot.rect.center().x(), spot.rect.top()
    room = max(spot.rect.width() + 16, 44.0)
    line = QRectF(middle - room / 2, top + 6, room, 16)
    if selected:
        painter.fillRect(QRectF(middle - room / 2, top + 4, room, HEAD_PX - 8), QColor(look.selection))
    painter.setFont(theme.font(11, 600))
    painter.setPen(QColor(look.text))
    painter.drawText(line, _Flag.AlignCenter, _elided(painter, column.title, room))
    painter.setFont(theme.font(11))
    painter.setPen(QColor(look.muted))
    painter.drawText(line.translated(0, 14), _Flag.AlignCenter, _elided(painter, shape_text(column.shape), room))
    colour = QColor(look.families.get(column.family, look.muted))
    painter.fillRect(QRectF(middle - _MARK_PX / 2, top + HEAD_PX - 8, _MARK_PX, 2), colour)
    if column.is_block:
        painter.fillRect(QRectF(middle - _MARK_PX / 2, top + HEAD_PX - 4, _MARK_PX, 1), colour)


def paint_wire(painter: QPainter, start: Spot, end: Spot) -> None:
    """Draw a line from one column to the next; columns that stand between are passed below."""
    painter.setPen(QPen(QColor(theme.current().line), 1))
    out = QPointF(start.rect.right() + 4, start.rect.top() + HEAD_PX / 2)
    into = QPointF(end.rect.left() - 4, end.rect.top() + HEAD_PX / 2)
    if end.column.place.column - start.column.place.column <= 1:
        painter.drawLine(QLineF(out, into))
        return
    low = min(start.rect.top(), end.rect.top()) + 2
    painter.drawPolyline([out, QPointF(out.x() + 6, low), QPointF(into.x() - 6, low), into])


def paint_maps(painter: QPainter, spot: Spot, pictures: MapPictures) -> None:
    """Draw the maps of a column, or the bar of its features."""
    cells = spot.cells[: max(1, len(pictures.channels))]
    rows, wide = pictures.image.height() // max(1, len(cells)), pictures.image.width()
    for place, cell in enumerate(cells):
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, cell.height() < rows)
        painter.drawImage(cell, pictures.image.copy(0, place * rows, wide, rows))  # of a part, an SVG would get all
    more = (spot.column.shape or (0,))[-1] - len(pictures.channels)
    if more > 0:
        paint_foot(painter, spot, f"+ {more:,}")


def paint_picture(painter: QPainter, spot: Spot, image: QImage) -> None:
    """Draw what enters the network."""
    painter.drawImage(spot.cells[0], image)
    painter.setPen(QColor(theme.current().line))
    painter.drawRect(spot.cells[0].adjusted(-0.5, -0.5, 0.5, 0.5))


def paint_classes(painter: QPainter, spot: Spot, rows: Sequence[ClassRow]) -> None:
    """Write the classes with how likely they are."""
    look = theme.current()
    cell = spot.cells[0]
    high = cell.height() / max(1, len(rows))
    for place, row in enumerate(rows):
        line = QRectF(cell.left(), cell.top() + place * high, cell.width(), high)
        painter.setFont(theme.font(11, 600 if row.best else 400))
        painter.setPen(QColor(look.ok_text if row.right else look.text if row.best else look.muted))
        name = _elided(painter, row.name, 36)
        painter.drawText(QRectF(line.left(), line.top(), 36, high), _Flag.AlignVCenter | _Flag.AlignRight, name)
        track = QRectF(line.left() + 42, line.center().y() - 4, 32, 8)
        painter.fillRect(track, QColor(look.line))
        share = min(1.0, abs(row.probability))
        filled = QRectF(track.left(), track.top(), track.width() * share, 8)
        painter.fillRect(filled, QColor(look.warning if row.probability < 0 else look.accent))
        painter.setPen(QColor(look.text if row.best else look.muted))
        figure = QRectF(track.right() + 4, line.top(), line.right() - track.right() - 4, high)
        painter.drawText(figure, _Flag.AlignVCenter | _Flag.AlignRight, _figure(row))


def _figure(row: ClassRow) -> str:
    """Write how likely a class is, or by how much likelier it has become."""
    return f"{100 * row.probability:+.1f} %".replace("-", "−") if row.is_change else percent_text(row.probability)


def paint_foot(painter: QPainter, spot: Spot, text: str) -> None:
    """Write below a column what is not shown of it."""
    last = spot.cells[-1].bottom() if spot.cells else spot.rect.top() + HEAD_PX
    bottom = max((cell.bottom() for cell in spot.cells), default=last)
    painter.setFont(theme.font(11))
    painter.setPen(QColor(theme.current().muted))
    middle = spot.rect.center().x()
    painter.drawText(QRectF(middle - 60, bottom + 2, 120, FOOT_PX - 2), _Flag.AlignHCenter | _Flag.AlignTop, text)


def paint_frame(painter: QPainter, spot: Spot, place: int, box: Box, *, strong: bool) -> None:
    """Frame values of a map in two tones, so that the frame is seen on any colours; what lies outside is hatched."""
    look = theme.current()
    cell = spot.cells[place]
    whole = spot.box(place, box.top, box.left, box.bottom, box.right)
    inner = whole.intersected(cell)
    if inner != whole and strong:
        painter.save()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(QColor(look.accent), Qt.BrushStyle.BDiagPattern))
        limit = cell.adjusted(-8, -8, 8, 8)
        for part in _outside(whole.intersected(limit), cell):
            painter.drawRect(part)
        painter.restore()
    grow = max(0.0, (5 - min(inner.width(), inner.height())) / 2)
    frame = inner.adjusted(-grow, -grow, grow, grow)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    edge = QColor("#ffffff")
    edge.setAlphaF(1.0 if strong else 0.4)
    tones = zip((edge, QColor(look.accent)), (3.0, 1.5) if strong else (2.5, 1.0), strict=True)
    for colour, width in tones:
        painter.setPen(QPen(colour, width))
        painter.drawRect(frame)


def paint_cone(painter: QPainter, start: QRectF, end: QRectF, *, strong: bool) -> None:
    """Join a part of a map to the value that is computed from it."""
    colour = QColor(theme.current().accent)
    colour.setAlphaF(0.9 if strong else 0.18)
    painter.setPen(QPen(colour, 1))
    painter.drawLine(QLineF(start.topRight(), end.topLeft()))
    painter.drawLine(QLineF(start.bottomRight(), end.bottomLeft()))


def name_width(title: str, shape: Shape | None) -> float:
    """Return how wide the heading of a column is."""
    bold, plain = QFontMetricsF(theme.font(11, 600)), QFontMetricsF(theme.font(11))
    return max(bold.horizontalAdvance(title), plain.horizontalAdvance(shape_text(shape)))


def _outside(whole: QRectF, cell: QRectF) -> list[QRectF]:
    """Return the parts of a rectangle that are not in another."""
    parts = []
    if whole.top() < cell.top():
        parts.append(QRectF(whole.left(), whole.top(), whole.width(), cell.top() - whole.top()))
    if whole.bottom() > cell.bottom():
        parts.append(QRectF(whole.left(), cell.bottom(), whole.width(), whole.bottom() - cell.bottom()))
    top, bottom = max(whole.top(), cell.top()), min(whole.bottom(), cell.bottom())
    if whole.left() < cell.left():
        parts.append(QRectF(whole.left(), top, cell.left() - whole.left(), bottom - top))
    if whole.right() > cell.right():
        parts.append(QRectF(cell.right(), top, whole.right() - cell.right(), bottom - top))
    return parts


def _elided(painter: QPainter, text: str, room: float) -> str:
    return QFontMetricsF(painter.font()).elidedText(text, Qt.TextElideMode.ElideMiddle, room)
