"""What the views of layers look at: the whole document, or a block that is open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from core.analysis.opened import opened
from core.analysis.report import Report
from core.errors import EditError
from core.graph.edits import rename_layer
from core.graph.folding import renamed
from core.graph.names import composed
from core.graph.opening import block_at, place_of, places_above, put_back
from core.graph.values import Document
from core.layers.kind import Array
from core.problems import Fix
from core.training.standing import Carry
from designer.session.session import Change, Completion, Session


class Scope(QObject):
    """Looks like a session whose document is the open block, or the session's own document if none is open.

    An opened block is a document of its own: samples seem to enter at its inputs, and layers have the names
    that they have inside. Every edit goes back into the whole document, where all copies follow.
    """

    document_changed = Signal(object)
    """Carries a `Change` of what is drawn; its label is None where another place is drawn."""
    selection_changed = Signal(object)
    """Carries the tuple of selected layer ids."""
    refused = Signal(str)
    """Carries why an edit of an opened block was not carried out."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent or session)
        self.session = session
        self._place = ""
        self.report = session.report
        self._completion: Completion | None = None
        session.document_changed.connect(self._on_document)
        session.place_changed.connect(self._on_place)
        session.selection_changed.connect(self._on_selection)

    @property
    def whole(self) -> Session:
        """The session of the whole document."""
        return self.session

    @property
    def document(self) -> Document:
        """What is drawn."""
        return self.report.document if self._place else self.session.document

    @property
    def selection(self) -> tuple[str, ...]:
        """The ids of the selected layers, as they are called here."""
        return tuple(id.removeprefix(self._place) for id in self.session.selection)

    @property
    def advice(self) -> frozenset[str]:
        """The codes of the advice that is given."""
        return self.session.advice

    @property
    def completion(self) -> Completion | None:
        """What is added to each edit of what is drawn."""
        return self._completion

    @completion.setter
    def completion(self, completion: Completion) -> None:
        self._completion = completion
        self.session.completion = completion

    # --- What views ask for ------------------------------------------------------------------------------------------

    def edit(
        self,
        label: str,
        after: Document,
        *,
        select: Iterable[str] | None = None,
        merge_key: str | None = None,
        carry: Carry | None = None,
    ) -> None:
        """Take one undoable step to another state of what is drawn, as `Session.edit` does."""
        place = self._place
        if place:
            try:
                after = put_back(self.session.document, place, self.document, self._completed(after))
            except EditError as error:
                self.refused.emit(str(error))
                return
            carry = None if carry is None else partial(_carried_in, self._copies(), carry)
            select = None if select is None else [place + id for id in select]
        self.session.edit(label, after, select=select, merge_key=merge_key, carry=carry)

    def rename(self, layer: str, to: str) -> None:
        """Rename a layer, as `Session.rename` does.

        Raises
        ------
        EditError
            If the name is taken or cannot be a name.
        """
        if not self._place:
            self.session.rename(layer, to)
            return
        to = composed(to)
        selection = [to if id == layer else id for id in self.selection]
        carry = partial(renamed, names={layer: to})
        self.edit(f"rename {layer} to {to}", rename_layer(self.document, layer, to), select=selection, carry=carry)

    def select(self, ids: Iterable[str]) -> None:
        """Select these layers and no others."""
        self.session.select(self._place + id for id in ids)

    def go_to(self, layer: str) -> None:
        """Select a layer at the place where it is drawn, which may be within a block that is drawn here."""
        self.session.go_to(self._place + layer)

    def take_back(self, merge_key: str) -> None:
        """Take the edits with this `merge_key` back, if they were the last ones."""
        self.session.take_back(merge_key)

    def preview(self, document: Document) -> Report:
        """Check what is not (yet) drawn; an edit that would be refused changes nothing."""
        if not self._place:
            return self.session.preview(document)
        try:
            after = put_back(self.session.document, self._place, self.document, document)
        except EditError:
            return self.report
        return opened(self.session.preview(after), self._place, self.report)

    def preview_fix(self, fix: Fix) -> Report:
        """Check what would be drawn after an offered fix."""
        report = self.session.preview_fix(fix)
        return opened(report, self._place, self.report) if self._place else report

    def apply_fix(self, fix: Fix) -> None:
        """Carry out an offered fix as one step."""
        self.session.apply_fix(fix)

    def set_advice(self, codes: Iterable[str]) -> None:
        """Choose which advice is given."""
        self.session.set_advice(codes)

    # --- Following the session ---------------------------------------------------------------------------------------

    @Slot(object)
    def _on_document(self, change: Change) -> None:
        if not self._place:
            self.report = change.report
            self.document_changed.emit(change)
            return
        before = self.document
        self.report = opened(change.report, self._place, self.report)
        self.document_changed.emit(Change(before, self.document, self.report, change.label, change.carry))

    @Slot(str)
    def _on_place(self, place: str) -> None:
        before, self._place = self.document, place
        self.report = opened(self.session.report, place) if place else self.session.report
        self.document_changed.emit(Change(before, self.document, self.report, None))

    @Slot(object)
    def _on_selection(self, _: object) -> None:
        self.selection_changed.emit(self.selection)

    # --- Details -----------------------------------------------------------------------------------------------------

    def _completed(self, after: Document) -> Document:
        return after if self._completion is None else self._completion(self.document, self.report, after)

    def _copies(self) -> list[str]:
        """Return the places of all copies of the block that is open."""
        graph = self.session.document.graph
        name = block_at(graph, self._place)
        places = dict.fromkeys(p for id in self.session.report.layers for p in places_above(place_of(id)))
        return [place for place in places if place and block_at(graph, place) == name]


def _carried_in(places: Iterable[str], carry: Carry, weights: Mapping[str, Array]) -> dict[str, Array]:
    """Carry over the weights of every copy of a block, as `carry` does for the block alone."""
    carried = dict(weights)
    for place in places:
        inside = {name.removeprefix(place): carried.pop(name) for name in weights if name.startswith(place)}
        carried |= {place + name: array for name, array in carry(inside).items()}
    return carried
