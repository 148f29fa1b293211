"""Which run is looked at: the newest, an earlier one, or the network as it is drawn."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Slot
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from designer import theme
from designer.training.runs.runs import Runs

AS_DRAWN = "As drawn, untrained"


class RunsMenu(QMenu):
    """Lists the runs of the open document; made anew whenever it opens."""

    def __init__(self, runs: Runs, parent: QWidget | None = None) -> None:
        super().__init__("Runs", parent)
        self._runs = runs
        self.aboutToShow.connect(self.fill)

    @Slot()
    def fill(self) -> None:
        """List what there is by now."""
        self.clear()
        group = QActionGroup(self)
        for run in (*self._runs.kept, None):
            title = AS_DRAWN if run is None else run.summary if run.forms else f"{run.summary} · curve only"
            action = self.addAction(theme.button_text(title), partial(self._runs.choose, run))
            action.setCheckable(True)
            action.setChecked(run is self._runs.shown)
            group.addAction(action)
        shown = self._runs.shown
        if shown is not None:
            self.addSeparator()
            title = f"Draw the network of {shown.name} again"
            again = self.addAction(theme.button_text(title), self._runs.bring_back)
            again.setEnabled(self._runs.is_edited_since)


class RunChooser(QToolButton):
    """Names the run that is looked at; a press lists the others."""

    def __init__(self, runs: Runs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runs = runs
        self.setMenu(RunsMenu(runs, self))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolTip("Which run is looked at: its curve is in front, its weights are pictured and saved")
        self.setAccessibleName("Run")
        runs.changed.connect(self._refresh)
        runs.begun.connect(self._refresh)
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        """Say which run is looked at."""
        runs = self._runs
        self.setVisible(bool(runs.kept) or runs.is_on)
        name = runs.name if runs.is_on else runs.shown.name if runs.shown else AS_DRAWN
        self.setText(f"{theme.button_text(name)} ▾")
        self.setEnabled(not runs.is_on)
