"""A layer on the canvas: where it stands, where its wires meet it, and what state it is shown in."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPainterPath
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from core.graph.layering import Box
from core.graph.values import LayoutDirection
from designer.canvas.drawing.node_content import NodeContent
from designer.canvas.drawing.painting import Role, paint_card, paint_pill
from designer.canvas.drawing.sizes import MARGIN, box_of, pill_rect, port_offset
from designer.canvas.drawing.thumbnail import Thumbnail

_FADED = 0.35


class Node(QGraphicsItem):
    """Paints a layer from its `NodeContent`; knows nothing of documents.

    Attributes
    ----------
    content : NodeContent
    box : Box
    direction : {"right", "down"}
        Where data flows in the drawing.
    mirrored : bool
        Whether data flows through it the other way, so that its inputs are on the right, or below.
    chosen : bool
        Whether it is selected.
    role : {"", "legal", "illegal", "target", "source"}
        What a wire or palette entry that is dragged may do with it; "source": come after it.
    hovered : bool
        Whether the mouse is over it: then a pill shows its ports too.
    flash : float
        Strength of the halo that draws the eye to it, 0 to 1.
    heat : int or None
        How strongly a lens tints it; None without one.
    heat_text : str
        What the lens says of it, in place of its parameters.
    badge : str
        What is wrong with it while it trains, in their place too; "" where nothing is known.
    """

    def __init__(self, content: NodeContent, direction: LayoutDirection) -> None:
        super().__init__()
        self.content = content
        self.direction: LayoutDirection = direction
        self.box: Box = box_of(content, direction)
        self.mirrored = False
        self.chosen = False
        self._rank = 0
        self.role: Role = ""
        self.hovered = False
        self.flash = 0.0
        self.heat: int | None = None
        self.heat_text = ""
        self.badge = ""
        self.thumbnail = Thumbnail()
        self._bounds = self._reach()
        self._rise()

    @property
    def id(self) -> str:
        """The layer's id."""
        return self.content.id

    @property
    def n_ports(self) -> int:
        """How many inputs are shown now; one more may appear while a wire is drawn."""
        return self.content.n_ports + (self.content.may_grow and self.role in ("legal", "target"))

    @property
    def in_side(self) -> int:
        """On which side its inputs are: −1 left or above, 1 right or below."""
        return 1 if self.mirrored else -1

    @property
    def rect(self) -> QRectF:
        """Its box in the scene."""
        return QRectF(self.x(), self.y(), self.box.width, self.box.height)

    @property
    def drawn_rect(self) -> QRectF:
        """Where it is painted in the scene, without the room around a pill."""
        return pill_rect(self.box).translated(self.pos()) if self.content.pill else self.rect

    @property
    def name_rect(self) -> QRectF:
        """Where its name stands, in the scene; of a pill, all of it."""
        return self.rect if self.content.pill else QRectF(self.x(), self.y(), self.box.width, 28)

    @property
    def line(self) -> float:
        """How far down the scene its wires run, or how far across where data flows down."""
        return (self.x() if self.direction == "down" else self.y()) + self.box.line

    @property
    def middle(self) -> float:
        """How far along the direction of the drawing its middle is."""
        return self.y() + self.box.height / 2 if self.direction == "down" else self.x() + self.box.width / 2

    def set_content(self, content: NodeContent, direction: LayoutDirection) -> bool:
        """Show other content; says whether ports or size changed, so that wires must follow."""
        before = (self.box, self.content.n_ports, self.direction)
        self.content, self.direction = content, direction
        box = box_of(content, direction)
        if box != self.box:
            self.prepareGeometryChange()
            self.box = box
            self._bounds = self._reach()
        self.update()
        return before != (self.box, content.n_ports, direction)

    def set_chosen(self, chosen: bool) -> None:
        """Show it selected, in front of its neighbours."""
        if chosen != self.chosen:
            self.chosen = chosen
            self._rise()
            self.update()

    def set_rank(self, rank: int) -> None:
        """Stand in front of the layers that come before it in the document, whichever was drawn first."""
        if rank != self._rank:
            self._rank = rank
            self._rise()

    def _rise(self) -> None:
        self.setZValue((2 if self.chosen else 1) + 1e-6 * self._rank)

    def set_heat(self, heat: int | None, text: str) -> None:
        """Show how much a lens finds in it."""
        if (heat, text) != (self.heat, self.heat_text):
            self.heat, self.heat_text = heat, text
            self.update()

    def set_badge(self, text: str) -> None:
        """Say in a word or two what is wrong with it while it trains: "3 of 6 dead"."""
        if text != self.badge:
            self.badge = text
            self.update()

    def set_role(self, role: Role) -> None:
        """Show what it is to the wire that is being drawn; what is illegal fades."""
        if role != self.role:
            self.role = role
            self.setOpacity(_FADED if role == "illegal" else 1.0)
            self.update()

    def set_hovered(self, hovered: bool) -> None:
        """Show that the mouse is over it."""
        if hovered != self.hovered:
            self.hovered = hovered
            self.update()

    def set_flash(self, strength: float) -> None:
        """Draw the eye to it."""
        self.flash = strength
        self.update()

    def in_point(self, port: int) -> QPointF:
        """Return where a wire enters, in the scene."""
        offset = port_offset(self.content, self.box, self.direction, port, max(self.n_ports, port + 1))
        return self._at(offset, self.in_side)

    def out_point(self) -> QPointF:
        """Return where wires leave, in the scene."""
        return self._at(self.box.line, -self.in_side)

    def _at(self, offset: float, side: int) -> QPointF:
        """Return the point of the scene on one of the sides where ports are, so far from its upper or left end."""
        rect = self.drawn_rect
        if self.direction == "down":
            return QPointF(self.x() + offset, rect.bottom() if side > 0 else rect.top())
        return QPointF(rect.right() if side > 0 else rect.left(), self.y() + offset)

    def local_ports(self) -> tuple[list[QPointF], QPointF]:
        """Return its inputs and its output in its own coordinates."""
        origin = self.pos()
        return [self.in_point(port) - origin for port in range(self.n_ports)], self.out_point() - origin

    def _reach(self) -> QRectF:
        return QRectF(0, 0, self.box.width, self.box.height).adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)

    def boundingRect(self) -> QRectF:
        return self._bounds

    def shape(self) -> QPainterPath:
        path = QPainterPath()
        path.addRect(QRectF(0, 0, self.box.width, self.box.height))
        return path

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if self.content.pill:
            paint_pill(painter, self)
        else:
            paint_card(painter, self)
