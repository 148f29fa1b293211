"""Data sets of the user's own: asked for in a dialog, or dropped onto the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from core.errors import ConvographError
from core.graph import edits
from core.importing.importers import recognised_model
from core.io.datasets import formats, look_at_dataset
from core.runs.finding import run_folder
from designer.session import Session

MOST_LOOKED_AT = 8 << 20
"""Bytes of a file that is read whole before it is used, where its format tells nothing sooner."""


class OwnData(QObject):
    """Makes files and folders the document's data set, each as one step that can be undone."""

    said = Signal(str)
    """A sentence for the status bar."""
    document_dropped = Signal(object)
    """Carries the path of a document that was dropped where data may be."""
    taken = Signal()
    """What was dropped is the data set now."""

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._window = session, window

    @Slot()
    def choose_file(self) -> None:
        """Ask for a file and use it, where it can be read."""
        files = [known for known in formats.FORMATS if known.pattern]
        filters = [f"{known.files[0].upper()}{known.files[1:]} ({known.pattern})" for known in files]
        every = f"Data sets ({' '.join(known.pattern for known in files)})"
        name, _ = QFileDialog.getOpenFileName(
            self._window, "Choose a data set", self._folder(), ";;".join([every, *filters, "All files (*)"])
        )
        if name:
            self.use(Path(name))

    @Slot()
    def choose_folder(self) -> None:
        """Ask for a folder and use it, where it can be read."""
        name = QFileDialog.getExistingDirectory(self._window, "Choose a folder of data", self._folder())
        if name:
            self.use(Path(name))

    @Slot(object)
    def take(self, path: Path) -> None:
        """Use what was dropped, unless it is a document, a model that becomes one, or a run."""
        if path.suffix.lower() == ".json" or recognised_model(path) is not None or run_folder(path) is not None:
            self.document_dropped.emit(path)
        elif self.use(path):
            self.taken.emit()

    def use(self, path: Path) -> bool:
        """Make it the data set; says so in a dialog where it can't be one."""
        try:
            facts = look_at_dataset(str(path), None, MOST_LOOKED_AT)
        except ConvographError as error:
            QMessageBox.warning(self._window, "Convograph", str(error))
            return False
        document = self._session.document
        if document.training.settings.dataset != str(path):
            self._session.edit("choose data set", edits.choose_dataset(document, str(path)))
        self.said.emit(f"{path.name} is the data set." if facts is None else f"{path.name}: {facts.n:,} samples found.")
        return True

    def _folder(self) -> str:
        return str(self._session.path.parent if self._session.path else Path.home())
