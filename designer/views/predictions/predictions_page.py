"""How right the network is, what it mixes up, and its mistakes."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QTabBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.io.datasets import Dataset, Indices
from core.training.calibration import Calibration, calibrated
from core.training.evaluating import Evaluation, Trial, measured
from core.training.predictions import Predictions, predict
from core.work import Work
from designer import theme
from designer.pictures import Caption, Keeping, Key
from designer.session.questions import Part, Question, Questions
from designer.views.elided import ElidedLabel
from designer.views.predictions.asking_page import AskingPage
from designer.views.predictions.calibration_plot import CalibrationPlot
from designer.views.predictions.confusion import Cell, ConfusionMatrix
from designer.views.predictions.predicted_grid import PredictedGrid
from designer.views.switch import Switch

NARROW_PX = 900
"""Below this width the matrix and the lists stand one above the other."""
LEAST_WITH_INTERVAL_PX = 560
"""Below this width the interval is in the tooltip alone."""
LEAST_WITH_MISTAKES_PX = 520
LOW_PX = 400
"""Below this height the matrix takes all the room there is."""
PARTS: tuple[tuple[Part, str], ...] = (("validation", "validation"), ("test", "test part"), ("training", "training"))
LISTS = (
    ("Worst mistakes", "lowest probability of the right class first", "There is no mistake."),
    ("Least sure", "two classes nearly as likely first", "There are no samples."),
    ("Most typical", "the surest of each class in turn", "Nothing is right yet."),
)
CELL_PX = 104


class Answered(NamedTuple):
    """What the network says of the samples of a part."""

    dataset: Dataset
    predictions: Predictions
    evaluation: Evaluation
    calibration: Calibration


class PredictionsPage(AskingPage):
    """Shows figures and the confusion matrix at the left, lists of samples and the calibration at the right.

    It is computed when the panel is shown, after every epoch while it is, and when the user says now; what was there
    before is dimmed meanwhile.
    """

    samples_requested = Signal(object, str)
    """The user wants to see samples in the Data workspace: their places, and what is said of them."""
    sample_chosen = Signal(int, str)
    """Carries the place of a sample in its part of the data set, and the part."""

    def __init__(self, questions: Questions, parent: QWidget | None = None) -> None:
        super().__init__(questions, "Predictions", parent)
        self.answer: Answered | None = None
        self.accuracy, self.of, self.mistakes, self.interval = QLabel(), QLabel(), QLabel(), QLabel()
        self.interval_words = QLabel("95 % interval, points")
        self.of_mistakes, self.origin = QLabel(), ElidedLabel()
        self.now = QToolButton()
        self.now.setText("Now")
        self.now.setToolTip("Look at the weights as they are now, without waiting for the end of the epoch")
        self.parts = QComboBox()
        self.parts.setAccessibleName("Samples that are looked at")
        for part, title in PARTS:
            self.parts.addItem(title, part)
        self.counts = Switch(("count", "share"), ("Samples in each cell", "Percent of each row"))
        self.matrix = ConfusionMatrix()
        self.weakest = QLabel()
        self.cell_title, self.cell_grid = ElidedLabel(), PredictedGrid("samples of a cell", small=True)
        self.show_in_data = QPushButton("Show in Data")
        theme.mark(self.show_in_data, "flat", True)
        self.tabs = QTabBar()
        self.list_note, self.grid = ElidedLabel(), PredictedGrid("predictions")
        self.calibration, self.calibration_words = CalibrationPlot(), QLabel()
        self._lay_out()
        for widget, name, numbers in (
            (self.matrix, "confusion matrix", lambda: self.matrix.numbers),
            (self.calibration, "calibration", lambda: self.calibration.numbers),
        ):
            Keeping(widget, name, numbers, caption=partial(self._caption, name))
        self.counts.chosen.connect(self.show_shares)
        self.matrix.chosen.connect(self._show_cell)
        self.tabs.currentChanged.connect(self._show_list)
        self.grid.chosen.connect(self._tell_choice)
        self.cell_grid.chosen.connect(self._tell_choice)
        self.grid.taken.connect(self._take)
        self.cell_grid.taken.connect(self._take)
        self.now.clicked.connect(self._look_now)
        self.parts.activated.connect(self._choose_part)
        self.show_in_data.clicked.connect(self._show_in_data)

    def keep_with(self, other: QWidget | None) -> None:
        """Have the same samples, cell and list chosen in the page of another moment; the matrix gets the room.

        None: be alone again.
        """
        self._halves.setChildrenCollapsible(other is not None)
        self._halves.setSizes([1, 0] if other is not None else [5000, 8000])
        if isinstance(other, PredictionsPage):
            self.parts.currentIndexChanged.connect(other.take_part)
            self.counts.chosen.connect(other.counts.turn_on)
            self.counts.chosen.connect(other.show_shares)
            self.matrix.chosen.connect(other.matrix.choose)
            self.tabs.currentChanged.connect(other.tabs.setCurrentIndex)
            other.take_part(self.parts.currentIndex())

    @Slot(int)
    def take_part(self, place: int) -> None:
        """Look at another part of the data set."""
        self.parts.setCurrentIndex(place)
        self._choose_part()

    @Slot(int)
    def show_shares(self, place: int) -> None:
        """Show samples in each cell, or percent of each row."""
        self.matrix.show_shares(place == 1)

    def question(self) -> Question:
        return answered

    def _caption(self, name: str) -> Caption:
        parts = (self.origin.text(), f"{self.accuracy.text()} {self.of.text()} right, {self.interval.text()} points")
        keys: tuple[Key, ...] = ()
        if name == "confusion matrix":
            look = theme.current()
            how = "stronger: more of them"
            keys = (Key("right", look.accent), Key(f"taken for another class; {how}", look.warning))
        return Caption(name.capitalize(), " · ".join(filter(None, parts)), keys=keys)

    def set_old(self, is_old: bool) -> None:
        self.matrix.set_old(is_old)
        self.now.setVisible(self.questions.is_live)

    def show_answer(self, outcome: object) -> None:
        if not isinstance(outcome, Answered):
            return
        self.answer = outcome
        predictions, evaluation = outcome.predictions, outcome.evaluation
        moment = self.moment
        low, high = evaluation.interval
        self.accuracy.setText(f"{100 * evaluation.accuracy:.1f} %")
        self.of.setText(f"of {evaluation.n:,} {_sort(self.part)} samples")
        n = len(predictions.worst_mistakes)
        self.mistakes.setText(f"{n:,}")
        self.of_mistakes.setText("mistake" if n == 1 else "mistakes")
        self.interval.setText(f"± {50 * (high - low):.1f}")
        self.accuracy.setToolTip(f"95 % interval: {100 * low:.1f} % … {100 * high:.1f} %")
        self.interval.setToolTip(f"95 % interval: {100 * low:.1f} % … {100 * high:.1f} %")
        if moment is not None:
            self.origin.setText(f"random weights: {moment.origin}" if moment.is_random else moment.origin)
        self.matrix.show_evaluation(evaluation)
        self.weakest.setText(weakest_text(evaluation))
        calibration = outcome.calibration
        self.calibration.show_calibration(calibration)
        error = f"Expected calibration error {100 * calibration.error:.1f} points"
        self.calibration_words.setText(f"{calibration.words} {error}.")
        for grid in (self.grid, self.cell_grid):
            grid.blockSignals(True)  # nobody has chosen anything
        self._show_list()
        self._show_cell(self.matrix.choice)
        for grid in (self.grid, self.cell_grid):
            grid.blockSignals(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < NARROW_PX
        self._halves.setOrientation(Qt.Orientation.Vertical if narrow else Qt.Orientation.Horizontal)
        for widget in (self.interval, self.interval_words):
            widget.setVisible(self.width() >= LEAST_WITH_INTERVAL_PX)
        for widget in (self.mistakes, self.of_mistakes):
            widget.setVisible(self.width() >= LEAST_WITH_MISTAKES_PX)
        self.weakest.setMaximumHeight(0 if self.height() < LOW_PX else 60)

    @Slot()
    def _look_now(self) -> None:
        self.questions.look_now()

    @Slot()
    def _choose_part(self) -> None:
        self.part = self.parts.currentData()
        self.ask()

    @Slot()
    def _show_list(self) -> None:
        answer, place = self.answer, self.tabs.currentIndex()
        is_list = place < len(LISTS)
        self._lists.setCurrentIndex(0 if is_list else 1)
        if answer is None or not is_list:
            self.list_note.setText("" if is_list else "how often right, by how sure")
            return
        order, (_, note, nothing) = self.order, LISTS[place]
        self.list_note.setText(f"{note} · {len(order):,}" if len(order) else nothing)
        self.grid.show_predicted(answer.dataset, answer.predictions, order)

    @property
    def order(self) -> Indices:
        """Places, among the predictions, of the samples in the list that is shown."""
        answer = self.answer
        if answer is None:
            return np.zeros(0, np.int64)
        said = answer.predictions
        return (said.worst_mistakes, said.least_sure, said.most_typical)[min(self.tabs.currentIndex(), 2)]

    @Slot(object)
    def _show_cell(self, cell: Cell | None) -> None:
        answer = self.answer
        self._cell_box.setVisible(cell is not None)
        self.weakest.setVisible(cell is None)
        if answer is None or cell is None:
            return
        places = answer.predictions.taken_for(*cell)
        self.cell_title.setText(self.matrix.cell_text(cell))
        self.show_in_data.setVisible(bool(len(places)) and self.part != "test")
        self.cell_grid.show_predicted(answer.dataset, answer.predictions, places)
        self.cell_grid.setVisible(bool(len(places)))

    @Slot(int)
    def _tell_choice(self, index: int) -> None:
        self.sample_chosen.emit(index, self.part)

    @Slot(int)
    def _take(self, index: int) -> None:
        if self.part != "test":
            self.probe_requested.emit(index)

    @Slot()
    def _show_in_data(self) -> None:
        if self.answer is not None and self.matrix.choice is not None:
            places = self.answer.predictions.taken_for(*self.matrix.choice)
            self.samples_requested.emit(
                self.answer.predictions.samples[places], self.matrix.cell_text(self.matrix.choice)
            )

    def _lay_out(self) -> None:
        figures = QHBoxLayout()
        figures.setSpacing(20)
        for label, below in (
            (self.accuracy, self.of),
            (self.mistakes, self.of_mistakes),
            (self.interval, self.interval_words),
        ):
            label.setFont(theme.font(16, 600))
            theme.mark(below, "role", "muted")
            column = QVBoxLayout()
            column.setSpacing(0)
            column.addWidget(label)
            column.addWidget(below)
            figures.addLayout(column)
        theme.mark(self.origin, "role", "muted")
        theme.mark(self.weakest, "role", "muted")
        self.weakest.setWordWrap(True)
        self.head.addLayout(figures)
        self.head.addSpacing(12)
        self.head.addWidget(self.origin, 1)
        for widget in (self.now, self.parts, self.counts):
            self.head.addWidget(widget)
        theme.mark(self.cell_title, "role", "strong")
        self._cell_box = QWidget()
        cell = QVBoxLayout(self._cell_box)
        cell.setContentsMargins(0, 0, 0, 0)
        cell.setSpacing(4)
        head = QHBoxLayout()
        head.addWidget(self.cell_title, 1)
        head.addWidget(self.show_in_data)
        cell.addLayout(head)
        cell.addWidget(self.cell_grid)
        self.cell_grid.setFixedHeight(CELL_PX)
        self._cell_box.hide()
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(16, 4, 12, 8)
        column.setSpacing(6)
        column.addWidget(self.matrix, 1)
        column.addWidget(self._cell_box)
        column.addWidget(self.weakest)
        self._halves = QSplitter()
        self._halves.setChildrenCollapsible(False)
        self._halves.addWidget(left)
        self._halves.addWidget(self._right())
        self._halves.setStretchFactor(0, 5)
        self._halves.setStretchFactor(1, 8)
        outer = QVBoxLayout(self.body)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._halves)

    def _right(self) -> QWidget:
        for title, *_ in LISTS:
            self.tabs.addTab(title)
        self.tabs.addTab("Calibration")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        theme.mark(self.list_note, "role", "muted")
        theme.mark(self.calibration_words, "role", "muted")
        self.calibration_words.setWordWrap(True)
        self.list_note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        head = QHBoxLayout()
        head.setContentsMargins(8, 0, 16, 0)
        head.addWidget(self.tabs)
        head.addWidget(self.list_note, 1)
        plot = QWidget()
        beside = QVBoxLayout(plot)
        beside.setContentsMargins(16, 8, 16, 8)
        beside.addWidget(self.calibration_words)
        beside.addWidget(self.calibration, 1)
        self._lists = QStackedWidget()
        self._lists.addWidget(self.grid)
        self._lists.addWidget(plot)
        top = QWidget()
        column = QVBoxLayout(top)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._lists, 1)
        return top


def answered(trial: Trial) -> Work[Answered]:
    """Ask a network about the samples of a part, and count how right it is."""
    predictions = yield from predict(trial.network, trial.preparation, trial.dataset, trial.samples)
    loss = float(-predictions.log_right.mean())
    evaluation = measured(loss, predictions.labels, predictions.predicted, trial.dataset.classes)
    yield 0.99
    predictions.sort()  # here, so that the window need not
    calibration = calibrated(predictions.confidence, predictions.is_right)
    return Answered(trial.dataset, predictions, evaluation, calibration)


def weakest_text(evaluation: Evaluation) -> str:
    """Say which class is found least, and which is said wrongly most; nothing where all is right."""
    own = [figures for figures in evaluation.classes if figures.n]
    said = [f for f, taken in zip(evaluation.classes, evaluation.confusion.sum(axis=0), strict=True) if taken]
    colours = "Blue is right, amber wrong; a stronger colour is more. Bars run from 80 to 100 %."
    if not own or not said or evaluation.accuracy == 1:
        return colours
    recall, precision = min(own, key=lambda f: f.recall), min(said, key=lambda f: f.precision)
    return (
        f"Weakest: recall of {recall.name} ({100 * recall.recall:.1f} %), precision of {precision.name} "
        f"({100 * precision.precision:.1f} %). {colours}"
    )


def _sort(part: Part) -> str:
    return dict(PARTS)[part].removesuffix(" part")
