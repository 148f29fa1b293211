"""Runs of a document that has a file lie beside it: closing loses none, and opening it again finds them."""

import json
from dataclasses import replace

import numpy as np
import pytest

from core.graph.edits import set_config, set_optimizer, set_training
from core.io.documents import save
from core.runs.resuming import replay
from core.runs.store import RunStore
from core.training.trainer import Trainer
from designer.session import Session
from designer.training import Run, Runs
from designer.training.runs.kept import newest_of
from tests.designer.training.trainers import digits_cnn


class Stage:
    """One opening of the window, so to speak."""

    def __init__(self, path):
        self.session, self.run = Session(digits_cnn(epochs=2)), Run()
        self.runs = Runs(self.session, self.run)
        self.said, self.read = [], []
        self.runs.said.connect(self.said.append)
        self.runs.shelf.curve_read.connect(lambda *curve: self.read.append(curve))
        if path is not None:
            from core.io.documents import load

            self.session.open(load(path), path)

    def close(self):
        assert self.run.stop_and_wait()
        self.runs.shelf.close()


@pytest.fixture
def path(tmp_path):
    save(digits_cnn(epochs=2), tmp_path / "net.json")
    return tmp_path / "net.json"


@pytest.fixture
def opened(qapp):
    made = []

    def show(path):
        made.append(Stage(path))
        return made[-1]

    yield show
    for stage in made:
        stage.close()


def finish(qtbot, run, begin):
    with qtbot.waitSignal(run.finished, timeout=30_000):
        begin()


def wait_for(qtbot, runs, n):
    qtbot.waitUntil(lambda: len(runs.kept) == n, timeout=20_000)


def choose(qtbot, runs, name):
    kept = next(kept for kept in runs.kept if kept.name == name)
    runs.choose(kept)
    qtbot.waitUntil(lambda: runs.shown is not None and runs.shown.name == name, timeout=20_000)


def same(one, other):
    return all(np.array_equal(one[name], other[name]) for name in one)


def test_pause_quit_reopen_continue_is_as_if_it_had_never_stopped(qtbot, opened, path):
    whole = Trainer(digits_cnn(epochs=2))
    list(whole.messages())
    first = opened(path)
    first.runs.begin(step=True)
    qtbot.waitUntil(lambda: first.run.state == "paused", timeout=20_000)
    assert not first.runs.is_on_unsafely
    first.close()
    again = opened(path)
    wait_for(qtbot, again.runs, 1)
    (kept,) = again.runs.kept
    assert kept.summary == "run 1 · step 1 · stopped"
    assert again.runs.unsaved == ()
    qtbot.waitUntil(lambda: again.runs.shown is not None, timeout=20_000)  # without a word: it is the newest
    assert again.runs.shown.is_loaded
    name, started, batches, epochs = again.read[0]
    assert (name, started.step, [batch.step for batch in batches], epochs) == ("run 1", 0, [1], ())
    assert again.runs.next_is_continued
    finish(qtbot, again.run, again.runs.begin)
    assert again.runs.shown.name == "run 2"
    assert again.runs.shown.after == "run 1"
    assert same(again.runs.shown.standing.weights, dict(whole.network.weights))
    assert [run.state for run in RunStore(path.with_name("net.runs")).runs()] == ["stopped", "finished"]
    assert again.runs.unsaved == ()


def test_a_killed_run_is_found_interrupted_and_continued(qtbot, opened, path):
    first = opened(path)
    finish(qtbot, first.run, first.runs.begin)
    record = path.with_name("net.runs") / "0001" / "run.json"
    raw = json.loads(record.read_text())
    record.write_text(json.dumps(raw | {"state": "interrupted"}))
    again = opened(path)
    wait_for(qtbot, again.runs, 1)
    assert again.said == ["run 1 was interrupted: Continue goes on from it."]
    assert again.runs.kept[0].summary == "run 1 · 2 epochs · interrupted"
    choose(qtbot, again.runs, "run 1")
    assert again.runs.next_is_continued


def test_a_run_of_another_network_is_not_shown_unasked(qtbot, opened, path):
    first = opened(path)
    first.runs.begin(step=True)
    qtbot.waitUntil(lambda: first.run.state == "paused", timeout=20_000)
    first.close()
    save(set_config(digits_cnn(epochs=2), "conv1", {"filters": 12}), path)
    again = opened(path)
    wait_for(qtbot, again.runs, 1)
    again.runs.shelf.close()  # whatever it was asked to read is read
    assert not again.runs.kept[0].is_loaded
    assert again.runs.shown is None


def test_which_run_is_shown_when_its_document_is_opened(qtbot, opened, path, monkeypatch):
    first = opened(path)
    finish(qtbot, first.run, first.runs.begin)
    drawn = first.session.document.graph
    (kept,) = first.runs.kept
    assert newest_of([kept], drawn) is kept
    assert newest_of([kept, replace(kept, is_sound=False)], drawn) is None
    monkeypatch.setattr("designer.training.runs.kept.MOST_READ_UNASKED", kept.stored.resume_bytes - 1)
    assert newest_of([kept], drawn) is None


def test_a_run_is_replayed_from_what_the_window_wrote(qtbot, opened, path):
    stage = opened(path)
    stage.session.edit("more", set_training(stage.session.document, {"epochs": 3}))
    stage.runs.begin(step=True)
    qtbot.waitUntil(lambda: stage.run.state == "paused", timeout=20_000)
    calmer = set_optimizer(stage.session.document, "Adam", {"learning_rate": 1e-4})
    stage.session.edit("calmer", calmer)
    finish(qtbot, stage.run, stage.run.resume)
    (stored,) = RunStore(path.with_name("net.runs")).runs()
    assert stored.record.adjustments[0].changes == {"learning_rate": (0.001, 0.0001)}
    replayed = replay(stored)
    list(replayed.messages())
    assert same(stage.runs.shown.standing.weights, dict(replayed.network.weights))


def test_a_run_that_went_on_in_the_window_is_replayed_too(qtbot, opened, path):
    stage = opened(path)
    finish(qtbot, stage.run, stage.runs.begin)
    finish(qtbot, stage.run, stage.runs.begin)
    stored = RunStore(path.with_name("net.runs")).runs()[1]
    assert stored.record.after == "run 1"
    replayed = replay(stored)
    list(replayed.messages())
    assert same(stage.runs.shown.standing.weights, dict(replayed.network.weights))


def test_what_was_trained_before_there_was_a_file_moves_beside_it(qtbot, opened, path):
    stage = opened(None)
    finish(qtbot, stage.run, stage.runs.begin)
    assert [kept.name for kept in stage.runs.unsaved] == ["run 1"]
    temporary = stage.runs.kept[0].stored.folder
    assert temporary.exists()
    stage.session.mark_saved(path)
    assert stage.runs.unsaved == ()
    assert not temporary.exists()
    (stored,) = RunStore(path.with_name("net.runs")).runs()
    assert stored.state == "finished"
    assert same(stored.last_weights(), stage.runs.shown.standing.weights)
    finish(qtbot, stage.run, stage.runs.begin)
    assert [run.number for run in RunStore(path.with_name("net.runs")).runs()] == [1, 2]


def test_closing_without_saving_leaves_nothing_behind(qtbot, opened):
    stage = opened(None)
    finish(qtbot, stage.run, stage.runs.begin)
    folder = stage.runs.kept[0].stored.folder
    stage.close()
    assert not folder.exists()


def test_under_another_name_the_runs_stay_with_the_old_document(qtbot, opened, path, tmp_path):
    stage = opened(path)
    finish(qtbot, stage.run, stage.runs.begin)
    stage.session.mark_saved(tmp_path / "other.json")
    assert [kept.name for kept in stage.runs.kept] == ["run 1"]
    assert RunStore(tmp_path / "other.runs").runs() == ()
    finish(qtbot, stage.run, stage.runs.begin)
    assert len(RunStore(tmp_path / "other.runs").runs()) == 1
    assert len(RunStore(path.with_name("net.runs")).runs()) == 1


def test_a_run_without_a_step_leaves_no_folder(qtbot, opened, path):
    stage = opened(path)
    stage.session.edit("break", set_training(stage.session.document, {"dataset": "nowhere"}))
    finish(qtbot, stage.run, stage.runs.begin)
    assert RunStore(path.with_name("net.runs")).runs() == ()


def test_a_damaged_run_is_said_and_the_others_are_there(qtbot, opened, path):
    stage = opened(path)
    finish(qtbot, stage.run, stage.runs.begin)
    finish(qtbot, stage.run, stage.runs.start_over)
    (path.with_name("net.runs") / "0001" / "run.json").write_text("{")
    (path.with_name("net.runs") / "0002" / "resume.npz").write_bytes(b"PK")
    again = opened(path)
    wait_for(qtbot, again.runs, 1)
    qtbot.waitUntil(lambda: bool(again.said), timeout=20_000)
    assert "run.json is damaged: it is not JSON." in again.said[0]
    assert again.runs.kept[0].name == "run 2"
    again.runs.choose(again.runs.kept[0])
    qtbot.waitUntil(lambda: len(again.said) > 1, timeout=20_000)
    assert "resume.npz is damaged" in again.said[1]
    assert again.runs.name == "run 3"


def test_names_and_deleting(qtbot, opened, path):
    stage = opened(path)
    runs = stage.runs
    finish(qtbot, stage.run, runs.begin)
    finish(qtbot, stage.run, runs.begin)
    renamed = []
    runs.renamed.connect(lambda *names: renamed.append(names))
    runs.rename(runs.kept[0], "warm")
    assert renamed == [("run 1", "warm")]
    assert [(kept.name, kept.after) for kept in runs.kept] == [("warm", ""), ("run 2", "warm")]
    runs.rename(runs.kept[1], "warm")
    runs.rename(runs.kept[1], "run 7")
    assert [sentence.partition(":")[0] for sentence in stage.said] == [
        "There is a run called warm",
        "Runs without a name are called run 1, run 2 and so on",
    ]
    store = RunStore(path.with_name("net.runs"))
    assert [run.name for run in store.runs()] == ["warm", "run 2"]
    runs.delete(runs.kept[1])
    assert (runs.shown, [kept.name for kept in runs.kept]) == (None, ["warm"])
    assert [run.name for run in store.runs()] == ["warm"]
    runs.undo_delete()
    assert [kept.name for kept in runs.kept] == ["warm", "run 2"]
    assert [run.name for run in store.runs()] == ["warm", "run 2"]
    assert not runs.can_undo_delete
    runs.rename(runs.kept[0], "")
    assert runs.kept[0].name == "run 1"


def test_a_disk_that_fails_leaves_the_run_in_memory_and_says_so(qtbot, opened, path):
    path.with_name("net.runs").write_text("in the way")
    stage = opened(path)
    finish(qtbot, stage.run, stage.runs.begin)
    assert "run 1 is in memory only. No run can be kept in" in stage.said[0]
    assert [kept.name for kept in stage.runs.unsaved] == ["run 1"]
    assert replace(stage.runs.shown).is_loaded
