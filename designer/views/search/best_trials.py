"""The best trials of a search as a table, and what the chosen one would change in the document."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStackedLayout,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.errors import ConvographError, EditError
from core.search.seeds import N_SEEDS, repeated
from core.search.space import current_values, short_name, with_values
from core.search.trials import Trial, as_good_as, ranked
from core.text import counted, setting_text
from designer import theme
from designer.session import Session
from designer.views.empty import empty_page
from designer.views.search.search_run import SearchRun, Told

MOST_ROWS = 100
LEAST_TABLE_PX = 96
"""It gives way to what stands below it: the button is seen in small windows too."""


class BestTrials(QWidget):
    """Lists trials from the best on; one of them can be made the document, as one step."""

    trial_chosen = Signal(int)
    """Carries the number of the trial in the chosen row."""

    def __init__(self, session: Session, run: SearchRun, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._searched = session, run
        self._told = run.told
        self.repeats = SearchRun(self)
        self._repeating: Trial | None = None
        self._repeated: dict[int, str] = {}
        self._trials: list[Trial] = []
        self.table = QTableWidget()
        self.table.setAccessibleName("Best trials")
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setShowGrid(False)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.table.setMinimumHeight(LEAST_TABLE_PX)
        self.equal = QLabel()
        self.equal.setWordWrap(True)
        theme.mark(self.equal, "role", "muted")
        self.title = QLabel()
        theme.mark(self.title, "role", "strong")
        self.changes = QLabel()
        self.changes.setWordWrap(True)
        self.changes.setTextFormat(Qt.TextFormat.PlainText)
        self.take = QPushButton("Make this the document")
        self.take.setToolTip("One step, which undo takes back; the trial's seed is the document's")
        theme.mark(self.take, "primary", True)
        self.repeat = QPushButton()
        self.repeat.setFlat(True)
        self.repeat.setAccessibleName(f"Repeat with {N_SEEDS} seeds")
        self.repeat.setToolTip(
            f"Repeat it with {N_SEEDS} seeds, each with other weights and another split: how much of its accuracy is "
            "chance?"
        )
        self.seeds = QLabel()
        self.seeds.setWordWrap(True)
        self.seeds.setTextFormat(Qt.TextFormat.PlainText)
        theme.mark(self.seeds, "role", "muted")
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 8, 12, 8)
        column.addWidget(self.table, 1)
        column.addWidget(self.equal)
        column.addWidget(self.title)
        column.addWidget(self.changes)
        column.addWidget(self.seeds)
        buttons = QHBoxLayout()
        buttons.addWidget(self.take)
        buttons.addWidget(self.repeat)
        buttons.addStretch(1)
        column.addLayout(buttons)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(empty_page("No trials yet", "The best trials of a search are listed here."))
        self._pages.addWidget(page)
        run.changed.connect(self.show_told)
        self.table.itemSelectionChanged.connect(self._on_row)
        self.take.clicked.connect(self.make_document)
        self.repeat.clicked.connect(self.repeat_or_stop)
        self.repeats.changed.connect(self._on_repeats)
        self.repeats.ended.connect(self._on_repeats_ended)
        session.document_changed.connect(self._show_choice)

    @property
    def choice(self) -> Trial | None:
        """The trial of the chosen row; the best, where none is chosen."""
        row = self.table.currentRow()
        return self._trials[row] if 0 <= row < len(self._trials) else next(iter(self._trials), None)

    @Slot(object)
    def show_told(self, told: Told) -> None:
        """List the best trials of a search."""
        before = self.choice.number if self.choice is not None and self.table.currentRow() >= 0 else None
        if told is not self._told:  # another search, whose trials have the same numbers
            self.repeats.stop()
            self._repeating, self._repeated = None, {}
        self._told = told
        self._trials = ranked([*told.trials.values()])[:MOST_ROWS]
        self.table.blockSignals(True)
        heads = ["trial", "val.", *(short_name(path).replace("_", "\n") for path in told.paths)]  # narrow columns
        self.table.setColumnCount(len(heads))
        self.table.setHorizontalHeaderLabels(heads)
        self.table.setRowCount(len(self._trials))
        for row, trial in enumerate(self._trials):
            accuracy = f"{trial.accuracy or 0:.1%}"
            texts = [str(trial.number), accuracy, *(_brief(trial.values[path]) for path in told.paths)]
            for at, text in enumerate(texts):
                item = QTableWidgetItem(text)
                if at:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(row, at, item)
        self.table.blockSignals(False)
        if before is not None:
            self.choose(before)
        self._pages.setCurrentIndex(1 if self._trials else 0)
        self._say_equal()
        self._show_choice()

    @Slot(int)
    def choose(self, number: int) -> None:
        """Choose the row of a trial."""
        for row, trial in enumerate(self._trials):
            if trial.number == number and row != self.table.currentRow():
                self.table.selectRow(row)

    @Slot()
    def make_document(self) -> None:
        """Put the values of the chosen trial into the document, as one step."""
        trial = self.choice
        if trial is None:
            return
        try:
            document = with_values(self._session.document, trial.values)
        except EditError as error:
            self.changes.setText(f"It doesn't fit the document any more: {error}")
            return
        self._session.edit(f"take over trial {trial.number}", document)

    @Slot()
    def repeat_or_stop(self) -> None:
        """Train the settings of the chosen trial with five seeds, or end that."""
        from core.search.repeating import Repeating  # it loads the engine

        trial, search = self.choice, self._searched.search
        if self.repeats.is_on:
            self.repeats.stop()
            return
        if trial is None or search is None:
            return
        epochs = self._told.stages[trial.stage].stage.epochs
        try:
            repeating = Repeating(search.document, trial, epochs, base=search.base)
        except ConvographError as error:
            self._repeated[trial.number] = str(error)
        else:
            self._repeating = trial
            self.repeats.start(repeating)
        self._show_choice()

    def stop_and_wait(self, seconds: float = 5.0) -> bool:
        """End a repetition; says whether its thread is gone. For closing the window."""
        return self.repeats.stop_and_wait(seconds)

    @Slot(object)
    def _on_repeats(self, told: Told) -> None:
        trial = self._repeating
        if trial is not None:
            outcome = repeated([*told.trials.values()])
            so_far = "" if outcome is None else f": {outcome}"
            self._repeated[trial.number] = f"{len(told.trials)} of {counted(told.n_trials, 'seed')} trained{so_far}"
            if outcome is not None and len(told.trials) == told.n_trials:
                self._repeated[trial.number] = f"Repeated: {outcome}."
        self._show_choice()

    @Slot(str)
    def _on_repeats_ended(self, failure: str) -> None:
        if failure and self._repeating is not None:
            self._repeated[self._repeating.number] = failure
        self._repeating = None
        self._show_choice()

    def _say_equal(self) -> None:
        best = next(iter(self._trials), None)
        n = self._told.n_validation
        text = ""
        if best is not None and n:
            equal = as_good_as(best, self._trials, n)
            if len(equal) > 1:
                text = f"One of the {n:,} samples is {1 / n:.2%}: the first {len(equal)} are as good as equal."
        self.equal.setText(text)
        self.equal.setVisible(bool(text))

    @Slot()
    def _on_row(self) -> None:
        trial = self.choice
        self._show_choice()
        if trial is not None:
            self.trial_chosen.emit(trial.number)

    @Slot()
    def _show_choice(self) -> None:
        trial = self.choice
        if trial is None:
            return
        now = current_values(self._session.document, list(trial.values))
        self.title.setText(f"Trial {trial.number}: {trial.accuracy or 0:.1%} after epoch {trial.best_epoch}")
        lines = [
            f"{short_name(path).replace('_', ' ')}: {setting_text(value)}, now {setting_text(now[path])}"
            for path, value in trial.values.items()
        ]
        self.changes.setText("\n".join(lines))
        said = self._repeated.get(trial.number, "")
        self.seeds.setText(said)
        self.seeds.setVisible(bool(said))
        self.repeat.setText("Stop" if self.repeats.is_on else f"With {N_SEEDS} seeds")
        self.take.setEnabled(any(now[path] != value for path, value in trial.values.items()))


def _brief(value: object) -> str:
    """Write a value in so many digits as tell trials apart."""
    return f"{value:.3g}" if isinstance(value, float) else setting_text(value)
