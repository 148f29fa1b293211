"""How a training has come out: one sentence, the mistakes, and what to do next."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from core.errors import NetworkError
from core.text import counted
from core.training.evaluating import Trial
from core.work import Work
from designer import theme
from designer.training.question_thread import Part, Question
from designer.training.questions import Questions
from designer.training.runs import Runs
from designer.views.predictions.asking_page import AskingPage
from designer.views.predictions.predicted_grid import PredictedGrid
from designer.views.predictions.predictions_page import Answered, answered

NOUNS: Final = {"digits": "digits", "MNIST": "digits", "shapes": "shapes"}
"""What samples of a data set are; others are samples."""


class ResultPage(AskingPage):
    """Says how many samples that nobody has learned from are right, and leads on."""

    draw_requested = Signal()
    why_requested = Signal(int, str)
    """Carries the place of a sample in its part of the data set, and the part."""
    save_requested = Signal()
    export_requested = Signal()

    def __init__(self, questions: Questions, runs: Runs, *, exports: bool) -> None:
        super().__init__(questions, "No result yet")
        self.part: Part = "unseen"
        self._runs = runs
        self.answer: Answered | None = None
        self.sentence, self.about, self.mistakes = QLabel(), QLabel(), QLabel()
        self.grid = PredictedGrid()
        self.draw, self.why = QPushButton("Draw your own"), QPushButton("See why")
        self.go_on, self.save, self.export = (
            QPushButton("Continue"),
            QPushButton("Save weights…"),
            QPushButton("Export…"),
        )
        self._lay_out()
        self.export.setVisible(exports)
        self.draw.clicked.connect(self.draw_requested)
        self.why.clicked.connect(self._ask_why)
        self.go_on.clicked.connect(self._go_on)
        self.save.clicked.connect(self.save_requested)
        self.export.clicked.connect(self.export_requested)
        self.grid.taken.connect(self._ask_why)
        runs.changed.connect(self._set_enabled)

    def question(self) -> Question:
        moment = self.questions.moment
        return partial(result, moment is None or moment.is_random)

    def set_old(self, is_old: bool) -> None:
        self.sentence.setEnabled(not is_old)
        self._set_enabled()

    def show_answer(self, outcome: object) -> None:
        if not isinstance(outcome, Answered):
            return
        self.answer = outcome
        predictions = outcome.predictions
        self.sentence.setText(result_text(outcome))
        low, high = outcome.evaluation.interval
        self.sentence.setToolTip(f"95 % interval: {100 * low:.1f} % … {100 * high:.1f} %")
        shown = self._runs.shown
        lines = [shown.summary, *shown.ending_lines] if shown is not None and not self.questions.is_live else []
        origin = self.moment.origin if self.moment is not None else ""
        self.about.setText("\n".join(lines) or origin)
        n = len(predictions.worst_mistakes)
        text = f"{counted(n, 'mistake')}, the worst first. Return or a double-click says why." if n else "No mistake."
        self.mistakes.setText(text)
        self.grid.show_predicted(outcome.dataset, predictions, predictions.worst_mistakes)
        self.grid.setVisible(bool(n))
        self._set_enabled()

    @property
    def _tested_on(self) -> Part:
        is_test = self.answer is not None and self.moment is not None and self.answer.dataset.test is None
        trained = self.moment.trained if self.moment is not None else None
        own_test = trained is not None and trained.dataset is not None and trained.dataset.test is not None
        return "test" if is_test and own_test else "validation"

    @Slot()
    def _ask_why(self) -> None:
        answer = self.answer
        if answer is None:
            return
        index = self.grid.choice
        if index is None:  # no mistake: why it is least sure is still worth a look
            index = int(answer.predictions.samples[answer.predictions.least_sure[0]])
        self.why_requested.emit(index, self._tested_on)

    @Slot()
    def _go_on(self) -> None:
        if self._runs.can_continue and not self.questions.is_live:
            self._runs.go_on()

    @Slot()
    def _set_enabled(self) -> None:
        idle = not self.questions.is_live
        self.go_on.setEnabled(idle and self._runs.can_continue)
        self.save.setEnabled(self._runs.shown is not None and self._runs.shown.standing is not None and idle)

    def _lay_out(self) -> None:
        self.sentence.setFont(theme.font(20, 600))
        self.sentence.setWordWrap(True)
        for label in (self.about, self.mistakes):
            theme.mark(label, "role", "muted")
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        theme.mark(self.draw, "primary", True)
        for button, tip in (
            (self.draw, "Draw a picture and see what the network takes it for"),
            (self.why, "See what the network looked at when it took the chosen sample for its class"),
            (self.go_on, "Train as many epochs again, from where it stands"),
            (self.save, "Save the weights as a file"),
            (self.export, "Write the network for other programs"),
        ):
            button.setToolTip(tip)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.draw, self.why, self.go_on, self.save, self.export):
            buttons.addWidget(button)
        buttons.addStretch()
        column = QVBoxLayout(self.body)
        column.setContentsMargins(24, 16, 24, 12)
        column.setSpacing(8)
        column.addWidget(self.sentence)
        column.addWidget(self.about)
        column.addSpacing(4)
        column.addLayout(buttons)
        column.addSpacing(4)
        column.addWidget(self.mistakes)
        column.addWidget(self.grid, 1)


def result_text(answer: Answered) -> str:
    """Say how many samples that nobody has learned from are right, and how sure that is."""
    evaluation = answer.evaluation
    low, high = evaluation.interval
    noun = NOUNS.get(answer.dataset.name, "samples")
    share = f"{100 * evaluation.accuracy:.1f} %" if evaluation.accuracy < 1 else "All"
    return f"{share} of {evaluation.n:,} unseen {noun} right (± {50 * (high - low):.1f})"


def result(is_random: bool, trial: Trial) -> Work[Answered]:
    """Ask about samples that were not learned from.

    Raises
    ------
    NetworkError
        Nothing has been trained.
    """
    if is_random:
        raise NetworkError("Train (F5): what has come of it is said here.")
    return (yield from answered(trial))
