"""A thread that works on the newest order only."""

from threading import Event

import pytest

from designer.training.looking.newest_thread import NewestThread, ended


class Doubling(NewestThread):
    """Doubles numbers, each once it is let."""

    def __init__(self, tell=lambda: None):
        super().__init__("doubling", tell)
        self.begun, self.let = [], Event()
        self.is_at_work = Event()

    def work(self, order):
        self.begun.append(order)
        self.is_at_work.set()
        self.let.wait(10)
        self.post(2 * order)


@pytest.fixture
def thread():
    told = Event()
    thread = Doubling(told.set)
    thread.told = told
    thread.start()
    yield thread
    thread.let.set()
    assert ended(thread, 10)


def test_orders_that_nobody_began_with_are_forgotten(thread):
    thread.ask(1)
    assert thread.is_at_work.wait(10)
    for order in (2, 3, 4):
        thread.ask(order)
    thread.is_at_work.clear()
    thread.let.set()
    assert thread.is_at_work.wait(10)
    assert thread.begun == [1, 4]


def test_a_result_is_told_once_and_taken_once(thread):
    thread.let.set()
    thread.ask(5)
    assert thread.told.wait(10)
    assert (thread.collect(), thread.collect()) == (10, None)


@pytest.mark.parametrize(("tells", "first"), [(True, 2), (False, None)])
def test_a_result_that_a_newer_order_makes_old(tells, first):
    thread = Doubling()
    thread.tells_of_older = tells
    thread.ask(2)
    thread.post(2)  # what came of 1
    assert thread.collect() == first
    thread.post(3)
    thread.ask(4)
    assert thread.collect() == (3 if tells else None)


def test_one_that_is_closed_tells_nothing_more(thread):
    thread.ask(1)
    assert thread.is_at_work.wait(10)
    thread.close()
    thread.let.set()
    thread.join(10)
    assert not thread.is_alive()
    assert not thread.told.is_set()
    assert thread.collect() is None


def test_where_there_is_none_it_is_gone():
    assert ended(None, 0)
