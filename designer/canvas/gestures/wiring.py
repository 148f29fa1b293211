"""Drawing a wire from port to port, and taking the end of one to another place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from PySide6.QtCore import Qt

from core.errors import EditError
from core.graph.edits import connect, disconnect, most_inputs, why_not_connect
from core.graph.values import BlockUse, Document, Layer, layers_by_id
from core.graph.wiring import source_id
from designer.canvas.drawing.node import Node
from designer.canvas.drawing.painting import Role
from designer.canvas.gestures.gesture import Gesture, Pointer
from designer.canvas.gestures.port_previews import PortPreviews
from designer.canvas.gestures.stage import Stage
from designer.session.edit_preview import EditPreview, edit_preview

REACH_PX = 16
"""How near, on the screen, a port attracts the end of a wire."""


class Wiring(Gesture):
    """Draws a wire that starts at a port.

    From an output it looks for an input. From an input that has a wire it takes that wire's end along: dropped on
    another input it leads there, dropped in the void it is gone. From an input without one it looks for an output.

    Parameters
    ----------
    view : Stage
    node : Node
    port : int or None
        The input where it starts, or None for the output.
    """

    cursor: ClassVar = Qt.CursorShape.CrossCursor
    follows_view: ClassVar = True

    def __init__(self, view: Stage, node: Node, port: int | None) -> None:
        super().__init__(view)
        self.pressed = node
        layers = layers_by_id(self.session.document.graph)
        inputs = layers[node.id].inputs
        self._detached: tuple[str, int] | None = None
        self._goal: tuple[str, int] | None = None
        """The input that looks for an output."""
        self._reference: str | None = None
        """What the input's entry will say: a layer's id, or one output of a block's use."""
        if port is None:
            self._reference = node.id
        elif port < len(inputs) and source_id(inputs[port]) in self.scene.nodes:
            self._detached, self._reference = (node.id, port), inputs[port]
        else:
            self._goal = (node.id, port)
        self._layers = layers
        self._found: dict[tuple[str, str, int], EditPreview] = {}
        self._port_previews: PortPreviews | None = None

    def update(self, at: Pointer) -> None:
        if not self.scene.loose.isVisible():
            self._begin()
        target, port = self._under(at)
        self._light(target)
        if self._goal is not None:
            self._update_backwards(target, at)
            return
        if self._reference is None:
            return
        source = self.scene.nodes[source_id(self._reference)]
        refused = False
        end, side = at.scene, None
        if target is not None and target is not source:
            plan = self._planned(self._reference, target, port)
            if plan is None:
                refused = True
            else:
                end, side = target.in_point(plan[1]), target.in_side
                refused = self._say_prospect(*plan)
        elif self._detached is not None:
            self.view.say(f"Let go here to disconnect {self._reference} from {self._detached[0]}.")
        else:
            self.view.say("")
        self.scene.loose.draw(self.scene.loose_course(source, end, side=side), refused=refused)

    def _begin(self) -> None:
        if self._detached is not None:
            self.scene.wires[self._detached].hide()
        self._fixed = source_id(self._reference) if self._reference is not None else self.pressed.id
        onward = self._goal is not None
        barred = _reached(self._fixed, self.scene.fed_by if onward else self.scene.sources_of)
        roles: dict[str, Role] = {}
        for id, node in self.scene.nodes.items():
            closed = id in barred or (not onward and node.content.n_ports == 0)
            roles[id] = "illegal" if closed else "legal"
        roles[self._fixed] = ""
        self._roles = roles
        self.scene.set_roles(roles)
        ask = self._preview_from if onward else self._preview_into
        self._port_previews = PortPreviews(self._legal_in_sight, ask, self.view, at_outputs=onward)

    def _legal_in_sight(self) -> list[Node]:
        """Return the layers that the wire may be led to, the nearest first."""
        middle = self.scene.nodes[self._fixed].rect.center()
        seen = self.scene.nodes_in(self.view.visible_rect())
        legal = [node for node in seen if self._roles[node.id] == "legal"]
        return sorted(legal, key=lambda node: (node.rect.center() - middle).manhattanLength())

    def _light(self, target: Node | None) -> None:
        for node in self.scene.nodes.values():
            role = self._roles[node.id]
            node.set_role("target" if node is target and role == "legal" else role)

    def _under(self, at: Pointer) -> tuple[Node | None, int | None]:
        """Return the layer under the mouse, and its input if the mouse is at one."""
        found = self.scene.port_at(at.scene, REACH_PX / self.view.zoom)
        if found is not None and found[0].id != self._fixed and (found[1] is None) == (self._goal is not None):
            return found
        return self.scene.node_at(at.scene), None

    def _planned(self, reference: str, target: Node, port: int | None) -> tuple[Document, int, str] | None:
        """Return the document with the wire, the input it leads to and the layer's id; or say why not."""
        refusal = why_not_connect(self.session.document.graph, reference, target.id)
        if refusal is not None:
            self.view.say(refusal)
            return None
        layer = self._layers[target.id]
        if port is None:
            port = (
                self._detached[1]
                if self._detached is not None and self._detached[0] == target.id
                else _free(layer, self.session.document)
            )
        try:
            document, port = self._connected(reference, target.id, min(port, len(layer.inputs)))
        except EditError as error:
            self.view.say(str(error))
            return None
        return document, port, target.id

    def _connected(self, reference: str, id: str, port: int) -> tuple[Document, int]:
        document = self.session.document
        if self._detached is None or self._detached == (id, port):
            return connect(document, reference, id, port), port
        layer, old = self._detached
        document = disconnect(document, layer, old)
        if layer == id and port > old:
            port -= 1
        return connect(document, reference, id, port), port

    def _say_prospect(self, document: Document, port: int, id: str) -> bool:
        """Say what the wire would lead to; says whether that is an error."""
        found = self._preview(document, port, id)
        self.view.say(" ".join(found.lines) if found.refused or not found.lines else f"{id} {' · '.join(found.lines)}.")
        return found.refused

    def _preview(self, document: Document, port: int, id: str, source: str = "") -> EditPreview:
        """Find out what a wire would give; nothing is to be said where it would change nothing."""
        key = (self._reference or source, id, port)
        if key not in self._found:
            unchanged = document is self.session.document
            preview = None if unchanged else self.session.preview(document)
            self._found[key] = EditPreview(()) if preview is None else edit_preview(self.session.report, preview, id)
        return self._found[key]

    def _preview_into(self, target: Node) -> EditPreview | None:
        """Find out what the wire would give, dropped on a layer's card."""
        said = self.view.saying
        plan = None if self._reference is None else self._planned(self._reference, target, None)
        self.view.say(said)
        return None if plan is None else self._preview(*plan)

    def _preview_from(self, source: Node) -> EditPreview | None:
        """Find out what the wire would give, led back to a layer's output."""
        if self._goal is None:
            return None
        id, port = self._goal
        try:
            document, port = self._connected(source.id, id, min(port, len(self._layers[id].inputs)))
        except EditError:
            return None
        return self._preview(document, port, id, source.id)

    def _update_backwards(self, target: Node | None, at: Pointer) -> None:
        if self._goal is None:
            return
        start = self.pressed.in_point(self._goal[1])
        end, side, refused = at.scene, 1 if self.pressed.in_side < 0 else -1, False
        if target is not None and target is not self.pressed:
            refusal = why_not_connect(self.session.document.graph, target.id, self._goal[0])
            self.view.say(refusal or f"Connect {target.id} to {self._goal[0]}.")
            refused = refusal is not None
            if not refused:
                end, side = target.out_point(), -target.in_side
        else:
            self.view.say("")
        self.scene.loose.draw(self.scene.course_between(end, side, start, self.pressed.in_side), refused=refused)

    def commit(self, at: Pointer) -> None:
        if not self.dragged:
            self.view.selection.select_clicked(self.pressed.id, adds=at.adds)
            return
        target, port = self._under(at)
        self._tidy()
        document, label, shown = self._outcome(target, port)
        if document is not None:
            self.session.edit(label, document, select=None)
        if shown:
            self.view.say(shown)

    def _outcome(self, target: Node | None, port: int | None) -> tuple[Document | None, str, str]:
        """Return the document that results, its label, and what to say."""
        if self._goal is not None:
            if target is None or target is self.pressed:
                return None, "", ""
            id, port = self._goal
            n = len(self._layers[id].inputs)
            try:
                document = connect(self.session.document, target.id, id, min(port, n))
            except EditError as error:
                return None, "", str(error)
            return document, f"connect {target.id} to {id}", ""
        reference = self._reference or ""
        source = source_id(reference)
        if target is not None and target.id != source:
            plan = self._planned(reference, target, port)
            return (None, "", self.view.saying) if plan is None else (plan[0], f"connect {source} to {target.id}", "")
        if self._detached is not None and target is None:
            id, old = self._detached
            return disconnect(self.session.document, id, old), f"disconnect {source} from {id}", ""
        return None, "", ""

    def cancel(self) -> None:
        self._tidy()

    def _tidy(self) -> None:
        if self._port_previews is not None:
            self._port_previews.end()
            self._port_previews = None
        self.scene.set_roles({})
        self.scene.loose.draw(None)
        if self._detached is not None and self._detached in self.scene.wires:
            self.scene.wires[self._detached].show()
        self.view.say("")


def _free(layer: Layer, document: Document) -> int:
    """Return the input that a wire dropped on a layer's card leads to: the first free one, or else the last."""
    n, most = len(layer.inputs), most_inputs(layer)
    if isinstance(layer.spec, BlockUse) and layer.spec.block in document.graph.blocks:
        most = len(document.graph.blocks[layer.spec.block].inputs)
    return n if most is None or n < most else max(0, n - 1)


def _reached(start: str, onward: Callable[[str], Iterable[str]]) -> set[str]:
    """Return all layers that a layer leads to (or comes from), and itself."""
    seen, frontier = {start}, [start]
    while frontier:
        new = [id for id in onward(frontier.pop()) if id not in seen]
        seen.update(new)
        frontier.extend(new)
    return seen
