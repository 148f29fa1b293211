"""The document drawn: one item for each layer and each wire, brought up to date by comparing objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from PySide6.QtCore import QObject, QPointF, QRectF
from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QGraphicsLineItem, QGraphicsRectItem, QGraphicsScene

from core.analysis.report import Report
from core.graph.layering import Box
from core.graph.layouts import route_key
from core.graph.values import Document, Layout, LayoutDirection, Position
from core.graph.wiring import source_id
from designer.canvas.drawing.canvas_style import canvas_style
from designer.canvas.drawing.cells import Cells
from designer.canvas.drawing.ghost import Ghost
from designer.canvas.drawing.node import Node
from designer.canvas.drawing.node_content import NodeContents
from designer.canvas.drawing.notes import Notes
from designer.canvas.drawing.painting import Role
from designer.canvas.drawing.placing import place_all
from designer.canvas.drawing.routing import course, through
from designer.canvas.drawing.sizes import LINE
from designer.canvas.drawing.wire import LooseWire, Wire

WireKey = tuple[str, int]
"""The input that a wire feeds: layer and port."""


class Scene(QGraphicsScene):
    """Shows a document; gestures move its items about until they change the document or put everything back.

    Attributes
    ----------
    nodes : dict of str to Node
        In the document's order.
    wires : dict of (str, int) to Wire
    notes : Notes
    loose : LooseWire
        For gestures.
    ghost : Ghost
        The card that would be dropped.
    guides : tuple of two QGraphicsLineItem
        The lines along which something that is moved stands in line with others.
    band : QGraphicsRectItem
        The rubber band.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.nodes: dict[str, Node] = {}
        self.wires: dict[WireKey, Wire] = {}
        self.loose = LooseWire()
        self.ghost = Ghost()
        self.guides = (QGraphicsLineItem(), QGraphicsLineItem())
        self.band = QGraphicsRectItem()
        self.notes = Notes()
        self._are_led = False
        """Whether any wire has points."""
        self._outgoing: dict[str, list[Wire]] = {}
        self._incoming: dict[str, list[Wire]] = {}
        self._contents = NodeContents()
        self._cells = Cells()
        self._detail = 0
        self._layout = Layout()
        for item in (self.loose, self.ghost, *self.guides, self.band):
            self.addItem(item)
            item.hide()
        for mark in (*self.guides, self.band):
            mark.setZValue(4)
        self.dress()

    # --- The document ------------------------------------------------------------------------------------------------

    def show_document(self, document: Document, report: Report) -> bool:
        """Bring items up to date; what did not change is not touched.

        Returns
        -------
        bool
            Whether it looks different from afar: places, sizes, families or verdicts changed.
        """
        contents, before = self._contents.update(document, report), list(self.nodes)
        direction = document.layout.direction
        stale: set[str] = set()
        changed = len(contents) != len(self.nodes)
        for id in [id for id in self.nodes if id not in contents]:
            self.removeItem(self.nodes.pop(id))
            self._cells.remove(id)
        for id, content in contents.items():
            node = self.nodes.get(id)
            if node is None:
                self.nodes[id] = node = Node(content, direction)
                self.addItem(node)
                stale.add(id)
            elif node.content is not content or node.direction != direction:
                changed = changed or (content.family, content.verdict) != (node.content.family, node.content.verdict)
                if node.set_content(content, direction):
                    stale.add(id)
        if list(self.nodes) != list(contents):
            self.nodes = {id: self.nodes[id] for id in contents}
        if before != list(contents):
            for rank, node in enumerate(self.nodes.values()):
                node.set_rank(rank)
        self._rewire(document, stale)
        places = place_all(document.graph, document.layout, self.boxes())
        wires = self._put(places, stale) | self._lead(document)
        noted = self.notes.show(document.layout, self)
        if stale or document.layout is not self._layout:
            self._layout = document.layout
            # Something else may stand in the way of long wires now.
            wires.update(wire for wire in self.wires.values() if wire.is_long)
        if wires or noted:
            self._route(wires)
            self.setSceneRect(self.bounds().adjusted(-400, -400, 400, 400))
        return changed or bool(wires) or noted

    def _rewire(self, document: Document, stale: set[str]) -> None:
        """Make the wires those of the document; layers whose wires changed become stale."""
        wanted: dict[WireKey, str] = {}
        for layer in document.graph.layers:
            for port, reference in enumerate(layer.inputs):
                if source_id(reference) in self.nodes:
                    wanted[layer.id, port] = reference
        for key, wire in list(self.wires.items()):
            if wanted.get(key) != wire.reference:
                del self.wires[key]
                _drop(self._outgoing, wire.source, wire)
                _drop(self._incoming, wire.layer, wire)
                stale.update(id for id in (wire.source, wire.layer) if id in self.nodes)
                self.removeItem(wire)
        for (layer_id, port), reference in wanted.items():
            if (layer_id, port) not in self.wires:
                wire = Wire(reference, layer_id, port)
                source = wire.source
                wire.set_detail(self._detail)
                self.wires[layer_id, port] = wire
                self._outgoing.setdefault(source, []).append(wire)
                self._incoming.setdefault(layer_id, []).append(wire)
                stale.update((source, layer_id))
                self.addItem(wire)

    def _lead(self, document: Document) -> set[Wire]:
        """Lead wires through the points that the document gives; gives those that have others now."""
        routes = document.layout.routes
        led = set[Wire]()
        for wire in self.wires.values() if routes or self._are_led else ():
            points = routes.get(route_key(wire.layer, wire.reference), ())
            if points != wire.points:
                wire.points = points
                led.add(wire)
        self._are_led = bool(routes)
        return led

    def lead(self, wire: Wire, points: tuple[Position, ...]) -> None:
        """Lead a wire through points on the canvas alone."""
        wire.points = points
        self._are_led = True
        self._route([wire])

    # --- Places ------------------------------------------------------------------------------------------------------

    def place(self, places: Mapping[str, Position]) -> None:
        """Move layers on the canvas alone; their wires follow."""
        self._route(self._put(places, set()))

    def _put(self, places: Mapping[str, Position], stale: set[str]) -> set[Wire]:
        """Move layers and turn them to their neighbours; gives the wires that must be laid anew."""
        for id, (x, y) in places.items():
            node = self.nodes[id]
            if node.x() != x or node.y() != y:
                node.setPos(x, y)
                stale.add(id)
        for id in stale:
            self._cells.put(id, self.nodes[id].rect)
        wires = set[Wire]()
        for id in stale:
            wires.update(self._outgoing.get(id, ()))
            wires.update(self._incoming.get(id, ()))
        for id in stale.union(*((wire.source, wire.layer) for wire in wires)):
            node = self.nodes[id]
            if (mirrored := self._runs_back(id)) != node.mirrored:
                node.mirrored = mirrored
                node.update()
                wires.update(self._outgoing.get(id, ()))
                wires.update(self._incoming.get(id, ()))
        return wires

    def _runs_back(self, id: str) -> bool:
        """Say whether data flows through a layer against the direction of the drawing, as in every other row.

        Neighbours in its own row say so, if there are any: at the end of a row the next one may lie anywhere.
        """
        sources = [wire.source for wire in self._incoming.get(id, ())]
        fed = [wire.layer for wire in self._outgoing.get(id, ())]
        row = {other for other in (*sources, *fed) if abs(self.nodes[other].line - self.nodes[id].line) < LINE}
        before = self._mean_middle(sources, row, id)
        after = self._mean_middle(fed, row, id)
        return after < before - 1

    def _mean_middle(self, ids: Sequence[str], row: Set[str], otherwise: str) -> float:
        """Return where layers stand on average, ignoring those outside the row; without any, where another stands."""
        counting = [id for id in ids if not row or id in row] or [otherwise]
        return sum(self.nodes[other].middle for other in counting) / len(counting)

    def _route(self, wires: Iterable[Wire]) -> None:
        """Lay wires between their ports."""
        for wire in wires:
            source, layer = self.nodes[wire.source], self.nodes[wire.layer]

            def in_the_way(rect: QRectF, ends: tuple[Node, Node] = (source, layer)) -> Sequence[QRectF]:
                return [node.drawn_rect for node in self.nodes_in(rect) if node not in ends]

            start, end = source.out_point(), layer.in_point(wire.port)
            sides = -source.in_side, layer.in_side
            if wire.points:
                wire.lay(through(start, sides[0], end, sides[1], wire.points, direction=layer.direction))
            else:
                wire.lay(course(start, sides[0], end, sides[1], in_the_way, direction=layer.direction))

    # --- Questions ---------------------------------------------------------------------------------------------------

    def boxes(self) -> dict[str, Box]:
        """Return the size of every layer."""
        return {id: node.box for id, node in self.nodes.items()}

    def places(self) -> dict[str, Position]:
        """Return where every layer is shown."""
        return {id: (node.x(), node.y()) for id, node in self.nodes.items()}

    def bounds(self, ids: Iterable[str] | None = None) -> QRectF:
        """Return the rectangle around layers and the wires between them, by default around all that is drawn."""
        known = self.nodes.keys() if ids is None else self.nodes.keys() & set(ids)
        rect = self.notes.bounds() if ids is None else QRectF()
        for id in known:
            rect = rect.united(self.nodes[id].rect)
        for wire in self.wires.values():
            if wire.source in known and wire.layer in known:
                rect = rect.united(wire.boundingRect())
        return rect

    def nodes_in(self, rect: QRectF) -> list[Node]:
        """Return the layers whose boxes touch a rectangle."""
        near = [self.nodes[id] for id in self._cells.near(rect)]
        return [node for node in near if node.rect.intersects(rect)]

    def node_at(self, point: QPointF) -> Node | None:
        """Return the uppermost layer at a point."""
        under = [node for node in self.nodes_in(_around(point, 0.5)) if node.rect.contains(point)]
        return max(under, key=Node.zValue, default=None)

    def wires_at(self, point: QPointF, reach: float) -> Wire | None:
        """Return the wire nearest to a point, if it is within reach."""
        found = [item for item in self.items(_around(point, reach)) if isinstance(item, Wire)]
        near = [(wire.distance(point), wire.key) for wire in found]
        nearest = min(near, default=(reach, ("", 0)))
        return self.wires[nearest[1]] if nearest[0] < reach else None

    def port_at(self, point: QPointF, reach: float) -> tuple[Node, int | None] | None:
        """Return the port nearest to a point, if it is within reach: a layer and an input, or None for its output."""
        best: tuple[float, Node, int | None] | None = None
        for node in self.nodes_in(_around(point, reach)):
            for port, place in [(None, node.out_point()), *((i, node.in_point(i)) for i in range(node.n_ports))]:
                away = (place - point).manhattanLength()
                if away <= reach and (best is None or away < best[0]):
                    best = (away, node, port)
        return None if best is None else best[1:]

    def wires_of(self, id: str) -> Iterator[Wire]:
        """Return all wires that end or begin at a layer."""
        yield from self._incoming.get(id, ())
        yield from self._outgoing.get(id, ())

    def fed_by(self, id: str) -> list[str]:
        """Return the layers that a layer feeds, once per wire."""
        return [wire.layer for wire in self._outgoing.get(id, ())]

    def sources_of(self, id: str) -> list[str]:
        """Return the layers that feed a layer, in the order of its inputs."""
        return [wire.source for wire in sorted(self._incoming.get(id, ()), key=lambda wire: wire.port)]

    def loose_course(self, source: Node, end: QPointF, *, side: int | None = None) -> QPainterPath:
        """Draw the wire that would lead from a layer to a point."""
        leaving = -source.in_side
        return self.course_between(source.out_point(), leaving, end, -leaving if side is None else side)

    def course_between(self, start: QPointF, leaving: int, end: QPointF, entering: int) -> QPainterPath:
        """Draw a wire between two points, heedless of what is in its way."""
        return course(start, leaving, end, entering, direction=self._layout.direction)

    @property
    def direction(self) -> LayoutDirection:
        """Where data flows."""
        return self._layout.direction

    # --- States ------------------------------------------------------------------------------------------------------

    def choose(self, ids: Iterable[str]) -> None:
        """Show these layers selected and no others."""
        chosen = set(ids)
        for id, node in self.nodes.items():
            node.set_chosen(id in chosen)

    def choose_wires(self, keys: Iterable[WireKey]) -> None:
        """Show these wires selected and no others."""
        chosen = set(keys)
        for key, wire in self.wires.items():
            wire.set_chosen(key in chosen)

    def aim(self, key: WireKey | None) -> None:
        """Show which wire something would be dropped on."""
        for other, wire in self.wires.items():
            wire.set_aimed(other == key)

    def set_roles(self, roles: Mapping[str, Role]) -> None:
        """Show what layers are to the wire that is being drawn; others go back to normal."""
        changed = []
        for id, node in self.nodes.items():
            n_ports = node.n_ports
            node.set_role(roles.get(id, ""))
            if node.n_ports != n_ports:
                changed.append(id)
        for id in changed:  # inputs move closer together when another appears
            self._route(self._incoming.get(id, ()))

    def set_badges(self, badges: Mapping[str, str]) -> None:
        """Say of some layers what is wrong with them while they train, and of the others nothing."""
        for id, node in self.nodes.items():
            node.set_badge(badges.get(id, ""))

    @property
    def detail(self) -> int:
        """From how far the drawing is seen: 0 near, 1 from some way off, 2 from afar."""
        return self._detail

    def set_detail(self, detail: int) -> None:
        """Say from how far the drawing is seen."""
        if detail != self._detail:
            self._detail = detail
            for wire in self.wires.values():
                wire.set_detail(detail)

    def show_guides(self, lines: Sequence[QRectF]) -> None:
        """Show along which lines something stands; none are shown otherwise."""
        for guide, line in zip(self.guides, [*lines, None, None], strict=False):
            guide.setVisible(line is not None)
            if line is not None:
                guide.setLine(line.left(), line.top(), line.right(), line.bottom())

    # --- Looks -------------------------------------------------------------------------------------------------------

    def dress(self) -> None:
        """Take the colours of the theme."""
        for wire in self.wires.values():
            wire.dress()
        for guide in self.guides:
            guide.setPen(canvas_style().guide)
        self.band.setPen(canvas_style().guide)
        self.band.setBrush(canvas_style().band_fill)
        self.update()


def _drop(index: dict[str, list[Wire]], id: str, wire: Wire) -> None:
    index[id].remove(wire)
    if not index[id]:
        del index[id]


def _around(point: QPointF, reach: float) -> QRectF:
    return QRectF(point.x() - reach, point.y() - reach, 2 * reach, 2 * reach)
