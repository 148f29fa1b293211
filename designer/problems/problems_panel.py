"""The list of everything that is wrong or unwise, each with its reason and its fixes."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget

from core.problems import Problem
from core.text import counted, number_text
from designer import theme
from designer.problems.cards import ProblemCards
from designer.problems.switches import AdviceMenu
from designer.session import Session

MOST_CARDS = 100
"""No more are shown at once: with so many, the user solves the first ones first."""
DRAWN = "No problems. Every layer fits what feeds it."
EMPTY = "No problems. Every layer fits what feeds it, and the network can be trained."
EMPTY_DOCUMENT = "No problems, because nothing is drawn yet. Drag a layer from the left onto the canvas."


class ProblemsPanel(QScrollArea):
    """All problems of the document; clicking one, or pressing Enter, goes to its layer."""

    reveal_requested = Signal(str)
    """A layer of the drawn graph is to be brought into view."""
    count_changed = Signal(int, int)
    """How many errors and how many pieces of advice there are."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.counts = (0, 0)
        self._stale = True
        self.state = QLabel(EMPTY)
        self.state.setWordWrap(True)
        theme.mark(self.state, "role", "muted")
        self.cards = ProblemCards(session)
        self.more = QLabel()
        theme.mark(self.more, "role", "muted")
        self.advice_menu = AdviceMenu(session, self)
        self.advice_button = QToolButton()
        self.advice_button.setText("Advice…")
        self.advice_button.setToolTip("Choose which advice to show")
        self.advice_button.setAutoRaise(True)
        self.advice_button.setMenu(self.advice_menu)
        self.advice_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.addWidget(self.state, 1)
        head.addWidget(self.advice_button, 0, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        column.addLayout(head)
        column.addWidget(self.cards)
        column.addWidget(self.more)
        column.addStretch(1)
        self.setWidget(body)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Problems")
        self.cards.layer_chosen.connect(self._go_to)
        session.document_changed.connect(self._follow)
        session.readiness_changed.connect(self._follow)
        self._follow()

    @Slot()
    def _follow(self) -> None:
        problems = self._problems
        errors = sum(problem.severity == "error" for problem in problems)
        advice = sum(problem.severity == "advice" for problem in problems)
        if (errors, advice) != self.counts:
            self.counts = (errors, advice)
            self.count_changed.emit(errors, advice)
            self.setWindowTitle(f"Problems  {errors + advice}" if errors or advice else "Problems")
        self._stale = True
        if self.isVisible():
            self._refresh()

    def showEvent(self, event: QShowEvent) -> None:
        self._refresh()
        super().showEvent(event)

    def _refresh(self) -> None:
        if not self._stale:
            return
        self._stale = False
        problems = self._problems
        self.state.setText(self._numbers() if problems else self._nothing())
        self.cards.setVisible(bool(problems))
        self.cards.show_problems(problems[:MOST_CARDS])
        hidden = len(problems) - MOST_CARDS
        self.more.setVisible(hidden > 0)
        self.more.setText(f"and {number_text(hidden)} more, shown once the first ones are solved")

    @property
    def _problems(self) -> tuple[Problem, ...]:
        """What keeps from training comes first: where there are errors in the drawing, nothing is known of it."""
        return (*self.session.training_problems, *self.session.report.problems)

    def _nothing(self) -> str:
        if not self.session.document.graph.layers:
            return EMPTY_DOCUMENT
        ready = self.session.readiness
        return " ".join([EMPTY, *ready.notes]) if ready is not None and ready.trainable else DRAWN

    def _numbers(self) -> str:
        errors, advice = self.counts
        notes = len(self._problems) - errors - advice
        untrainable = len(self.session.training_problems)
        parts = (
            (untrainable, f"valid, but can't be trained: {counted(untrainable, 'reason')}"),
            (errors - untrainable, counted(errors - untrainable, "error")),
            (advice, counted(advice, "piece of advice", "pieces of advice")),
            (notes, counted(notes, "note")),
        )
        return " · ".join(text for n, text in parts if n)

    @Slot(str)
    def _go_to(self, layer: str) -> None:
        self.session.select([layer])
        self.reveal_requested.emit(layer)
