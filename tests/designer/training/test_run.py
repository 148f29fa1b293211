"""A training in its thread: it obeys within a batch, loses nothing, and always ends."""

import logging
import os
import sys
import threading
import time
from logging.handlers import RotatingFileHandler

import numpy as np
import pytest

from core.errors import DataError
from core.training.messages import Batch, Diverged, Epoch, Finished, Started, Trying
from core.training.snapshots import Interest
from designer import logbook
from designer.session import Probed
from designer.training.mailbox import Failed, Stopped
from designer.training.run import Run
from tests.designer.training.trainers import Record, Scripted, digits_cnn, gate

SEEN = Interest(frozenset({"conv1"}), frozenset({"conv1", "softmax"}))


@pytest.fixture(autouse=True)
def _no_thread_is_left():
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before  # others may end meanwhile


@pytest.fixture
def run(qapp):
    """A run of the real trainer."""
    made = Run()
    yield made
    assert made.stop_and_wait()
    made.deleteLater()


def scripted(qtbot, **script):
    trainer = Scripted(**script)
    made = Run(make=trainer)
    return trainer, made, Record(made)


class TestARealTraining:
    def test_it_tells_its_story_in_order(self, qtbot, run):
        record = Record(run)
        run.set_interest(SEEN)
        with qtbot.waitSignal(run.finished, timeout=20_000):
            run.start(digits_cnn(epochs=2))
        assert record.states == ["starting", "running", "idle", "finished"]
        started = next(word for word in record.said if isinstance(word, Started))
        n = started.batches_per_epoch
        assert record.steps == list(range(1, 2 * n + 1))
        assert [word.epoch for word in record.said if isinstance(word, Epoch)] == [1, 2]
        first_epoch = next(i for i, word in enumerate(record.said) if isinstance(word, Epoch))
        assert record.said[first_epoch - 1][2] == n  # every batch of an epoch is told before its end
        assert isinstance(run.outcome, Finished)
        assert run.progress.fraction == 1

    def test_its_last_snapshot_is_that_of_the_trained_network(self, qtbot, run):
        record = Record(run)
        run.set_interest(SEEN)
        with qtbot.waitSignal(run.finished, timeout=20_000):
            run.start(digits_cnn(epochs=1))
        last = record.snapshots[-1]
        assert last.step == run.step_done
        np.testing.assert_array_equal(last.kernels["conv1"], run.network.weights["conv1/kernel"])
        assert set(last.maps) == {"conv1", "softmax"}
        assert last.maps["softmax"].sum() == pytest.approx(1, abs=1e-4)

    def test_snapshots_are_read_only_copies(self, qtbot, run):
        record = Record(run)
        run.set_interest(SEEN)
        with qtbot.waitSignal(run.finished, timeout=20_000):
            run.start(digits_cnn(epochs=1))
        for array in (*record.snapshots[0].kernels.values(), *record.snapshots[0].maps.values()):
            assert not array.flags.writeable
            with pytest.raises(ValueError, match="read-only"):
                array[...] = 0

    def test_nothing_is_copied_that_nobody_looks_at(self, qtbot, run):
        record = Record(run)
        with qtbot.waitSignal(run.finished, timeout=20_000):
            run.start(digits_cnn(epochs=1))
        assert record.snapshots == []

    def test_a_missing_data_set_is_a_sentence(self, qtbot, run):
        record = Record(run)
        with qtbot.waitSignal(run.finished, timeout=20_000):
            run.start(digits_cnn(dataset="digitz"))
        assert record.states == ["starting", "idle", "failed", "finished"]
        ((what, why),) = record.failures
        assert what == "The training could not start."
        assert "digitz" in why
        assert "Did you mean digits?" in why

    def test_a_run_that_diverges_says_what_to_try(self, qtbot, run):
        record = Record(run)
        with qtbot.waitSignal(run.finished, timeout=20_000):
            run.start(digits_cnn(epochs=3, optimizer={"kind": "SGD", "learning_rate": 1000}))
        assert isinstance(run.outcome, Diverged)
        assert record.failures == [(run.outcome.what, run.outcome.why)]
        assert run.state == "idle"

    def test_another_run_begins_anew(self, qtbot, run):
        with qtbot.waitSignal(run.finished, timeout=20_000):
            run.start(digits_cnn(epochs=1))
        first = run.network.weights["conv1/kernel"]
        with qtbot.waitSignal(run.finished, timeout=20_000):
            run.start(digits_cnn(epochs=1))
        np.testing.assert_array_equal(first, run.network.weights["conv1/kernel"])  # the same seed

    def test_looking_does_not_change_what_is_learned(self, qtbot, run):
        with qtbot.waitSignal(run.finished, timeout=20_000):
            run.start(digits_cnn(epochs=1))
        unseen = run.network.weights["conv1/kernel"]
        run.set_interest(SEEN)
        with qtbot.waitSignal(run.finished, timeout=20_000):
            run.start(digits_cnn(epochs=1))
        np.testing.assert_array_equal(unseen, run.network.weights["conv1/kernel"])


class TestObeying:
    def test_pause_comes_before_the_next_batch(self, qtbot):
        opened = gate()
        trainer, run, record = scripted(qtbot, epochs=1, batches=100, gate=opened)
        run.start(digits_cnn())
        opened.release(3)
        qtbot.waitUntil(lambda: record.steps == [1, 2, 3])
        run.pause()
        opened.release(50)  # it was already waiting for the fourth
        qtbot.waitUntil(lambda: run.state == "paused")
        assert trainer.taken == 4
        assert record.steps == [1, 2, 3, 4]
        run.resume()
        qtbot.waitUntil(lambda: run.state == "running" and len(record.steps) == 53)
        opened.release(1)
        assert run.stop_and_wait()

    def test_a_step_is_one_batch(self, qtbot):
        trainer, run, record = scripted(qtbot, epochs=2, batches=3)
        run.start(digits_cnn(), step=True)
        for n in range(1, 6):
            qtbot.waitUntil(lambda n=n: run.state == "paused" and len(record.steps) == n)
            assert trainer.taken == n
            run.step()
        qtbot.waitUntil(lambda: run.state == "paused" and len(record.steps) == 6)
        with qtbot.waitSignal(run.finished):
            run.step()
        assert [word.epoch for word in record.said if isinstance(word, Epoch)] == [1, 2]

    def test_stop_ends_it_within_a_batch_and_closes_the_trainer(self, qtbot):
        opened = gate()
        trainer, run, record = scripted(qtbot, epochs=1, batches=100, gate=opened)
        run.start(digits_cnn())
        opened.release(2)
        qtbot.waitUntil(lambda: len(record.steps) == 2)
        run.stop()
        assert run.state == "stopping"
        with qtbot.waitSignal(run.finished):
            opened.release(50)
        assert trainer.taken == 3
        assert trainer.closed.is_set()
        assert record.states[-3:] == ["stopping", "idle", "finished"]
        assert isinstance(run.outcome, Stopped)

    def test_stop_works_while_it_is_paused(self, qtbot):
        trainer, run, _ = scripted(qtbot, epochs=1, batches=9)
        run.start(digits_cnn(), step=True)
        qtbot.waitUntil(lambda: run.state == "paused")
        with qtbot.waitSignal(run.finished):
            run.stop()
        assert trainer.taken == 1

    def test_a_paused_run_still_shows_what_is_asked_for(self, qtbot):
        _, run, record = scripted(qtbot, epochs=1, batches=9)
        run.start(digits_cnn(), step=True)
        qtbot.waitUntil(lambda: run.state == "paused")
        assert record.snapshots == []
        run.set_interest(SEEN)
        qtbot.waitUntil(lambda: len(record.snapshots) == 1)
        run.set_probe(Probed(7))
        qtbot.waitUntil(lambda: len(record.snapshots) == 2)
        one, other = record.snapshots
        assert one.step == other.step == 1
        assert not np.array_equal(one.maps["conv1"], other.maps["conv1"])
        assert run.stop_and_wait()

    def test_a_second_start_is_passed_over(self, qtbot):
        _, run, record = scripted(qtbot, epochs=1, batches=2)
        document = digits_cnn()
        run.start(document, step=True)
        run.start(digits_cnn(epochs=9))
        assert run.document is document
        assert record.states == ["starting"]
        assert run.stop_and_wait()


class TestNothingIsLost:
    def test_under_flooding_every_event_comes_once_and_in_order(self, qtbot):
        _, run, record = scripted(qtbot, epochs=200, batches=100)
        with qtbot.waitSignal(run.finished, timeout=30_000):
            run.start(digits_cnn())
        assert record.steps == list(range(1, 20_001))
        assert [word.epoch for word in record.said if isinstance(word, Epoch)] == list(range(1, 201))
        for before, word in zip(record.said, record.said[1:], strict=False):
            if isinstance(word, Epoch):
                assert before[2] == word.step  # the batches up to its end were told before

    def test_even_when_the_window_is_busy_until_the_end(self, qtbot):
        trainer, run, record = scripted(qtbot, epochs=20, batches=50)
        run.start(digits_cnn())
        assert trainer.closed.wait(10)  # no event loop turned meanwhile
        assert record.steps == []
        with qtbot.waitSignal(run.finished):
            pass
        assert len(record.steps) == 1000
        assert sum(isinstance(word, Epoch) for word in record.said) == 20

    def test_snapshots_come_at_most_thirty_times_a_second(self, qtbot):
        _, run, record = scripted(qtbot, epochs=100, batches=100)
        run.set_interest(SEEN)
        start = time.perf_counter()
        with qtbot.waitSignal(run.finished, timeout=30_000):
            run.start(digits_cnn())
        assert 1 <= len(record.snapshots) <= 30 * (time.perf_counter() - start) + 2


class TestFailures:
    def test_a_known_failure_is_its_own_sentence(self, qtbot):
        _, run, record = scripted(qtbot, fails_at=3, error=DataError("The disk is gone. Plug it in."))
        with qtbot.waitSignal(run.finished):
            run.start(digits_cnn())
        assert record.failures == [("The training stopped.", "The disk is gone. Plug it in.")]
        assert record.steps == [1, 2]

    def test_a_bug_is_logged_and_called_ours(self, qtbot, caplog):
        _, run, record = scripted(qtbot, fails_at=3, error=ZeroDivisionError("secret"))
        with caplog.at_level(logging.ERROR), qtbot.waitSignal(run.finished):
            run.start(digits_cnn())
        ((_, why),) = record.failures
        assert "our fault" in why
        assert "secret" not in why
        assert "Traceback" in caplog.text
        assert isinstance(run.outcome, Failed)

    def test_the_sentence_names_the_log_file(self, qtbot, tmp_path):
        handler = RotatingFileHandler(tmp_path / "convograph.log")
        logging.getLogger().addHandler(handler)
        try:
            _, run, record = scripted(qtbot, fails_at=1, error=RuntimeError())
            with qtbot.waitSignal(run.finished):
                run.start(digits_cnn())
        finally:
            logging.getLogger().removeHandler(handler)
            handler.close()
        ((_, why),) = record.failures
        assert str(tmp_path / "convograph.log") in why

    def test_a_bug_ends_up_in_the_log_that_the_program_opens(self, qtbot, tmp_path):
        handler = RotatingFileHandler(tmp_path / "convograph.log")
        logbook.log.addHandler(handler)
        try:
            _, run, record = scripted(qtbot, fails_at=1, error=ZeroDivisionError("secret"))
            with qtbot.waitSignal(run.finished):
                run.start(digits_cnn())
        finally:
            logbook.log.removeHandler(handler)
            handler.close()
        ((_, why),) = record.failures
        assert str(tmp_path / "convograph.log") in why
        assert "secret" in (tmp_path / "convograph.log").read_text()

    def test_full_memory_says_what_to_make_smaller(self, qtbot):
        _, run, record = scripted(qtbot, fails_at=1, error=MemoryError())
        with qtbot.waitSignal(run.finished):
            run.start(digits_cnn())
        ((_, why),) = record.failures
        assert "batch size" in why


class TestClosing:
    def test_in_the_middle_of_a_run_the_thread_is_gone_within_five_seconds(self, qtbot, run):
        record = Record(run)
        run.set_interest(SEEN)
        run.start(digits_cnn(epochs=1000))
        qtbot.waitUntil(lambda: len(record.steps) > 5, timeout=20_000)
        start = time.perf_counter()
        assert run.stop_and_wait()
        assert time.perf_counter() - start < 5
        assert run.state == "idle"
        assert record.states[-2:] == ["idle", "finished"]

    def test_before_it_has_begun(self, run):
        run.start(digits_cnn())
        assert run.stop_and_wait()

    def test_from_inside_one_of_its_own_signals(self, qtbot):
        _, run, record = scripted(qtbot, epochs=10_000, batches=100)
        closed = []

        def close(_):
            closed.append(run.stop_and_wait())

        run.started.connect(close)
        with qtbot.waitSignal(run.finished):
            run.start(digits_cnn())
        assert closed == [True]
        assert record.states[-1] == "finished"


class TriesRates(Scripted):
    """A training that has diverged and looks for a better rate, for ever."""

    def messages(self):
        diverged = Diverged(None, 2, "It rose.", "Try something else.")
        yield Started(1, 5, 50, 0, 1, ())
        yield Batch(1, 1, 1, 1.0, 0.5, 10)
        while True:
            yield Trying(diverged, 0.1)


def test_a_run_that_is_stopped_while_rates_are_tried_has_diverged(qtbot):
    made = Run(make=TriesRates())
    with qtbot.waitSignal(made.batches, timeout=20_000):
        made.start(digits_cnn())
    with qtbot.waitSignal(made.finished, timeout=20_000):
        made.stop()
    assert isinstance(made.outcome, Diverged)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere all threads of a process have one priority")
def test_the_window_goes_before_it(qtbot):
    def make(*_):
        niceness.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        raise DataError("Enough is known.")

    niceness = []
    run = Run(make=make)
    with qtbot.waitSignal(run.finished):
        run.start(digits_cnn(epochs=1))
    assert niceness[0] > os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
