"""Copy, cut, paste and duplicate: through the system's clipboard, as the text of a small document."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF
from PySide6.QtGui import QGuiApplication

from core.analysis.report import Report
from core.errors import DocumentError
from core.graph.arrange import GRID
from core.graph.copying import copied, pasted, without_outside
from core.graph.edits import move_layers, remove_layers
from core.graph.layouts import NoteKey, notes_by_key, remove_notes
from core.graph.values import Document, Layout, Position
from core.io.clippings import clipping
from core.io.writing import document_text
from core.text import counted
from designer.canvas.canvas import Canvas
from designer.canvas.commands.auto_layout import drawn_like
from designer.canvas.drawing.node_content import spoken
from designer.canvas.drawing.placing import free_move, place_all, snapped
from designer.canvas.drawing.sizes import boxes_of
from designer.canvas.gestures.moved_items import MovedItems

ASIDE = 4.0 * GRID
"""Pixels to the right and down, where copies stand beside what they are copies of."""


NOT_WIRED = "Pasted without a wire from what is there, which would have made a second output."


class Clipboard:
    """What the window's actions do with the selection of a canvas."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas

    def copy(self) -> None:
        """Put what is selected on the clipboard."""
        ids, notes = self._chosen()
        if ids or notes:
            QGuiApplication.clipboard().setText(document_text(copied(self._document(), ids, notes)))
            self._canvas.hint.emit(f"Copied {_spoken(ids, notes)}.")

    def cut(self) -> None:
        """Put what is selected on the clipboard, and take it out."""
        session = self._canvas.session
        ids, notes = self._chosen()
        if ids or notes:
            self.copy()
            document = remove_notes(remove_layers(session.document, ids), notes)
            session.edit(f"cut {_spoken(ids, notes)}", document, select=())

    def paste(self) -> None:
        """Draw what is on the clipboard where no layer is in the way: near the mouse, or else beside what is there.

        Where a wire from a layer that is there would make another output, copies are left for the user to wire.
        """
        try:
            copies = drawn_like(clipping(QGuiApplication.clipboard().text()), self._canvas.session.document)
        except DocumentError as error:
            self._canvas.hint.emit(str(error))
            return
        places = _places(copies.layout)
        under_mouse = self._canvas.view.under_mouse()
        if under_mouse is None or not places:
            shift = _aside(places, self._document().layout)
        else:
            xs, ys = zip(*places, strict=True)
            shift = snapped(under_mouse.x() - (min(xs) + max(xs)) / 2, under_mouse.y() - (min(ys) + max(ys)) / 2)
        document, session = self._document(), self._canvas.session
        after, ids = pasted(document, copies, shift)
        report = session.preview(after)
        hint = ""
        if len(report.outputs) > max(1, len(session.report.outputs)):
            apart = without_outside(copies)
            if apart != copies:
                copies, hint = apart, NOT_WIRED
                after, ids = pasted(document, copies, shift)
                report = session.preview(after)
        self._draw(document, copies, _free(after, report, ids, shift), "paste")
        if hint:
            self._canvas.hint.emit(hint)

    def duplicate(self) -> None:
        """Draw copies of what is selected beside it."""
        document, (ids, notes) = self._document(), self._chosen()
        if ids or notes:
            copies = copied(document, ids, notes)
            self._draw(document, copies, _aside(_places(copies.layout), document.layout), "duplicate")

    def _chosen(self) -> tuple[tuple[str, ...], tuple[NoteKey, ...]]:
        """Return the layers and notes that are selected; what lies in a frame goes with it."""
        view = self._canvas.view
        if selection := self._canvas.session.selection:
            return selection, ()
        moved = MovedItems(view, (), view.selection.notes)
        return tuple(moved.before), moved.notes

    def _draw(self, document: Document, copies: Document, shift: Position, verb: str) -> None:
        """Put copies into a document and take that as one step, with the copies selected."""
        after, ids = pasted(document, copies, shift)
        known = notes_by_key(document.layout)
        added = [key for key, note in notes_by_key(after.layout).items() if key not in known and not note.block]
        # Notes stand for what lies in frames, if there are such; then layers are not selected beside them.
        self._canvas.session.edit(f"{verb} {_spoken(ids, added)}", after, select=() if added else ids)
        self._canvas.view.selection.choose_notes(added)

    def _document(self) -> Document:
        """Return what is drawn, with a place for every layer."""
        self._canvas.view.give_up()
        return move_layers(self._canvas.session.document, self._canvas.view.places_to_keep())


def _spoken(ids: Sequence[str], notes: Sequence[NoteKey]) -> str:
    """Name layers, and count notes."""
    return " and ".join(filter(None, (spoken(ids) if ids else "", counted(len(notes), "note") if notes else "")))


def _places(layout: Layout) -> list[Position]:
    """Return the corners of everything that is drawn outside of blocks."""
    notes = [note.at for note in notes_by_key(layout).values() if not note.block]
    return [*(at for id, at in layout.positions.items() if "/" not in id), *notes]


def _aside(places: Sequence[Position], layout: Layout) -> Position:
    """Return how far copies have to move so that none lies exactly on something else."""
    covered = set(_places(layout))
    shift = 0.0
    while any((x + shift, y + shift) in covered for x, y in places):
        shift += ASIDE
    return shift, shift


def _free(document: Document, report: Report, ids: Sequence[str], shift: Position) -> Position:
    """Return how far copies have to move for none to cover a layer that is there, when so far is wished."""
    boxes = boxes_of(document, report)
    places = place_all(document.graph, document.layout, boxes)
    rects = {id: QRectF(*place, boxes[id].width, boxes[id].height) for id, place in places.items()}
    own = [rects.pop(id) for id in ids]
    dx, dy = free_move(own, list(rects.values()))
    return shift[0] + dx, shift[1] + dy
