"""How a sample of a class is marked: a shape in the colour of its class, filled or hollow."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from designer import theme
from designer.pictures import Key
from designer.theme.class_colours import class_colour

RADIUS_PX = 3.5
_SHAPES = ("circle", "square", "triangle", "diamond")
_ROW_PX, _MARK_PX = 18, 16


def draw_mark(painter: QPainter, at: QPointF, label: int, *, hollow: bool, radius: float = RADIUS_PX) -> None:
    """Draw the mark of a class: four shapes take turns, as colours do."""
    look, colour = theme.current(), QColor(class_colour(label))
    ground = QColor(look.panel)
    painter.setPen(QPen(colour, 1.75) if hollow else QPen(ground, 1))
    painter.setBrush(ground if hollow else colour)
    match _SHAPES[label % len(_SHAPES)]:
        case "circle":
            painter.drawEllipse(at, radius, radius)
        case "square":
            painter.drawRect(QRectF(at.x() - radius * 0.9, at.y() - radius * 0.9, 1.8 * radius, 1.8 * radius))
        case "triangle":
            corners = ((0.0, -1.2), (1.1, 0.8), (-1.1, 0.8))
            painter.drawPolygon(_polygon(at, radius, corners))
        case _:
            painter.drawPolygon(_polygon(at, radius, ((0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0))))


def _draw_filled(label: int, painter: QPainter, at: QPointF) -> None:
    draw_mark(painter, at, label, hollow=False)


def _draw_kind(place: int, painter: QPainter, at: QPointF) -> None:
    """Draw how the marks of the first kind of samples look, or those of another."""
    muted = QColor(theme.current().muted)
    painter.setPen(QPen(muted, 1.75))
    painter.setBrush(Qt.BrushStyle.NoBrush if place else muted)
    painter.drawEllipse(at, RADIUS_PX, RADIUS_PX)


def _polygon(at: QPointF, radius: float, corners: Sequence[tuple[float, float]]) -> QPolygonF:
    return QPolygonF([QPointF(at.x() + radius * x, at.y() + radius * y) for x, y in corners])


class ClassLegend(QWidget):
    """Names the classes beside their marks, and says what filled and hollow ones and pale colours are."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        self._counts = (0, 0)
        self._embedded: tuple[int, int] | None = None
        self.setFont(theme.font(11))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    @property
    def lines(self) -> list[str]:
        """What it says, from top to bottom, as many lines as have room."""
        kinds = self._kinds
        room = max(1, self.height() // _ROW_PX - len(kinds))
        names = list(self._names)
        if len(names) > room:
            names = [*names[: room - 1], f"{len(names) - room + 1} more classes"]
        return [*names, *kinds]

    def show_classes(self, names: Sequence[str], n_training: int, n_validation: int) -> None:
        """Show other classes, and of how many samples each sort are."""
        self._names, self._counts = tuple(names), (n_training, n_validation)
        self.setAccessibleName(f"Classes: {', '.join(names)}")
        self.updateGeometry()
        self.update()

    def show_embedded(self, names: Sequence[str], n: int, n_wrong: int) -> None:
        """Show other classes, and how many samples are right and wrong."""
        self._embedded = (n, n_wrong)
        self.show_classes(names, n, 0)

    @property
    def keys(self) -> tuple[Key, ...]:
        """All that it says, for a picture that is kept."""
        classes = (Key(name, partial(_draw_filled, place)) for place, name in enumerate(self._names))
        return (*classes, *(Key(text, partial(_draw_kind, place)) for place, text in enumerate(self._kinds)))

    @property
    def _kinds(self) -> list[str]:
        if self._embedded is not None:
            n, n_wrong = self._embedded
            return [f"{n - n_wrong:,} right", f"{n_wrong:,} wrong: ringed"]
        n_training, n_validation = self._counts
        kept = [f"{n_validation:,} for validation"] if n_validation else []
        return [f"{n_training:,} learned from", *kept, "pale: unsure"]

    def sizeHint(self) -> QSize:
        texts = [*self._names[:20], *self._kinds]
        wide = max(self.fontMetrics().horizontalAdvance(text) for text in texts)
        return QSize(min(wide, 160) + _MARK_PX + 4, _ROW_PX * (len(texts)))

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self.sizeHint().width(), 100), 3 * _ROW_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look = theme.current()
        lines = self.lines
        n_kinds = len(self._kinds)
        n_names = min(len(self._names), len(lines) - n_kinds)
        for row, text in enumerate(lines):
            middle = QPointF(_MARK_PX / 2 - 2, row * _ROW_PX + _ROW_PX / 2)
            if row < n_names and text == self._names[row]:
                draw_mark(painter, middle, row, hollow=False)
            elif len(lines) - n_kinds <= row < len(lines) - 1:
                _draw_kind(row - (len(lines) - n_kinds), painter, middle)
            painter.setPen(QColor(look.text if row < n_names else look.muted))
            place = QRectF(_MARK_PX, row * _ROW_PX, self.width() - _MARK_PX, _ROW_PX)
            fitting = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(place.width()))
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, fitting)
        painter.end()
