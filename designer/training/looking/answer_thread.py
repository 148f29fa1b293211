"""The thread that answers questions about a network, step by step, in turn, for whoever asked."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from threading import Condition, Thread
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from core.analysis.report import Report
from core.errors import DataError
from core.io.prepared import Beside
from designer.session.questions import Answer, Moment, Order
from designer.training.looking.last_network import LastNetwork, Trained
from designer.training.mailbox import Failed
from designer.training.worker import attempt

if TYPE_CHECKING:  # loading the engine takes longer than drawing the first frame
    from core.training.evaluating import Trial


@dataclass(frozen=True, slots=True, eq=False)
class KnownMoment(Moment):
    """A moment with all that a network of its own is made from.

    Attributes
    ----------
    report : Report
        Of the network: as drawn, or as it was trained.
    base : Path or None
        The document's folder.
    trained : Trained or None
        Its weights; None for those that it would begin with.
    """

    report: Report
    base: Path | None
    trained: Trained | None

    @classmethod
    def of(cls, report: Report, base: Path | None, trained: Trained | None) -> KnownMoment:
        """Return the moment at which a network has the weights of a training, or those that it would begin with."""
        if trained is None:
            return cls("untrained", True, False, False, report, base, None)
        has_test = trained.dataset is not None and trained.dataset.test is not None
        return cls(trained.name, trained.step == 0, has_test, trained.tick is not None, report, base, trained)

    def differs_from(self, before: KnownMoment) -> bool:
        """Whether something else may be said: of an untrained network its drawing and its settings count."""
        if before.trained is not self.trained or before.base != self.base:
            return True
        documents = (before.report.document, self.report.document)
        graphs = documents[0].graph is not documents[1].graph
        return graphs or (self.trained is None and documents[0].training.settings != documents[1].training.settings)


@dataclass(slots=True, eq=False)
class _Started:
    """A question that is being answered, and the time that was spent on it."""

    order: Order
    work: Generator[float, None, Any]
    seconds: float = 0.0


class AnswerThread(Thread):
    """Goes a step further with the question that has had the least time: quick answers do not wait for slow ones.

    Questions about older weights are given up.

    Parameters
    ----------
    tell : callable
        Called from the thread when there is something to collect.
    """

    def __init__(self, tell: Callable[[], None]) -> None:
        super().__init__(name="answers", daemon=True)
        self._tell = tell
        self._changed = Condition()
        self._orders: dict[int, Order | None] = {}
        self._answers: dict[int, Answer] = {}
        self._closed = False
        self._works: dict[int, _Started] = {}
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
                    break
                orders, self._orders = self._orders, {}
            for asker, order in orders.items():
                if asker in self._works:
                    self._works.pop(asker).work.close()
                if order is not None:
                    self._begin(order)
            if self._works:
                self._go_on(min(self._works.values(), key=lambda work: work.seconds))
        for started in self._works.values():
            started.work.close()

    def _begin(self, order: Order) -> None:
        for asker, older in list(self._works.items()):
            if older.order.moment is not order.moment:
                older.work.close()
                del self._works[asker]
        begun = attempt(lambda: order.question(self._trial(order)), "There is no answer.")
        if isinstance(begun, Failed):
            self._post(Answer(order, begun.why))
        else:
            self._works[order.asker] = _Started(order, begun)

    def _go_on(self, started: _Started) -> None:
        order, work = started.order, started.work

        def step() -> tuple[bool, Any]:
            try:
                return False, next(work)
            except StopIteration as end:
                return True, end.value

        before = perf_counter()
        went = attempt(step, "There is no answer.")
        started.seconds += perf_counter() - before
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

        moment = order.moment
        if not isinstance(moment, KnownMoment):
            raise TypeError("this thread answers about moments that are known to the last array")
        settings = moment.report.document.training.settings
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
