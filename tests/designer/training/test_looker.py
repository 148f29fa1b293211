"""A look into the network shows what it computes, for any probe and from any weights, and changes nothing of a run."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from core.engine.network import Network
from core.graph.edits import set_config, set_training
from core.graph.values import Document
from core.inside.looking import Place
from core.io.datasets import load_dataset
from core.io.datasets.drawings import fit_picture
from designer.session import Probed, Session
from designer.session.looking import Wanted
from designer.training import Live, Looker, Run, Runs
from designer.training.looking import look_thread
from tests.designer.training.trainers import digits_cnn

ALL = Wanted(frozenset({"input", "conv1", "pool1", "softmax"}), is_on=True)


@pytest.fixture
def stage(qapp):
    """A session, a run and what looks; no thread is left behind."""
    before = set(threading.enumerate())
    session, run = Session(digits_cnn(epochs=2)), Run()
    runs = Runs(session, run)
    live = Live(session, run, runs)
    looker = Looker(session, run, runs, live)
    looker.seen = []
    looker.looked.connect(looker.seen.append)
    yield session, run, looker
    assert run.stop_and_wait()
    assert looker.stop_and_wait()
    assert live.stop_and_wait()
    runs.shelf.close()
    assert set(threading.enumerate()) <= before  # others may end meanwhile


def whole(qtbot, looker, check=lambda look: True):
    qtbot.waitUntil(lambda: bool(looker.seen) and looker.seen[-1].is_whole and check(looker.seen[-1]), timeout=30_000)
    return looker.seen[-1]


def same(look, expected):
    for id, array in expected.items():
        np.testing.assert_array_equal(look.maps[id], array[0])


class TestUntrained:
    def test_it_shows_what_the_network_computes_of_a_sample(self, qtbot, stage):
        session, _, looker = stage
        session.probe.take_sample(7)
        looker.set_wanted(ALL)
        look = whole(qtbot, looker)
        assert look.origin == "untrained"
        assert look.refusal == ""
        x = load_dataset("digits").pixels(slice(7, 8))
        np.testing.assert_array_equal(look.pixels, x[0])
        same(look, Network(session.document).activations(x, ALL.layers))
        assert not look.maps["conv1"].flags.writeable

    def test_a_picture_of_ones_own_is_fitted_and_takes_the_same_way(self, qtbot, stage):
        session, _, looker = stage
        looker.set_wanted(ALL)
        picture = np.random.default_rng(0).random((20, 20, 3)).astype(np.float32)
        session.probe.take_picture(picture, "noise")
        look = whole(qtbot, looker, lambda look: look.probed.picture is not None)
        x = fit_picture(picture, (8, 8, 1))[None]
        same(look, Network(session.document).activations(x, ALL.layers))

    def test_preprocessing_comes_before_the_network(self, qtbot, stage):
        session, _, looker = stage
        steps = [{"kind": "MeanImage"}]
        session.edit("preprocess", set_training(session.document, {"preprocessing": steps}))
        looker.set_wanted(ALL)
        look = whole(qtbot, looker)
        assert not np.array_equal(look.maps["input"], look.pixels)
        assert look.maps["input"].min() < 0

    def test_without_layers_it_says_what_to_do(self, qtbot, stage):
        session, _, looker = stage
        session.open(Document(), None)
        looker.set_wanted(ALL)
        qtbot.waitUntil(lambda: bool(looker.seen))
        assert looker.seen[-1].refusal == "Draw layers to see what they compute."

    def test_everything_above_an_error_is_shown(self, qtbot, stage):
        session, _, looker = stage
        session.edit("break", set_config(session.document, "fc1", {"units": 0}))
        looker.set_wanted(ALL)
        look = whole(qtbot, looker)
        assert {"input", "conv1", "pool1"} <= look.maps.keys()
        assert look.refusal.startswith("Solve the problem")

    def test_nobody_looking_costs_nothing(self, qtbot, stage):
        session, _, looker = stage
        session.probe.take_sample(3)
        qtbot.wait(50)
        assert not looker.seen
        assert looker._thread is None

    def test_gradients_are_those_of_the_aim(self, qtbot, stage):
        _, _, looker = stage
        looker.set_wanted(Wanted(ALL.layers, is_on=True, aim=Place("fc1", (4,))))
        look = whole(qtbot, looker)
        assert look.are_gradients
        assert look.shown["fc1"].tolist() == [0, 0, 0, 0, 1, 0, 0, 0, 0, 0]
        assert look.shown["conv1"].shape == look.maps["conv1"].shape

    def test_an_aim_that_does_not_exist_leaves_the_outputs(self, qtbot, stage):
        _, _, looker = stage
        looker.set_wanted(Wanted(ALL.layers, is_on=True, aim=Place("fc1", (99,))))
        look = whole(qtbot, looker)
        assert "fc1" in look.refusal
        assert "conv1" in look.maps


class TestWithARun:
    def test_it_shows_the_weights_that_a_run_has_and_those_that_it_left(self, qtbot, stage):
        session, run, looker = stage
        looker.set_wanted(ALL)
        whole(qtbot, looker)
        with qtbot.waitSignal(run.finished, timeout=60_000):
            run.start(session.document)
        look = whole(qtbot, looker, lambda look: look.origin == "run 1")
        x = load_dataset("digits").pixels(slice(0, 1))
        same(look, run.network.activations(x, ALL.layers))
        assert any(each.origin == "live" for each in looker.seen)

    def test_looking_and_drawing_change_no_weight_of_a_run(self, qtbot, stage):
        session, run, looker = stage
        learned = []
        for looks in (False, True):
            looker.set_wanted(ALL if looks else Wanted())
            run.start(session.document)
            n = 0
            while run.state != "idle":
                if looks:
                    n += 1
                    session.probe.take_picture(np.full((8, 8, 1), n % 10 / 10, np.float32), "stroke")
                qtbot.wait(10)
            learned.append({name: array.copy() for name, array in run.network.weights.items()})
        assert looker.seen
        for name, array in learned[0].items():
            np.testing.assert_array_equal(learned[1][name], array)

    def test_a_run_goes_on_whoever_has_the_right_of_way(self, qtbot, stage):
        session, run, _ = stage
        session.edit("one epoch", set_training(session.document, {"epochs": 1}))
        run.right_of_way.take()
        with qtbot.waitSignal(run.finished, timeout=60_000):
            run.start(session.document)
        assert run.standing is not None


def test_the_same_weights_are_shown_once_while_a_run_is_on(qtbot, stage):
    session, run, looker = stage
    snapshots = []
    looker.set_wanted(ALL)
    run.snapshot.connect(snapshots.append)
    run.start(set_training(session.document, {"epochs": 100_000}))
    qtbot.waitUntil(lambda: len(snapshots) >= 8, timeout=60_000)
    steps = [look.step for look in looker.seen if look.is_whole and look.step]
    assert len(steps) >= 2
    assert steps == sorted(set(steps))


def test_a_look_that_takes_longer_tells_layer_by_layer_what_is_there(qtbot, stage, monkeypatch):
    monkeypatch.setattr(look_thread, "TELL_SECONDS", -1)
    session, _, looker = stage
    told = []
    thread = look_thread.LookThread(lambda: None)
    thread.post = told.append
    thread.work(look_thread.LookOrder(session.report, None, session.probe.now, ALL, None, "untrained"))
    dones = [each.n_done for each in told]
    assert dones == sorted(dones)
    assert len(dones) > 3
    assert [each.is_whole for each in told] == [False] * (len(told) - 1) + [True]
    assert set(told[2].maps) < set(told[-1].maps) == ALL.layers
    assert not looker.seen


def test_newer_weights_wait_but_another_probe_does_not(stage):
    session, *_ = stage
    order = look_thread.LookOrder(session.report, None, session.probe.now, ALL, None, "live")
    assert not order.is_overtaken_by(replace(order, origin="run 1"))
    assert order.is_overtaken_by(replace(order, probed=Probed(3)))
    assert order.is_overtaken_by(replace(order, wanted=Wanted()))
