"""Folders of runs opened in the window: with the document beside which they lie, or with the one that was trained."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from core.runs.finding import document_of, run_folder
from core.runs.stored import read_run
from designer.session import Session
from designer.training import Runs
from designer.training.runs.kept import kept_from


class RunFolders(QObject):
    """Shows runs by their folders; one that another process writes is followed."""

    def __init__(self, session: Session, runs: Runs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._runs = session, runs

    def found(self, path: Path) -> Path | None:
        """Return the folder of the run that a path names; None where it names none."""
        folder = run_folder(path)
        return None if folder is None else folder.absolute()

    def beside(self, folder: Path) -> Path | None:
        """Return the document beside which a run lies; None where there is none."""
        return document_of(folder)

    def open_alone(self, folder: Path) -> bool:
        """Show what a run trained as a new document, and the run with it.

        Raises
        ------
        DataError
            If its record can't be read.
        """
        document = read_run(folder).known.trained
        return self._session.open(document, None) and self._add(folder)

    def show(self, folder: Path) -> bool:
        """Show a run of the document that is open, as soon as its runs are listed."""
        runs = self._runs
        runs.wanted = folder
        listed = next((run for run in runs.kept if run.stored and run.stored.folder == folder), None)
        if listed is not None:
            runs.choose(listed)
        return listed is not None or runs.shelf.is_listing or self._add(folder)

    def _add(self, folder: Path) -> bool:
        self._runs.wanted = folder
        kept = kept_from(read_run(folder))
        if kept is not None:
            self._runs.add((kept,))
        return kept is not None
