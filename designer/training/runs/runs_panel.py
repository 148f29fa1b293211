"""The runs panel: all runs of the document, to be looked at, renamed, compared, deleted and brought back."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontDatabase, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QStackedLayout,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from core.analysis.comparison import compare
from core.analysis.comparison_text import comparison_text
from core.text import bytes_text, counted
from designer import theme
from designer.training.runs.kept import KeptRun
from designer.training.runs.runs import Runs
from designer.training.runs.runs_table import NAME, SETTINGS, RunsModel

EMPTY = "No run has ended yet. Train (F5): each is listed here, with its settings, its best figure and its weights."
COMPARISON_SIZE = QSize(720, 420)
_ROW_PX = 26


class RunsPanel(QWidget):
    """A table of runs, with what can be done to those that are selected."""

    curve_toggled = Signal(str, bool)
    """Carries the name of a run, and whether its curve is drawn."""

    def __init__(self, runs: Runs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runs = runs
        self.model = RunsModel(runs)
        self.model.setParent(self)
        self.table = _RunsTable()
        self.table.setModel(self.model)
        self.table.setAccessibleName("Runs")
        self.compare = QPushButton("Compare")
        self.compare.setToolTip("Say in what the two selected runs differ: settings and network")
        self.delete = QPushButton("Delete")
        self.delete.setToolTip("Delete the selected runs (Del); Undo brings them back")
        self.undo = QPushButton("Undo")
        self.undo.setToolTip("Bring back the run that was deleted last (Ctrl+Z)")
        self.disk = QLabel()
        self.disk.setTextFormat(Qt.TextFormat.PlainText)
        self.disk.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        theme.mark(self.disk, "role", "muted")
        self._lay_out()
        self.compare.clicked.connect(self.compare_selected)
        self.delete.clicked.connect(self.delete_selected)
        self.undo.clicked.connect(runs.undo_delete)
        self.table.activated.connect(self._look_at)
        self.table.delete_asked.connect(self.delete_selected)
        self.table.undo_asked.connect(runs.undo_delete)
        self.table.toggle_asked.connect(self._toggle)
        self.table.selectionModel().selectionChanged.connect(self._set_enabled)
        self.model.shown_changed.connect(self.curve_toggled)
        runs.changed.connect(self._follow)
        runs.renamed.connect(self.model.rename)
        runs.shelf.measured.connect(self._follow_sizes)
        theme.changed.connect(self._repaint)
        self._follow()

    @property
    def selected(self) -> list[KeptRun]:
        """The runs whose rows are selected, from top to bottom."""
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [self.model.rows[row] for row in rows]

    @Slot()
    def delete_selected(self) -> None:
        """Delete the runs that are selected; none is while one is on."""
        if not self._runs.is_on:
            for run in self.selected:
                self._runs.delete(run)

    @Slot()
    def compare_selected(self) -> None:
        """Show in what two runs differ."""
        if len(self.selected) == 2:
            after, before = self.selected  # the newest is at the top
            dialog = ComparisonDialog(before, after, self)
            dialog.exec()
            dialog.deleteLater()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._follow()

    def _lay_out(self) -> None:
        empty = QLabel(EMPTY)
        empty.setWordWrap(True)
        empty.setContentsMargins(16, 12, 16, 12)
        empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        theme.mark(empty, "role", "muted")
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.table, 1)
        column.addWidget(self.disk)
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in (self.compare, self.delete, self.undo):
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        self._pages = QStackedLayout()
        self._pages.addWidget(empty)
        self._pages.addWidget(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(8, 4, 8, 8)
        outer.addLayout(self._pages)

    @Slot()
    def _follow(self) -> None:
        names = {run.name for run in self.selected}
        self.model.refresh()
        self._pages.setCurrentIndex(int(bool(self.model.rows) or self._runs.can_undo_delete))
        selection = self.table.selectionModel()
        flags = selection.SelectionFlag.Select | selection.SelectionFlag.Rows
        for row, run in enumerate(self.model.rows):
            if run.name in names:
                selection.select(self.model.index(row, NAME), flags)
        self._set_enabled()
        self._follow_sizes()

    @Slot()
    def _follow_sizes(self) -> None:
        self.model.refresh_sizes()
        sizes = self._runs.shelf.sizes
        folders = [run.stored.folder for run in self.model.rows if run.stored is not None]
        total = sum(sizes.get(folder, 0) for folder in folders)
        store = self._runs.store
        where = store.folder.name if folders and folders[0].parent == store.folder else "kept until you save"
        limit = bytes_text(store.most_bytes)
        self.disk.setText(
            f"{counted(len(folders), 'run')}, {bytes_text(total)} of {limit} · {where}" if folders else ""
        )
        self.disk.setToolTip(f"{store.folder}. Beyond {limit} ticks and weights of the oldest runs go, never the best.")

    @Slot()
    def _set_enabled(self) -> None:
        n = len(self.selected)
        self.compare.setEnabled(n == 2)
        self.delete.setEnabled(n > 0 and not self._runs.is_on)
        self.undo.setEnabled(self._runs.can_undo_delete)

    @Slot(QModelIndex)
    def _look_at(self, index: QModelIndex) -> None:
        self._runs.choose(self.model.rows[index.row()])

    @Slot()
    def _toggle(self) -> None:
        for index in self.table.selectionModel().selectedRows():
            self.model.set_shown(index.row(), not self.model.is_shown(index.row()))

    @Slot()
    def _repaint(self) -> None:
        self.table.viewport().update()


class _RunsTable(QTableView):
    """Rows of runs, with the keys of a list."""

    delete_asked = Signal()
    undo_asked = Signal()
    toggle_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_PX)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Undo):
            self.undo_asked.emit()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_asked.emit()
        elif event.key() == Qt.Key.Key_Space:
            self.toggle_asked.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.state() != self.State.EditingState:
            self.activated.emit(self.currentIndex())
        elif event.key() == Qt.Key.Key_F2:
            self.edit(self.currentIndex().siblingAtColumn(NAME))
        else:
            super().keyPressEvent(event)

    def sizeHintForColumn(self, column: int) -> int:
        hint = super().sizeHintForColumn(column)
        return min(hint, 280) if column == SETTINGS else hint


class ComparisonDialog(QDialog):
    """In what two runs differ: their settings, and their networks layer by layer."""

    def __init__(self, before: KeptRun, after: KeptRun, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"{before.name} and {after.name}")
        found = compare(before.document, after.document)
        self.text = QPlainTextEdit(comparison_text(found, before.name, after.name), readOnly=True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setAccessibleName(f"From {before.name} to {after.name}")
        self.text.setMinimumSize(COMPARISON_SIZE)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self.text)
        column.addWidget(buttons)
