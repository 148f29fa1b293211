"""The document as a tree, in step with the canvas: a screen reader can read and choose here what is drawn there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from core.analysis.report import Report
from core.graph.layouts import NoteKey, layout_at, notes_by_key
from core.graph.values import BlockUse, Document, Graph, Layer
from core.problems import Problem
from core.text import listing, shape_text
from designer.session import Session

_ID = Qt.ItemDataRole.UserRole
_DEEPEST = 8
"""How deep blocks within blocks are followed."""


@dataclass(frozen=True, slots=True)
class _Line:
    named: str | NoteKey
    words: str
    below: str | None
    """The block's use that the line is drawn in."""


class OutlinePanel(QWidget):
    """Follows the session while it is visible; choosing a line selects what it names."""

    note_chosen = Signal(object)
    """Carries the key of a note of the whole document."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._items: dict[str | NoteKey, QTreeWidgetItem] = {}
        self._lines: list[_Line] = []
        self._chosen: Callable[[], tuple[str, str]] = lambda: ("", "")
        self._told = ""
        self._shown: tuple[Document, Report] | None = None
        self.tree = QTreeWidget()
        self.tree.setHeaderHidden(True)
        self.tree.setUniformRowHeights(True)
        self.tree.setAccessibleName("Outline of the network")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.addWidget(self.tree)
        self.tree.currentItemChanged.connect(self._choose)
        session.document_changed.connect(self._follow)
        session.selection_changed.connect(self._follow)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._follow()

    def listen_to(self, chosen: Callable[[], tuple[str, str]]) -> None:
        """Have `tell_chosen` ask which layer a value is chosen of, and what is to be said of that; empty for none."""
        self._chosen = chosen

    @Slot()
    def tell_chosen(self) -> None:
        """Say of the layer whose value is chosen what it is and where it comes from."""
        if not self.isVisible():
            return
        id, sentence = self._chosen()
        for named, words in ((self._told, ""), (id, sentence)):
            if (item := self._items.get(named)) is not None:
                item.setData(0, Qt.ItemDataRole.AccessibleDescriptionRole, words)
                item.setToolTip(0, words)
        self._told = id

    @Slot()
    def _follow(self) -> None:
        if not self.isVisible():
            return
        self.tree.blockSignals(True)  # what is shown is selected already
        state = (self._session.document, self._session.report)
        if self._shown is None or any(one is not other for one, other in zip(state, self._shown, strict=True)):
            self._shown = state
            self._fill()
        selection = self._session.selection
        current = self._items.get(selection[-1]) if selection else None
        if current is not None:
            self.tree.setCurrentItem(current)
            self.tree.scrollToItem(current)
        elif not isinstance(_named(self.tree.currentItem()), tuple):
            self.tree.setCurrentIndex(QModelIndex())
        self.tree.blockSignals(False)
        self.tell_chosen()

    def _fill(self) -> None:
        document, report = self._session.document, self._session.report
        lines = [*_lines_of_layers(document.graph, document.graph.layers, "", report, _problems_by_layer(report))]
        lines += _lines_of_notes(document)
        if [(line.named, line.below) for line in lines] != [(line.named, line.below) for line in self._lines]:
            self._make_items(lines)
        else:  # a line that stays costs nothing: there may be thousands
            for line, old in zip(lines, self._lines, strict=True):
                if line.words != old.words:
                    self._items[line.named].setText(0, line.words)
        self._lines = lines

    def _make_items(self, lines: list[_Line]) -> None:
        opened = {named for named, item in self._items.items() if item.isExpanded()}
        self.tree.clear()
        self._items = {}
        top = []
        for line in lines:
            item = QTreeWidgetItem([line.words])
            item.setData(0, _ID, line.named)
            self._items[line.named] = item
            if line.below is None:
                top.append(item)
            else:
                self._items[line.below].addChild(item)
        self.tree.addTopLevelItems(top)
        for named in opened & self._items.keys():
            self._items[named].setExpanded(True)

    @Slot(QTreeWidgetItem)
    def _choose(self, item: QTreeWidgetItem | None) -> None:
        named = _named(item)
        if isinstance(named, str):
            self._session.go_to(named)
        elif named is not None:
            self.note_chosen.emit(named)


def _named(item: QTreeWidgetItem | None) -> str | NoteKey | None:
    return None if item is None else item.data(0, _ID)


def _problems_by_layer(report: Report) -> dict[str | None, list[Problem]]:
    problems: dict[str | None, list[Problem]] = {}
    for problem in report.problems:
        problems.setdefault(problem.layer, []).append(problem)
    return problems


def _lines_of_layers(
    graph: Graph,
    layers: tuple[Layer, ...],
    place: str,
    report: Report,
    problems: Mapping[str | None, list[Problem]],
) -> Iterator[_Line]:
    """Describe each layer; below a block those of its first copy, which stands for all."""
    for layer in layers:
        id = place + layer.id
        yield _Line(id, _words(layer, place, report, problems.get(id, ())), _block_around(place))
        block = graph.blocks.get(layer.spec.block) if isinstance(layer.spec, BlockUse) else None
        if block is not None and place.count("/") < 2 * _DEEPEST:  # a file may hold blocks that use each other
            yield from _lines_of_layers(graph, block.layers, f"{id}/1/", report, problems)


def _block_around(place: str) -> str | None:
    return place.removesuffix("/1/") or None


def _lines_of_notes(document: Document) -> Iterator[_Line]:
    for key, note in notes_by_key(layout_at(document.layout, "")).items():
        words = " ".join(note.text.split()) or "empty"
        yield _Line(key, f"{'Frame' if key[0] == 'frames' else 'Note'}: {words}", None)


def _words(layer: Layer, place: str, report: Report, problems: Sequence[Problem]) -> str:
    """Say what the card of a layer shows."""
    id = place + layer.id
    kind = f"block {layer.spec.block}, {layer.spec.repeat} ×" if isinstance(layer.spec, BlockUse) else layer.kind
    parts = [f"{layer.id}: {kind or 'no kind'}"]
    known = report.layers.get(id)
    if known is not None and known.shape is not None:
        parts.append(shape_text(known.shape))
    if layer.inputs:
        parts.append(f"from {listing(list(layer.inputs))}")
    parts += [f"{problem.severity}: {problem.what}" for problem in problems]
    return ", ".join(parts)
