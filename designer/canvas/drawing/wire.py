"""Wires: each joins an output to one input. Qt paints them; there is no Python in it."""

from __future__ import annotations

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QGraphicsEllipseItem, QGraphicsPathItem

from core.graph.values import Position
from core.graph.wiring import source_id
from designer.canvas.drawing.canvas_style import canvas_style
from designer.canvas.drawing.routing import LONG, distance

_HANDLE = 4.5
_STEPS = 96
"""In how many places a wire is looked at to find which leg of it is meant."""


class Wire(QGraphicsPathItem):
    """The wire into one input of a layer.

    Attributes
    ----------
    source, layer : str
        The ids of the layers that it joins.
    port : int
    reference : str
        What the input names as its source, such as `stage1/add` for an output of a block.
    points : tuple of (x, y)
        What it passes on its way.
    detail : {0, 1, 2}
        0 near, 1 from some way off, 2 from afar, where thin lines would vanish.
    flow : int or None
        How much comes back over it, one of the thicknesses of the style; None where nobody wants to know.
    flow_text : str
        The same as a number.
    """

    def __init__(self, reference: str, layer: str, port: int) -> None:
        super().__init__()
        self.reference = reference
        self.source = source_id(reference)
        self.layer = layer
        self.port = port
        self.points: tuple[Position, ...] = ()
        self._handles: list[QGraphicsEllipseItem] = []
        self.chosen = False
        self.aimed = False
        self.detail = 0
        self.flow: int | None = None
        self.flow_text = ""
        self.dress()

    @property
    def key(self) -> tuple[str, int]:
        """The input that it feeds."""
        return self.layer, self.port

    @property
    def is_long(self) -> bool:
        """Whether something may stand in its way."""
        rect = self.path().boundingRect()
        return max(rect.width(), rect.height()) >= LONG

    def ends(self) -> tuple[QPointF, QPointF]:
        """Return where it begins and ends."""
        return self.path().pointAtPercent(0), self.path().currentPosition()

    def leg_at(self, point: QPointF) -> int:
        """Return how many of its points come before where a point lies nearest to it."""
        path = self.path()
        steps = [path.pointAtPercent(i / _STEPS) for i in range(_STEPS + 1)]

        def nearest(goal: QPointF) -> int:
            return min(range(_STEPS + 1), key=lambda i: QPointF.dotProduct(steps[i] - goal, steps[i] - goal))

        here = nearest(point)
        return sum(nearest(QPointF(*passed)) < here for passed in self.points)

    def lay(self, path: QPainterPath) -> None:
        """Take a course; the points that it passes are shown while it is selected."""
        self.setPath(path)
        shown = self.points if self.chosen else ()
        while len(self._handles) > len(shown):
            handle = self._handles.pop()
            handle.scene().removeItem(handle)
        while len(self._handles) < len(shown):
            handle = QGraphicsEllipseItem(-_HANDLE, -_HANDLE, 2 * _HANDLE, 2 * _HANDLE, self)
            self._handles.append(handle)
        for handle, (x, y) in zip(self._handles, shown, strict=True):
            handle.setPos(x, y)
            handle.setPen(canvas_style().chosen)
            handle.setBrush(canvas_style().port_fill)

    def set_chosen(self, chosen: bool) -> None:
        """Show it selected."""
        if chosen != self.chosen:
            self.chosen = chosen
            self.dress()
            self.lay(self.path())

    def set_aimed(self, aimed: bool) -> None:
        """Show that something would be dropped on it."""
        if aimed != self.aimed:
            self.aimed = aimed
            self.dress()

    def set_detail(self, detail: int) -> None:
        """Take the thickness that suits a scale."""
        if detail != self.detail:
            self.detail = detail
            self.dress()

    def set_flow(self, flow: int | None, text: str) -> None:
        """Show how much comes back over it."""
        if (flow, text) != (self.flow, self.flow_text):
            self.flow, self.flow_text = flow, text
            self.dress()

    def dress(self) -> None:
        """Take the pen of its state and of the theme."""
        style = canvas_style()
        strong = self.chosen or self.aimed
        plain = style.wires if self.flow is None else style.flows[self.flow]
        self.setPen((style.wires_chosen if strong else plain)[self.detail])
        self.setZValue(0.5 if strong else 0)

    def distance(self, point: QPointF) -> float:
        """Return how far a point of the scene is from it."""
        return distance(self.path(), point)


class LooseWire(QGraphicsPathItem):
    """The dashed wire that a gesture draws, or that shows where one would go."""

    def __init__(self) -> None:
        super().__init__()
        self.setZValue(3)
        self.hide()

    def draw(self, path: QPainterPath | None, *, refused: bool = False) -> None:
        """Show a course, or nothing."""
        self.setVisible(path is not None)
        if path is not None:
            self.setPen(canvas_style().wire_refused if refused else canvas_style().wire_loose)
            self.setPath(path)
