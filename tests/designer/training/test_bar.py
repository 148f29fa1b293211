"""The toolbar's part of a training: what can be pressed, what it says."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from core.engine.network import Network
from core.graph.edits import add_layer, set_config, set_training
from core.training.messages import Diverged, Finding, Started
from designer.session import Session
from designer.training import Progress, Run, Runs, TrainBar
from designer.training.runs.bar import LEAST_PX, MOST_PX, duration_text, progress_text
from tests.designer.training.trainers import Scripted, digits_cnn, gate
from tests.drawing import chain


@pytest.fixture
def bar(qtbot):
    """A bar over a run whose batches a test lets through."""
    made = []

    def make(document=None, **script):
        trainer = Scripted(**script)
        run = Run(make=trainer)
        session = Session(document or digits_cnn())
        widget = TrainBar(session, run, Runs(session, run))
        qtbot.addWidget(widget)
        widget.show()
        made.append((run, trainer))
        return widget, session, run, trainer

    yield make
    for run, trainer in made:
        if trainer.gate is not None:
            trainer.gate.release(10_000)
        assert run.stop_and_wait()


def buttons(widget):
    return {button.text(): button for button in widget.findChildren(QPushButton)}


def press(qtbot, widget, text):
    qtbot.mouseClick(buttons(widget)[text], Qt.MouseButton.LeftButton)


def test_train_pause_resume_stop(qtbot, bar):
    opened = gate()
    widget, _, run, _ = bar(epochs=1, batches=100, gate=opened)
    assert not buttons(widget)["Stop"].isEnabled()
    press(qtbot, widget, "Train")
    opened.release(3)
    qtbot.waitUntil(lambda: run.step_done == 3)
    assert buttons(widget)["Pause"].isEnabled()
    press(qtbot, widget, "Pause")
    opened.release(1)
    qtbot.waitUntil(lambda: run.state == "paused")
    assert widget.text == "epoch 1 / 1 · batch 4 / 100 · paused"
    press(qtbot, widget, "Resume")
    qtbot.waitUntil(lambda: run.state == "running")
    press(qtbot, widget, "Stop")
    assert not buttons(widget)["Stop"].isEnabled()
    with qtbot.waitSignal(run.finished):
        opened.release(1)
    assert buttons(widget)["Continue"].isEnabled()
    assert buttons(widget)["Start over"].isVisible()
    assert not buttons(widget)["Stop"].isVisible()
    assert widget.text.endswith("stopped")


def test_step_begins_a_run_and_takes_one_batch_at_a_time(qtbot, bar):
    widget, _, run, trainer = bar(epochs=1, batches=5)
    for n in (1, 2, 3):
        press(qtbot, widget, "Step")
        qtbot.waitUntil(lambda n=n: run.state == "paused" and run.step_done == n)
        assert trainer.taken == n


def test_with_problems_a_press_shows_them_and_trains_nothing(qtbot, bar):
    broken, _ = add_layer(digits_cnn(), "Conv2D")
    widget, session, run, _ = bar(document=broken)
    assert session.report.errors[0].what in buttons(widget)["Train"].toolTip()
    with qtbot.waitSignal(widget.problems_requested):
        press(qtbot, widget, "Train")
    assert run.state == "idle"


def test_the_tooltip_follows_the_document(qtbot, bar):
    widget, session, _, _ = bar()
    assert "F5" in buttons(widget)["Train"].toolTip()
    session.edit("add", add_layer(session.document, "Conv2D")[0])
    assert "cannot train" in buttons(widget)["Train"].toolTip()
    session.undo()
    assert "cannot train" not in buttons(widget)["Train"].toolTip()


def test_editing_does_not_disturb_the_run(qtbot, bar):
    opened = gate()
    widget, session, run, _ = bar(epochs=1, batches=9, gate=opened)
    document = session.document
    press(qtbot, widget, "Train")
    session.edit("batch size", set_training(session.document, {"batch_size": 7}))
    assert run.document is document


def test_a_failure_is_said(qtbot, bar):
    widget, _, run, _ = bar(fails_at=1, error=MemoryError())
    with qtbot.waitSignal(run.finished):
        press(qtbot, widget, "Train")
    assert widget.text == "The training stopped."


def test_another_document_knows_nothing_of_the_failure(qtbot, bar):
    widget, session, run, _ = bar(fails_at=1, error=MemoryError())
    with qtbot.waitSignal(run.finished):
        press(qtbot, widget, "Train")
    assert widget.text
    session.open(digits_cnn(), None)
    assert widget.text == ""
    assert widget._label.toolTip() == ""
    assert not widget._bar.isVisible()


def test_a_run_of_a_document_that_was_left_is_heard_of_no_more(qtbot, bar):
    opened = gate()
    widget, session, run, _ = bar(epochs=1, batches=9, gate=opened)
    failures, batches = [], []
    run.failed.connect(lambda *said: failures.append(said))
    run.batches.connect(batches.extend)
    press(qtbot, widget, "Train")
    opened.release(2)
    qtbot.waitUntil(lambda: run.step_done == 2)
    del batches[:]
    session.open(digits_cnn(), None)
    assert run.state == "stopping"
    with qtbot.waitSignal(run.finished):
        opened.release(10)
    assert not batches
    assert not failures
    assert run.network is None
    assert run.progress is None
    assert widget.text == ""
    assert buttons(widget)["Train"].isEnabled()


@pytest.mark.parametrize(
    ("more", "says"), [((), "stopping"), (("BatchNorm",), "stopping after this batch")], ids=["parts", "whole batches"]
)
def test_stopping_says_what_it_waits_for(qtbot, bar, more, says):
    opened = gate()
    network = Network(chain([8, 8, 1], "Flatten", *more, ("Dense", {"units": 10})))
    widget, _, run, _ = bar(epochs=1, batches=100, gate=opened, network=network)
    press(qtbot, widget, "Train")
    opened.release(3)
    qtbot.waitUntil(lambda: run.step_done == 3)
    press(qtbot, widget, "Stop")
    assert widget._label.whole == f"epoch 1 / 1 · batch 3 / 100 · {says}"
    assert widget.text.endswith(f" · {says}")
    assert buttons(widget)["Pause"].toolTip() == says.capitalize()
    with qtbot.waitSignal(run.finished):
        opened.release(1)
    assert "stopping" not in widget.text


@pytest.mark.parametrize(
    ("progress", "state", "text"),
    [
        (Progress(3, 10, 12, 45, 4123.4, 42.0), "running", "epoch 3 / 10 · 4,120 img/s · 0:42 left"),
        (Progress(0, 10, 0, 45, None, None), "running", "epoch 1 / 10"),
        (Progress(1, 10, 1, 45, None, None), "running", "epoch 1 / 10"),
        (Progress(10, 10, 45, 45, 98765.0, 0.0), "idle", "epoch 10 / 10 · 98,800 img/s · done"),
        (Progress(2, 10, 45, 45, 7.2, 3725.0), "running", "epoch 2 / 10 · 7 img/s · 1:02:05 left"),
        (Progress(2, 10, 3, 45, 7.2, 3725.0), "stopping", "epoch 2 / 10 · batch 3 / 45 · stopping"),
    ],
)
def test_texts(progress, state, text):
    assert progress_text(progress, state) == text


def test_a_narrow_bar_says_less(qtbot, bar):
    widget, _, run, _ = bar(epochs=1, batches=3)
    assert widget.sizeHint().width() - widget.minimumSizeHint().width() == MOST_PX - LEAST_PX
    with qtbot.waitSignal(run.finished):
        press(qtbot, widget, "Train")
    widget.resize(widget.sizeHint().width() - 110, 60)
    widget._write(Progress(10, 10, 45, 45, 98765.0, 0.0))
    assert widget.text == "epoch 10 / 10 · done"
    widget.resize(widget.minimumSizeHint().width(), 60)
    widget._write(Progress(10, 10, 45, 45, 98765.0, 0.0))
    assert widget.text == "epoch 10 / 10"


def test_what_was_cut_is_said_when_another_part_of_the_bar_makes_room(qtbot, bar):
    widget, _, run, _ = bar()
    widget.resize(widget.minimumSizeHint().width(), 60)
    run.failed.emit("Training stopped in step 12: the loss became NaN.", "The steps were too large.")
    assert widget.text.endswith("…")
    buttons(widget)["Step"].hide()  # the bar itself stays as wide as it is
    buttons(widget)["Stop"].hide()
    qtbot.waitUntil(lambda: widget.text == "Training stopped in step 12")


def test_durations():
    assert [duration_text(s) for s in (0, 59.6, 61, 3600)] == ["0:00", "1:00", "1:01", "1:00:00"]


def test_replicas_are_in_the_tooltip(qtbot, bar):
    widget, _, run, _ = bar()
    run.started.emit(Started(1, 1, 8, 2, 1, replicas=2))
    assert "2 replicas" in widget._label.toolTip()
    run.started.emit(Started(1, 1, 8, 2, 1))
    assert "replica" not in widget._label.toolTip()


def test_notes_about_the_data_are_in_the_tooltip(qtbot, bar):
    widget, _, run, _ = bar()
    run.started.emit(Started(1, 1, 8, 2, 1, ("digits: resized from 8×8 to 28×28 (bilinear)",)))
    assert "resized from 8×8" in widget._label.toolTip()


def test_what_is_said_of_a_failure_is_not_clipped(qtbot, bar):
    widget, _, run, _ = bar()
    what = "Training stopped in step 12: the loss became NaN or infinite, first in conv1."
    run.failed.emit(what, "The steps were too large.")
    assert widget.text == "Training stopped in step 12"
    assert widget._label.fontMetrics().horizontalAdvance(widget.text) <= widget._label.width()
    assert what in widget._label.toolTip().replace("\n", " ")


def test_stopping_leaves_the_focus_in_the_bar(qtbot, bar):
    opened = gate()
    widget, _, run, _ = bar(epochs=1, batches=100, gate=opened)
    room = QWidget()
    qtbot.addWidget(room)
    row = QHBoxLayout(room)
    row.addWidget(widget)
    row.addWidget(QLineEdit())
    room.show()
    room.activateWindow()
    qtbot.waitUntil(room.isActiveWindow)
    press(qtbot, widget, "Train")
    opened.release(3)
    qtbot.waitUntil(lambda: run.step_done == 3)
    press(qtbot, widget, "Stop")
    assert not isinstance(room.focusWidget(), QLineEdit)
    with qtbot.waitSignal(run.finished):
        opened.release(1)
    assert room.focusWidget() is buttons(widget)["Continue"]


def test_step_is_pressed_again_and_again_by_its_key(qtbot, bar):
    widget, _, run, _ = bar(epochs=1, batches=5)
    widget.activateWindow()
    buttons(widget)["Step"].setFocus()
    qtbot.waitUntil(buttons(widget)["Step"].hasFocus)
    for n in (1, 2, 3):
        qtbot.keyClick(widget.focusWidget(), Qt.Key.Key_Space)
        qtbot.waitUntil(lambda n=n: run.state == "paused" and run.step_done == n)


def test_what_was_found_stays_in_the_tooltip_when_the_run_has_ended(qtbot, bar):
    opened = gate()
    widget, _, run, _ = bar(epochs=1, batches=2, gate=opened)
    press(qtbot, widget, "Train")
    opened.release(1)
    qtbot.waitUntil(lambda: run.step_done == 1)
    run.found.emit(Finding("dead_layer", "advice", 1, "relu1 is dead since batch 1.", "All its values are 0."))
    with qtbot.waitSignal(run.finished):
        opened.release(1)
    assert widget._label.toolTip().splitlines() == [
        "run 1 · step 2 · done",
        "relu1 is dead since batch 1.",
        "All its values are 0.",
    ]


def test_after_an_edit_the_run_is_said_to_be_from_before_it(qtbot, bar):
    widget, session, run, _ = bar(epochs=1, batches=2)
    with qtbot.waitSignal(run.finished):
        press(qtbot, widget, "Train")
    conv = next(layer.id for layer in session.document.graph.layers if layer.kind == "Conv2D")
    session.edit("filters", set_config(session.document, conv, {"filters": 5}))
    assert widget._label.toolTip() == "run 1 · step 2 · done · before your edit"
    assert widget.text.endswith("before your edit")
    assert "run 1 is kept" in buttons(widget)["Train"].toolTip()
    assert "Continue training keeps the layers that still fit" in buttons(widget)["Train"].toolTip()
    session.undo()
    assert widget._label.toolTip() == "run 1 · step 2 · done"


def test_how_far_the_newest_run_came_is_not_shown_for_another(qtbot, bar):
    widget, _, run, _ = bar(epochs=1, batches=2)
    for text in ("Train", "Start over"):
        with qtbot.waitSignal(run.finished):
            press(qtbot, widget, text)
    assert widget._bar.isVisible()
    widget._runs.choose(widget._runs.kept[0])
    assert widget.text.startswith("run 1")
    assert not widget._bar.isVisible()


def test_another_run_is_named_although_the_newest_diverged(qtbot, bar):
    widget, _, run, _ = bar(epochs=1, batches=3)
    with qtbot.waitSignal(run.finished):
        press(qtbot, widget, "Train")
    with qtbot.waitSignal(run.finished):
        press(qtbot, widget, "Start over")
    run.outcome = Diverged(None, 2, "Training stopped in step 2: the loss rose.", "Try something else.")
    run.failed.emit(run.outcome.what, run.outcome.why)
    widget._runs.choose(widget._runs.kept[1])
    assert widget.text == "Training stopped in step 2"
    widget._runs.choose(widget._runs.kept[0])
    assert widget.text.startswith("run 1")
