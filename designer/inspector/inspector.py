"""The right column: what is selected, and what can be changed about it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QVBoxLayout, QWidget

from designer.forms.field_row import FieldRow
from designer.inspector.document_page import DocumentPage
from designer.inspector.findable_settings import (
    LAYER,
    TRAINING,
    FindableSetting,
    layer_settings,
    training_settings,
)
from designer.inspector.layer_page import LayerPage
from designer.inspector.several_page import SeveralPage
from designer.inspector.tab_order import order_tabs
from designer.session import Change, Drawn


class Inspector(QScrollArea):
    """Shows the selected layer, what several have in common, or with nothing selected the network as a whole."""

    dataset_requested = Signal()
    """The user wants to look for a data set."""

    def __init__(self, session: Drawn, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._shown: tuple[str, ...] | None = None
        self.document_page = DocumentPage(session)
        self.layer_page = LayerPage(session)
        self.several_page = SeveralPage(session)
        self._pages: tuple[QWidget, ...] = (self.document_page, self.layer_page, self.several_page)

        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(16, 12, 16, 16)
        for page in self._pages:
            page.hide()
            column.addWidget(page, 1)
        self.setWidget(body)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(300)  # the names of settings need it, beside marks and buttons
        self.setAccessibleName("Inspector")

        self.document_page.dataset_requested.connect(self.dataset_requested)
        session.document_changed.connect(self._follow_document)
        session.selection_changed.connect(self._follow_selection)
        self._refresh(fresh=True)

    def settings(self) -> list[FindableSetting]:
        """List the settings that `go_to_setting` knows."""
        selection = self.session.selection
        form = self.layer_page.form if len(selection) == 1 else None
        of_layer = layer_settings(form.rows, selection[0]) if form is not None else ()
        return [*of_layer, *training_settings(self.session.whole.document.training)]

    def go_to_setting(self, key: str) -> None:
        """Show the field of a setting and let the user type in it; for one of training nothing stays selected."""
        self.show_setting(key).editor.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_setting(self, key: str) -> FieldRow:
        """Show the field of a setting and return it."""
        form = self.layer_page.form
        if key.startswith(LAYER) and form is not None:
            row = form.rows[key.removeprefix(LAYER)]
        else:
            self.session.whole.enter("")
            self.session.select([])
            row = self.document_page.field(key.removeprefix(TRAINING))
        QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)  # until then, the page has its former height
        self.ensureWidgetVisible(row)
        return row

    @Slot(object)
    def _follow_document(self, change: Change) -> None:
        self._refresh(fresh=change.label is None)

    @Slot(object)
    def _follow_selection(self, selection: tuple[str, ...]) -> None:
        if selection != self._shown:
            self._refresh(fresh=True)

    def _refresh(self, *, fresh: bool) -> None:
        selection = self.session.selection
        fresh = fresh or selection != self._shown
        self._shown = selection
        if len(selection) == 1:
            self.layer_page.show_layer(selection[0], fresh=fresh)
        elif selection:
            self.several_page.show_layers(selection, fresh=fresh)
        else:
            self.document_page.show_document(fresh=fresh)
        wanted = self._pages[min(len(selection), 2)]
        for page in self._pages:
            page.setVisible(page is wanted)
        order_tabs(wanted)
        if fresh:
            self.verticalScrollBar().setValue(0)
