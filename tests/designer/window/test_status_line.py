"""The line at the bottom says what is going on, as far as there is room."""

import pytest

from core.graph.edits import set_config, set_name
from core.io.documents import load, save
from core.training.messages import Batch, Started
from designer.training.mailbox import Ended, Stopped

STARTED = Started(10, 4, 400, 40, 1, replicas=2)
LAST = "Ctrl+K finds anything"


def said(window):
    return window.status_line.text().split(" · ")


def begin(window, epoch=6):
    """Let the window's run tell what a real one would."""
    run = window.run
    run.document = window.session.document
    run._set_state("starting")
    assert "run 1 is being prepared" in said(window)
    run._handle(STARTED)
    run._hand_on([Batch(4 * epoch, epoch, 2, 0.1, 1.0, 100)])
    run._tell_progress(1)


class TestSaved:
    def test_before_there_is_a_file(self, window):
        assert said(window) == ["Not saved yet", LAST]

    def test_by_the_name_of_the_file(self, window, tmp_path):
        path = tmp_path / "mine.json"
        save(window.session.document, path)
        window.files.open(path)
        assert said(window)[0] == "mine.json is saved"
        window.session.edit("set", set_config(window.session.document, "conv1", {"filters": 9}))
        assert said(window)[0] == "mine.json has unsaved changes"
        window.files.save()
        assert said(window)[0] == "mine.json is saved"
        assert load(path).graph == window.session.document.graph

    def test_an_endless_name_leaves_room_for_the_rest(self, make_window, tmp_path):
        window = make_window(size=(1280, 720))
        path = tmp_path / f"{'n' * 200}.json"
        save(window.session.document, path)
        window.files.open(path)
        begin(window)
        assert said(window)[1:] == ["run 1, epoch 6 of 10", "2 processes", LAST]
        assert str(path) in window.status_line.toolTip()
        window.run._state = "idle"


class TestTraining:
    @pytest.fixture
    def training(self, window):
        begin(window)
        yield window
        window.run._state = "idle"

    def test_how_far_it_is_and_how_many_processes_compute(self, training):
        assert said(training)[1:] == ["run 1, epoch 6 of 10", "2 processes", LAST]

    def test_while_it_waits(self, training):
        training.run._set_state("paused")
        assert said(training)[1] == "run 1 paused, epoch 6 of 10"

    def test_how_it_ended(self, training):
        training.run._end(Ended(Stopped()), None)
        assert said(training)[1:] == ["run 1 stopped in epoch 6 of 10", LAST]

    def test_another_document_has_not_been_trained(self, training):
        training.run._end(Ended(Stopped()), None)
        training.files.open_template("mlp")
        assert said(training) == ["Not saved yet", LAST]


def test_a_real_run_is_told_from_beginning_to_end(window, qtbot):
    seen = set()
    window.run.progressed.connect(lambda _: seen.add(said(window)[1]))
    window.train_bar.step()
    qtbot.waitUntil(lambda: window.run.state == "paused", timeout=30_000)
    assert "run 1 paused, epoch 1 of 10" in said(window)
    window.run.stop()
    qtbot.waitUntil(lambda: window.run.state == "idle", timeout=30_000)
    assert said(window)[1] == "run 1 stopped in epoch 1 of 10"


def test_what_comes_last_goes_first_without_room(window, qtbot):
    line = window.status_line
    line.resize(150, 20)
    assert said(window) == ["Not saved yet"]
    assert line.whole_text.endswith(LAST)


def test_sentences_take_its_place_and_leave_it_again(window):
    window.statusBar().showMessage("Copied 2 layers.")
    assert not window.status_line.isVisible()
    window.statusBar().clearMessage()
    assert window.status_line.isVisible()


def test_a_name_with_marks_is_plain_text(window, tmp_path):
    path = tmp_path / "<b>x.json"
    save(set_name(window.session.document, "<b>"), path)
    window.files.open(path)
    assert said(window)[0] == "<b>x.json is saved"
