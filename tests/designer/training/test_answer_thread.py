"""Questions are answered in the time that they need, whatever else is asked; what nobody waits for is given up."""

import threading
from time import sleep

import pytest

from core.analysis.check import check
from core.errors import NetworkError
from designer.session.questions import Order
from designer.training.looking.answer_thread import AnswerThread, KnownMoment
from tests.designer.training.trainers import digits_cnn


@pytest.fixture
def asked():
    """Return a function that asks, and one that waits for an outcome."""
    told = threading.Event()
    thread = AnswerThread(told.set)
    thread.start()
    outcomes = {}

    def outcome(asker):
        for _ in range(400):
            for answer in thread.collect():
                if answer.done >= 1:
                    outcomes[answer.order.asker] = answer.outcome
            if asker in outcomes:
                return outcomes.pop(asker)
            told.wait(0.05)
            told.clear()
        raise AssertionError("no answer")

    yield thread, outcome
    thread.close()
    thread.join(5)
    assert not thread.is_alive()


@pytest.fixture
def moment():
    return KnownMoment.of(check(digits_cnn()), None, None)


def test_the_trial_has_the_network_and_the_samples_of_the_part(asked, moment):
    thread, outcome = asked

    def question(trial):
        yield 0.5
        return trial.network.output_ids, len(trial.samples), len(trial.dataset)

    for part, n in (("validation", 359), ("training", 1438), ("unseen", 359), ("any", 1797)):
        thread.ask(Order(0, moment, part, question))
        assert outcome(0) == (("softmax",), n, 1797)


def test_quick_answers_do_not_wait_for_slow_ones(asked, moment):
    thread, outcome = asked
    steps = []

    def slow(trial):
        for _ in range(1000):
            sleep(0.02)
            steps.append("slow")
            yield 0.1

    def quick(trial):
        for _ in range(200):
            yield 0.5
        return len(steps)

    thread.ask(Order(0, moment, "any", slow))
    thread.ask(Order(1, moment, "any", quick))
    assert outcome(1) < 20  # taken in turn, it would be 200
    thread.give_up(0)


def test_what_is_asked_anew_is_given_up_and_closed(asked, moment):
    thread, outcome = asked
    closed, begun = threading.Event(), threading.Event()

    def endless(trial):
        try:
            while True:
                begun.set()
                sleep(0.001)
                yield 0.1
        finally:
            closed.set()

    def other(trial):
        yield 0.5
        return "other"

    thread.ask(Order(0, moment, "any", endless))
    assert begun.wait(10)
    thread.ask(Order(0, moment, "any", other))
    assert outcome(0) == "other"
    assert closed.is_set()


def test_questions_about_older_weights_are_given_up(asked, moment):
    thread, outcome = asked
    closed, begun = threading.Event(), threading.Event()

    def endless(trial):
        try:
            while True:
                begun.set()
                yield 0.1
        finally:
            closed.set()

    def other(trial):
        yield 0.5
        return "newer"

    thread.ask(Order(0, moment, "any", endless))
    assert begun.wait(10)
    thread.ask(Order(1, KnownMoment.of(check(digits_cnn(seed=4)), None, None), "any", other))
    assert outcome(1) == "newer"
    assert closed.wait(10)


def test_what_goes_wrong_is_said_and_the_thread_goes_on(asked, moment):
    thread, outcome = asked

    def refusing(trial):
        yield 0.1
        raise NetworkError("This network can't be asked that.")

    def broken(trial):
        yield 0.1
        raise ZeroDivisionError

    def fine(trial):
        yield 0.1
        return 42

    thread.ask(Order(0, moment, "any", refusing))
    assert outcome(0) == "This network can't be asked that."
    thread.ask(Order(0, moment, "any", broken))
    assert "our fault, not yours" in outcome(0)
    thread.ask(Order(0, moment, "any", fine))
    assert outcome(0) == 42
