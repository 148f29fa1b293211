"""A plane in the colours of the classes that a network decides for, with the samples on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.training.decision import Bounds
from designer import theme
from designer.pictures import Numbers, is_vector
from designer.theme.class_colours import CLASS_COLOURS
from designer.views.class_marks import draw_mark
from designer.views.legend import limit_text

UNSURE, SURE = 0.10, 0.60
"""How strongly the plane is coloured where all classes are equally likely, and where one is certain."""
NEAR_PX = 6
_LEFT, _BELOW, _MARGIN = 34, 18, 6


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Samples in the plane.

    Attributes
    ----------
    at : array, (N, 2)
    labels : array of int, (N,)
    is_validation : array of bool, (N,)
        Which are kept back.
    places : array of int, (N,)
        Their places in the data set.
    """

    at: NDArray[np.float32]
    labels: NDArray[np.int64]
    is_validation: NDArray[np.bool_]
    places: NDArray[np.int64]


class Plane(QWidget):
    """Draws what is decided as ground, and on it the samples: those learned from filled, those kept back hollow."""

    hovered = Signal(object)
    """Carries (x, y) under the mouse, in the plane's coordinates; None when it leaves."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bounds: Bounds = (-1.0, 1.0, -1.0, 1.0)
        self._points: Points | None = None
        self._decision: NDArray[np.floating] | None = None
        self._ground: QImage | None = None
        self._marks: QPixmap | None = None
        self.setMouseTracking(True)
        self.setFont(theme.font(11))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self._on_theme)

    @property
    def decision(self) -> NDArray[np.floating] | None:
        """What is drawn as ground."""
        return self._decision

    def show_points(self, points: Points | None, bounds: Bounds) -> None:
        """Show other samples, in another rectangle."""
        self._points, self._bounds = points, bounds
        self._decision = self._ground = self._marks = None
        self.update()

    def show_decision(self, decision: NDArray[np.floating] | None) -> None:
        """Show what is decided about the rectangle: (n, n, C), from the bottom left."""
        self._decision = decision
        self._ground = None if decision is None else ground_of(decision)
        self.update()

    def numbers(self) -> Numbers | None:
        """Return the probabilities of the classes at the points of the plane, row by row from the bottom left."""
        if self._decision is None:
            return None
        left, right, bottom, top = self._bounds
        n, _, n_classes = self._decision.shape
        at = np.stack(np.meshgrid(np.linspace(left, right, n), np.linspace(bottom, top, n)), axis=-1)
        rows = np.concatenate([at, self._decision], axis=-1).reshape(n * n, -1).tolist()
        return Numbers(self._decision, [("x1", "x2", *(f"class {i}" for i in range(n_classes))), *rows])

    def probabilities_at(self, x: float, y: float) -> NDArray[np.floating] | None:
        """Return those of the nearest point that is known, (C,)."""
        if self._decision is None:
            return None
        left, right, bottom, top = self._bounds
        n = len(self._decision) - 1
        row, column = round((y - bottom) / (top - bottom) * n), round((x - left) / (right - left) * n)
        return self._decision[min(max(row, 0), n), min(max(column, 0), n)]

    def sample_near(self, x: float, y: float) -> int | None:
        """Return the number, in `Points`, of the sample that the mouse is on."""
        if self._points is None or not len(self._points.at):
            return None
        pixels = np.array([self._pixel(*at).toTuple() for at in ((x, y), *self._points.at.tolist())])
        distances = np.hypot(*(pixels[1:] - pixels[0]).T)
        nearest = int(distances.argmin())
        return nearest if distances[nearest] <= NEAR_PX else None

    def at(self, x: float, y: float) -> QPointF:
        """Return where a point of the plane is in the widget."""
        return self._pixel(x, y)

    @property
    def frame(self) -> QRectF:
        """The square that the plane fills."""
        side = max(1, min(self.width() - _LEFT - _MARGIN, self.height() - _BELOW - _MARGIN))
        return QRectF(_LEFT + (self.width() - _LEFT - _MARGIN - side) // 2, _MARGIN, side, side)

    def sizeHint(self) -> QSize:
        return QSize(240, 220)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 104)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        frame, at = self.frame, event.position()
        left, right, bottom, top = self._bounds
        if not frame.contains(at):
            self.hovered.emit(None)
            return
        x = left + (at.x() - frame.left()) / frame.width() * (right - left)
        y = top - (at.y() - frame.top()) / frame.height() * (top - bottom)
        self.hovered.emit((x, y))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.hovered.emit(None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._marks = None

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        look, frame = theme.current(), self.frame
        if self._ground is not None:
            painter.save()
            painter.setClipRect(frame)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            half = frame.width() / (self._ground.width() - 1) / 2  # the outermost points lie on the sides
            painter.drawImage(frame.adjusted(-half, -half, half, half), self._ground)
            painter.restore()
        painter.setPen(QPen(QColor(look.line), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(frame.adjusted(0.5, 0.5, -0.5, -0.5))
        if is_vector(painter):
            self._paint_marks(painter)
        else:
            if self._marks is None or self._marks.devicePixelRatio() != self.devicePixelRatioF():
                self._marks = self._drawn_marks()
            painter.drawPixmap(0, 0, self._marks)
        self._write_limits(painter, frame)
        painter.end()

    def _drawn_marks(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        marks = QPixmap(self.size() * ratio)
        marks.setDevicePixelRatio(ratio)
        marks.fill(Qt.GlobalColor.transparent)
        painter = QPainter(marks)
        self._paint_marks(painter)
        painter.end()
        return marks

    def _paint_marks(self, painter: QPainter) -> None:
        if self._points is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            samples = zip(self._points.at.tolist(), self._points.labels, self._points.is_validation, strict=True)
            for at, label, kept in samples:
                draw_mark(painter, self._pixel(*at), int(label), hollow=bool(kept))

    def _write_limits(self, painter: QPainter, frame: QRectF) -> None:
        """Write where the sides of the plane are."""
        left, right, bottom, top = map(limit_text, self._bounds)
        painter.setPen(QColor(theme.current().muted))
        flags = Qt.AlignmentFlag
        column = QRectF(frame.left() - _LEFT, frame.top(), _LEFT - 4, frame.height())
        row = QRectF(frame.left(), frame.bottom() + 3, frame.width(), _BELOW - 4)
        painter.drawText(column, flags.AlignRight | flags.AlignTop, top)
        painter.drawText(column, flags.AlignRight | flags.AlignVCenter, "x₂")
        painter.drawText(column, flags.AlignRight | flags.AlignBottom, bottom)
        painter.drawText(row, flags.AlignLeft | flags.AlignVCenter, left)
        painter.drawText(row, flags.AlignHCenter | flags.AlignVCenter, "x₁")
        painter.drawText(row, flags.AlignRight | flags.AlignVCenter, right)

    def _pixel(self, x: float, y: float) -> QPointF:
        frame = self.frame
        left, right, bottom, top = self._bounds
        return QPointF(
            frame.left() + (x - left) / (right - left) * frame.width(),
            frame.top() + (top - y) / (top - bottom) * frame.height(),
        )

    def _on_theme(self) -> None:
        self._marks = None
        self.show_decision(self._decision)


def ground_of(decision: NDArray[np.floating]) -> QImage:
    """Colour each point by its likeliest class, the stronger the surer: (n, n, C), from the bottom left."""
    n_classes = decision.shape[2]
    best = decision.argmax(axis=2)
    surest = np.take_along_axis(decision, best[..., None], axis=2)
    strength = UNSURE + (SURE - UNSURE) * (np.nan_to_num(surest) - 1 / n_classes) / (1 - 1 / n_classes)
    table = np.array([_rgb(colour) for colour in CLASS_COLOURS], np.float32)
    ground = np.array(_rgb(theme.current().panel), np.float32)
    mixed = ground + (table[best % len(table)] - ground) * np.clip(strength, 0, 1)
    pixels = np.ascontiguousarray(mixed[::-1].round().astype(np.uint8))
    high, wide = best.shape
    return QImage(pixels.data, wide, high, 3 * wide, QImage.Format.Format_RGB888).copy()


def _rgb(colour: str) -> list[int]:
    return list(bytes.fromhex(colour[1:]))
