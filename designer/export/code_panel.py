"""The network as PyTorch code, in step with every edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from core.errors import ConvographError
from designer import theme
from designer.export.code_view import CodeView
from designer.session import Session

if TYPE_CHECKING:
    from core.export.pytorch.code import Code

AFTER_MS = 60
"""How long edits that follow each other are waited for."""
MOST_LAYERS = 3_000
"""The code of larger networks, which takes longer to write than anybody waits after an edit, is written on request."""
NOTHING = "Draw a network, and it stands here as PyTorch code."


class CodePanel(QWidget):
    """Shows the code; the selected layers' lines are marked, and a click on a line selects its layer.

    While it is hidden it writes nothing. Where the network has errors, the code before them stays.
    """

    layer_chosen = Signal(str)
    """Carries the id of a layer of the flattened graph."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._written: object = None
        self._code: Code | None = None
        self.view = CodeView("The network as PyTorch code")
        self.says = QLabel()
        self.says.setWordWrap(True)
        theme.mark(self.says, "role", "muted")
        self.copy = QPushButton("Copy")
        self.copy.setToolTip("Copy all of the code")
        self.copy.clicked.connect(self._copy)
        head = QHBoxLayout()
        head.setContentsMargins(8, 4, 4, 4)
        head.addWidget(self.says, 1)
        head.addWidget(self.copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.view, 1)
        self._wait = QTimer(self, singleShot=True, interval=AFTER_MS)
        self._wait.timeout.connect(self.refresh)
        session.document_changed.connect(self._follow)
        session.selection_changed.connect(self._mark)
        self.view.line_clicked.connect(self._choose)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    @Slot()
    def _follow(self) -> None:
        if self.isVisible():
            self._wait.start()

    @Slot()
    def refresh(self) -> None:
        """Write the code of the network as it is now, if it is seen."""
        report = self._session.report
        if not self.isVisible() or self._written == (report.document.graph, report.document.training):
            return
        if len(report.layers) > MOST_LAYERS:
            self._written, self._code = None, None
            self.view.show_text("")
            self.says.setText(
                f"{len(report.layers):,} layers are too many to be written after every edit: File → Export… writes it."
            )
            self.copy.setEnabled(False)
            return
        from core.export.exporter import Subject
        from core.export.pytorch.exporter import code_of

        self._written = report.document.graph, report.document.training
        try:
            self._code = code_of(Subject(report))
        except ConvographError as error:
            before = "The code is as it was before. " if self._code is not None else ""
            self.says.setText(f"{before}{error}" if report.layers else NOTHING)
        else:
            self.says.setText("PyTorch")
            self.view.show_text(self._code.text)
        self.copy.setEnabled(self._code is not None)
        self._mark()

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
