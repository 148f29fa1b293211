"""What a search tries, and how: ranges of settings, stages, and the buttons that begin and end it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.errors import ConvographError, SearchError
from core.search.journal import trials_file
from core.search.space import OPTIMIZER, TRAINING, Space, current_values, read_space, short_name
from core.search.stages import COARSE_MARGIN, FINE_MARGIN, MOST_EPOCHS, MOST_TRIALS, Stage
from core.text import counted
from designer import theme
from designer.session import Change, Session
from designer.views.search.importance_bars import MEANING, ImportanceBars
from designer.views.search.range_text import read_range_text, usual_text
from designer.views.search.search_run import SearchRun, Told
from designer.views.search.searchable import searchable

FIRST = (f"{OPTIMIZER}learning_rate", f"{TRAINING}l2", f"{TRAINING}batch_size")
COARSE, FINE = (16, 5), (4, 20)
"""Trials and epochs at first."""
SAMPLERS = ("random", "tpe")


class RangeRow(QWidget):
    """A setting that is searched, its range as text, and a button that takes it out."""

    removed = Signal(str)
    edited = Signal()

    def __init__(self, path: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.path = path
        name = QLabel(short_name(path).replace("_", " "))
        name.setToolTip(path)
        self.text = QLineEdit(text)
        self.text.setAccessibleName(f"Range of {short_name(path)}")
        self.text.setToolTip("From … to, with log for powers of ten; or values with commas between them")
        self.text.setFixedWidth(118)
        remove = QToolButton()
        remove.setText("×")
        remove.setToolTip(f"Don't search {short_name(path)}")
        remove.setAccessibleName(f"Don't search {short_name(path)}")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(name, 1)
        row.addWidget(self.text)
        row.addWidget(remove)
        remove.clicked.connect(lambda: self.removed.emit(self.path))
        self.text.textEdited.connect(self.edited)


class SearchPanel(QScrollArea):
    """Begins and ends searches for settings of the open document.

    Where the document is saved, its trials are kept in a file beside it, so that a search goes on after a restart.
    """

    def __init__(self, session: Session, run: SearchRun, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self.run = session, run
        self.rows: dict[str, RangeRow] = {}
        self.add = QToolButton()
        self.add.setText("Add…")
        self.add.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.add.setToolTip("Search another setting")
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill_menu)
        self.add.setMenu(self._menu)
        self.sampler = QComboBox()
        self.sampler.addItems(["random", "TPE (Optuna)"])
        self.sampler.setAccessibleName("How values are drawn")
        self.seed = _spin(0, 2**31 - 1, 0, "Seed of the drawn values")
        self.coarse = _stage("coarse", *COARSE)
        self.fine = _stage("fine", *FINE)
        self.stops = QCheckBox("Stop bad trials early")
        self.stops.setChecked(True)
        self.side_by_side = _spin(1, max(1, os.cpu_count() or 1), 1, "Trials trained side by side")
        self.start, self.stop = QPushButton("Search"), QPushButton("Stop")
        theme.mark(self.start, "primary", True)
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        theme.mark(self.said, "role", "muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Trials that have ended")
        self.importance, self.importance_heading = ImportanceBars(), _heading("What matters")
        self.importance_heading.setToolTip(MEANING)
        self.importance_heading.hide()
        self._lay_out()
        for path in FIRST:
            self._add_row(path)
        self.start.clicked.connect(self.begin)
        self.stop.clicked.connect(run.stop)
        run.changed.connect(self._show)
        run.state_changed.connect(self._on_state)
        run.ended.connect(self._on_ended)
        session.document_changed.connect(self._on_document)
        session.file_changed.connect(self._keep)
        self._on_state(False)

    def space(self) -> Space:
        """Read the ranges.

        Raises
        ------
        SearchError
            If one of them won't do, with its name.
        """
        raw: dict[str, Any] = {}
        for path, row in self.rows.items():
            try:
                raw[path] = read_range_text(row.text.text())
            except ValueError as error:
                raise SearchError(
                    f"{short_name(path)}: “{row.text.text()}” is no range. "
                    "Write 1e-4 … 1 log, 0 … 0.5, or values: 16, 32, 64."
                ) from error
        return read_space(raw, self._session.document)

    @Slot()
    def begin(self) -> None:
        """Begin to search, or go on where an earlier search of the same was ended."""
        from core.search.search import Search  # it loads the engine

        path = self._session.path
        stages = (
            Stage(self.coarse[1].value(), self.coarse[0].value(), COARSE_MARGIN),
            *([Stage(self.fine[1].value(), self.fine[0].value(), FINE_MARGIN)] if self.fine[0].value() else []),
        )
        try:
            if self._session.report.errors:
                raise SearchError("The network has problems: solve them first, then search.")
            if self._session.cannot_train:
                problem = self._session.training_problems[0]
                raise SearchError(" ".join(filter(None, (problem.what, problem.why))))
            search = Search(
                self._session.document,
                self.space(),
                stages,
                base=path.parent.absolute() if path else Path.cwd(),
                seed=self.seed.value(),
                side_by_side=self.side_by_side.value(),
                stop_early=self.stops.isChecked(),
                beside=path,
                sampler=SAMPLERS[self.sampler.currentIndex()],
            )
        except ConvographError as error:
            self._say(str(error), "error")
            return
        self.run.start(search)

    def _lay_out(self) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 6, 12, 12)
        column.setSpacing(6)
        head = QHBoxLayout()
        head.addWidget(_heading("What is tried"), 1)
        head.addWidget(self.add)
        column.addLayout(head)
        self._ranges = QVBoxLayout()
        self._ranges.setSpacing(4)
        column.addLayout(self._ranges)
        column.addWidget(_heading("How"))
        grid = QGridLayout()
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 1)
        for row, (name, widget) in enumerate(
            (("sampler", self.sampler), ("seed", self.seed), ("side by side", self.side_by_side))
        ):
            grid.addWidget(QLabel(name), row, 0)
            grid.addWidget(widget, row, 1)
        column.addLayout(grid)
        for title, (trials, epochs) in (("Coarse", self.coarse), ("Fine, around the five best", self.fine)):
            column.addWidget(_heading(title))
            grid = QGridLayout()
            grid.setVerticalSpacing(4)
            grid.setColumnStretch(0, 1)
            grid.addWidget(QLabel("trials"), 0, 0)
            grid.addWidget(trials, 0, 1)
            grid.addWidget(QLabel("epochs"), 1, 0)
            grid.addWidget(epochs, 1, 1)
            column.addLayout(grid)
        column.addSpacing(4)
        column.addWidget(self.stops)
        rule = QLabel(
            f"A trial ends when its accuracy is more than {100 * COARSE_MARGIN:g} points (fine: "
            f"{100 * FINE_MARGIN:g}) below the median of the others at the same epoch."
        )
        rule.setWordWrap(True)
        theme.mark(rule, "role", "muted")
        column.addWidget(rule)
        buttons = QHBoxLayout()
        buttons.addWidget(self.start)
        buttons.addWidget(self.stop)
        buttons.addStretch(1)
        column.addLayout(buttons)
        column.addWidget(self.bar)
        column.addWidget(self.said)
        column.addWidget(self.importance_heading)
        column.addWidget(self.importance)
        column.addStretch(1)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self.setWidget(page)

    def _add_row(self, path: str) -> None:
        setting = searchable(self._session.document).get(path)
        if setting is None or path in self.rows:
            return
        row = RangeRow(path, usual_text(setting, current_values(self._session.document, [path])[path]))
        row.removed.connect(self._remove_row)
        row.edited.connect(lambda: self._say("", "muted"))
        self.rows[path] = row
        self._ranges.addWidget(row)

    @Slot(str)
    def _remove_row(self, path: str) -> None:
        row = self.rows.pop(path)
        self._ranges.removeWidget(row)
        row.hide()
        row.deleteLater()

    @Slot()
    def _fill_menu(self) -> None:
        self._menu.clear()
        groups: dict[str, QMenu] = {}
        for path in searchable(self._session.document):
            if path in self.rows:
                continue
            group = path.removeprefix("layers.").rpartition(".")[0] if path.startswith("layers.") else "training"
            if group not in groups:
                groups[group] = self._menu.addMenu(theme.button_text(group))
            action = groups[group].addAction(path.rpartition(".")[2].replace("_", " "))
            action.triggered.connect(lambda _=False, path=path: self._add_row(path))

    @Slot(object)
    def _on_document(self, change: Change) -> None:
        for path in [path for path in self.rows if path not in searchable(self._session.document)]:
            self._remove_row(path)
        if change.label is None:
            self.run.forget()
            self._say("", "muted")
            for path in FIRST:
                self._add_row(path)

    @Slot()
    def _keep(self) -> None:
        """Write trials that were made before the document had a file beside it."""
        path = self._session.path
        if path is None or self.run.is_on or not self.run.unkept:
            return
        n = len(self.run.unkept)
        try:
            kept = self.run.keep(trials_file(path))
        except ConvographError as error:
            self._say(str(error), "error")
        else:
            self._say(f"{counted(n, 'trial')} are kept in {kept.name}.", "muted")

    @Slot(bool)
    def _on_state(self, is_on: bool) -> None:
        self.start.setEnabled(not is_on)
        self.stop.setEnabled(is_on)
        self.bar.setVisible(is_on)
        if is_on:
            self._say("", "muted")

    @Slot(object)
    def _show(self, told: Told) -> None:
        done = [*told.trials.values()]
        self.bar.setMaximum(max(1, told.n_trials))
        self.bar.setValue(len(done))
        n_early, n_lost = (sum(trial.outcome in names for trial in done) for names in (_EARLY, _LOST))
        words = [f"{len(done)} of {counted(told.n_trials, 'trial')}"]
        words += [f"{n_early} stopped early"] if n_early else []
        words += [f"{n_lost} diverged or failed"] if n_lost else []
        why = next((trial.why for trial in reversed(done) if trial.outcome == "failed"), "")
        self._say(", ".join(words) + (f". The last that failed: {why}" if why else ""), "error" if why else "muted")
        self.importance.show_told(told)
        self.importance_heading.setVisible(bool(done))

    @Slot(str)
    def _on_ended(self, failure: str) -> None:
        if failure:
            self._say(failure, "error")
        self._keep()  # the document may have been given a file meanwhile

    def _say(self, text: str, role: str) -> None:
        self.said.setText(text)
        theme.mark(self.said, "role", role)


_EARLY, _LOST = ("stopped early",), ("diverged", "failed")


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    theme.mark(label, "role", "heading")
    label.setContentsMargins(0, 6, 0, 0)
    return label


def _spin(least: int, most: int, value: int, name: str) -> QSpinBox:
    box = QSpinBox(minimum=least, maximum=most, value=value)
    box.setAccessibleName(name)
    theme.inset(box)
    box.setFixedWidth(92)
    return box


def _stage(name: str, trials: int, epochs: int) -> tuple[QSpinBox, QSpinBox]:
    least = 1 if name == "coarse" else 0
    return (
        _spin(least, MOST_TRIALS, trials, f"Trials of the {name} stage"),
        _spin(1, MOST_EPOCHS, epochs, f"Epochs of the {name} stage"),
    )
