"""Notes on the canvas: cards that are read, and frames behind the layers that belong together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene, QStyleOptionGraphicsItem, QWidget

from core.graph.layouts import NoteKey, notes_by_key
from core.graph.values import PLAIN, Layout, Note
from designer.canvas.drawing.canvas_style import canvas_style
from designer.canvas.drawing.painting import NAMES, SKETCH

HUES: Final = MappingProxyType(
    {
        PLAIN: "input",
        "blue": "convolution",
        "teal": "pooling",
        "amber": "activation",
        "violet": "normalisation",
        "rose": "dense",
    }
)
"""The family of layers whose colour a note has, by what the note says."""
TITLE = 28.0
"""Height of the strip of a frame that holds its title, by which it is taken."""
PAD = 10.0
CORNER = 14.0
"""Size of the corner by which a note is made larger."""
_RADIUS = 5


class NoteItem(QGraphicsItem):
    """Paints a note.

    Attributes
    ----------
    key : NoteKey
    note : Note
    rect : QRectF
        Where it is shown, in the scene.
    chosen : bool
    """

    def __init__(self, key: NoteKey, note: Note) -> None:
        super().__init__()
        self.key = key
        self.note = note
        self.chosen = False
        self.rect = note_rect(note)
        self.setZValue(-2 if self.is_frame else 0.8)

    @property
    def is_frame(self) -> bool:
        """Whether layers are seen through it."""
        return self.key[0] == "frames"

    @property
    def text_rect(self) -> QRectF:
        """Where its words stand."""
        if self.is_frame:
            return QRectF(self.rect.left(), self.rect.top(), self.rect.width(), TITLE)
        return self.rect

    @property
    def corner(self) -> QRectF:
        """Where it is taken to make it larger."""
        return QRectF(self.rect.right() - CORNER, self.rect.bottom() - CORNER, CORNER, CORNER)

    def ground(self) -> QColor:
        """Return the veil of its hue that it lays over what is behind it."""
        veil = QColor(canvas_style().families[HUES.get(self.note.color, HUES[PLAIN])])
        veil.setAlphaF(0.1 if self.is_frame else 0.22)
        return veil

    def is_at(self, point: QPointF) -> bool:
        """Say whether it is taken at a point; within a frame there is the canvas."""
        return self.text_rect.contains(point) or self.corner.contains(point)

    def set_note(self, note: Note) -> None:
        """Show another note, where the document has it."""
        rect = note_rect(note)
        if note is not self.note or rect != self.rect:
            self.note = note
            self.put(rect)

    def put(self, rect: QRectF) -> None:
        """Show it elsewhere."""
        self.prepareGeometryChange()
        self.rect = rect
        self.update()

    def set_chosen(self, chosen: bool) -> None:
        """Show it selected."""
        if chosen != self.chosen:
            self.chosen = chosen
            self.update()

    def boundingRect(self) -> QRectF:
        return self.rect.adjusted(-2, -2, 2, 2)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        style, scale = canvas_style(), painter.worldTransform().m11()
        family = HUES.get(self.note.color, HUES[PLAIN])
        ground = self.ground()
        if not self.is_frame:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(style.card)
            painter.drawRoundedRect(self.rect, _RADIUS, _RADIUS)
        painter.setBrush(ground)
        painter.setPen(style.chosen if self.chosen else style.edges[family])
        painter.drawRoundedRect(self.rect, _RADIUS, _RADIUS)
        if self.chosen:
            self._paint_corner(painter)
        if self.is_frame:
            self._paint_title(painter, scale)
        elif scale >= NAMES:
            painter.setPen(style.text)
            painter.setFont(style.number_font)
            flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
            painter.drawText(self.rect.adjusted(PAD, PAD - 2, -PAD, -PAD), flags, self.note.text)

    def _paint_title(self, painter: QPainter, scale: float) -> None:
        style, room = canvas_style(), self.text_rect.adjusted(PAD, 0, -PAD, 0)
        painter.setPen(style.title)
        painter.setFont(style.name_font)
        if scale < SKETCH:  # as large as the names of layers are then
            painter.setFont(style.far_font)
            room.setHeight(room.height() + PAD)
        words = painter.fontMetrics().elidedText(self.note.text, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)

    def _paint_corner(self, painter: QPainter) -> None:
        corner = self.corner.adjusted(3, 3, -4, -4)
        painter.drawLine(corner.bottomLeft(), corner.topRight())
        painter.drawLine(
            (corner.bottomLeft() + corner.bottomRight()) / 2, (corner.topRight() + corner.bottomRight()) / 2
        )


class Notes:
    """The notes of a scene."""

    def __init__(self) -> None:
        self.items: dict[NoteKey, NoteItem] = {}

    def show(self, layout: Layout, scene: QGraphicsScene) -> bool:
        """Bring the items of a scene up to date; says whether anything looks different."""
        notes = notes_by_key(layout)
        if notes == {key: item.note for key, item in self.items.items()}:
            for item in self.items.values():
                item.set_note(item.note)  # a gesture may have moved it
            return False
        for key in self.items.keys() - notes.keys():
            scene.removeItem(self.items.pop(key))
        for key, note in notes.items():
            if key in self.items:
                self.items[key].set_note(note)
            else:
                self.items[key] = item = NoteItem(key, note)
                scene.addItem(item)
        self.items = {key: self.items[key] for key in notes}
        return True

    def put(self, rects: Mapping[NoteKey, QRectF]) -> None:
        """Show notes elsewhere, while a gesture goes on."""
        for key, rect in rects.items():
            if key in self.items:
                self.items[key].put(rect)

    def at(self, point: QPointF) -> NoteItem | None:
        """Return the uppermost note at a point."""
        return next((item for item in reversed(self.items.values()) if item.is_at(point)), None)

    def within(self, rect: QRectF) -> list[NoteItem]:
        """Return the notes that lie wholly in a rectangle."""
        return [item for item in self.items.values() if rect.contains(item.rect)]

    def choose(self, keys: Iterable[NoteKey]) -> None:
        """Show these notes selected and no others."""
        chosen = set(keys)
        for key, item in self.items.items():
            item.set_chosen(key in chosen)

    def bounds(self) -> QRectF:
        """Return the rectangle around all of them."""
        rect = QRectF()
        for item in self.items.values():
            rect = rect.united(item.rect)
        return rect


def swatch(hue: str) -> QIcon:
    """Draw a square in the colour of a hue, for a menu."""
    picture = QPixmap(16, 16)
    picture.fill(canvas_style().families[HUES[hue]])
    return QIcon(picture)


def note_rect(note: Note) -> QRectF:
    """Return where the document has a note."""
    return QRectF(*note.at, *note.size)
