"""The network as code, in step with every edit."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QTabBar, QVBoxLayout, QWidget

from core.errors import ConvographError, ExportError
from designer import theme
from designer.export.code_view import CodeView
from designer.session import Change, Session
from designer.session.preferences import SharedPreferences

if TYPE_CHECKING:
    from core.analysis.report import Report
    from core.export.exporter import Exporter
    from core.export.live_code import LiveCode

AFTER_MS = 60
"""How long edits that follow each other are waited for."""
MOST_LAYERS = 3_000
"""The code of larger networks, which takes longer to write than anybody waits after an edit, is written on request."""
_BY_KEYS = Qt.TextInteractionFlag.LinksAccessibleByKeyboard
NOTHING = "Draw a network, and it stands here as code."


class CodePanel(QWidget):
    """Shows the code; the selected layers' lines are marked, and a click on a line selects its layer.

    While it is hidden it writes nothing. Where the network can't be written, the code before that stays, which is said,
    with a link to the layer that is the reason.
    """

    layer_chosen = Signal(str)
    """Carries the id of a layer of the flattened graph."""

    def __init__(self, session: Session, preferences: SharedPreferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._preferences = session, preferences
        self._written: object = None
        self._code: LiveCode | None = None
        self._exporters: list[Exporter] = []
        self.view = CodeView("The network as code")
        self.languages = QTabBar()
        self.languages.setDrawBase(False)
        self.languages.setExpanding(False)
        self.languages.setAccessibleName("What the code is written for")
        theme.mark(self.languages, "tight", True)
        self.says = QLabel(wordWrap=True, textFormat=Qt.TextFormat.RichText)
        self.says.setTextInteractionFlags(Qt.TextInteractionFlag.LinksAccessibleByMouse | _BY_KEYS)
        self.says.linkActivated.connect(self.layer_chosen)
        theme.mark(self.says, "role", "muted")
        self.copy = QPushButton("Copy")
        self.copy.setToolTip("Copy all of the code")
        self.copy.clicked.connect(self._copy)
        head = QHBoxLayout()
        head.setContentsMargins(4, 4, 4, 4)
        head.addWidget(self.languages)
        head.addStretch()
        head.addWidget(self.copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.says)
        layout.addWidget(self.view, 1)
        self.says.setContentsMargins(8, 0, 8, 4)
        self._wait = QTimer(self, singleShot=True, interval=AFTER_MS)
        self._wait.timeout.connect(self.refresh)
        session.document_changed.connect(self._follow)
        session.selection_changed.connect(self._mark)
        preferences.changed.connect(self._take)
        self.view.line_clicked.connect(self._choose)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._offer()
        self.refresh()

    def _offer(self) -> None:
        """Offer the formats that are code; they are loaded when somebody looks."""
        from core.export.exporters import EXPORTERS

        if self._exporters:
            return
        self._exporters = [exporter for exporter in EXPORTERS.values() if exporter.code is not None]
        for exporter in self._exporters:
            self.languages.addTab(exporter.title)
        self._take()
        self.languages.currentChanged.connect(self._remember)

    @Slot()
    def _take(self) -> None:
        """Show the language that is preferred, also where that was chosen in another window."""
        formats = [exporter.format for exporter in self._exporters]
        if self._preferences.now.code in formats:
            with QSignalBlocker(self.languages):
                self.languages.setCurrentIndex(formats.index(self._preferences.now.code))
            self.refresh()

    @Slot(int)
    def _remember(self, place: int) -> None:
        self._preferences.change(replace(self._preferences.now, code=self._exporters[place].format))

    @Slot(object)
    def _follow(self, change: Change) -> None:
        if change.label is None:
            self._forget()
        if self.isVisible():
            self._wait.start()

    @Slot()
    def refresh(self) -> None:
        """Write the code of the network as it is now, if it is seen."""
        if not self.isVisible() or not self._exporters:
            return
        report, exporter = self._session.report, self._exporters[self.languages.currentIndex()]
        asked = exporter.format, report.document.graph, report.document.training
        if self._written == asked:
            return
        if not isinstance(self._written, tuple) or self._written[0] != exporter.format:
            self._forget()
        if not report.layers or len(report.layers) > MOST_LAYERS:
            self._forget()
        self._written = asked
        if len(report.layers) > MOST_LAYERS:
            self._say(f"{len(report.layers):,} layers are too many to write at every edit: File → Export… writes it.")
        else:
            self._write(exporter, report)
        self.copy.setEnabled(self._code is not None)
        self._mark()

    def _forget(self) -> None:
        """Show no code: what was written says nothing of this network any more."""
        self._code, self._written = None, None
        self.view.show_text("")

    def _write(self, exporter: Exporter, report: Report) -> None:
        from core.export.exporter import Subject

        if exporter.code is None:
            return
        try:
            self._code = exporter.code(Subject(report))
        except ConvographError as error:
            before = "The code is as it was before. " if self._code is not None else ""
            layer = error.layer if isinstance(error, ExportError) else next((e.layer for e in report.errors), None)
            self._say(f"{before}{error}" if report.layers else NOTHING, layer)
        else:
            self._say("")
            self.view.show_text(self._code.text)

    def _say(self, text: str, layer: str | None = None) -> None:
        """Show a sentence; the name of a layer in it is a link that selects it."""
        said = escape(text, quote=False)
        if layer is not None:
            name = escape(layer, quote=False)
            said = said.replace(name, f'<a href="{escape(layer)}">{name}</a>', 1)
        self.says.setText(said)
        self.says.setVisible(bool(text))

    @Slot()
    def _mark(self) -> None:
        if self.isVisible() and self._code is not None:
            self.view.mark(number for id in self._session.selection for number in self._code.lines_of(id))

    @Slot(int)
    def _choose(self, line: int) -> None:
        id = None if self._code is None else self._code.layer_at(line)
        if id is not None:
            self.layer_chosen.emit(id)

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.view.toPlainText())
