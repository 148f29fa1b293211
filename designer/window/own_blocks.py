"""Keeping a block as a template of one's own, and drawing it again, in a window."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QInputDialog, QMessageBox, QWidget

from core.errors import SaveError
from core.graph.copying import copied
from core.graph.names import can_be_name, composed, name_refusal
from core.graph.values import BlockUse, Position, layers_by_id
from designer.canvas import Canvas
from designer.command_palette.command_palette import CommandPalette
from designer.palette import Palette
from designer.palette.adding import add_block_after_selection, add_block_at, block_added
from designer.session import Scope
from designer.session.edit_preview import edit_preview
from designer.session.own_blocks import OwnBlocks
from designer.window.files import Files


class OwnBlockActions(QObject):
    """Asks for a name, keeps what is selected under it, and lists what is kept wherever layers are added."""

    def __init__(
        self,
        window: QWidget,
        blocks: OwnBlocks,
        canvas: Canvas,
        scope: Scope,
        palette: Palette,
        command_palette: CommandPalette,
        files: Files,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._blocks = blocks
        self._canvas = canvas
        self._scope = scope
        self._files = files
        self._lists = (palette, command_palette)
        blocks.changed.connect(self._list)
        palette.block_requested.connect(self._add)
        palette.removal_requested.connect(self._remove)
        command_palette.block_requested.connect(self._add)
        command_palette.block_considered.connect(self._foretell)
        self._list()

    @Slot()
    def keep_selected(self) -> None:
        """Keep the selected block as a template."""
        scope, use = self._scope, self._canvas.selected_block
        if use is None:
            return
        spec = layers_by_id(scope.document.graph)[use].spec
        proposed = spec.block if isinstance(spec, BlockUse) else use
        name, wanted = QInputDialog.getText(self._window, "Keep block", "Name of the template:", text=proposed)
        name = composed(name.strip())
        if not wanted:
            return
        if not can_be_name(name):
            self._files.complain(name_refusal(name))
        elif self._may_replace(name):
            try:
                self._blocks.keep(name, copied(scope.document, [use]))
            except SaveError as error:
                self._files.complain(str(error))

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
        for place in self._lists:
            place.set_blocks(listed)

    @Slot(str)
    @Slot(str, object)
    def _add(self, name: str, at: Position | None = None) -> None:
        block = self._blocks.find(name)
        if block is None:
            self._files.complain(f"The file of {name} is gone, or can no longer be read.")
            self._list()
        elif at is not None:
            add_block_at(self._scope, block.document, at, self._canvas.view.places_to_keep())
        else:
            add_block_after_selection(self._scope, block.document)

    @Slot(str)
    def _foretell(self, name: str) -> None:
        """Say what a block would give after what is selected."""
        scope, block = self._scope, self._blocks.find(name)
        if block is not None:
            document, id = block_added(scope, block.document)
            words = edit_preview(scope.report, scope.preview(document), id)
            text = " ".join(words.lines) if words.refused else f"{' · '.join(words.lines)}."
            self._canvas.view.say(f"{name} {text}")

    @Slot(str)
    def _remove(self, name: str) -> None:
        try:
            self._blocks.remove(name)
        except SaveError as error:
            self._files.complain(str(error))
