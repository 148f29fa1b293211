"""The thread that answers questions about a network, step by step, in turn, for whoever asked."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from threading import Condition, Thread
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from core.analysis.report import Report
from core.errors import DataError
from core.io.prepared import Beside
from core.work import Work
from designer.training.last_network import LastNetwork, Trained
from designer.training.mailbox import Failed
from designer.training.worker import attempt

if TYPE_CHECKING:  # loading the engine takes longer than drawing the first frame
    from core.training.evaluating import Trial

Part: TypeAlias = Literal["validation", "test", "training", "unseen", "any"]
"""Which samples are asked about; unseen are those of the test part, where there is one, else of validation; any is for
questions that choose a sample themselves, or have one of their own."""


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """A network with the weights that it has at some moment.

    Attributes
    ----------
    report : Report
        Of the network: as drawn, or as it was trained.
    base : Path or None
        The document's folder.
    trained : Trained or None
        Its weights; None for those that it would begin with.
    origin : str
        What to call it: "untrained", "live · epoch 3", "run 3".
    """

    report: Report
    base: Path | None
    trained: Trained | None
    origin: str

    @property
    def is_random(self) -> bool:
        """Whether nothing has trained these weights."""
        return self.trained is None or self.trained.step == 0


Question: TypeAlias = "Callable[[Trial], Work[Any]]"
"""Begins to answer; called in the thread, as is what it returns."""


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


class QuestionThread(Thread):
    """Goes a step further with each question in turn; questions about older weights are given up.

    Parameters
    ----------
    tell : callable
        Called from the thread when there is something to collect.
    """

    def __init__(self, tell: Callable[[], None]) -> None:
        super().__init__(name="questions", daemon=True)
        self._tell = tell
        self._changed = Condition()
        self._orders: dict[int, Order | None] = {}
        self._answers: dict[int, Answer] = {}
        self._closed = False
        self._works: dict[int, tuple[Order, Generator[float, None, Any]]] = {}
        self._last = LastNetwork()

    def ask(self, order: Order) -> None:
        """Take a question in place of what the same asked before."""
        with self._changed:
            self._orders[order.asker] = order
            self._answers.pop(order.asker, None)
            self._changed.notify_all()

    def give_up(self, asker: int) -> None:
        """Forget what somebody asked."""
        with self._changed:
            self._orders[asker] = None
            self._answers.pop(asker, None)
            self._changed.notify_all()

    def collect(self) -> list[Answer]:
        """Take what has come since the last time, the newest of each who asked."""
        with self._changed:
            answers, self._answers = list(self._answers.values()), {}
        return answers

    def close(self) -> None:
        """End the thread after the step that it is computing."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def run(self) -> None:
        """Work until closed."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or bool(self._orders) or bool(self._works))
                if self._closed:
                    return
                orders, self._orders = self._orders, {}
            for asker, order in orders.items():
                if asker in self._works:
                    self._works.pop(asker)[1].close()
                if order is not None:
                    self._begin(order)
            for order, work in list(self._works.values()):
                self._go_on(order, work)

    def _begin(self, order: Order) -> None:
        for older, work in list(self._works.values()):
            if older.moment is not order.moment:
                work.close()
                del self._works[older.asker]
        begun = attempt(lambda: order.question(self._trial(order)), "There is no answer.")
        if isinstance(begun, Failed):
            self._post(Answer(order, begun.why))
        else:
            self._works[order.asker] = (order, begun)

    def _go_on(self, order: Order, work: Generator[float, None, Any]) -> None:
        def step() -> tuple[bool, Any]:
            try:
                return False, next(work)
            except StopIteration as end:
                return True, end.value

        went = attempt(step, "There is no answer.")
        if isinstance(went, Failed):
            del self._works[order.asker]
            self._post(Answer(order, went.why))
            return
        is_done, value = went
        if is_done:
            del self._works[order.asker]
        self._post(Answer(order, value) if is_done else Answer(order, done=min(value, 0.999)))

    def _post(self, answer: Answer) -> None:
        asker = answer.order.asker
        with self._changed:
            if self._closed or asker in self._orders:  # nobody waits for it any more
                return
            is_first = not self._answers
            self._answers[asker] = answer
        if is_first:
            self._tell()

    def _trial(self, order: Order) -> Trial:
        """Load the samples, fit preprocessing where the weights are random, and choose the part.

        Raises
        ------
        ConvographError
            There is no network, or no samples for it.
        """
        from core.engine.threads import ONE_THREAD
        from core.training.evaluating import Trial
        from core.training.preparation import Preparation, divided

        moment, settings = order.moment, order.moment.report.document.training.settings
        with ONE_THREAD:
            network = self._last.network(moment.report, moment.trained)
            dataset = self._last.samples(network, moment.report, moment.base, moment.trained)
            if moment.trained is None:
                network.beside = Beside(self._last.steps(settings, dataset))
        test = dataset.test
        if order.part == "any":
            samples = np.arange(len(dataset))
        elif order.part == "test" or (order.part == "unseen" and test is not None):
            if test is None:
                raise DataError(f"{dataset.name} has no test part of its own.")
            dataset, samples = test, np.arange(len(test))
        else:
            training, validation = divided(dataset, settings)
            samples = training if order.part == "training" else validation
        if not len(samples):
            raise DataError(
                f"Nothing of {dataset.name} is kept back for validation. Set the validation split in Training above 0."
            )
        return Trial(network, Preparation(network.beside.steps), dataset, samples)
