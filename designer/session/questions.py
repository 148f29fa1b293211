"""Questions about the network as it is at one moment: who asks them, and what hears the answer."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:  # loading the engine takes longer than drawing the first frame
    from core.training.evaluating import Trial
    from core.work import Work

Part: TypeAlias = Literal["validation", "test", "training", "unseen", "any"]
"""Which samples are asked about; unseen are those of the test part, where there is one, else of validation; any is for
questions that choose a sample themselves, or have one of their own."""

Question: TypeAlias = "Callable[[Trial], Work[Any]]"
"""Begins to answer; called in a thread, as is what it returns."""


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """A network with the weights that it has at some moment.

    Attributes
    ----------
    origin : str
        What to call it: "untrained", "live · after epoch 3", "run 3".
    is_random : bool
        Whether nothing has trained these weights.
    has_test : bool
        Whether its data set has a test part of its own.
    is_past : bool
        Whether its run has gone on since.
    """

    origin: str
    is_random: bool
    has_test: bool
    is_past: bool


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """A question of one of those who ask.

    Attributes
    ----------
    asker : int
        Who asks; a newer question of the same takes the place of the older one.
    part : str
        Which samples it is about.
    """

    asker: int
    moment: Moment
    part: Part
    question: Question


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What came of an order, or how far it is.

    Attributes
    ----------
    outcome : object
        Anything; a text says why there is none.
    done : float
        Below 1 while there is no outcome.
    """

    order: Order
    outcome: object = None
    done: float = 1.0


class Asker(QObject):
    """Asks one question at a time, and hears what comes of it, in the window's thread.

    What was asked about older weights is given up; who still wants to know asks again on `Questions.moment_changed`.
    """

    answered = Signal(object)
    """Carries what the question's work returned."""
    progressed = Signal(float)
    """How much is done, from 0 to 1."""
    failed = Signal(str)
    """Why there is no answer: sentences."""

    def __init__(self, questions: Questions, number: int) -> None:
        super().__init__(questions)
        self._questions, self._number = questions, number
        self._order: Order | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is to come."""
        return self._order is not None

    def ask(self, question: Question, part: Part = "validation") -> None:
        """Ask about the network as it is now; what was asked before is forgotten."""
        moment = self._questions.moment
        if moment is None:
            self._order = None
            self.failed.emit(self._questions.refusal)
            return
        self._order = Order(self._number, moment, part, question)
        self._questions.hand_on(self._order)

    def give_up(self) -> None:
        """Want to know no more."""
        if self._order is not None:
            self._order = None
            self._questions.forget(self._number)

    def hear(self, answer: Answer) -> None:
        """Take an answer, if it is one to what was asked last."""
        if answer.order is not self._order:
            return
        if answer.done < 1:
            self.progressed.emit(answer.done)
            return
        self._order = None
        if isinstance(answer.outcome, str):
            self.failed.emit(answer.outcome)
        else:
            self.answered.emit(answer.outcome)


class Questions(QObject):
    """Where views ask; who answers is a subclass.

    Attributes
    ----------
    moment : Moment or None
        The network that is asked about; None where there is nothing to ask about, and `refusal` says why.
    is_live : bool
        Whether a run is on, so that there will be newer weights.
    """

    moment_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.moment: Moment | None = None
        self.refusal = ""
        self.is_live = False
        self._askers: list[Asker] = []
        self._attending: set[int] = set()

    def asker(self) -> Asker:
        """Return a new one who asks."""
        asker = Asker(self, len(self._askers))
        self._askers.append(asker)
        return asker

    def attend(self, who: QObject, attends: bool) -> None:
        """Say whether somebody shows answers now; while nobody does, no weights are copied and there is no moment."""
        before = bool(self._attending)
        (self._attending.add if attends else self._attending.discard)(id(who))
        if bool(self._attending) != before:
            self.attended()

    @property
    def is_attended(self) -> bool:
        """Whether anybody shows answers."""
        return bool(self._attending)

    def attended(self) -> None:
        """Begin or end to keep the newest moment."""

    def look_now(self) -> None:
        """Take the weights that a run has by now."""

    @abstractmethod
    def hand_on(self, order: Order) -> None:
        """Have a question answered."""

    @abstractmethod
    def forget(self, number: int) -> None:
        """Give a question up."""
