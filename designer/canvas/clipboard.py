"""Copy, cut, paste and duplicate: through the system's clipboard, as the text of a small document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtGui import QGuiApplication

from core.errors import DocumentError
from core.graph.arrange import GRID
from core.graph.copying import copied, pasted
from core.graph.edits import move_layers, remove_layers
from core.graph.values import Document, Position
from core.io.clippings import clipping
from core.io.writing import document_text
from designer.canvas.canvas import Canvas
from designer.canvas.face import spoken
from designer.canvas.placing import snapped
from designer.session import Drawn

ASIDE = 4.0 * GRID
"""Pixels to the right and down, where copies stand beside what they are copies of."""


class Clipboard:
    """What the window's actions do with the selection of a canvas."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas

    def copy(self) -> None:
        """Put the selected layers on the clipboard."""
        selection = self._canvas.session.selection
        if selection:
            text = document_text(copied(self._document(), selection))
            QGuiApplication.clipboard().setText(text)
            self._canvas.hint.emit(f"Copied {spoken(selection)}.")

    def cut(self) -> None:
        """Put the selected layers on the clipboard, and take them out."""
        session = self._canvas.session
        selection = session.selection
        if selection:
            self.copy()
            session.edit(f"cut {spoken(selection)}", remove_layers(session.document, selection), select=())

    def paste(self) -> None:
        """Draw what is on the clipboard: where the mouse is, or else beside what is there."""
        try:
            copies = clipping(QGuiApplication.clipboard().text())
        except DocumentError as error:
            self._canvas.hint.emit(str(error))
            return
        places = {id: at for id, at in copies.layout.positions.items() if "/" not in id}
        under_mouse = self._canvas.view.under_mouse()
        if under_mouse is None or not places:
            shift = _aside(places.values(), self._document().layout.positions)
        else:
            xs, ys = zip(*places.values(), strict=True)
            shift = snapped(under_mouse.x() - (min(xs) + max(xs)) / 2, under_mouse.y() - (min(ys) + max(ys)) / 2)
        draw_copies(self._canvas.session, self._document(), copies, shift, "paste")

    def duplicate(self) -> None:
        """Draw copies of the selected layers beside them."""
        document, selection = self._document(), self._canvas.session.selection
        if selection:
            positions = document.layout.positions
            shift = _aside([positions[id] for id in selection if id in positions], positions)
            draw_copies(self._canvas.session, document, copied(document, selection), shift, "duplicate")

    def _document(self) -> Document:
        """Give what is drawn, with a place for every layer."""
        self._canvas.view.give_up()
        return move_layers(self._canvas.session.document, self._canvas.view.places_to_keep())


def draw_copies(session: Drawn, document: Document, copies: Document, shift: Position, verb: str) -> None:
    """Put copies into a document and take that as one step, with the copies selected."""
    after, ids = pasted(document, copies, shift)
    session.edit(f"{verb} {spoken(ids)}", after, select=ids)


def _aside(places: Iterable[Position], taken: Mapping[str, Position]) -> Position:
    """Give how far copies have to move so that none lies exactly on another layer."""
    places, covered = list(places), set(taken.values())
    shift = 0.0
    while any((x + shift, y + shift) in covered for x, y in places):
        shift += ASIDE
    return shift, shift
