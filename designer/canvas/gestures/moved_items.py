"""What a gesture moves about: layers, the points of the wires between them, and notes with what lies in frames."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from PySide6.QtCore import QRectF

from core.graph.edits import move_layers
from core.graph.layouts import NoteKey, change_notes, set_route
from core.graph.values import Document, Position
from designer.canvas.gestures.stage import Stage


class MovedItems:
    """Layers and notes that move together; the document stays as it is.

    Parameters
    ----------
    view : Stage
    layers : iterable of str
    notes : iterable of NoteKey
        Of frames, what lies wholly in them comes along.

    Attributes
    ----------
    before : dict of str to (x, y)
        Where the layers were shown.
    """

    def __init__(self, view: Stage, layers: Iterable[str], notes: Iterable[NoteKey] = ()) -> None:
        self._view = view
        self._scene = scene = view.drawing
        nodes = {id: scene.nodes[id] for id in layers if id in scene.nodes}
        items = {key: scene.notes.items[key] for key in notes if key in scene.notes.items}
        for frame in [item for item in items.values() if item.is_frame]:
            nodes |= {node.id: node for node in scene.nodes_in(frame.rect) if frame.rect.contains(node.rect)}
            items |= {item.key: item for item in scene.notes.within(frame.rect)}
        self.before: dict[str, Position] = {id: (node.x(), node.y()) for id, node in nodes.items()}
        self._rects = {key: QRectF(item.rect) for key, item in items.items()}
        self._ways = {
            key: wire.points
            for key, wire in scene.wires.items()
            if wire.points and wire.source in nodes and wire.layer in nodes
        }
        self._by: Position = (0.0, 0.0)

    @property
    def notes(self) -> tuple[NoteKey, ...]:
        """The notes among what moves."""
        return tuple(self._rects)

    def shift(self, dx: float, dy: float) -> None:
        """Show everything so far from where it was."""
        self._by = (dx, dy)
        for key, points in self._ways.items():
            self._scene.wires[key].points = _shifted(points, self._by)
        self._scene.place({id: (x + dx, y + dy) for id, (x, y) in self.before.items() if id in self._scene.nodes})
        self._scene.notes.put({key: rect.translated(dx, dy) for key, rect in self._rects.items()})

    def shift_on(self, dx: float, dy: float) -> None:
        """Move everything on by so much."""
        self.shift(self._by[0] + dx, self._by[1] + dy)

    def put_back(self) -> None:
        """Show everything where it was."""
        self.shift(0.0, 0.0)

    @property
    def moved(self) -> bool:
        """Whether anything is shown elsewhere."""
        return self._by != (0.0, 0.0)

    def document(self) -> Document:
        """Return the document with everything where it is shown now."""
        dx, dy = self._by
        document = self._view.session.document
        if self.before:
            shown = {id: (x + dx, y + dy) for id, (x, y) in self.before.items()}
            document = move_layers(document, self._view.places_to_keep() | shown)
        for key, points in self._ways.items():
            wire = self._scene.wires[key]
            document = set_route(document, wire.layer, wire.reference, _shifted(points, self._by))
        notes = {key: self._scene.notes.items[key].note for key in self._rects}
        return change_notes(
            document, {key: replace(note, at=(note.at[0] + dx, note.at[1] + dy)) for key, note in notes.items()}
        )


def _shifted(points: Iterable[Position], by: Position) -> tuple[Position, ...]:
    return tuple((x + by[0], y + by[1]) for x, y in points)
