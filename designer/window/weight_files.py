"""Weights to and from files, with dialogs; no run goes that nobody was asked about."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from core.errors import ConvographError
from core.text import listing
from core.training.transfer import read_fitting
from designer.session import Session
from designer.training import Run, Runs

_WEIGHTS = "Weights (*.npz)"
_READABLE = "Weights (*.npz *.safetensors)"
STOP_SECONDS = 5.0
"""How long a run that is to be saved is waited for."""


class WeightFiles(QObject):
    """Asks for names, and writes and reads the weights of runs."""

    said = Signal(str)
    """A sentence for the status bar."""

    def __init__(self, session: Session, run: Run, runs: Runs, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._run, self._runs = session, run, runs
        self._window = window

    @property
    def can_save(self) -> bool:
        """Whether a run is shown whose weights are kept."""
        return self._runs.shown is not None and self._runs.shown.standing is not None

    @property
    def can_save_best(self) -> bool:
        """Whether a run is shown of which an epoch is complete."""
        shown = self._runs.shown
        return shown is not None and shown.standing is not None and shown.standing.best is not None

    def save_best(self) -> bool:
        """Ask for a name and write the weights of the best epoch of the run that is shown."""
        return self.save(best=True)

    def save(self, *, best: bool = False) -> bool:
        """Ask for a name and write the weights of the run that is shown: those of its end, or of its best epoch."""
        shown = self._runs.shown
        if shown is None:
            return False
        which = "best weights" if best else "weights"
        proposed = str(self._folder() / f"{self._stem()}-{shown.name.replace(' ', '-')}{'-best' if best else ''}.npz")
        name, _ = QFileDialog.getSaveFileName(self._window, f"Save the {which} of {shown.name}", proposed, _WEIGHTS)
        if not name:
            return False
        path = Path(name) if Path(name).suffix else Path(f"{name}.npz")
        try:
            self._runs.save(path, best=best)
        except ConvographError as error:
            self._complain(str(error))
            return False
        self.said.emit(f"The {which} of {shown.name} are in {path.name}.")
        return True

    def choose(self) -> None:
        """Ask for a file and read it into the network that is drawn."""
        name, _ = QFileDialog.getOpenFileName(self._window, "Load weights", str(self._folder()), _READABLE)
        if name:
            self.load(Path(name))

    def load(self, path: Path) -> None:
        """Read weights into the network that is drawn; says so in a dialog where they don't suit it."""
        if not self._session.report.valid:
            self._complain("Solve the problems of the network first: until then nobody knows which weights it has.")
            return
        try:
            self._runs.load(path)
        except ConvographError as error:
            self._take_what_fits(path, str(error))
        else:
            self.said.emit(f"The network has the weights of {path.name}; training goes on from them.")

    def _take_what_fits(self, path: Path, refusal: str) -> None:
        """Offer to take the layers that fit from a file that doesn't suit the network as a whole."""
        from core.importing.weights_files import weights_file

        report = self._session.report
        try:
            with weights_file(path, report, partly=True) as file:
                transfer = read_fitting(file, report.weight_shapes)
        except ConvographError:
            self._complain(refusal)
            return
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Weights of another network")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(refusal)
        told = transfer.text(path.name)
        box.setInformativeText(f"If you take what fits: {told}")
        buttons = QMessageBox.StandardButton
        box.setStandardButtons(buttons.Ok | buttons.Cancel)
        box.button(buttons.Ok).setText("Take what fits")
        box.setDefaultButton(buttons.Ok)
        if box.exec() != buttons.Ok:
            return
        try:
            self._runs.load(path, transfer)
        except ConvographError as error:
            self._complain(str(error))
        else:
            self.said.emit(told)

    def may_go(self) -> bool:
        """Say whether the runs may be forgotten: they are saved, or the user said that they need not be."""
        names = [run.name for run in self._runs.unsaved]
        if self._runs.is_on_unsafely:
            names.append(self._runs.name)
        if not names:
            return True
        answer = ask_about_weights(self._window, names)
        if answer == QMessageBox.StandardButton.Save:
            return self._stop() and self._save_newest()
        return answer == QMessageBox.StandardButton.Discard

    def _stop(self) -> bool:
        """End a run that is on; says whether it has ended, and else to the user that it will."""
        name = self._runs.name
        gone = self._run.stop_and_wait(STOP_SECONDS)
        if not gone:
            self._run.listen_again()
            self.said.emit(f"{name} stops after its batch; its weights can be saved then.")
        return gone

    def _save_newest(self) -> bool:
        self._runs.choose(self._runs.unsaved[-1])
        return self.save()

    def _folder(self) -> Path:
        return self._session.path.parent if self._session.path else Path.home()

    def _stem(self) -> str:
        path = self._session.path
        return path.stem if path else "weights"

    def _complain(self, sentence: str) -> None:
        QMessageBox.warning(self._window, "Convograph", sentence)


def ask_about_weights(window: QWidget, names: list[str]) -> QMessageBox.StandardButton:
    """Ask what becomes of weights that are only in memory, of the runs of these names, the newest last."""
    box = QMessageBox(window)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("Weights that are not saved")
    which = "them" if len(names) == 1 else f"those of {names[-1]}"
    box.setText(f"The weights of {listing(names)} are only in memory: save {which} before they are lost?")
    buttons = QMessageBox.StandardButton
    box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
    box.button(buttons.Save).setText("Save weights…")
    box.setDefaultButton(buttons.Save)
    return buttons(box.exec())
