"""Moving notes and making them larger, and leading wires through points."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt

from core.graph.layouts import change_notes, set_route
from core.graph.values import Position
from designer.canvas.drawing.node_content import spoken
from designer.canvas.drawing.notes import NoteItem
from designer.canvas.drawing.placing import snapped
from designer.canvas.drawing.wire import Wire
from designer.canvas.gestures.gesture import Gesture, Pointer
from designer.canvas.gestures.moved_items import MovedItems
from designer.canvas.gestures.stage import Stage

LEAST = 40.0
"""No note is made smaller."""
STRAIGHT_PX = 6.0
"""A point of a wire goes when it is let go so near, on the screen, to the line past it."""


def note_name(item: NoteItem) -> str:
    """Name a note in an undo label."""
    kind = "frame" if item.is_frame else "note"
    line = item.note.text.partition("\n")[0].strip()
    return f"{kind} “{line if len(line) <= 24 else f'{line[:23]}…'}”" if line else kind


class MoveNote(Gesture):
    """Drags the selected notes; what lies in a frame comes along. A click selects."""

    follows_view: ClassVar = True

    def __init__(self, view: Stage, item: NoteItem) -> None:
        super().__init__(view)
        self._item = item
        self._moved: MovedItems | None = None

    def start(self, at: Pointer) -> None:
        chosen = self.view.selection.notes
        if at.adds:
            kept = [key for key in chosen if key != self._item.key]
            self.view.selection.select_notes(kept if self._item.key in chosen else [*chosen, self._item.key])
        elif self._item.key not in chosen:
            self.view.selection.select_notes([self._item.key])
        self._origin = at.scene

    def update(self, at: Pointer) -> None:
        if self._moved is None:
            self._moved = MovedItems(self.view, (), self.view.selection.notes)
        x, y = self._item.note.at
        wish = at.scene - self._origin
        place = snapped(x + wish.x(), y + wish.y())
        self._moved.shift(place[0] - x, place[1] - y)

    def commit(self, at: Pointer) -> None:
        if self._moved is not None and self._moved.moved:
            count = len(self.view.selection.notes)
            name = note_name(self._item) if count == 1 else f"{count} notes"
            self.session.edit(f"move {name}", self._moved.document())

    def cancel(self) -> None:
        if self._moved is not None:
            self._moved.put_back()


class _Sizing(Gesture):
    """Gives a note another size; on the canvas alone until the gesture ends."""

    def __init__(self, view: Stage, item: NoteItem) -> None:
        super().__init__(view)
        self._item = item
        self._before = QRectF(item.rect)

    def _size(self, width: float, height: float) -> None:
        self._item.put(QRectF(self._before.topLeft(), QSizeF(max(LEAST, width), max(LEAST, height))))

    def commit(self, at: Pointer) -> None:
        rect = self._item.rect
        if rect != self._before:
            note = replace(self._item.note, size=(rect.width(), rect.height()))
            document = change_notes(self.session.document, {self._item.key: note})
            self.session.edit(f"resize {note_name(self._item)}", document)

    def cancel(self) -> None:
        self._item.put(self._before)


class ResizeNote(_Sizing):
    """Makes a note larger or smaller."""

    cursor: ClassVar = Qt.CursorShape.SizeFDiagCursor
    follows_view: ClassVar = True

    def start(self, at: Pointer) -> None:
        self.view.selection.select_notes([self._item.key])
        self._hold = self._before.bottomRight() - at.scene

    def update(self, at: Pointer) -> None:
        corner = at.scene + self._hold
        right, bottom = snapped(corner.x(), corner.y())
        self._size(right - self._before.left(), bottom - self._before.top())


class StretchNote(_Sizing):
    """Makes a note larger or smaller in steps with the keyboard; ends when Ctrl is let go."""

    held_by_mouse: ClassVar = False

    def step(self, dx: float, dy: float) -> None:
        """Move its corner on by so much."""
        self._size(self._item.rect.width() + dx, self._item.rect.height() + dy)


class Reroute(Gesture):
    """Drags a wire: where it is pressed it gets a point that it passes; a point that is dragged back in line goes.

    A click selects the wire.
    """

    follows_view: ClassVar = True

    def __init__(self, view: Stage, wire: Wire, reach: float) -> None:
        super().__init__(view)
        self._wire = wire
        self._reach = reach

    def start(self, at: Pointer) -> None:
        self.view.selection.select_wire(self._wire, adds=at.adds)
        self._before = self._wire.points
        self._origin = at.scene
        self._index: int | None = None

    def update(self, at: Pointer) -> None:
        if self._index is None:
            self._index = self._taken(self._origin)
        points = [*self._wire.points]
        points[self._index] = snapped(at.scene.x(), at.scene.y())
        self.scene.lead(self._wire, tuple(points))

    def _taken(self, at: QPointF) -> int:
        """Take the point of the wire that was pressed, or make one."""
        for i, point in enumerate(self._before):
            if (QPointF(*point) - at).manhattanLength() <= self._reach:
                return i
        i = self._wire.leg_at(at)
        self._wire.points = (*self._before[:i], (at.x(), at.y()), *self._before[i:])
        return i

    def commit(self, at: Pointer) -> None:
        if self._index is None:
            return
        wire, points = self._wire, self._wire.points
        if _in_line(points, self._index, wire.ends(), STRAIGHT_PX / self.view.zoom):
            points = (*points[: self._index], *points[self._index + 1 :])
        if points == self._before:
            self.cancel()
            return
        label = f"lead the wire from {spoken([wire.source])} to {spoken([wire.layer])}"
        document = set_route(self.session.document, wire.layer, wire.reference, points)
        self.session.edit(label, document)

    def cancel(self) -> None:
        if self._wire.scene() is self.scene:
            self.scene.lead(self._wire, self._before)


def _in_line(points: tuple[Position, ...], i: int, ends: tuple[QPointF, QPointF], reach: float) -> bool:
    """Say whether a point lies on the straight line between those before and after it."""
    way = [ends[0], *(QPointF(*point) for point in points), ends[1]]
    before, point, after = way[i : i + 3]
    line = after - before
    length2 = QPointF.dotProduct(line, line)
    if length2 == 0:
        return True
    t = QPointF.dotProduct(point - before, line) / length2
    off = point - before - line * t
    return 0 <= t <= 1 and QPointF.dotProduct(off, off) <= reach * reach
