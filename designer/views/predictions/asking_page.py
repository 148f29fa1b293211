"""A page that asks one question about the network and shows the answer until there is a newer one."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QStackedLayout, QVBoxLayout, QWidget

from designer.session.questions import Moment, Part, Question, Questions
from designer.views.empty import empty_page, say_instead


class AskingPage(QWidget):
    """Asks while it is visible: when it is shown, and whenever the network has other weights.

    A subclass says what it asks in `question`, how an answer is shown in `show_answer`, and in `set_old` how one looks
    that is no longer true while a newer one is computed. What chooses among questions goes into `head`, which stays
    where there is no answer.
    """

    probe_requested = Signal(int)
    """The user wants to look at this sample everywhere: its place in the data set."""

    def __init__(self, questions: Questions, what: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.questions, self._what = questions, what
        self.asker = questions.asker()
        self.asker.answered.connect(self._on_answer)
        self.asker.failed.connect(self._on_failure)
        self.asker.progressed.connect(self.show_progress)
        questions.moment_changed.connect(self.ask)
        self.part: Part = "validation"
        self.moment: Moment | None = None
        self._asked: tuple[Moment | None, Part, object] | None = None
        self.head = QHBoxLayout()
        self.head.setContentsMargins(16, 8, 16, 0)
        self.head.setSpacing(8)
        self.body = QWidget()
        holder = QWidget()
        self._pages = QStackedLayout(holder)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.bar = QProgressBar(textVisible=False, maximum=1000)
        self.bar.setFixedHeight(3)
        self.bar.setAccessibleName("How much of the answer is there")
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # what is below must not jump
        self.bar.setSizePolicy(policy)
        self.bar.hide()
        column.addLayout(self.head)
        column.addWidget(self.bar)
        column.addWidget(holder, 1)
        self._pages.addWidget(self.body)
        self._empty = empty_page(what, "Computing …")
        self._pages.addWidget(self._empty)
        self._pages.setCurrentWidget(self._empty)

    @property
    def is_showing(self) -> bool:
        """Whether there is an answer rather than a text in its place."""
        return self._pages.currentWidget() is self.body

    @property
    def refusal(self) -> str:
        """Why there is no answer; empty while there is one, or one is to come."""
        return "" if self.is_showing else self._refusal

    _refusal = ""

    def question(self) -> Question:
        """Return what is asked."""
        raise NotImplementedError

    def subject(self) -> object:
        """Return what the question is about beside the network, so that the same is not asked twice."""
        return None

    def show_answer(self, outcome: object) -> None:
        """Show what came of it."""
        raise NotImplementedError

    def set_old(self, is_old: bool) -> None:
        """Show that what is seen is of older weights."""

    @Slot(float)
    def show_progress(self, done: float) -> None:
        """Say how much is done."""
        self.bar.setValue(round(1000 * done))
        self.bar.setVisible(done > 0)

    @Slot()
    def ask(self) -> None:
        """Ask, unless the same has been asked before."""
        if not self.isVisible():
            return
        asked = (self.questions.moment, self.part, self.subject())
        if asked == self._asked and asked[0] is not None:
            return
        self._asked = asked
        self.set_old(True)
        self.asker.ask(self.question(), self.part)

    def hasHeightForWidth(self) -> bool:
        return False  # else what it would like to be high, for lines that wrap, would be scrolled instead of squeezed

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.questions.attend(self, True)
        self.ask()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self.asker.is_waiting:
            self.asker.give_up()
            self._asked = None
        self.questions.attend(self, False)

    @Slot(object)
    def _on_answer(self, outcome: object) -> None:
        self.show_progress(0)
        self.moment = self._asked[0] if self._asked else None
        self.set_old(False)
        self.show_answer(outcome)
        self._pages.setCurrentWidget(self.body)

    @Slot(str)
    def _on_failure(self, why: str) -> None:
        self.show_progress(0)
        self._refusal = why
        self._empty = say_instead(self._pages, self._empty, self._what, why)
