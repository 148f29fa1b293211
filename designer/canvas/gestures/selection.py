"""What is selected on the canvas: layers, wires or notes."""

from __future__ import annotations

from collections.abc import Iterable

from core.graph.layouts import NoteKey
from designer.canvas.drawing.scene import Scene, WireKey
from designer.canvas.drawing.wire import Wire
from designer.session import Drawn


class Selection:
    """Keeps which wires and notes are selected; the session keeps which layers are, because panels show them too.

    Attributes
    ----------
    wires : tuple of (str, int)
    notes : tuple of NoteKey
    """

    def __init__(self, session: Drawn, drawing: Scene) -> None:
        self._session = session
        self._drawing = drawing
        self.wires: tuple[WireKey, ...] = ()
        self.notes: tuple[NoteKey, ...] = ()

    def __bool__(self) -> bool:
        return bool(self._session.selection or self.wires or self.notes)

    def select(self, ids: Iterable[str]) -> None:
        """Select these layers, and no wire or note."""
        self.choose_wires(())
        self.choose_notes(())
        self._session.select(ids)
        self._drawing.choose(self._session.selection)

    def select_clicked(self, id: str, *, adds: bool) -> None:
        """Select a layer that was clicked; one that `adds` joins the others, or leaves them."""
        before = self._session.selection
        if not adds:
            self.select([id])
        else:
            self.select([other for other in before if other != id] if id in before else [*before, id])

    def select_notes(self, keys: Iterable[NoteKey]) -> None:
        """Select these notes and nothing else."""
        self.select(())
        self.choose_notes(keys)

    def select_wire(self, wire: Wire, *, adds: bool) -> None:
        """Select a wire that was clicked, and nothing else; one that `adds` joins the other wires, or leaves them."""
        if not adds:
            self.select(())
            self.choose_wires([wire.key])
        elif wire.key in self.wires:
            self.choose_wires([key for key in self.wires if key != wire.key])
        else:
            self.choose_wires([*self.wires, wire.key])

    def choose_wires(self, keys: Iterable[WireKey]) -> None:
        """Select these wires, as far as they are drawn, instead of other wires."""
        self.wires = tuple(key for key in keys if key in self._drawing.wires)
        self._drawing.choose_wires(self.wires)

    def choose_notes(self, keys: Iterable[NoteKey]) -> None:
        """Select these notes, as far as they are drawn, instead of other notes."""
        self.notes = tuple(key for key in keys if key in self._drawing.notes.items)
        self._drawing.notes.choose(self.notes)
