"""The open document, its history, its report and what is selected: the one thing that all views look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QObject, Signal

from core.analysis.advice import DEFAULT_ADVICE
from core.analysis.budget import Budget
from core.analysis.check import check
from core.analysis.report import Report
from core.graph.edits import rename_layer
from core.graph.fixing import apply_fix
from core.graph.folding import renamed, without_blocks_left
from core.graph.history import History
from core.graph.layouts import without_routes_left
from core.graph.names import composed
from core.graph.opening import block_at, ids_at, layers_at, place_of, places_above, positions_at
from core.graph.values import Document
from core.problems import Fix, Problem
from core.training.standing import Carry
from designer.session.probe import Probe

if TYPE_CHECKING:  # loading the engine takes longer than drawing the first frame
    from core.training.readiness import Readiness


@dataclass(frozen=True, slots=True)
class Change:
    """From one state of the document to the next.

    Attributes
    ----------
    label : str or None
        None when another document was opened.
    carry : callable or None
        Returns the weights of a network of `before` in the form that one of `after` takes, if they can be carried over.
    """

    before: Document
    after: Document
    report: Report
    label: str | None
    carry: Carry | None = None

    @property
    def graph_changed(self) -> bool:
        """False when only the layout, the name or the training settings differ."""
        return self.before.graph is not self.after.graph


Checker: TypeAlias = Callable[[Document, Report | None, frozenset[str]], Report | None]
"""Checks as `core.analysis.check` does; None where the user would not wait for it."""

Completion: TypeAlias = Callable[[Document, Report, Document], Document]
"""Takes a document, its report and the edited document; returns the latter with all that belongs to it."""


class Session(QObject):
    """Holds the open document; every change of it goes through here and is announced once.

    Views read `document`, `report` and `selection`; they change it only through `edit`, `select`, `undo` and `redo`.

    Attributes
    ----------
    advice : frozenset of str
        The codes of the advice that is given.
    budget : Budget
        How much the network may have; the user's choice, which belongs to no document.
    readiness : Readiness or None
        Whether the document can be trained, as was found last; None until that is known.
    completion : callable or None
        Adds to each edit, in the same step, what would otherwise change unasked, such as where layers are shown.
    sight : (width, height) or None
        How much of the drawing is visible, in its own pixels; None where it is not shown.
    probe : Probe
        What is looked at inside the network.
    checker : callable
        Checks what the document is about to become, while all still stands as it was; where the user cancels, nothing
        changes.
    """

    document_changed = Signal(object)
    """Carries a `Change`, after `document`, `report` and `selection` have their new values."""
    selection_changed = Signal(object)
    """Carries the tuple of selected layer ids, in the order in which they were selected."""
    advice_changed = Signal(object)
    """Carries the frozenset of the codes of the advice that is on, after the report was made with it."""
    budget_changed = Signal(object)
    """Carries the `Budget` that applies from then on."""
    file_changed = Signal()
    """The file's path or whether it is saved changed."""
    readiness_changed = Signal()
    """Whether the document can be trained is known, after `readiness` has its new value."""
    place_changed = Signal(str)
    """Carries the place that is drawn from now on, before anything is selected there."""

    def __init__(self, document: Document | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history = History(document or Document())
        self._saved: Document | None = self._history.document
        self._selection: tuple[str, ...] = ()
        self.path: Path | None = None
        self._place, self._file_is_gone = "", False
        self.completion: Completion | None = None
        self.sight: tuple[float, float] | None = None
        self.checker: Checker = check
        self.probe = Probe(self)
        self.advice, self.budget = DEFAULT_ADVICE, Budget()
        self.readiness: Readiness | None = None
        self._judged: Document | None = None
        self.report = self._checked(self._history.document)

    @property
    def whole(self) -> Session:
        """The session itself: it holds the whole document."""
        return self

    @property
    def document(self) -> Document:
        return self._history.document

    @property
    def selection(self) -> tuple[str, ...]:
        """The ids of the selected layers, all at the place that is drawn: in an opened block `stage1/2/conv1`."""
        return self._selection

    @property
    def place(self) -> str:
        """The copy of a block that is open, as `core.graph.opening` says; the whole document's is ""."""
        return self._place

    def enter(self, place: str) -> None:
        """Draw another place, if it exists, with nothing selected."""
        if place != self._place and (not place or block_at(self.document.graph, place) is not None):
            self._place, self._selection = place, ()
            self.place_changed.emit(place)
            self.selection_changed.emit(())

    def go_to(self, layer: str) -> None:
        """Select a layer of the flattened graph, or a use of a block, at the place where it is drawn."""
        self.enter(place_of(layer))
        self.select([layer])

    @property
    def modified(self) -> bool:
        """Whether the document is not what its file holds, as far as is known; so it is where the file is gone."""
        return self._file_is_gone or (self.document is not self._saved and self.document != self._saved)

    @property
    def saved(self) -> Document | None:
        """What the document's file held when it was last opened, saved or looked at, if that is known."""
        return self._saved

    @property
    def file_is_gone(self) -> bool:
        """Whether the document's file is no longer there: what is open is the only copy."""
        return self._file_is_gone

    @property
    def undo_label(self) -> str | None:
        """What undo would take back, or None."""
        return self._history.undo_label

    @property
    def redo_label(self) -> str | None:
        """What redo would do again, or None."""
        return self._history.redo_label

    def edit(
        self,
        label: str,
        after: Document,
        *,
        select: Iterable[str] | None = None,
        merge_key: str | None = None,
        carry: Carry | None = None,
    ) -> None:
        """Take one undoable step to a new document; nothing happens where it is equal to the old one.

        Parameters
        ----------
        label : str
            What the user did, as in "Undo …": "set filters of conv1".
        after : Document
        select : iterable of str, optional
            What is selected from then on; by default what was, if it still exists.
        merge_key : str, optional
            Names a gesture under way, such as typing in a field: consecutive edits with the same key are one step.
        carry : callable, optional
            Carries a network's weights over, where the edit only says the same in another way.
        """
        before = self.document
        if after is before or after == before:
            return
        begun = None if merge_key is None else self._history.under_way(merge_key)
        if begun is not None and after.layout is before.layout and _same_but_layout(after, begun.before):
            after = begun.before  # the gesture has come back to where it began: what completed it goes too
        elif self.completion is not None:
            after = self.completion(before, self.report, after)
        after = without_routes_left(before, without_blocks_left(before, after))
        ahead = self._history.copy()
        ahead.record(label, after, merge_key)
        self._go_on(ahead, label, select, carry)

    def take_back(self, merge_key: str) -> None:
        """Take the edits with this `merge_key` back, if they were the last ones, as if they had not been made."""
        if (step := self._history.under_way(merge_key)) is not None:
            ahead = self._history.copy()
            ahead.record(step.label, step.before, merge_key)
            self._go_on(ahead, step.label, None)

    def apply_fix(self, fix: Fix) -> None:
        """Carry out an offered fix as one step."""
        named = (getattr(edit, "layer", None) or getattr(edit, "before", None) for edit in fix.edits)
        cured = next((id for id in named if id), None)
        label = f"{fix.label[0].lower()}{fix.label[1:]}"
        self.edit(f"fix {cured}: {label}" if cured else label, apply_fix(self.document, fix))

    def rename(self, layer: str, to: str) -> None:
        """Rename a layer, which keeps its weights and its place in the selection.

        Raises
        ------
        EditError
            If the name is taken or cannot be a name.
        """
        to = composed(to)
        selection = [to if id == layer else id for id in self._selection]
        carry = partial(renamed, names={layer: to})
        self.edit(f"rename {layer} to {to}", rename_layer(self.document, layer, to), select=selection, carry=carry)

    def undo(self) -> None:
        """Go one step back."""
        ahead = self._history.copy()
        if (step := ahead.undo()) is not None:
            self._go_on(ahead, step.label, _touched(step.after, step.before, self._place) or None)

    def redo(self) -> None:
        """Go one step forward again."""
        ahead = self._history.copy()
        if (step := ahead.redo()) is not None:
            self._go_on(ahead, step.label, _touched(step.before, step.after, self._place) or None)

    @property
    def steps(self) -> tuple[tuple[str, ...], int]:
        """The names of all remembered steps, and how many of them are done."""
        return self._history.labels, self._history.n_done

    def jump(self, n_done: int) -> None:
        """Undo or redo until this many of the remembered steps are done, announced as one change."""
        ahead = self._history.copy()
        step = None
        while ahead.n_done > n_done and (back := ahead.undo()) is not None:
            step = back
        while ahead.n_done < n_done and (forward := ahead.redo()) is not None:
            step = forward
        if step is not None:
            label = step.label if n_done > self._history.n_done else f"undo {step.label}"
            self._go_on(ahead, label, _touched(self.document, ahead.document, self._place) or None)

    def select(self, ids: Iterable[str]) -> None:
        """Select these layers and no others; those that are not drawn at this place are skipped."""
        selection = self._drawn(ids)
        if selection != self._selection:
            self._selection = selection
            self.selection_changed.emit(selection)

    @property
    def training_problems(self) -> tuple[Problem, ...]:
        """Why the network, which is drawn correctly, can't be trained, as was found last."""
        return self.readiness.problems if self.readiness is not None and self.report.valid else ()

    @property
    def cannot_train(self) -> bool:
        """Whether it is known of the document as it is now that it can't be trained."""
        judged, now = self._judged, self.document
        return bool(self.training_problems) and (
            judged is not None and judged.graph is now.graph and judged.training == now.training
        )

    def set_readiness(self, readiness: Readiness | None) -> None:
        """Record what was found out about training the document as it is now."""
        self._judged = self.document
        if readiness != self.readiness:
            self.readiness = readiness
            self.readiness_changed.emit()

    def preview(self, document: Document) -> Report:
        """Check a document that is not (yet) the open one, using what is known of the open one."""
        return self._checked(document, self.report)

    def preview_fix(self, fix: Fix) -> Report:
        """Check the document as it would be after an offered fix."""
        return self.preview(apply_fix(self.document, fix))

    def set_advice(self, codes: Iterable[str]) -> None:
        """Choose which advice is given; it is the user's choice, not the document's, and not a step in its history."""
        advice = frozenset(codes)
        if advice != self.advice:
            self.advice = advice
            self.report = self._checked(self.document, self.report)
            self.document_changed.emit(Change(self.document, self.document, self.report, "choose advice"))
            self.advice_changed.emit(advice)

    def set_budget(self, budget: Budget) -> None:
        """Choose how much the network may have."""
        if budget != self.budget:
            self.budget = budget
            self.budget_changed.emit(budget)

    def _checked(self, document: Document, previous: Report | None = None) -> Report:
        return check(document, previous, self.advice)

    def open(self, document: Document, path: Path | None, *, saved: bool = True) -> bool:
        """Show another document, and say whether it is shown: the user may cancel the check of a large one.

        Its history starts afresh. `saved` says whether its file holds it as it is.
        """
        before = self.document
        report = self.checker(document, None, self.advice)
        if report is None or self.document is not before:
            return False
        self._history = History(document)
        self._saved = document if saved else None
        self._file_is_gone = False
        self.path = path
        self.report = report
        self.readiness = self._judged = None
        self._selection = ()
        left, self._place = self._place, ""
        if left:
            self.place_changed.emit("")
        self.document_changed.emit(Change(before, document, self.report, None))
        self.selection_changed.emit(())
        self.file_changed.emit()
        return True

    def mark_saved(self, path: Path) -> None:
        """Record that a file holds the document as it is now."""
        self._saved = self.document
        self._file_is_gone = False
        self.path = path
        self.file_changed.emit()

    def mark_on_disk(self, held: Document | None) -> None:
        """Record what another program made of the document's file: what it holds now, or None where it is gone."""
        self._file_is_gone = held is None
        if held is not None:
            self._saved = held
        self.file_changed.emit()

    def _go_on(self, ahead: History, label: str, select: Iterable[str] | None, carry: Carry | None = None) -> None:
        """Take over a history that was taken further, unless the user cancels its check, and announce the change."""
        before, after = self.document, ahead.document
        report = self.checker(after, self.report, self.advice)
        if report is None or self.document is not before:
            # Fields that show already what was typed are to show again what counts.
            self.document_changed.emit(Change(self.document, self.document, self.report, label))
            return
        self._history, self.report = ahead, report
        left = self._place
        while self._place and block_at(after.graph, self._place) is None:  # what was open is gone
            self._place = places_above(self._place)[-2]
        selection = self._drawn(self._selection if select is None else select)
        reselected = selection != self._selection
        self._selection = selection
        if self._place != left:
            self.place_changed.emit(self._place)
        self.document_changed.emit(Change(before, after, self.report, label, carry))
        if reselected:
            self.selection_changed.emit(selection)
        self.file_changed.emit()

    def _drawn(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Return those of some layers that are drawn at the place that is open, each once."""
        known = {self._place + id for id in ids_at(self.document.graph, self._place)}
        return tuple(dict.fromkeys(id for id in ids if id in known))


def _same_but_layout(one: Document, other: Document) -> bool:
    return replace(one, layout=other.layout) == other


def _touched(old: Document, new: Document, place: str) -> list[str]:
    """Name the layers at a place that are not in `new` as they were in `old`, for selecting them after an undo.

    Layers of which only the wires differ count where nothing else does, and layers that moved where no layer differs.
    """
    known = {layer.id: layer for layer in layers_at(old.graph, place)}
    changed = [layer for layer in layers_at(new.graph, place) if known.get(layer.id) != layer]
    themselves = [layer for layer in changed if layer.id not in known or known[layer.id].spec != layer.spec]
    before = positions_at(old, place)
    moved = [id for id, at in positions_at(new, place).items() if before.get(id) != at]
    return [place + id for id in [layer.id for layer in themselves or changed] or moved]
