"""Pictures without a training, during one and after it, each from the right network."""

import threading

import numpy as np
import pytest

from core.analysis.check import check
from core.engine.network import Network
from core.graph.edits import add_layer, insert_layer, set_config, set_training
from core.graph.values import Document
from core.training.snapshots import Interest
from designer.session import Session
from designer.training import Live, Run, Runs
from designer.training.looking.preview import MOST_MACS, MOST_PARAMETERS, why_not_pictured
from designer.views import FiltersView
from tests.designer.training.trainers import Scripted, digits_cnn, gate
from tests.drawing import chain

SEEN = Interest(frozenset({"conv1"}), frozenset({"conv1", "softmax"}))


class Eye:
    """A viewer that remembers."""

    def __init__(self, interest=SEEN):
        self.wants = interest
        self.seen = []

    def interest(self):
        return self.wants

    def show_snapshot(self, snapshot):
        self.seen.append(snapshot)


@pytest.fixture
def stage(qapp):
    """A session, a run and what feeds the views; no thread is left behind."""
    before = set(threading.enumerate())
    session, run = Session(digits_cnn(epochs=1)), Run()
    runs = Runs(session, run)
    live = Live(session, run, runs)
    yield session, run, live
    assert run.stop_and_wait()
    assert live.stop_and_wait()
    runs.shelf.close()
    assert set(threading.enumerate()) <= before  # others may end meanwhile


def shown(qtbot, eye, n=1):
    qtbot.waitUntil(lambda: len(eye.seen) >= n, timeout=20_000)
    return eye.seen[-1]


class TestUntrained:
    def test_the_drawn_network_is_pictured_soon_after_opening(self, qtbot, stage):
        session, _, live = stage
        eye = Eye()
        live.add(eye)
        snapshot = shown(qtbot, eye)
        np.testing.assert_array_equal(snapshot.kernels["conv1"], Network(session.document).weights["conv1/kernel"])
        assert set(snapshot.maps) == {"conv1", "softmax"}
        assert live.origin == "untrained"
        assert not snapshot.kernels["conv1"].flags.writeable

    def test_its_samples_are_those_of_the_data_set(self, qtbot, stage):
        session, _, live = stage
        eye = Eye()
        with qtbot.waitSignal(live.dataset_changed, timeout=20_000) as told:
            live.add(eye)
        assert len(told.args[0]) == 1797
        first = shown(qtbot, eye).maps["conv1"]
        session.probe.take_sample(3)
        assert not np.array_equal(shown(qtbot, eye, 2).maps["conv1"], first)

    def test_a_change_of_the_graph_is_pictured_once_it_rests(self, qtbot, stage):
        session, _, live = stage
        eye = Eye()
        live.add(eye)
        shown(qtbot, eye)
        for filters in range(20, 30):
            session.edit("set filters", set_config(session.document, "conv1", {"filters": filters}))
        assert shown(qtbot, eye, 2).kernels["conv1"].shape[3] == 29
        assert len(eye.seen) == 2

    def test_moving_layers_is_no_change(self, qtbot, stage):
        from core.graph.edits import move_layers

        session, _, live = stage
        eye = Eye()
        live.add(eye)
        shown(qtbot, eye)
        session.edit("move conv1", move_layers(session.document, {"conv1": (5.0, 5.0)}))
        assert not live._preview._debounce.isActive()

    def test_everything_above_an_error_is_pictured(self, qtbot, stage):
        session, _, live = stage
        eye = Eye()
        live.add(eye)
        shown(qtbot, eye)
        with qtbot.waitSignal(live.refused, check_params_cb=bool, timeout=20_000) as told:
            session.edit("break the end", set_config(session.document, "fc1", {"units": 0}))
        assert session.report.errors
        assert told.args[0] == "Solve the problem to see what this layer computes."
        snapshot = shown(qtbot, eye, 2)
        assert "conv1" in snapshot.kernels
        assert set(snapshot.maps) == {"conv1"}

    def test_where_nothing_is_above_the_error_it_is_named_instead(self, qtbot, stage):
        session, _, live = stage
        eye = Eye()
        live.add(eye)
        shown(qtbot, eye)
        with qtbot.waitSignal(live.refused, check_params_cb=bool, timeout=20_000) as told:
            session.edit("break the start", set_config(session.document, "conv1", {"filters": 0}))
        assert told.args[0] == "Solve the problem to see what the layers compute."

    def test_an_input_alone_above_the_error_shows_its_sample(self, qtbot, stage):
        session, _, live = stage
        eye = Eye(Interest(maps=frozenset({"input"})))
        session.edit("break the start", set_config(session.document, "conv1", {"kernel_size": 99}))
        live.add(eye)
        snapshot = shown(qtbot, eye)
        assert set(snapshot.maps) == {"input"}
        assert snapshot.maps["input"].any()

    def test_a_missing_data_set_leaves_the_filters(self, qtbot, stage):
        session, _, live = stage
        eye = Eye()
        session.edit("choose", set_training(session.document, {"dataset": "nowhere"}))
        with qtbot.waitSignal(live.refused, check_params_cb=bool, timeout=20_000) as told:
            live.add(eye)
        assert "nowhere" in told.args[0]
        snapshot = shown(qtbot, eye)
        assert "conv1" in snapshot.kernels
        assert not snapshot.maps

    def test_a_second_input_leaves_the_filters_and_says_why_there_are_no_maps(self, qtbot, stage):
        session, _, live = stage
        eye = Eye()
        live.add(eye)
        shown(qtbot, eye)
        second, _ = add_layer(session.document, "Input", {"shape": [8, 8, 1]})
        second, _ = add_layer(second, "ReLU", source="input1")
        with qtbot.waitSignal(live.refused, check_params_cb=bool, timeout=20_000) as told:
            session.edit("add an input", second)
        assert told.args[0] == "Maps need a sample, which goes into one Input; this network has 2: input and input1."
        qtbot.waitUntil(lambda: not eye.seen[-1].maps)
        assert "conv1" in eye.seen[-1].kernels


class TestLimits:
    def test_too_many_parameters(self):
        report = check(
            chain([8, 8, 1], ("Conv2D", {"filters": 60_000, "kernel_size": 8}), "Flatten", ("Dense", {"units": 40}))
        )
        assert report.totals.parameters > MOST_PARAMETERS
        assert "6.3 M parameters are too many" in why_not_pictured(report)

    def test_too_many_macs(self):
        conv = ("Conv2D", {"filters": 16, "kernel_size": 3, "padding": 1})
        report = check(chain([512, 512, 1], conv, conv))
        assert report.totals.macs > MOST_MACS
        assert "641.7 M MACs are too many" in why_not_pictured(report)

    def test_nothing_drawn(self):
        assert "Draw" in why_not_pictured(Session().report)


class TestWithARun:
    def test_pictures_come_from_the_run_while_it_trains(self, qtbot, stage):
        session, run, live = stage
        eye = Eye()
        live.add(eye)
        shown(qtbot, eye)
        origins = []
        live.origin_changed.connect(origins.append)
        with qtbot.waitSignal(run.finished, timeout=20_000):
            run.start(session.document)
        qtbot.waitUntil(lambda: live.origin == "run 1", timeout=20_000)
        assert origins[0] == "live"
        assert any(snapshot.step > 0 for snapshot in eye.seen)

    def test_afterwards_the_trained_network_is_used(self, qtbot, stage):
        session, run, live = stage
        eye = Eye()
        live.add(eye)
        with qtbot.waitSignal(run.finished, timeout=20_000):
            run.start(session.document)
        learned = run.network.weights["conv1/kernel"]
        eye.seen.clear()
        session.probe.take_sample(9)
        np.testing.assert_array_equal(shown(qtbot, eye).kernels["conv1"], learned)
        assert shown(qtbot, eye).step == run.step_done

    def test_what_was_trained_stays_when_the_graph_is_another(self, qtbot, stage):
        session, run, live = stage
        runs = live._preview._runs
        eye = Eye()
        live.add(eye)
        with qtbot.waitSignal(run.finished, timeout=20_000):
            run.start(session.document)
        eye.seen.clear()
        session.edit("set filters", set_config(session.document, "conv1", {"filters": 3}))
        qtbot.waitUntil(lambda: bool(eye.seen), timeout=20_000)
        assert eye.seen[-1].kernels["conv1"].shape[3] == 16
        assert eye.seen[-1].step == run.step_done
        assert live.origin == "run 1, before your edit"
        runs.choose(None)
        qtbot.waitUntil(lambda: eye.seen[-1].kernels["conv1"].shape[3] == 3, timeout=20_000)
        assert live.origin == "untrained"
        runs.choose(runs.kept[0])
        session.undo()
        qtbot.waitUntil(lambda: eye.seen[-1].step == run.step_done, timeout=20_000)
        assert live.origin == "run 1"

    def test_an_edit_that_leaves_the_weights_carries_them(self, qtbot, stage):
        session, run, live = stage
        eye = Eye()
        live.add(eye)
        with qtbot.waitSignal(run.finished, timeout=20_000):
            run.start(session.document)
        learned = run.network.weights["conv1/kernel"]
        eye.seen.clear()
        edited = insert_layer(session.document, "Dropout", before="fc1")
        session.edit("add a Dropout", edited)
        qtbot.waitUntil(lambda: bool(eye.seen), timeout=20_000)
        np.testing.assert_array_equal(eye.seen[-1].kernels["conv1"], learned)
        assert live.origin == "weights of run 1"

    def test_an_error_in_the_drawing_leaves_what_was_trained(self, qtbot, stage):
        session, run, live = stage
        eye = Eye()
        live.add(eye)
        with qtbot.waitSignal(run.finished, timeout=20_000):
            run.start(session.document)
        eye.seen.clear()
        session.edit("break it", set_config(session.document, "conv1", {"kernel_size": 99}))
        qtbot.waitUntil(lambda: bool(eye.seen), timeout=20_000)
        assert live.origin == "run 1, before your edit"
        assert eye.seen[-1].step == run.step_done

    def test_everybody_together_is_asked_for_and_nothing_else(self, stage):
        _, run, live = stage
        live.add(Eye(Interest(frozenset({"conv1"}))))
        live.add(Eye(Interest(maps=frozenset({"softmax"}))))
        assert run._interest == Interest(frozenset({"conv1"}), frozenset({"softmax"}))


class TestAnotherDocument:
    def test_what_a_run_left_behind_belongs_to_its_document(self, qtbot, stage):
        session, run, live = stage
        eye = Eye()
        live.add(eye)
        with qtbot.waitSignal(run.finished, timeout=20_000):
            run.start(session.document)
        shown(qtbot, eye)
        qtbot.waitUntil(lambda: live.origin == "run 1", timeout=20_000)
        eye.seen.clear()
        session.open(digits_cnn(epochs=1), None)
        assert shown(qtbot, eye).step == 0
        assert live.origin == "untrained"

    def test_the_samples_are_forgotten_where_there_are_none_for_it(self, qtbot, stage):
        session, _, live = stage
        eye = Eye()
        with qtbot.waitSignal(live.dataset_changed, timeout=20_000):
            live.add(eye)
        with qtbot.waitSignal(live.dataset_changed, timeout=20_000) as told:
            session.open(Document(), None)
        assert told.args == [None]

    def test_what_trains_is_told_until_it_ends(self, qtbot, stage):
        session, run, live = stage
        told = []
        live.source_changed.connect(told.append)
        with qtbot.waitSignal(run.finished, timeout=20_000):
            run.start(session.document)
        assert [report and report.document for report in told] == [session.document, None]


def test_a_viewer_that_is_gone_is_not_asked(qtbot, stage):
    import shiboken6

    session, _, live = stage
    gone = FiltersView(session)
    live.add(gone)
    shiboken6.delete(gone)
    eye = Eye()
    live.add(eye)
    shown(qtbot, eye)


class TestARunWithoutAStep:
    """It has not trained anything, and nothing says that it has."""

    @pytest.fixture
    def slow(self, qapp):
        """A run whose batches a test lets through."""
        trainer = Scripted(epochs=1, batches=3, gate=gate())
        session, run = Session(digits_cnn(epochs=1)), Run(make=trainer)
        live = Live(session, run, Runs(session, run))
        live.add(Eye())
        yield session, run, live, trainer
        trainer.gate.release(100)
        assert run.stop_and_wait()
        assert live.stop_and_wait()

    def test_what_is_seen_is_untrained_until_the_first_step(self, qtbot, slow):
        session, run, live, trainer = slow
        origins = []
        live.origin_changed.connect(origins.append)
        run.start(session.document)
        qtbot.waitUntil(lambda: run.state == "running")
        qtbot.wait(100)
        assert live.origin == "untrained"
        trainer.gate.release(1)
        qtbot.waitUntil(lambda: live.origin == "live")
        assert origins == ["live"]

    def test_stopped_before_its_first_step_it_leaves_nothing_trained(self, qtbot, slow):
        session, run, live, trainer = slow
        run.start(session.document)
        qtbot.waitUntil(lambda: run.state == "running")
        run.stop()
        trainer.fails_at, trainer.error = 1, MemoryError()
        with qtbot.waitSignal(run.finished):
            trainer.gate.release(1)
        assert live.origin == "untrained"
