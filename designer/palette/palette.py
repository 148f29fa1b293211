"""The left column: every kind of layer, by family and by search, and the templates."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QContextMenuEvent, QDrag, QHelpEvent, QKeyEvent, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QListView, QMenu, QToolTip, QVBoxLayout, QWidget

from core.errors import EditError
from core.io.templates import Template
from designer import theme
from designer.palette.adding import added_after
from designer.palette.entries import Entry, block_entries, kind_entries, matching, template_entries
from designer.palette.rows import PaletteDelegate, PaletteModel
from designer.palette.tips import template_tip
from designer.session import Drawn
from designer.session.edit_preview import edit_preview

KEY = "Ctrl+P"
"""Goes to the search box."""

_Key = Qt.Key
_CHOOSING = (_Key.Key_Return, _Key.Key_Enter)


class SearchEdit(QLineEdit):
    """The search box; the down arrow moves on into the list, Esc empties it. While empty it shows its key."""

    left_downwards = Signal()
    chosen = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.key = QLabel(KEY)
        self.key.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme.mark(self.key, "role", "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 10, 0)
        row.addWidget(self.key, 1, Qt.AlignmentFlag.AlignRight)
        self.textChanged.connect(self._show_key)

    @Slot(str)
    def _show_key(self, text: str) -> None:
        self.key.setVisible(not text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == _Key.Key_Down:
            self.left_downwards.emit()
        elif event.key() in _CHOOSING:
            self.chosen.emit()
        elif event.key() == _Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)


class PaletteList(QListView):
    """The rows; kinds can be dragged onto the canvas."""

    chosen = Signal(QModelIndex)
    left_upwards = Signal()
    escaped = Signal()

    def __init__(self, session: Drawn, rows: PaletteModel) -> None:
        super().__init__()
        self.session = session
        self.rows = rows
        self.rich_tip = theme.RichTip(self.viewport())
        self.setModel(rows)
        self.setItemDelegate(PaletteDelegate(self))
        self.setDragEnabled(True)
        self.setDragDropMode(QListView.DragDropMode.DragOnly)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName("Layers and templates")
        self.doubleClicked.connect(self.chosen)

    def startDrag(self, supportedActions: Qt.DropAction) -> None:
        entry = self.rows.entry(self.currentIndex())
        if entry is None or entry.role != "kind":
            return
        drag = QDrag(self)
        drag.setMimeData(self.rows.mimeData([self.currentIndex()]))
        drag.setPixmap(_invisible())
        drag.exec(Qt.DropAction.CopyAction)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _CHOOSING:
            self.chosen.emit(self.currentIndex())
        elif event.key() == _Key.Key_Up and self.currentIndex().row() <= self.first_row():
            self.left_upwards.emit()
        elif event.key() == _Key.Key_Escape:
            self.escaped.emit()
        else:
            super().keyPressEvent(event)

    def first_row(self) -> int:
        """Return the first row that is not a heading."""
        return next((row for row, entry in enumerate(self.rows.rows) if entry.role != "heading"), -1)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            entry = self.rows.entry(self.indexAt(event.pos()))
            pictured = template_tip(entry) if entry is not None and entry.role == "template" else ""
            self.rich_tip.show_html(event.globalPos(), pictured)
            QToolTip.showText(event.globalPos(), "" if pictured else self.tip(entry), self.viewport())
            return True
        return super().viewportEvent(event)

    def tip(self, entry: Entry | None) -> str:
        """Return the tooltip of a row as plain text; a template has one with a picture instead."""
        if entry is None or not entry.help:
            return ""
        return f"{entry.help}\n{self._preview(entry)}".strip()

    def _preview(self, entry: Entry) -> str:
        """Say what a layer of the kind would give if it were added after the selection."""
        if entry.role != "kind" or not self.session.document.graph.layers:
            return ""
        session = self.session
        try:
            document, id = added_after(session.document, session.report, session.selection, entry.key)
        except EditError:
            return ""
        source = next(layer for layer in document.graph.layers if layer.id == id).inputs
        if not source:
            return ""
        words = edit_preview(session.report, session.preview(document), id)
        return f"After {source[-1]}: {' · '.join(words.lines)}"


class Palette(QWidget):
    """Search box, kinds and templates; says what the user asks for and changes nothing itself."""

    kind_requested = Signal(str)
    """A layer of this kind is to be added."""
    template_requested = Signal(str)
    """The template of this name is to be opened."""
    block_requested = Signal(str)
    """The user's own block of this name is to be drawn."""
    removal_requested = Signal(str)
    """The user's own block of this name is to be removed."""

    def __init__(self, session: Drawn, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kinds = kind_entries()
        self._blocks: list[Entry] = []
        self._templates: list[Entry] = []
        self.rows = PaletteModel()
        self.rows.setParent(self)
        self.search = SearchEdit()
        self.search.setPlaceholderText("Search layers")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Search layers and templates")
        self.search.setToolTip(f"Search layers ({KEY})")
        self.list = PaletteList(session, self.rows)
        self.nothing = QLabel()
        self.nothing.setWordWrap(True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.nothing.setContentsMargins(8, 8, 8, 8)
        theme.mark(self.nothing, "role", "muted")

        column = QVBoxLayout(self)
        column.setContentsMargins(4, 12, 4, 0)
        column.setSpacing(4)
        box = QVBoxLayout()
        box.setContentsMargins(8, 0, 8, 0)
        box.addWidget(self.search)
        column.addLayout(box)
        column.addWidget(self.list, 1)
        column.addWidget(self.nothing, 1)

        self.search.textChanged.connect(self._refresh)
        self.search.left_downwards.connect(self._enter_list)
        self.search.chosen.connect(self._choose_current)
        self.list.chosen.connect(self._choose)
        self.list.left_upwards.connect(self.focus_search)
        self.list.escaped.connect(self.search.clear)
        theme.changed.connect(self._repaint)
        self._refresh()

    def set_templates(self, templates: Iterable[Template]) -> None:
        """Offer these templates."""
        self._templates = template_entries(templates)
        self._refresh()

    def set_blocks(self, blocks: Iterable[tuple[str, str]]) -> None:
        """Offer these blocks, given as names and descriptions."""
        self._blocks = block_entries(blocks)
        self._refresh()

    @Slot()
    def focus_search(self) -> None:
        """Let the user type into the search box, replacing what was there."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    @Slot()
    def _refresh(self) -> None:
        query = self.search.text()
        self.rows.show_rows(matching(query, [*self._kinds, *self._blocks, *self._templates]))
        self.list.setVisible(bool(self.rows.rows))
        self.nothing.setVisible(not self.rows.rows)
        self.nothing.setText(f"No layer or template matches “{query.strip()}”.\nTry fewer letters, or press Esc.")
        if query.strip() and self.rows.rows:
            self.list.setCurrentIndex(self.rows.index(0))
        else:
            self.list.clearSelection()
            self.list.setCurrentIndex(QModelIndex())

    @Slot()
    def _enter_list(self) -> None:
        row = self.list.first_row()
        if row >= 0:
            current = self.list.currentIndex().row()
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)
            # In search results the first row is already chosen: go on to the second.
            following = current + 1 if current >= 0 and current + 1 < self.rows.rowCount() else row
            self.list.setCurrentIndex(self.rows.index(following))

    @Slot()
    def _choose_current(self) -> None:
        self._choose(self.list.currentIndex())

    @Slot(QModelIndex)
    def _choose(self, index: QModelIndex) -> None:
        entry = self.rows.entry(index)
        if entry is None:
            return
        if entry.role == "kind":
            self.kind_requested.emit(entry.key)
        elif entry.role == "block":
            self.block_requested.emit(entry.key)
        elif entry.role == "template":
            self.template_requested.emit(entry.key)
        self.search.clear()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer to remove one of the user's own blocks."""
        at = self.list.viewport().mapFromGlobal(event.globalPos())
        entry = self.rows.entry(self.list.indexAt(at))
        if entry is not None and entry.role == "block":
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            title = theme.button_text(f"Remove {entry.text} from your blocks")
            menu.addAction(title, partial(self.removal_requested.emit, entry.key))
            menu.popup(event.globalPos())

    @Slot()
    def _repaint(self) -> None:
        self.list.viewport().update()


def _invisible() -> QPixmap:
    """Return an invisible picture to drag: the canvas shows what is dragged, and a picture would cover that."""
    pixmap = QPixmap(1, 1)
    pixmap.fill(Qt.GlobalColor.transparent)
    return pixmap
