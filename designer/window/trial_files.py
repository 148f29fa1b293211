"""Trials of a search that are in memory only: they don't go without having been asked for."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from core.errors import ConvographError
from core.search.journal import trials_file
from designer.session import Session
from designer.views.search import SearchRun

_ENDING = ".jsonl"


class TrialFiles:
    """Asks what becomes of trials before their document is left."""

    def __init__(self, session: Session, search: SearchRun, window: QWidget) -> None:
        self._session, self._search, self._window = session, search, window

    def may_go(self) -> bool:
        """Say whether the trials may be forgotten: they are kept, or the user said that they need not be."""
        n = len(self._search.unkept)
        if not n:
            return True
        buttons = QMessageBox.StandardButton
        answer = ask_about_trials(self._window, n)
        if answer == buttons.Save:
            return self._save()
        return answer == buttons.Discard

    def _save(self) -> bool:
        """Ask for a name and write the trials; False where they stay in memory."""
        proposed = trials_file(self._session.path or Path.home() / "untitled.json")
        name, _ = QFileDialog.getSaveFileName(
            self._window, "Save the trials", str(proposed), f"Trials of a search (*{_ENDING})"
        )
        if not name:
            return False
        path = Path(name)
        try:
            self._search.keep(path if path.suffix else path.with_suffix(_ENDING))
        except ConvographError as error:
            QMessageBox.warning(self._window, "Convograph", str(error))
            return False
        return True


def ask_about_trials(window: QWidget, n: int) -> QMessageBox.StandardButton:
    """Ask what becomes of so many trials that are only in memory."""
    box = QMessageBox(window)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("Trials that are not saved")
    if n == 1:
        box.setText("A trial of the search is only in memory: save it before it is lost?")
    else:
        box.setText(f"{n:,} trials of the search are only in memory: save them before they are lost?")
    buttons = QMessageBox.StandardButton
    box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
    box.button(buttons.Save).setText("Save trials…")
    box.setDefaultButton(buttons.Save)
    return buttons(box.exec())
