"""What dropping a palette entry at a place means: on a wire, near an output, or on its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from PySide6.QtCore import QPointF, QRectF

from core.graph.edits import add_layer, fresh_id, insert_layer, move_layers, set_outputs, takes_input
from core.graph.layering import Box
from core.graph.values import Document, Layer, Position, spec_class
from core.layers import Kind
from designer.canvas.drawing.node import Node
from designer.canvas.drawing.node_content import content_of
from designer.canvas.drawing.placing import free_place, make_room, snapped
from designer.canvas.drawing.scene import Scene, WireKey
from designer.canvas.drawing.sizes import CARD_GAP, CARD_GAP_DOWN, box_of
from designer.session import Drawn
from designer.session.edit_preview import EditPreview, edit_preview

ON_WIRE_PX = 12
"""How near, on the screen, a wire must be to be dropped on."""
AT_PORT_PX = 24
"""How near an output must be to be connected in any case."""
REACH = 440
"""How far, at 100 %, the nearest output may be that suits a new layer and is offered to it."""
_IN_USE = 96
"""By how much an output that feeds something already counts as farther away."""

Way: TypeAlias = Literal["insert", "connect", "alone"]


@dataclass(frozen=True, slots=True)
class Drop:
    """What would be done.

    Attributes
    ----------
    way : {"insert", "connect", "alone"}
        Onto a wire, after an output, or without a wire.
    document : Document
        As it would be, without the new layer's place.
    id, label : str
        Of the new layer.
    box : Box
    preview : EditPreview
    wire : (layer, port) or None
        The wire it goes onto.
    source : str or None
        The layer that will feed it.
    """

    way: Way
    document: Document
    id: str
    label: str
    box: Box
    preview: EditPreview
    wire: WireKey | None = None
    source: str | None = None


@dataclass(slots=True)
class Dropping:
    """Plans drops of one kind; equal plans are made once, so that following the mouse costs nothing."""

    session: Drawn
    scene: Scene
    kind: str
    _plans: dict[tuple[Way, WireKey | None, str | None], Drop] = field(default_factory=dict)

    @property
    def takes_input(self) -> bool:
        """Whether the new layer can follow others."""
        return takes_input(self.kind)

    def plan(self, at: QPointF, zoom: float) -> Drop:
        """Decide what dropping at a place means."""
        if not self.takes_input:
            return self._planned("alone", None, None)
        found = self.scene.port_at(at, AT_PORT_PX / zoom)
        if found is not None and found[1] is None and not self.scene.fed_by(found[0].id):
            return self._planned("connect", None, found[0].id)
        wire = self.scene.wires_at(at, ON_WIRE_PX / zoom)
        if wire is not None:
            return self._planned("insert", wire.key, wire.source)
        if found is not None and found[1] is None:
            return self._planned("connect", None, found[0].id)
        source = self._nearest_source(at)
        return self._planned("alone" if source is None else "connect", None, source)

    def places(self, drop: Drop, at: QPointF, zoom: float) -> dict[str, Position]:
        """Return where the new layer stands, and where others go to make room."""
        direction = self.scene.direction
        middle = (drop.box.line, drop.box.height / 2) if direction == "down" else (drop.box.width / 2, drop.box.line)
        wish = snapped(at.x() - middle[0], at.y() - middle[1])
        shown, boxes = self.scene.places(), self.scene.boxes() | {drop.id: drop.box}
        if drop.wire is not None:
            return make_room(drop.id, wish, boxes, shown, drop.source, drop.wire[0], direction)
        source = None if drop.source is None else self.scene.nodes[drop.source]
        if source is not None and (source.out_point() - at).manhattanLength() <= AT_PORT_PX / zoom:
            wish = free_place(_behind(source, drop.box), drop.box, shown, boxes)
        return {drop.id: wish}

    def carried_out(self, drop: Drop, at: QPointF, zoom: float, keep: dict[str, Position]) -> Document:
        """Return the document with the new layer in its place; `keep` are places that get into it as well."""
        return move_layers(drop.document, keep | self.places(drop, at, zoom))

    def _planned(self, way: Way, wire: WireKey | None, source: str | None) -> Drop:
        key = (way, wire, source)
        if key not in self._plans:
            self._plans[key] = self._make(way, wire, source)
        return self._plans[key]

    def _make(self, way: Way, wire: WireKey | None, source: str | None) -> Drop:
        before = self.session.document
        id = fresh_id(before.graph, self.kind)
        if wire is not None:
            after = insert_layer(before, self.kind, before=wire[0], port=wire[1], id=id)
        else:
            after, id = add_layer(before, self.kind, source=source, id=id)
            outputs = before.graph.outputs
            if outputs is not None and source in outputs and not self.scene.fed_by(source):
                after = set_outputs(after, tuple(id if output == source else output for output in outputs))
        report = self.session.preview(after)
        found = report.of(id)
        layer = next(layer for layer in after.graph.layers if layer.id == id)
        content = content_of(layer, after.graph.blocks, (), None if found is None else found.shape, "")
        if way == "alone" and self.takes_input:
            words = EditPreview(("not connected: drop it on a wire", "or near an output"))
        else:
            words = edit_preview(self.session.report, report, id)
        return Drop(way, after, id, _label(layer), box_of(content, before.layout.direction), words, wire, source)

    def _nearest_source(self, at: QPointF) -> str | None:
        """Find the nearest layer whose output suits the kind; those that feed nothing yet come first."""
        found = spec_class(self.kind)
        if found is None or not issubclass(found, Kind):
            return None
        end = at - (QPointF(0, CARD_GAP_DOWN) if self.scene.direction == "down" else QPointF(CARD_GAP, 0))
        area = QRectF(end.x() - REACH, end.y() - REACH, 2 * REACH, 2 * REACH)
        best: tuple[float, str] | None = None
        for node in self.scene.nodes_in(area):
            shape = node.content.shape
            if shape is None or len(shape) not in found.ranks:
                continue
            away = _distance(node.out_point(), end)
            if away > REACH:
                continue
            cost = away + (_IN_USE if self.scene.fed_by(node.id) else 0)
            if best is None or (cost, node.id) < best:
                best = (cost, node.id)
        return None if best is None else best[1]


def _behind(source: Node, box: Box) -> Position:
    """Return where a layer stands that comes straight after another."""
    gap = min(source.box.gap, box.gap)
    if source.direction == "down":
        y = source.y() - gap - box.height if source.mirrored else source.y() + source.box.height + gap
        return source.line - box.line, y
    x = source.x() - gap - box.width if source.mirrored else source.x() + source.box.width + gap
    return x, source.line - box.line


def _distance(one: QPointF, other: QPointF) -> float:
    apart = one - other
    return float((apart.x() ** 2 + apart.y() ** 2) ** 0.5)


def _label(layer: Layer) -> str:
    return layer.spec.label() if isinstance(layer.spec, Kind) else layer.kind
