"""The list of everything that is wrong or unwise, each with its reason and its fixes."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget

from core.problems import Problem
from core.text import counted
from designer import theme
from designer.problems.cards import ProblemCards
from designer.problems.switches import AdviceMenu
from designer.session import Session

AT_ONCE = 40
"""No more cards than these are made, around those that are in sight: there may be thousands of problems."""
_NEAR_PX = 200
"""So far ahead of what is in sight cards are made."""
_TYPICAL_PX = 90
"""The height of a card that has not been made, with the space below it."""
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
        self.above, self.below = QWidget(), QWidget()
        self._first = 0
        self._placing = False
        self.advice_menu = AdviceMenu(session, self)
        self.advice_button = QToolButton()
        self.advice_button.setText("Advice…")
        self.advice_button.setToolTip("Choose which advice to show")
        self.advice_button.setAutoRaise(True)
        self.advice_button.setMenu(self.advice_menu)
        self.advice_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

        self._body = body = QWidget()
        self._column = column = QVBoxLayout(body)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.addWidget(self.state, 1)
        head.addWidget(self.advice_button, 0, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        column.addLayout(head)
        for part in (self.above, self.cards, self.below):
            column.addWidget(part)
        column.addStretch(1)
        self.setWidget(body)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Problems")
        self.cards.layer_chosen.connect(self._go_to)
        self.verticalScrollBar().valueChanged.connect(self._keep_up)
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
        self._make_cards(self._first)

    def _make_cards(self, first: int) -> None:
        """Make cards from one problem on; empty room stands for those before and after."""
        problems = self._problems
        self._first = max(0, min(first, len(problems) - AT_ONCE))
        self.cards.show_problems(problems[self._first : self._first + AT_ONCE])
        after = len(problems) - self._first - len(self.cards.cards)
        for room, n in ((self.above, self._first), (self.below, after)):
            room.setVisible(n > 0)
            room.setFixedHeight(n * _TYPICAL_PX)
        if len(problems) > AT_ONCE:
            stops = [stop for card in self.cards.cards for stop in card.focus_stops]
            for one, following in pairwise(stops):
                QWidget.setTabOrder(one, following)

    @Slot()
    def _keep_up(self) -> None:
        """Make the cards around what has come into sight."""
        cards = self.cards.cards
        n_after = len(self._problems) - self._first - len(cards)
        if self._placing or not cards or not (self._first or n_after):
            return
        top = self.verticalScrollBar().value()
        bottom = top + self.viewport().height()
        start, end = self.cards.y(), self.cards.geometry().bottom()
        if not (self._first and top < start + _NEAR_PX) and not (n_after and bottom > end - _NEAR_PX):
            return
        self._placing = True
        anchor = next((card for card in cards if start <= top <= start + card.geometry().bottom()), None)
        if anchor is None:  # a jump beyond all cards that are made
            seen = round((top - self.above.y()) / _TYPICAL_PX)
            self._make_cards(seen - AT_ONCE // 3)
            self._settle()
        else:
            below = self.cards.y() + anchor.y() - top
            self._make_cards(self._first + cards.index(anchor) - AT_ONCE // 3)
            self._settle()
            self.verticalScrollBar().setValue(self.cards.y() + anchor.y() - below)
        self._placing = False

    def _settle(self) -> None:
        """Give everything its place now, not a few events later."""
        width = self.viewport().width()
        self._column.invalidate()
        self._body.resize(width, max(self._column.totalHeightForWidth(width), self.viewport().height()))
        self._column.activate()
        self.cards.place()

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
            (untrainable, f"Valid, but can't be trained: {counted(untrainable, 'reason')}"),
            (errors - untrainable, counted(errors - untrainable, "error")),
            (advice, counted(advice, "piece of advice", "pieces of advice")),
            (notes, counted(notes, "note")),
        )
        return " · ".join(text for n, text in parts if n)

    @Slot(str)
    def _go_to(self, layer: str) -> None:
        self.session.select([layer])
        self.reveal_requested.emit(layer)
