from threading import Event, Thread

import pytest
from threadpoolctl import threadpool_limits

from core.engine.threads import ONE_THREAD, OneThread
from core.training.trainer import train
from tests.core.training.making import linear, rows

pytestmark = pytest.mark.skipif(not ONE_THREAD.n_threads, reason="the threads of this BLAS cannot be set")


@pytest.fixture(autouse=True)
def _two_threads():
    with threadpool_limits(2, user_api="blas"):
        assert set(ONE_THREAD.n_threads) == {2}
        yield


def test_one_inside_and_as_before_outside():
    with ONE_THREAD:
        assert set(ONE_THREAD.n_threads) == {1}
    assert set(ONE_THREAD.n_threads) == {2}


def test_a_failure_restores_too():
    with pytest.raises(ZeroDivisionError), ONE_THREAD:
        _ = 1 / 0
    assert set(ONE_THREAD.n_threads) == {2}


def test_runs_in_two_threads_do_not_undo_each_other():
    one = OneThread()
    entered, leave = Event(), Event()

    def other():
        with one:
            entered.set()
            leave.wait(10)

    thread = Thread(target=other)
    with one:
        thread.start()
        assert entered.wait(10)
    assert set(one.n_threads) == {1}  # the other is still inside
    leave.set()
    thread.join(10)
    assert set(one.n_threads) == {2}


def test_a_suspended_run_leaves_the_process_its_threads():
    seen = [set(ONE_THREAD.n_threads) for _ in train(linear(epochs=2, batch_size=4), rows())]
    assert seen == [{2}] * len(seen)


def test_it_holds_in_a_worker_though_the_main_thread_has_set_limits_before():
    seen = []

    def worker():
        with ONE_THREAD:
            seen.extend(ONE_THREAD.n_threads)

    thread = Thread(target=worker)
    thread.start()
    thread.join(10)
    assert set(seen) == {1}
    assert set(ONE_THREAD.n_threads) == {2}
