"""Keeping a block as a template of one's own, and drawing it again, in a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QInputDialog, QMessageBox

from core.errors import SaveError
from core.graph.copying import copied
from core.graph.values import ID_PATTERN, BlockUse, Position, layers_by_id
from designer.palette.adding import add_block_after_selection, add_block_at, block_added
from designer.session.edit_preview import edit_preview

if TYPE_CHECKING:
    from designer.window.main_window import MainWindow


class BlockKeeping(QObject):
    """Asks for a name, keeps what is selected under it, and lists what is kept wherever layers are added."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._blocks = window.windows.own_blocks
        self._blocks.changed.connect(self._list)
        window.palette_panel.block_requested.connect(self._add)
        window.finding.block_requested.connect(self._add)
        window.finding.block_considered.connect(self._foretell)
        window.palette_panel.removal_requested.connect(self._remove)
        self._list()

    @Slot()
    def keep_selected(self) -> None:
        """Keep the selected block as a template."""
        scope, use = self._window.scope, self._window.canvas.selected_block
        if use is None:
            return
        spec = layers_by_id(scope.document.graph)[use].spec
        proposed = spec.block if isinstance(spec, BlockUse) else use
        name, wanted = QInputDialog.getText(self._window, "Keep block", "Name of the template:", text=proposed)
        name = name.strip()
        if not wanted:
            return
        if not ID_PATTERN.match(name):
            self._window.files.complain(
                f"“{name}” cannot be a name: use letters, digits, _ . and -, and begin with a letter or _."
            )
        elif self._may_replace(name):
            try:
                self._blocks.keep(name, copied(scope.document, [use]))
            except SaveError as error:
                self._window.files.complain(str(error))

    def _may_replace(self, name: str) -> bool:
        if self._blocks.find(name) is None:
            return True
        buttons = QMessageBox.StandardButton
        question = f"You have kept a block called {name}. Replace it?"
        answer = QMessageBox.question(self._window, "Keep block", question, buttons.Yes | buttons.No, buttons.No)
        return answer == buttons.Yes

    @Slot()
    def _list(self) -> None:
        listed = [(block.name, block.words) for block in self._blocks.all()]
        self._window.palette_panel.set_blocks(listed)
        self._window.finding.set_blocks(listed)

    @Slot(str)
    @Slot(str, object)
    def _add(self, name: str, at: Position | None = None) -> None:
        block = self._blocks.find(name)
        if block is None:
            self._window.files.complain(f"The file of {name} is gone, or can no longer be read.")
            self._list()
        elif at is not None:
            add_block_at(self._window.scope, block.document, at, self._window.canvas.view.places_to_keep())
        else:
            add_block_after_selection(self._window.scope, block.document)

    @Slot(str)
    def _foretell(self, name: str) -> None:
        """Say what a block would give after what is selected."""
        scope, block = self._window.scope, self._blocks.find(name)
        if block is not None:
            document, id = block_added(scope, block.document)
            words = edit_preview(scope.report, scope.preview(document), id)
            text = " ".join(words.lines) if words.refused else f"{' · '.join(words.lines)}."
            self._window.canvas.view.say(f"{name} {text}")

    @Slot(str)
    def _remove(self, name: str) -> None:
        try:
            self._blocks.remove(name)
        except SaveError as error:
            self._window.files.complain(str(error))
