"""Opening and saving with dialogs; nothing unsaved is lost without having been asked for."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from core.errors import ConvographError, DocumentError
from core.graph.values import Document
from core.importing.importers import IMPORTERS
from core.io.documents import load, save
from core.io.templates import load_template
from designer.session import Session
from designer.session.on_disk import found_at, says_the_same
from designer.views.search import SearchRun
from designer.window.changed_outside import take_theirs
from designer.window.importing import Imports, model_filters
from designer.window.replacing import Choice, ask_whether_to_replace, ask_whose
from designer.window.run_folders import RunFolders
from designer.window.trial_files import TrialFiles
from designer.window.weight_files import WeightFiles
from designer.window.windows import Windows, bring_forward

_DOCUMENTS = "Convograph documents (*.json)"


class Files(QObject):
    """Asks for names, reads and writes the session's document.

    `opened` carries the path of every file that was opened or saved.
    """

    opened = Signal(object)
    said = Signal(str)
    """A sentence for the status bar."""

    def __init__(
        self,
        session: Session,
        window: QWidget,
        windows: Windows,
        weights: WeightFiles,
        search: SearchRun,
        imports: Imports,
        run_folders: RunFolders,
    ) -> None:
        super().__init__(window)
        self._imports, self._run_folders = imports, run_folders
        self._weights, self._trials = weights, TrialFiles(session, search, window)
        self._windows = windows
        self._session = session
        self._window = window

    def new(self) -> None:
        """Begin an empty document."""
        if self.may_leave():
            self._session.open(Document(name="Untitled"), None)

    def choose(self) -> None:
        """Ask for a file and open it."""
        patterns = ["*.json", *(importer.pattern for importer in IMPORTERS)]
        filters = [f"Networks ({' '.join(patterns)})", _DOCUMENTS, *model_filters()]
        name, _ = QFileDialog.getOpenFileName(self._window, "Open", self._folder(), ";;".join(filters))
        if name:
            self.open(Path(name))

    def open(self, path: Path) -> bool:
        """Open a file, or the run of a folder, where it isn't open in another window; a dialog says why it can't be."""
        run = self._run_folders.found(path)
        if run is not None:
            return self._open_run(run)
        other = self._elsewhere(path)
        if other is None:
            return self.may_leave() and self._open(path)
        bring_forward(other)
        self.said.emit(f"{path.name} is open in another window.")
        return False

    def open_template(self, name: str) -> None:
        """Open a shipped template as a new document without a file."""
        if self.may_leave():
            self._session.open(load_template(name), None)

    def save(self) -> bool:
        """Save where the document came from; a new one asks for a name."""
        path = self._session.path
        return self.save_as() if path is None else self._save(path)

    def save_as(self) -> bool:
        """Ask for a name and save under it."""
        document = self._session.document
        proposed = self._session.path or Path(self._folder()) / f"{_file_name(document.name)}.json"
        name, _ = QFileDialog.getSaveFileName(self._window, "Save as", str(proposed), _DOCUMENTS)
        if not name:
            return False
        path = with_ending(Path(name))
        if self._elsewhere(path) is not None:
            self.complain(f"{path.name} is open in another window. Close it there, or choose another name.")
            return False
        return self._may_replace(path, chosen=Path(name)) and self._save(path)

    def may_leave(self) -> bool:
        """Say whether the document may be left, with runs and trials: all is saved, or the user said it need not be."""
        return self._document_may_go() and self._weights.may_go() and self._trials.may_go()

    def _document_may_go(self) -> bool:
        if not self._session.modified:
            return True
        name = self._session.path.name if self._session.path else self._session.document.name or "Untitled"
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Unsaved changes")
        if self._session.file_is_gone:
            box.setText(f"{name} is no longer in its folder. Save it again?")
            box.setInformativeText("It is lost otherwise.")
        else:
            box.setText(f"Save the changes to {name}?")
            box.setInformativeText("They are lost otherwise.")
        buttons = QMessageBox.StandardButton
        box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
        box.setDefaultButton(buttons.Save)
        answer = box.exec()
        if answer == buttons.Save:
            return self.save()
        return answer == buttons.Discard

    def _elsewhere(self, path: Path) -> QWidget | None:
        """Return the other window in which a file is open."""
        window = self._windows.showing(path)
        return None if window is self._window else window

    def _may_replace(self, path: Path, chosen: Path) -> bool:
        """Ask before a file is replaced that the dialog, not knowing its ending, didn't ask about."""
        if path == chosen or not path.exists():
            return True
        buttons = QMessageBox.StandardButton
        question = f"{path.name} already exists. Replace it?"
        answer = QMessageBox.question(self._window, "Save as", question, buttons.Yes | buttons.No, buttons.No)
        return answer == buttons.Yes

    def _open(self, path: Path) -> bool:
        try:
            if self._imports.takes(path):
                return self._imports.open(path)
            document = load(path)
        except ConvographError as error:
            self.complain(str(error))
            return False
        if not self._session.open(document, path):
            return False
        self.opened.emit(path)
        return True

    def _open_run(self, folder: Path) -> bool:
        document = self._run_folders.beside(folder)
        try:
            if document is None:
                return self.may_leave() and self._run_folders.open_alone(folder)
            own = self._session.path
            is_open = own is not None and own.absolute() == document
            return (is_open or self.open(document)) and self._run_folders.show(folder)
        except ConvographError as error:
            self.complain(str(error))
            return False

    def _save(self, path: Path) -> bool:
        choice = self._choice(path) if path == self._session.path else Choice.KEEP_MINE
        if choice is not Choice.KEEP_MINE:
            return choice is Choice.TAKE_THEIRS
        try:
            save(self._session.document, path)
        except ConvographError as error:
            self.complain(str(error))
            return False
        self._session.mark_saved(path)
        self.opened.emit(path)
        return True

    def _choice(self, path: Path) -> Choice:
        """Ask what counts, where the file holds something else than when it was last opened, saved or looked at."""
        session = self._session
        while True:  # until nobody writes it while the user thinks
            try:
                found = found_at(path)
            except DocumentError as error:
                may_replace = ask_whether_to_replace(self._window, path, str(error))
                return Choice.KEEP_MINE if may_replace else Choice.CANCEL
            known = [document for document in (session.document, session.saved) if document is not None]
            if found is None or any(says_the_same(found, document) for document in known):
                return Choice.KEEP_MINE
            choice = ask_whose(self._window, path, session.document, found)
            if choice is Choice.TAKE_THEIRS:
                take_theirs(session, found)
            if choice is not Choice.KEEP_MINE:
                return choice
            session.mark_on_disk(found)

    def complain(self, sentence: str) -> None:
        """Show what went wrong."""
        QMessageBox.warning(self._window, "Convograph", sentence)

    def _folder(self) -> str:
        return str(self._session.path.parent if self._session.path else Path.home())


def with_ending(path: Path) -> Path:
    """Give a document's file the ending that dialogs look for.

    >>> with_ending(Path("net")).name, with_ending(Path("net.v2")).name, with_ending(Path("net.JSON")).name
    ('net.json', 'net.v2.json', 'net.JSON')
    """
    return path if path.suffix.lower() == ".json" else path.with_name(f"{path.name}.json")


def _file_name(title: str) -> str:
    """Make a file name of a document's title: `LeNet-5` → `lenet-5`."""
    kept = "".join(c if c.isalnum() or c in "-_" else " " for c in title).split()
    return "-".join(kept).lower() or "untitled"
