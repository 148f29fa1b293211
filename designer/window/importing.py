"""Models of other programs imported into the window: read aside, shown as a new document, with a report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QListWidget, QVBoxLayout, QWidget

from core.analysis.report import Report
from core.errors import ConvographError
from core.importing.importer import Imported, Importer, StoredTest
from core.importing.importers import IMPORTERS, recognised_model
from core.io.failures import shown
from core.text import counted
from designer.session import Session
from designer.training import Runs
from designer.window.patience import patiently

LEAST_SIZE, REPORT_SIZE = QSize(320, 120), QSize(660, 380)


def model_filters() -> list[str]:
    """Return the filters of a file dialog, one for each format of models."""
    return [f"{importer.files} ({importer.pattern})" for importer in IMPORTERS]


@dataclass(frozen=True, slots=True)
class _Read:
    """A model as it was read, what came of comparing it, and why outputs stored beside it could not be compared."""

    imported: Imported
    compared: str
    tests: tuple[StoredTest, ...] = ()
    untested: str = ""


class Imports(QObject):
    """Reads models into the session, and their weights into its runs."""

    said = Signal(str)
    """A sentence for the status bar."""

    def __init__(self, session: Session, runs: Runs, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._runs, self._window = session, runs, window

    def takes(self, path: Path) -> bool:
        """Say whether a file is a model that can be imported."""
        return recognised_model(path) is not None

    def open(self, path: Path) -> bool:
        """Show a model as a new document with its weights, and what changed on the way.

        Raises
        ------
        ModelError
            If it can't be read, or not said exactly.
        """
        importer = recognised_model(path)
        if importer is None:
            return False
        read = patiently(self._window, f"Reading {shown(path.name)}…", lambda: _read(importer, path))
        if read is None or not self._session.open(read.imported.document, None, saved=False):
            return False
        if read.imported.weights:
            self._runs.take(read.imported.weights, read.imported.beside, path)
        self.said.emit(f"{shown(path.name)} is a new document, {_weights_text(read.imported)}.")
        ImportReport(path, read.imported, self._session.report, _sentences(read), self._window).exec()
        return True


def _read(importer: Importer, path: Path) -> _Read:
    imported = importer.read(path)
    from core.importing.proof.proving import proven  # with the engine, which the first window does without

    compared = proven(importer, path, imported).text
    try:
        return _Read(imported, compared, importer.stored_tests(path, imported))
    except ConvographError as error:
        return _Read(imported, compared, untested=str(error))


def _weights_text(imported: Imported) -> str:
    return "with its weights" if imported.weights else "without weights"


def _sentences(read: _Read) -> list[str]:
    tests = [
        f"{shown(test.name)}: {'computes what is' if test.passed else 'DIFFERS from what is'} stored beside the model; "
        f"the largest difference is {test.difference:.2g}, {test.tolerance:.2g} are allowed."
        for test in read.tests
    ]
    return [read.compared, *tests, *filter(None, [read.untested]), *read.imported.changes]


class ImportReport(QDialog):
    """Says what became of a model.

    Attributes
    ----------
    changes : QListWidget
        A line for each thing that changed on the way.
    """

    def __init__(
        self, path: Path, imported: Imported, report: Report, sentences: list[str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Import")
        totals = report.totals
        words = QLabel(
            f"{shown(path.name)} is a new document now: {counted(totals.layers, 'layer')}, "
            f"{counted(totals.parameters or 0, 'parameter')}, {_weights_text(imported)}. What became otherwise:"
        )
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setWordWrap(True)
        self.changes = QListWidget()
        self.changes.setAccessibleName("What changed")
        self.changes.setWordWrap(True)
        self.changes.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        self.changes.addItems(sentences or ["Nothing."])
        self.changes.setMinimumSize(LEAST_SIZE)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok)
        buttons.accepted.connect(self.accept)
        buttons.button(QDialogButtonBox.StandardButton.Ok).setFocus()
        column = QVBoxLayout(self)
        for widget in (words, self.changes, buttons):
            column.addWidget(widget)
        self.resize(REPORT_SIZE)
