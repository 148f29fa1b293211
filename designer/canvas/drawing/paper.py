"""The ground that everything is drawn on: zoom, scrolling and the dots."""

from __future__ import annotations

from math import ceil, floor, log2

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QNativeGestureEvent, QPainter, QTransform, QWheelEvent
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView, QWidget

from designer.canvas.drawing.canvas_style import canvas_style

LEAST_ZOOM, MOST_ZOOM = 0.05, 4.0
DOTS = 32
"""Distance of the dots at 100 %."""
_PAPER = QRectF(-60_000, -60_000, 120_000, 120_000)
_BEYOND = 30_000
"""How far one can scroll beyond the drawing."""


class Paper(QGraphicsView):
    """A view of a scene that can be scrolled and zoomed without end, with wheel, trackpad and pinch.

    The wheel scrolls, with Shift to the side; with Ctrl it zooms about the mouse.
    """

    looked = Signal()
    """Another part of the drawing is visible, or it is larger or smaller."""

    def __init__(self, scene: QGraphicsScene, parent: QWidget | None = None) -> None:
        super().__init__(scene, parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSceneRect(_PAPER)
        self.setInteractive(False)
        self.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setOptimizationFlags(
            QGraphicsView.OptimizationFlag.DontSavePainterState
            | QGraphicsView.OptimizationFlag.DontAdjustForAntialiasing
        )
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    @property
    def zoom(self) -> float:
        """Pixels on the screen for one of the drawing."""
        return self.transform().m11()

    def set_zoom(self, zoom: float, anchor: QPoint | None = None) -> None:
        """Zoom; what is under `anchor`, by default the middle, stays there."""
        zoom = max(LEAST_ZOOM, min(MOST_ZOOM, zoom))
        at = QPointF(self.viewport().rect().center() if anchor is None else anchor)
        fixed = self.viewportTransform().inverted()[0].map(at)
        self.setTransform(QTransform.fromScale(zoom, zoom))
        self.scroll_by((self.viewportTransform().map(fixed) - at).toPoint())
        self.looked.emit()

    def scroll_by(self, delta: QPoint) -> None:
        """Move the window over the drawing."""
        self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() + delta.x())
        self.verticalScrollBar().setValue(self.verticalScrollBar().value() + delta.y())

    def look_at(self, rect: QRectF, zoom: float) -> None:
        """Show a rectangle in the middle, at a scale."""
        self.setTransform(QTransform.fromScale(zoom, zoom))
        self.centerOn(rect.center())
        self.looked.emit()

    def make_room(self, rect: QRectF) -> None:
        """Let one scroll to all of a rectangle, however far away."""
        room = _PAPER.united(rect.adjusted(-_BEYOND, -_BEYOND, _BEYOND, _BEYOND))
        if room != self.sceneRect():
            self.setSceneRect(room)

    def visible_rect(self) -> QRectF:
        """Return the visible part of the drawing."""
        return self.viewportTransform().inverted()[0].mapRect(QRectF(self.viewport().rect()))

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self.looked.emit()

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        style = canvas_style()
        painter.fillRect(rect, style.canvas)
        step = DOTS * 2 ** max(0, ceil(log2(20 / (DOTS * self.zoom))))
        columns = range(floor(rect.left() / step), ceil(rect.right() / step) + 1)
        rows = range(floor(rect.top() / step), ceil(rect.bottom() / step) + 1)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(style.dots)
        painter.drawPoints([QPointF(x * step, y * step) for x in columns for y in rows])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)

    def wheelEvent(self, event: QWheelEvent) -> None:
        angle, pixels = event.angleDelta(), event.pixelDelta()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_zoom(self.zoom * 1.2 ** (angle.y() / 120), event.position().toPoint())
        else:
            delta = pixels if not pixels.isNull() else angle * 0.6
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and not delta.x():
                delta = QPoint(delta.y(), 0)
            self.scroll_by(-delta)
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.set_zoom(self.zoom * (1 + event.value()), event.position().toPoint())
            return True
        return super().viewportEvent(event)
