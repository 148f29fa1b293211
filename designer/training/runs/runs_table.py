"""The runs of a document as the rows of a table."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor

from core.engines.table import label
from core.runs.comparing import differing_settings, settings_text
from core.text import bytes_text
from core.training.messages import Diverged
from designer import theme
from designer.training.mailbox import Failed, Interrupted
from designer.training.runs.kept import KeptRun
from designer.training.runs.runs import Runs

AnyIndex = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()
_Role = Qt.ItemDataRole
NAME, BEST, STATE, SETTINGS, EPOCHS, SIZE = range(6)
TITLES: Final = ("Run", "Best", "State", "Settings that differ", "Epochs", "On disk")
TIPS: Final = {BEST: "Validation accuracy of the best epoch", SIZE: "What the run's folder takes"}


class RunsModel(QAbstractTableModel):
    """A row for each run, the newest first; the mark of a row says whether its curve is drawn."""

    shown_changed = Signal(str, bool)
    """Carries the name of a run, and whether its curve is drawn."""

    def __init__(self, runs: Runs) -> None:
        super().__init__()
        self._runs = runs
        self.rows: tuple[KeptRun, ...] = ()
        self._settings: list[str] = []
        self._hidden: frozenset[str] = frozenset()

    def refresh(self) -> None:
        """Show what runs there are by now."""
        rows = self._runs.kept[::-1]
        self.beginResetModel()
        self.rows = rows
        self._settings = list(map(settings_text, differing_settings([run.document.training for run in rows])))
        self._hidden &= {run.name for run in rows}
        self.endResetModel()

    def refresh_sizes(self) -> None:
        """Show the sizes that were measured."""
        if self.rows:
            self.dataChanged.emit(self.index(0, SIZE), self.index(len(self.rows) - 1, SIZE))

    def rename(self, before: str, name: str) -> None:
        """Remember under another name whether a curve is drawn."""
        if before in self._hidden:
            self._hidden = self._hidden - {before} | {name}

    def is_shown(self, row: int) -> bool:
        """Say whether the curve of a row is drawn."""
        return self.rows[row].name not in self._hidden

    def set_shown(self, row: int, shown: bool) -> None:
        """Draw the curve of a row, or hide it."""
        name = self.rows[row].name
        self._hidden = self._hidden - {name} if shown else self._hidden | {name}
        self.dataChanged.emit(self.index(row, NAME), self.index(row, NAME))
        self.shown_changed.emit(name, shown)

    def rowCount(self, parent: AnyIndex = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: AnyIndex = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        match role:
            case _Role.DisplayRole:
                return TITLES[section]
            case _Role.ToolTipRole:
                return TIPS.get(section)
            case _Role.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.column() == NAME:
            flags |= Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def data(self, index: AnyIndex, role: int = _Role.DisplayRole) -> Any:
        run = self.rows[index.row()]
        match role:
            case _Role.DisplayRole:
                return self._text(run, index)
            case _Role.EditRole if index.column() == NAME:
                return run.name
            case _Role.CheckStateRole if index.column() == NAME:
                return Qt.CheckState.Checked if self.is_shown(index.row()) else Qt.CheckState.Unchecked
            case _Role.FontRole if run is self._runs.shown:
                return theme.font(13, 600)
            case _Role.ForegroundRole if index.column() == STATE:
                return QColor(self._colour(run))
            case _Role.ToolTipRole:
                return self._tip(run, index)
        return None

    def setData(self, index: AnyIndex, value: Any, role: int = _Role.EditRole) -> bool:
        if index.column() != NAME:
            return False
        if role == _Role.CheckStateRole:
            self.set_shown(index.row(), Qt.CheckState(value) == Qt.CheckState.Checked)
            return True
        if role == _Role.EditRole:
            self._runs.rename(self.rows[index.row()], str(value))
            return True
        return False

    def _text(self, run: KeptRun, index: AnyIndex) -> str:
        match index.column():
            case column if column == NAME:
                return run.name
            case column if column == SETTINGS:
                return self._settings[index.row()]
            case column if column == BEST:
                return best_text(run)
            case column if column == EPOCHS:
                return f"{run.epochs:,}"
            case column if column == STATE:
                return run.state
        size = self._runs.shelf.sizes.get(run.stored.folder) if run.stored is not None else None
        return bytes_text(size) if size is not None else "in memory" if run.stored is None else "…"

    def _tip(self, run: KeptRun, index: AnyIndex) -> str:
        if index.column() == NAME:
            after = f" It went on from {run.after}." if run.after else ""
            return f"Space shows or hides its curve, F2 renames it, Enter looks at its weights.{after}"
        if index.column() == STATE and run.stored is not None and run.stored.record is not None:
            return f"{run.state} ({label(run.stored.record.run_on)})"
        if index.column() == SIZE and run.stored is not None:
            return str(run.stored.folder)
        return self._text(run, index)

    def _colour(self, run: KeptRun) -> str:
        look, outcome = theme.current(), run.outcome
        if isinstance(outcome, Diverged):
            return look.error_text
        if isinstance(outcome, Interrupted) and outcome.is_on and not outcome.silent_minutes:
            return look.ok_text
        return look.warning_text if isinstance(outcome, Interrupted | Failed) else look.muted


def best_text(run: KeptRun) -> str:
    """Write the figure of a run's best epoch.

    Validation accuracy, where samples are kept back; else the training loss.
    """
    best = run.best
    if best is None:
        return "–"
    return f"{best.val_accuracy:.1%}" if best.val_accuracy is not None else f"loss {best.train_loss:.3g}"
