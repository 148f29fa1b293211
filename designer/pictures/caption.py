"""What a reader needs beside a picture outside the program: what it shows, of what, and what its colours stand for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QLinearGradient, QPainter

from designer import theme
from designer.theme.colormaps import Table

MARGIN_PX = 12
LEAST_PX = 320
"""Narrower pictures get room at the right: their words would be cut into too many lines."""
BAR_PX, BAR_HIGH_PX, GAP_PX, MARK_PX = 128, 10, 6, 14
N_STOPS = 32
"""Colours of a scale that are named; between them they run into each other, as those of the table do."""
MOST_KEYS = 40
_TITLE_PX, _TEXT_PX = 14, 11
_WRAPPED = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """Which colours stand for which numbers.

    Attributes
    ----------
    table : array, (256, RGBA)
    low, high : str
        The numbers at its ends, as they are written.
    what : str
        What the numbers are: "weight".
    """

    table: Table
    low: str
    high: str
    what: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Key:
    """What a mark or a colour stands for.

    Attributes
    ----------
    text : str
    mark : str or callable
        A colour, or what paints a mark around a point.
    """

    text: str
    mark: str | Callable[[QPainter, QPointF], None]


@dataclass(frozen=True, slots=True, eq=False)
class Caption:
    """What is written above and below a picture that is kept.

    Attributes
    ----------
    title : str
        What is shown: "conv1: filters".
    about : str
        How much of it, and at which moment.
    scale : Scale or None
    keys : tuple of Key
    """

    title: str
    about: str = ""
    scale: Scale | None = None
    keys: tuple[Key, ...] = ()


class Framed:
    """The places of a picture and its caption.

    Parameters
    ----------
    picture : QSize
    caption : Caption or None
        None: the picture is alone.
    """

    def __init__(self, picture: QSize, caption: Caption | None) -> None:
        self._caption = caption
        self.size, self.at = picture, QPointF()
        if caption is None:
            return
        self._keys: list[tuple[QRectF, Key]] = []
        wide = max(picture.width(), LEAST_PX)
        top = float(MARGIN_PX)
        self._title = self._place(caption.title, _title_font(), top, wide)
        self._about = self._place(caption.about, theme.font(_TEXT_PX), self._title.bottom() + 2, wide)
        self.at = QPointF(MARGIN_PX, round(self._about.bottom()) + 8)
        below = self.at.y() + picture.height() + 8
        self._scale_at = QPointF(MARGIN_PX, below)
        if caption.scale is not None:
            below += MARK_PX + GAP_PX
        below = self._place_keys(caption.keys, below, wide)
        self.size = QSize(wide + 2 * MARGIN_PX, round(below) + MARGIN_PX - GAP_PX)

    def paint(self, painter: QPainter) -> None:
        """Paint the caption; the picture itself stands at `at`."""
        caption, look = self._caption, theme.current()
        if caption is None:
            return
        painter.setFont(_title_font())
        painter.setPen(QColor(look.text))
        painter.drawText(self._title, _WRAPPED, caption.title)
        painter.setFont(theme.font(_TEXT_PX))
        painter.setPen(QColor(look.muted))
        painter.drawText(self._about, _WRAPPED, caption.about)
        if caption.scale is not None:
            _paint_scale(painter, caption.scale, self._scale_at)
        for place, key in self._keys:
            middle = QPointF(place.left() + MARK_PX / 2 - 2, place.center().y())
            if callable(key.mark):
                key.mark(painter, middle)
            else:
                painter.fillRect(QRectF(middle.x() - 4, middle.y() - 4, 8, 8), QColor(key.mark))
            painter.setPen(QColor(look.text))
            painter.drawText(place.adjusted(MARK_PX, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, key.text)

    @staticmethod
    def _place(text: str, font: QFont, top: float, wide: float) -> QRectF:
        if not text:
            return QRectF(MARGIN_PX, top, wide, 0)
        room = QRectF(0, 0, wide, 10_000)
        high = QFontMetricsF(font).boundingRect(room, int(_WRAPPED), text).height()
        return QRectF(MARGIN_PX, top, wide, high)

    def _place_keys(self, keys: tuple[Key, ...], top: float, wide: float) -> float:
        """Put keys side by side, in as many lines as it takes; returns where they end."""
        metrics, left = QFontMetricsF(theme.font(_TEXT_PX)), float(MARGIN_PX)
        shown = keys if len(keys) <= MOST_KEYS else keys[: MOST_KEYS - 1]
        rest = [Key(f"and {len(keys) - len(shown):,} more", _nothing)] if len(shown) < len(keys) else []
        for key in (*shown, *rest):
            room = MARK_PX + metrics.horizontalAdvance(key.text) + 12
            if left > MARGIN_PX and left + room > MARGIN_PX + wide:
                left, top = float(MARGIN_PX), top + MARK_PX + GAP_PX
            self._keys.append((QRectF(left, top, room, MARK_PX), key))
            left += room
        return top + MARK_PX + GAP_PX if self._keys else top


def _title_font() -> QFont:
    return theme.font(_TITLE_PX, 600)


def _nothing(painter: QPainter, at: QPointF) -> None:
    """Mark nothing."""


def _paint_scale(painter: QPainter, scale: Scale, at: QPointF) -> None:
    metrics, left, look = QFontMetricsF(painter.font()), at.x(), theme.current()
    middle = Qt.AlignmentFlag.AlignVCenter

    def write(text: str) -> None:
        nonlocal left
        room = metrics.horizontalAdvance(text)
        painter.drawText(QRectF(left, at.y(), room + 1, MARK_PX), middle, text)
        left += room + GAP_PX

    painter.setPen(QColor(look.muted))
    write(scale.low)
    colours = QLinearGradient(left, 0, left + BAR_PX, 0)
    for stop in range(N_STOPS + 1):
        red, green, blue, _ = scale.table[round(stop * 255 / N_STOPS)].tolist()
        colours.setColorAt(stop / N_STOPS, QColor(red, green, blue))
    painter.fillRect(QRectF(left, at.y() + (MARK_PX - BAR_HIGH_PX) / 2, BAR_PX, BAR_HIGH_PX), colours)
    left += BAR_PX + GAP_PX
    write(scale.high)
    left += GAP_PX
    write(scale.what)
