"""How a training has come out: one sentence, the mistakes, and what to do next."""

from __future__ import annotations

from functools import partial
from typing import Final, NamedTuple

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout

from core.errors import NetworkError
from core.text import counted
from core.training.evaluating import Trial
from core.work import Work
from designer import theme
from designer.session.questions import Part, Question, Questions
from designer.views.elided import ElidedLabel
from designer.views.predictions.asking_page import AskingPage
from designer.views.predictions.predicted_grid import PredictedGrid
from designer.views.predictions.predictions_page import Answered, answered

NOUNS: Final = {"digits": "digits", "MNIST": "digits", "shapes": "shapes"}
"""What samples of a data set are; others are samples."""


class RunState(NamedTuple):
    """What is known of the run that is shown: how it ended, whether it goes on, whether it has weights to save."""

    lines: tuple[str, ...] = ()
    goes_on: bool = False
    can_be_saved: bool = False


class ResultPage(AskingPage):
    """Says how many samples that nobody has learned from are right, and leads on."""

    draw_requested = Signal()
    why_requested = Signal(int, str)
    """Carries the place of a sample in its part of the data set, and the part."""
    continue_requested = Signal()
    save_requested = Signal()
    export_requested = Signal()

    def __init__(self, questions: Questions) -> None:
        super().__init__(questions, "No result yet")
        self.part: Part = "unseen"
        self._run = RunState()
        self.answer: Answered | None = None
        self.sentence, self.about, self.mistakes = ElidedLabel(), QLabel(), ElidedLabel()
        self.grid = PredictedGrid("mistakes")
        self.draw, self.why = QPushButton("Draw your own"), QPushButton("See why")
        self.go_on, self.save, self.export = (
            QPushButton("Continue"),
            QPushButton("Save weights…"),
            QPushButton("Export…"),
        )
        self._lay_out()
        self.draw.clicked.connect(self.draw_requested)
        self.why.clicked.connect(self._ask_why)
        self.go_on.clicked.connect(self.continue_requested)
        self.save.clicked.connect(self.save_requested)
        self.export.clicked.connect(self.export_requested)
        self.grid.taken.connect(self._ask_why)

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
        n = len(predictions.worst_mistakes)
        text = (
            f"{counted(n, 'mistake')}, the worst first. Press Enter or double-click one to see why."
            if n
            else "No mistake."
        )
        self.mistakes.setText(text)
        self.grid.show_predicted(outcome.dataset, predictions, predictions.worst_mistakes)
        self.grid.setVisible(bool(n))
        self._set_enabled()

    @property
    def _tested_on(self) -> Part:
        return "test" if self.moment is not None and self.moment.has_test else "validation"

    @Slot()
    def _ask_why(self) -> None:
        answer = self.answer
        if answer is None:
            return
        index = self.grid.choice
        if index is None:  # no mistake: why it is least sure is still worth a look
            index = int(answer.predictions.samples[answer.predictions.least_sure[0]])
        self.why_requested.emit(index, self._tested_on)

    def show_run(self, run: RunState) -> None:
        """Say how the run ended that is shown, and what can be done with it."""
        self._run = run
        self._set_enabled()

    def _set_enabled(self) -> None:
        is_live, run = self.questions.is_live, self._run
        origin = self.moment.origin if self.moment is not None else ""
        lines = (origin,) if is_live or not run.lines else run.lines
        if self.moment is not None and self.moment.is_past and not is_live:
            lines = (f"This is {origin}, an earlier moment. The run itself:", *lines)
        self.about.setText("\n".join(lines))
        self.go_on.setEnabled(run.goes_on and not is_live)
        self.save.setEnabled(run.can_be_saved and not is_live)

    def _lay_out(self) -> None:
        self.sentence.setFont(theme.font(20, 600))
        for label in (self.about, self.mistakes):
            theme.mark(label, "role", "muted")
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.about.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
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
        column.setContentsMargins(24, 12, 24, 8)
        column.setSpacing(6)
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
