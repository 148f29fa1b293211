"""A column of problem cards that keeps those whose problem stayed the same."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.problems import Problem
from designer.problems.card import ProblemCard
from designer.session import Drawn


class ProblemCards(QWidget):
    """The problems of a layer or of the document, one below the other."""

    layer_chosen = Signal(str)
    """The user wants to see the layer (of the drawn graph) that has a problem."""

    def __init__(self, session: Drawn, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.cards: list[ProblemCard] = []
        self._about: str | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        for card in self.cards:
            card.tidy()

    def place(self) -> None:
        """Give the cards their places now, not when events are next processed."""
        self._column.activate()

    def show_problems(self, problems: Sequence[Problem], about: str | None = None) -> None:
        """Show these problems and no others; `about` is the layer that need not be named."""
        old = self.cards if about == self._about else []
        self._about = about
        cards: list[ProblemCard] = []
        for problem in problems:
            card = next((card for card in old if card.problem == problem and card not in cards), None)
            if card is None:
                card = ProblemCard(self.session, problem, about)
                card.chosen.connect(self.layer_chosen)
            cards.append(card)
        for card in self.cards:
            self._column.removeWidget(card)
            if card not in cards:
                card.hide()
                card.deleteLater()
        self.cards = cards
        for card in cards:
            self._column.addWidget(card)
            card.show()
