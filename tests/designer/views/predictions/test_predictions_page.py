"""What the network predicts, as the panel shows it: figures, cells, lists and reasons, with real presses and keys."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from core.engine.network import Network
from core.graph.edits import set_training
from core.io.datasets import load_dataset
from core.training.evaluating import evaluate, trial_of
from core.training.predictions import predict
from core.training.trainer import Trainer
from core.work import outcome_of
from designer import theme
from designer.training.looking.last_network import Trained
from designer.views.predictions.predictions_page import PredictionsPage, weakest_text
from tests.designer.views.predictions.conftest import digits
from tests.drawing import chain

LEFT = Qt.MouseButton.LeftButton


def make(stage):
    return PredictionsPage(stage.questions)


def click_cell(page, cell):
    QTest.mouseClick(page.matrix, LEFT, pos=page.matrix.rect_of(cell).center().toPoint())


def waited(qtbot, page):
    qtbot.waitUntil(lambda: not page.asker.is_waiting, timeout=20_000)


def a_mistake(page):
    counts = page.answer.evaluation.confusion * (1 - np.eye(10, dtype=int))
    return tuple(map(int, np.unravel_index(counts.argmax(), counts.shape)))


def test_an_untrained_network_is_shown_at_once_and_called_random(qtbot, stage, show):
    page = show(make)
    document = stage.session.document
    expected = evaluate(document, Network(document))
    assert page.answer.evaluation.confusion.tolist() == expected.confusion.tolist()
    assert page.accuracy.text() == f"{100 * expected.accuracy:.1f} %"
    assert page.of.text() == "of 359 validation samples"
    assert page.origin.text() == "random weights: untrained"


def test_a_trained_network_counts_as_evaluate_does(qtbot, trained, show):
    page = show(make)
    run = trained.runs.shown
    expected = evaluate(run.document, run.standing.weights)
    assert page.answer.evaluation.confusion.tolist() == expected.confusion.tolist()
    low, high = expected.interval
    assert page.interval.text() == f"± {50 * (high - low):.1f}"
    assert page.mistakes.text() == str(round(expected.n * (1 - expected.accuracy)))
    assert page.origin.text() == "run 1"
    assert "Weakest: recall of" in weakest_text(expected)


def test_a_cell_opens_its_pictures(qtbot, trained, show):
    page = show(make)
    cell = a_mistake(page)
    click_cell(page, cell)
    said = page.answer.predictions
    expected = said.samples[(said.labels == cell[0]) & (said.predicted == cell[1])]
    assert set(page.cell_grid.order.tolist()) == set(expected.tolist())
    assert page.cell_grid.isVisible()
    n = int(page.answer.evaluation.confusion[cell])
    assert page.cell_title.text().startswith(f"{n} of ")
    assert f"of {cell[0]} are taken for {cell[1]}" in page.cell_title.text()
    assert page.matrix.accessibleDescription() == page.cell_title.text()
    asked = []
    page.samples_requested.connect(lambda samples, what: asked.append((samples.tolist(), what)))
    QTest.mouseClick(page.show_in_data, LEFT)
    assert asked == [(page.cell_grid.order.tolist(), page.cell_title.text())]


def test_the_matrix_is_walked_with_arrows(qtbot, trained, show):
    page = show(make)
    page.matrix.setFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Left, Qt.Key.Key_Left):
        QTest.keyClick(page.matrix, key)
    assert page.matrix.choice == (0, 0)
    assert "of 0 are right" in page.matrix.accessibleDescription()


def test_lists_hold_what_they_say(qtbot, trained, show):
    page = show(make)
    said = page.answer.predictions
    for place, order in enumerate((said.worst_mistakes, said.least_sure, said.most_typical)):
        page.tabs.setCurrentIndex(place)
        assert page.grid.order.tolist() == said.samples[order].tolist()
    page.tabs.setCurrentIndex(3)
    assert page.calibration.isVisible()
    assert not page.grid.isVisible()
    assert "Expected calibration error" in page.calibration_words.text()
    assert "sure: " in page.calibration.accessibleDescription()


def test_a_sample_that_is_chosen_is_told_and_one_that_is_taken_too(qtbot, trained, show):
    page = show(make)
    chosen, taken = [], []
    page.sample_chosen.connect(lambda sample, part: chosen.append((sample, part)))
    page.probe_requested.connect(taken.append)
    page.grid.setFocus()
    QTest.keyClick(page.grid, Qt.Key.Key_Right)
    assert chosen == [(page.grid.choice, "validation")]
    QTest.keyClick(page.grid, Qt.Key.Key_Return)
    assert taken == [page.grid.choice]


def test_while_a_run_is_on_every_epoch_brings_another_answer_and_the_old_one_is_dimmed(qtbot, stage, show):
    page = show(make)
    seen, dimmed = [], []
    page.asker.answered.connect(lambda _: seen.append(page.origin.text()))
    stage.questions.moment_changed.connect(lambda: dimmed.append(page.matrix.is_old))
    with qtbot.waitSignal(stage.run.finished, timeout=60_000):
        stage.runs.begin()
    qtbot.waitUntil(lambda: page.origin.text() == "run 1" and not page.asker.is_waiting, timeout=20_000)
    assert all(dimmed)
    assert not page.matrix.is_old
    assert seen[-1] == "run 1"


def test_looking_never_changes_a_run(qtbot, stage, show):
    page = show(make)
    with qtbot.waitSignal(stage.run.finished, timeout=60_000):
        stage.runs.begin()
    waited(qtbot, page)
    trainer = Trainer(stage.session.document)
    list(trainer.messages())
    weights = stage.runs.shown.standing.weights
    assert all(np.array_equal(weights[name], trainer.network.weights[name]) for name in weights)


def test_nothing_is_computed_while_nobody_looks(qtbot, stage, show):
    page = show(make)
    page.hide()
    moment = stage.questions.moment
    stage.session.edit("change the seed", set_training(stage.session.document, {"seed": 7}))
    qtbot.wait(400)
    assert stage.questions.moment is moment
    assert not page.asker.is_waiting
    page.show()
    qtbot.waitUntil(lambda: stage.questions.moment is not moment and not page.asker.is_waiting, timeout=20_000)
    document = stage.session.document
    assert page.answer.evaluation.accuracy == evaluate(document, Network(document)).accuracy


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (chain((8, 8, 1), ("Conv2D", {"filters": 4, "kernel_size": 3}), dataset="digits"), "one row of class scores"),
        (chain((8, 8, 1), "Flatten", ("Dense", {"units": 4}), dataset="digits"), "a class of number 9"),
        (digits(validation_split=0), "kept back for validation"),
        (digits(dataset="nowhere"), "nowhere"),
    ],
)
def test_what_cannot_be_predicted_is_said(qtbot, make_stage, document, why):
    stage = make_stage(document)
    page = make(stage)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: why in page.refusal, timeout=20_000)
    assert not page.is_showing


def test_other_parts_can_be_looked_at(qtbot, trained, show):
    page = show(make)
    page.parts.setCurrentIndex(2)
    page.parts.activated.emit(2)
    waited(qtbot, page)
    assert page.of.text() == "of 1,438 training samples"
    page.parts.setCurrentIndex(1)
    page.parts.activated.emit(1)
    qtbot.waitUntil(lambda: "no test part of its own" in page.refusal, timeout=20_000)
    page.parts.setCurrentIndex(0)
    page.parts.activated.emit(0)
    qtbot.waitUntil(lambda: page.is_showing, timeout=20_000)


def test_pictures_and_numbers_are_kept(qtbot, trained, show, tmp_path, monkeypatch):
    page = show(make)
    matrix = next(child for child in page.matrix.children() if type(child).__name__ == "Keeping")
    saved = iter([tmp_path / "m.png", tmp_path / "bare.png", tmp_path / "m.csv", tmp_path / "m.npy"])
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(next(saved)), ""))
    for action in matrix.menu().actions():
        if "Save" in action.text():
            action.trigger()
    assert (tmp_path / "m.png").read_bytes().startswith(b"\x89PNG")
    assert np.load(tmp_path / "m.npy").tolist() == page.answer.evaluation.confusion.tolist()
    rows = (tmp_path / "m.csv").read_text().splitlines()
    assert rows[0].split(",")[1:] == list(load_dataset("digits").classes)
    assert [list(map(int, row.split(",")[1:])) for row in rows[1:]] == page.answer.evaluation.confusion.tolist()
    matrix.copy_numbers()
    assert QGuiApplication.clipboard().text().splitlines()[1].split("\t")[0] == "0"
    matrix.copy_picture()
    assert not QGuiApplication.clipboard().image().isNull()


@pytest.mark.parametrize("choice", ["dark", "light"])
@pytest.mark.parametrize("size", [(1100, 720), (700, 520), (420, 400)])
def test_right_is_blue_and_wrong_amber_in_every_theme_and_size(qtbot, trained, show, choice, size):
    theme.set_theme(choice)
    page = show(make, size)
    image = page.matrix.grab().toImage()
    cell = page.matrix.rect_of(a_mistake(page))
    wrong = image.pixelColor((cell.topLeft() + QPoint(2, 2).toPointF()).toPoint())
    counts = page.answer.evaluation.confusion.diagonal()
    right_cell = page.matrix.rect_of((int(counts.argmax()),) * 2)
    right = image.pixelColor((right_cell.topLeft() + QPoint(2, 2).toPointF()).toPoint())
    assert wrong.red() > wrong.blue()
    assert right.blue() > right.red()
    theme.set_theme("dark")


def test_predictions_of_a_document_agree_with_the_panel_sample_by_sample(qtbot, trained, show):
    page = show(make)
    run = trained.runs.shown
    trial = trial_of(run.document, run.standing.weights)
    said = outcome_of(predict(trial.network, trial.preparation, trial.dataset, trial.samples))
    assert np.array_equal(page.answer.predictions.log_probabilities, said.log_probabilities)


def test_the_moment_of_the_time_machine_is_what_is_counted(qtbot, trained, show):
    page = show(make)
    now = page.answer.evaluation.confusion.tolist()
    run = trained.runs.shown
    early = Network(run.document, seed=9)
    weights = {name: array.copy() for name, array in early.weights.items()}
    trained.live.look_back(
        Trained(run.document, weights, run.standing.beside, run.dataset, 3, "run 1 at batch 3", is_drawn=True)
    )
    qtbot.waitUntil(lambda: page.origin.text() == "run 1 at batch 3" and not page.matrix.is_old, timeout=20_000)
    assert page.answer.evaluation.confusion.tolist() == evaluate(run.document, early).confusion.tolist()
    trained.live.look_back(None)
    qtbot.waitUntil(lambda: page.origin.text() == "run 1" and not page.matrix.is_old, timeout=20_000)
    assert page.answer.evaluation.confusion.tolist() == now


def test_a_run_that_pauses_is_asked_about_as_it_is_there(qtbot, stage, show):
    page = show(make)
    stage.runs.begin(step=True)
    for n in (1, 2):
        origin = f"live · step {n}"
        qtbot.waitUntil(lambda origin=origin: page.moment.origin == origin and page.is_showing, timeout=20_000)
        assert stage.run.state == "paused"
        stage.run.step()


def test_weights_of_a_step_before_that_come_late_are_not_taken_for_those_of_now(qtbot, stage, show):
    page, seen = show(make), []
    stage.run.snapshot.connect(seen.append)
    stage.runs.begin(step=True)
    qtbot.waitUntil(lambda: page.moment.origin == "live · step 1" and not page.asker.is_waiting)
    late = next(snapshot for snapshot in seen if snapshot.weights)

    def come_late(state):
        if state == "paused":
            stage.run.snapshot.emit(late)

    stage.run.state_changed.connect(come_late)
    stage.run.step()
    qtbot.waitUntil(lambda: page.moment.origin == "live · step 2")
