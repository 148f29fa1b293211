"""Asks the questions of `designer.command_palette.questions` in the window, and does what was chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from PySide6.QtCore import QObject, QPoint, QPointF, Qt, Signal
from PySide6.QtWidgets import QWidget

from core.io.templates import load_template, templates
from designer.canvas import Canvas
from designer.canvas.gestures.gesture import Pointer
from designer.canvas.gestures.palette_drag import PaletteDrag
from designer.command_palette.popup import Finder
from designer.command_palette.questions import (
    Findable,
    everything_question,
    kinds_question,
    layers_question,
    replacement_question,
)
from designer.palette.adding import add_after_selection, add_network_at
from designer.palette.entries import Entry, block_entries, template_entries
from designer.session import Scope

AFTER_PX = 12
"""How far from an output, at 100 %, a layer is added that is to follow it."""
BELOW_PX = QPoint(0, 150)
"""How far from the place where a layer is added the list stands: what the layer would give is seen beside it."""


class CommandPalette(QObject):
    """The window's ways of finding things by typing.

    Parameters
    ----------
    window : QWidget
        In which the list appears.
    scope : Scope
    canvas : Canvas
    reveal : callable
        Shows a layer of the flattened graph.
    open_template : callable
    """

    kind_added = Signal(str)
    """Carries the kind of a layer that was added."""
    block_requested = Signal(str, object)
    """The user's own block of this name is to be drawn; at this place of the canvas, or after what is selected."""
    block_considered = Signal(str)
    """The user's own block of this name would be drawn after what is selected; nothing is done yet."""

    def __init__(
        self,
        window: QWidget,
        scope: Scope,
        canvas: Canvas,
        reveal: Callable[[str], None],
        open_template: Callable[[str], None],
    ) -> None:
        super().__init__(window)
        self._window, self._scope, self._canvas = window, scope, canvas
        self._reveal, self._open_template = reveal, open_template
        self._find: Callable[[], Iterable[Findable]] = tuple
        self._found: Mapping[tuple[str, str], Findable] = {}
        self._blocks: Sequence[Entry] = ()
        self.uses: Mapping[str, int] = {}
        self.finder = Finder(window)
        canvas.view.add_asked.connect(self._add_at)

    def set_findables(self, find: Callable[[], Iterable[Findable]]) -> None:
        """Say what the window can do: the function is called whenever it is asked for."""
        self._find = find

    def set_blocks(self, blocks: Iterable[tuple[str, str]]) -> None:
        """Say which blocks the user has kept: name, and what is said of each."""
        self._blocks = block_entries(blocks)

    def quick_add(self) -> None:
        """Add a layer after the one that is selected, where the mouse is, or in the middle of the canvas."""
        view, selection = self._canvas.view, self._scope.selection
        node = self._canvas.scene.nodes.get(selection[0]) if len(selection) == 1 else None
        if node is not None:
            view.ensureVisible(node.rect, 40, 40)
            away = -AFTER_PX if node.mirrored else AFTER_PX
            beyond = QPointF(0, away) if node.direction == "down" else QPointF(away, 0)
            self._add_at(view.mapFromScene(node.out_point() + beyond))
        else:
            under = view.viewport().mapFromGlobal(view.cursor().pos())
            inside = view.viewport().rect()
            self._add_at(under if inside.contains(under) and view.underMouse() else inside.center())

    def _add_at(self, at: QPoint) -> None:
        """Ask which layer is to be added at a point of the view, with a ghost that says what it would give."""
        view = self._canvas.view
        pointer = Pointer(view.mapToScene(at), at, Qt.KeyboardModifier.NoModifier)

        def look(entry: Entry | None) -> None:
            view.give_up()
            view.say("")
            if entry is not None and entry.role == "kind":
                view.begin(_Shown(view, entry.key), pointer)
            elif entry is not None and entry.role == "block" and self._scope.selection:
                self.block_considered.emit(entry.key)

        def choose(entry: Entry) -> None:
            look(entry)
            if entry.role == "kind":
                view.finish(pointer)
                self.kind_added.emit(entry.key)
            elif entry.role == "template":
                add_network_at(self._scope, load_template(entry.key), pointer.scene.toTuple(), view.places_to_keep())
            else:
                self.block_requested.emit(entry.key, None if self._scope.selection else pointer.scene.toTuple())
            view.setFocus()

        question = kinds_question(
            "Add a layer", self.uses, [*self._blocks, *template_entries(templates())], choose, look
        )
        self.finder.ask(question, view.viewport().mapTo(self._window, at + BELOW_PX))

    def replace_kind(self) -> None:
        """Replace the selected layers by another kind."""
        if self._scope.selection:
            self.finder.ask(replacement_question(self._scope))

    def find_layer(self) -> None:
        """Find a layer; those that are drawn here are shown while one goes through the list."""
        whole = self._scope.session

        def look(entry: Entry | None) -> None:
            if entry is not None and entry.key.startswith(whole.place) and "/" not in entry.key[len(whole.place) :]:
                self._reveal(entry.key)

        self.finder.ask(layers_question(whole.report, lambda entry: self._reveal(entry.key), look))

    def find_anything(self) -> None:
        """Find whatever the program can do, add, show or open."""
        report = self._scope.session.report
        found = list(self._find())
        self._found = {(findable.entry.role, findable.entry.key): findable for findable in found}
        able = [findable.entry for findable in found]
        question = everything_question(able, report, self._blocks, templates(), self._do)
        self.finder.ask(question)

    def _do(self, entry: Entry) -> None:
        match entry.role:
            case "kind":
                add_after_selection(self._scope, entry.key)
                self.kind_added.emit(entry.key)
            case "block":
                self.block_requested.emit(entry.key, None)
            case "layer":
                self._reveal(entry.key)
            case "template":
                self._open_template(entry.key)
            case _:
                self._found[entry.role, entry.key].do()


class _Shown(PaletteDrag):
    """A palette entry that stands where it was asked for, wherever the mouse goes."""

    shows_previews = False

    def drag(self, at: Pointer) -> None:
        pass
