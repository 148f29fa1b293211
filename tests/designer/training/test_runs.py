"""Runs are kept: none is overwritten by another, and undo leads back to what they trained."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.graph.edits import set_config, set_optimizer, set_training
from core.io.weights import read_weights
from core.runs.store import RunStore
from core.training.messages import Diverged, Finished
from designer.session import Session
from designer.training import Run, Runs
from designer.training.mailbox import Stopped
from designer.training.runs import runs as runs_module
from tests.designer.training.trainers import digits_cnn


@pytest.fixture
def stage(qapp):
    session, run = Session(digits_cnn(epochs=1)), Run()
    runs = Runs(session, run)
    yield session, run, runs
    assert run.stop_and_wait()
    runs.shelf.close()


def finish(qtbot, run, begin):
    with qtbot.waitSignal(run.finished, timeout=20_000):
        begin()


def same(one, other):
    return all(np.array_equal(one.weights[name], other.weights[name]) for name in one.weights)


def test_a_second_run_goes_on_and_the_first_stays_as_it_was(qtbot, stage):
    _, run, runs = stage
    begun = []
    runs.begun.connect(lambda name, started: begun.append((name, started.step, started.epoch, started.epochs)))
    finish(qtbot, run, runs.begin)
    (first,) = runs.kept
    weights = {name: array.copy() for name, array in first.standing.weights.items()}
    assert runs.next_is_continued
    finish(qtbot, run, runs.begin)
    assert [kept.name for kept in runs.kept] == ["run 1", "run 2"]
    assert runs.shown is runs.kept[1]
    assert runs.shown.after == "run 1"
    assert begun == [("run 1", 0, 0, 1), ("run 2", 45, 1, 2)]
    assert runs.shown.standing.place.step == 90
    for name, array in weights.items():
        np.testing.assert_array_equal(first.standing.weights[name], array)
    assert not same(runs.kept[0].standing, runs.kept[1].standing)


def test_starting_over_draws_new_weights_and_keeps_the_run(qtbot, stage):
    _, run, runs = stage
    finish(qtbot, run, runs.begin)
    finish(qtbot, run, runs.start_over)
    first, second = runs.kept
    assert second.after == ""
    assert second.standing.place.step == 45
    assert same(first.standing, second.standing)  # the same seed
    assert [kept.name for kept in runs.unsaved] == ["run 1", "run 2"]


def test_going_on_from_an_earlier_run(qtbot, stage):
    _, run, runs = stage
    finish(qtbot, run, runs.begin)
    finish(qtbot, run, runs.begin)
    runs.choose(runs.kept[0])
    finish(qtbot, run, runs.begin)
    assert [kept.after for kept in runs.kept] == ["", "run 1", "run 1"]
    assert same(runs.kept[1].standing, runs.kept[2].standing)


def test_a_stopped_run_goes_on_where_it_stopped(qtbot, stage):
    _, run, runs = stage
    runs.begin(step=True)
    qtbot.waitUntil(lambda: run.state == "paused", timeout=20_000)
    finish(qtbot, run, run.stop)
    assert isinstance(runs.shown.outcome, Stopped)
    assert runs.shown.summary == "run 1 · step 1 · stopped"
    finish(qtbot, run, runs.begin)
    assert isinstance(runs.shown.outcome, Finished)
    assert runs.shown.standing.place.step == 45
    assert runs.shown.summary == "run 2 · 1 epoch · done"


def test_a_run_that_took_no_step_is_none(qtbot, stage):
    session, run, runs = stage
    session.edit("break", set_training(session.document, {"dataset": "nowhere"}))
    finish(qtbot, run, runs.begin)
    assert runs.kept == ()
    assert runs.name == "run 1"


def test_a_diverged_run_is_kept_but_not_gone_on_from(qtbot, stage):
    session, run, runs = stage
    session.edit("explode", set_optimizer(session.document, "SGD", {"learning_rate": 1000.0}))
    finish(qtbot, run, runs.begin)
    assert isinstance(runs.shown.outcome, Diverged)
    assert not runs.next_is_continued
    assert not runs.can_continue
    session.edit("calm", set_optimizer(session.document, "SGD", {"learning_rate": 0.01}))
    finish(qtbot, run, runs.begin)
    assert [kept.after for kept in runs.kept] == ["", ""]
    assert isinstance(runs.shown.outcome, Finished)


def test_a_renamed_layer_keeps_its_weights_and_the_optimiser_what_it_remembers(qtbot, stage):
    session, run, runs = stage
    finish(qtbot, run, runs.begin)
    session.rename("conv1", "first")
    assert runs.next_is_continued
    going_on = runs.shown.suiting(session.report)
    assert "first/kernel" in going_on.weights
    assert going_on.moments[0].keys() == set(going_on.weights)
    finish(qtbot, run, runs.begin)
    assert runs.shown.standing.place.step == 90
    session.undo()
    assert "conv1/kernel" in runs.kept[0].suiting(session.report).weights


def test_a_layer_that_is_renamed_while_it_trains_too(qtbot, stage):
    session, run, runs = stage
    runs.begin(step=True)
    qtbot.waitUntil(lambda: run.state == "paused", timeout=20_000)
    session.rename("conv1", "first")
    finish(qtbot, run, run.stop)
    assert "first/kernel" in runs.shown.suiting(session.report).weights


def test_an_edit_leaves_the_run_and_what_still_fits_can_go_on(qtbot, stage):
    session, run, runs = stage
    finish(qtbot, run, runs.begin)
    session.edit("more", set_config(session.document, "conv2", {"filters": 8}))
    assert not runs.next_is_continued
    assert runs.can_continue
    assert runs.is_edited_since
    notes = []
    runs.begun.connect(lambda _, started: notes.extend(started.notes))
    finish(qtbot, run, runs.go_on)
    assert notes == ["conv2 and fc1 begin with new weights; the other layers go on with what they had learned"]
    runs.choose(runs.kept[0])
    runs.bring_back()
    assert session.report.layers["conv2"].layer.spec.filters == 32
    assert not runs.is_edited_since
    session.undo()
    assert session.report.layers["conv2"].layer.spec.filters == 8


def test_weights_go_to_a_file_and_come_back(qtbot, stage, tmp_path):
    session, run, runs = stage
    finish(qtbot, run, runs.begin)
    first = runs.shown
    assert [kept.name for kept in runs.unsaved] == ["run 1"]
    runs.save(tmp_path / "w.npz")
    assert runs.unsaved == ()
    runs.load(tmp_path / "w.npz")
    assert runs.shown.name == "w.npz"
    assert runs.shown.summary == "w.npz · loaded"
    assert same(runs.shown.standing, first.standing)
    assert runs.unsaved == ()
    finish(qtbot, run, runs.begin)
    assert runs.shown.after == "w.npz"
    assert runs.shown.standing.place.step == 45
    saved = read_weights(tmp_path / "w.npz", session.report.weight_shapes)
    assert not np.array_equal(saved["conv1/kernel"], runs.shown.standing.weights["conv1/kernel"])


def test_the_oldest_weights_go_where_memory_is_short_and_it_is_said(qtbot, stage, monkeypatch):
    _, run, runs = stage
    said = []
    runs.said.connect(said.append)
    finish(qtbot, run, runs.start_over)
    monkeypatch.setattr(runs_module, "MOST_BYTES", int(1.5 * runs.shown.standing.n_bytes))
    finish(qtbot, run, runs.start_over)
    assert [kept.standing is None for kept in runs.kept] == [True, False]
    assert said == []
    assert [kept.name for kept in runs.unsaved] == ["run 1", "run 2"]
    with qtbot.waitSignal(runs.shown_changed, timeout=20_000):
        runs.choose(runs.kept[0])  # they are read again
    assert same(runs.shown.standing, runs.kept[0].standing)


def test_where_nothing_can_be_written_weights_that_go_are_named(qtbot, stage, monkeypatch):
    _, run, runs = stage
    said = []
    runs.said.connect(said.append)
    monkeypatch.setattr(runs.shelf, "store", lambda _: RunStore(Path("/dev/null/runs")))
    finish(qtbot, run, runs.start_over)
    monkeypatch.setattr(runs_module, "MOST_BYTES", int(1.5 * runs.shown.standing.n_bytes))
    finish(qtbot, run, runs.start_over)
    assert said[0].startswith("run 1 is in memory only. No run can be kept in /dev/null/runs: ")
    assert said[-1] == "The memory was needed: the weights of run 1 are no longer kept, its curve is."


def test_settings_that_can_change_reach_the_run(qtbot, stage):
    session, run, runs = stage
    session.edit("many", set_training(session.document, {"epochs": 50}))
    adjusted = []
    run.adjusted.connect(adjusted.append)
    runs.begin(step=True)
    qtbot.waitUntil(lambda: run.state == "paused", timeout=20_000)
    session.edit("calmer", set_optimizer(session.document, "Adam", {"learning_rate": 1e-5}))
    session.edit("other seed", set_training(session.document, {"seed": 9, "epochs": 1}))
    finish(qtbot, run, run.resume)
    (told,) = adjusted
    assert [a.name for a in told.adjustments] == ["epochs", "learning_rate"]
    assert told.step == 1
    assert runs.shown.document.training.settings.seed == 0
    assert runs.shown.document.training.optimizer.learning_rate == 1e-5
    assert runs.shown.standing.place.step == 45


def test_another_document_has_its_own_runs(qtbot, stage):
    session, run, runs = stage
    finish(qtbot, run, runs.begin)
    session.open(digits_cnn(epochs=1), None)
    assert runs.kept == ()
    assert runs.shown is None
    assert runs.name == "run 1"


def test_a_run_is_unsaved_where_the_one_that_went_on_from_it_diverged(qtbot, stage):
    session, run, runs = stage
    finish(qtbot, run, runs.begin)
    absurd = set_optimizer(session.document, "SGD", {"learning_rate": 1000.0})
    session.edit("too far", absurd)
    finish(qtbot, run, runs.begin)
    assert isinstance(runs.shown.outcome, Diverged)
    assert "run 1" in [kept.name for kept in runs.unsaved]


def test_a_run_is_unsaved_where_the_one_that_went_on_from_it_is_no_longer_kept(qtbot, stage, monkeypatch):
    _, run, runs = stage
    finish(qtbot, run, runs.begin)
    finish(qtbot, run, runs.begin)
    first, second = runs.kept
    runs.exchange(second, replace(second, forms=(), stored=None))
    assert runs.unsaved == (first,)


def test_files_are_told_from_runs_and_from_each_other(qtbot, stage, tmp_path):
    _, run, runs = stage
    finish(qtbot, run, runs.begin)
    runs.save(tmp_path / "w.npz")
    finish(qtbot, run, runs.start_over)
    (tmp_path / "w.npz").rename(tmp_path / "run 2")
    runs.load(tmp_path / "run 2")
    runs.load(tmp_path / "run 2")
    assert [kept.name for kept in runs.kept] == ["run 1", "run 2", "run 2 (file)", "run 2 (file 2)"]
    finish(qtbot, run, runs.begin)
    assert [kept.name for kept in runs.unsaved] == ["run 2", "run 3"]


def test_a_run_that_goes_on_with_what_fits_is_kept_however_short_it_is(qtbot, stage):
    session, run, runs = stage
    finish(qtbot, run, runs.begin)
    session.edit("more", set_config(session.document, "conv2", {"filters": 8}))
    runs.go_on(step=True)  # its steps count from 1 again
    qtbot.waitUntil(lambda: run.state == "paused", timeout=20_000)
    assert runs.has_learned
    finish(qtbot, run, run.stop)
    assert [(kept.name, kept.after) for kept in runs.kept] == [("run 1", ""), ("run 2", "run 1")]


def test_a_run_stopped_with_weights_that_are_no_numbers_is_not_gone_on_from(qtbot, stage):
    _, run, runs = stage
    finish(qtbot, run, runs.begin)
    broken = {name: np.full_like(array, np.nan) for name, array in runs.shown.standing.weights.items()}
    run.standing = replace(run.standing, weights=broken)
    run.outcome = Stopped()
    run.finished.emit()
    assert runs.shown.name == "run 2"
    assert not runs.next_is_continued
    assert not runs.can_continue


def test_weights_that_could_not_be_kept_are_not_passed_over_in_silence(qtbot, stage):
    _, run, runs = stage
    said = []
    runs.said.connect(said.append)
    finish(qtbot, run, runs.begin)
    run.standing = None
    run.finished.emit()
    assert said == ["The weights of run 2 could not be kept: the memory is full. Its curve is."]
    assert [kept.name for kept in runs.kept] == ["run 1"]
