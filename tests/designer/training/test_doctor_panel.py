"""The doctor in the window: what is found in a run, cures that are tried, taken, and seen to have helped."""

import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from core.graph.edits import set_training
from core.io.templates import load_template
from core.training.messages import Epoch, Finding
from designer.session import Session
from designer.training import DoctorPanel, Run
from designer.training.doctor.card import WAITING
from designer.training.doctor.cases import Case, Cases
from designer.training.doctor.panel import HEALTHY, NO_RUN

PATIENCE_MS = 60_000


def sick(rate=0.07, **training):
    optimizer = {"kind": "SGD", "learning_rate": rate, "momentum": 0.9}
    settings = {"dataset": "digits", "epochs": 3, "optimizer": optimizer}
    return set_training(load_template("lenet5"), settings | training)


@pytest.fixture
def panel(qtbot):
    made = []

    def make(document):
        session = Session()
        session.open(document, None)
        run = Run(session)
        session.document_changed.connect(lambda change: run.adjust(change.after))
        shown = DoctorPanel(session, run)
        qtbot.addWidget(shown)
        shown.resize(336, 700)
        shown.show()
        made.append((shown, run))
        return shown

    yield make
    for shown, run in made:
        assert shown.cures.stop_and_wait()
        assert run.stop_and_wait()


def press(button):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def train(qtbot, shown):
    with qtbot.waitSignal(shown.run.finished, timeout=PATIENCE_MS):
        shown.run.start(shown.session.document, None)


def try_cures(qtbot, shown, code):
    with qtbot.waitSignal(shown.cures.ended, timeout=PATIENCE_MS):
        press(card_of(shown, code).trial_button)


def texts_of(card):
    return [label.text() for label in card.findChildren(QLabel)]


def card_of(shown, code):
    return next(card for card in shown.cards if card.case.finding.code == code)


def test_before_the_first_run_it_says_what_it_is_for(panel):
    shown = panel(load_template("mlp"))
    assert shown.state.text() == NO_RUN
    assert not shown.cards


def test_of_a_healthy_run_nothing_is_said(qtbot, panel):
    shown = panel(set_training(load_template("mlp"), {"epochs": 2}))
    train(qtbot, shown)
    assert shown.state.text() == HEALTHY
    assert not shown.cards


def test_the_whole_way_from_a_finding_to_its_cure(qtbot, panel):
    shown = panel(sick())
    said = []
    shown.found.connect(said.append)
    train(qtbot, shown)
    assert [card.case.finding.code for card in shown.cards] == ["learning_rate_too_high", "dead_units"]
    assert shown.windowTitle() == "Doctor  2"
    assert set(said[-1]) == {"conv1", "conv2"}
    assert said[-1]["conv1"] == "4 of 6 dead"
    assert said[-1]["conv2"] in {"7 of 16 dead", "8 of 16 dead"}  # by the order in which one or two processes add up
    card = card_of(shown, "dead_units")
    assert card.evidence.value.text() == "4 of 6"
    assert not card.cure_buttons  # what has not been tried is not offered

    document, network = shown.session.document, shown.run.network.parameters.copy()
    try_cures(qtbot, shown, "dead_units")
    assert shown.session.document is document  # copies were trained
    assert (shown.run.network.parameters == network).all()
    card = card_of(shown, "dead_units")
    assert "Divide the learning rate by 3" in card.cure_buttons
    assert card.trial_button is None

    press(card.cure_buttons["Divide the learning rate by 3"])
    assert shown.session.document.training.optimizer.learning_rate == 0.0233
    assert shown.state.text() == "Divide the learning rate by 3: done. It counts once you train from the start."
    shown.session.undo()  # one step
    assert shown.session.document == document
    shown.session.redo()

    train(qtbot, shown)
    assert [(card.kind, card.title.text()) for card in shown.cards] == [
        ("ok", "The learning rate is too high: cured"),
        ("ok", "Many units are dead: cured"),
    ]
    assert "instead of" in card_of(shown, "dead_units").what.text()
    assert said[-1] == {}
    assert shown.windowTitle() == "Doctor"


def test_a_setting_is_taken_over_by_the_run_that_is_on(qtbot, panel):
    shown = panel(sick(epochs=400))
    shown.run.start(shown.session.document, None)
    qtbot.waitUntil(lambda: bool(shown.cards), timeout=PATIENCE_MS)
    shown.run.pause()
    qtbot.waitUntil(lambda: shown.run.state == "paused", timeout=PATIENCE_MS)
    code = shown.cards[0].case.finding.code
    try_cures(qtbot, shown, code)
    press(card_of(shown, code).cure_buttons["Divide the learning rate by 10"])
    assert shown.state.text() == "Divide the learning rate by 10: applies from the next batch of this run."
    with qtbot.waitSignal(shown.run.adjusted, timeout=PATIENCE_MS):
        shown.run.resume()
    qtbot.waitUntil(lambda: card_of(shown, code).kind == "ok", timeout=PATIENCE_MS)
    shown.run.stop()
    qtbot.waitUntil(lambda: shown.run.state == "idle", timeout=PATIENCE_MS)


def test_trials_can_be_stopped(qtbot, panel):
    shown = panel(sick())
    train(qtbot, shown)
    press(shown.cards[0].trial_button)
    stop = shown.cards[0].trial_button
    assert (stop.text(), stop.accessibleName()) == ("Stop", "Stop trying")
    assert not shown.cards[1].trial_button.isEnabled()
    with qtbot.waitSignal(shown.cures.ended, timeout=PATIENCE_MS):
        press(stop)
    assert not [thread for thread in threading.enumerate() if thread.name == "cures"]
    assert shown.cards[1].trial_button.isEnabled()


def test_a_layer_in_the_text_is_selected_by_a_click_and_by_keyboard(qtbot, panel):
    shown = panel(sick(epochs=2))
    train(qtbot, shown)
    what = card_of(shown, "dead_units").what
    assert '<a href="conv1">conv1</a>' in what.text()
    what.setFocus()
    QTest.keyClick(what, Qt.Key.Key_Tab)
    with qtbot.waitSignal(shown.reveal_requested) as revealed:
        QTest.keyClick(what, Qt.Key.Key_Return)
    assert revealed.args in (["conv1"], ["conv2"])
    assert list(shown.session.selection) == revealed.args


def test_the_keyboard_keeps_its_place_while_cures_are_tried(qtbot, panel):
    shown = panel(sick(epochs=2))
    train(qtbot, shown)
    shown.activateWindow()
    button = shown.cards[0].trial_button
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert shown.focusWidget() is shown.cards[0].trial_button
    with qtbot.waitSignal(shown.cures.ended, timeout=PATIENCE_MS):
        pass
    assert shown.focusWidget() in shown.cards[0].cure_buttons.values()


def test_a_run_that_diverged_has_cures_too(qtbot, panel):
    shown = panel(set_training(load_template("mlp"), {"optimizer": {"kind": "SGD", "learning_rate": 900.0}}))
    train(qtbot, shown)
    card = shown.cards[0]
    assert card.case.finding.code == "diverged"
    assert card.trial_button.text() == "Try cures"


def test_what_an_earlier_run_had_is_told_from_what_this_one_has(qtbot, panel):
    shown = panel(sick())
    train(qtbot, shown)
    codes = {card.case.finding.code for card in shown.cards}
    assert not any(WAITING in texts_of(card) for card in shown.cards)
    shown.session.edit("rate", sick(rate=50.0))
    train(qtbot, shown)
    assert WAITING not in texts_of(card_of(shown, "diverged"))
    assert any(WAITING in texts_of(card) for card in shown.cards if card.case.finding.code in codes)


def test_screen_readers_hear_finding_and_numbers(qtbot, panel):
    shown = panel(sick(epochs=2))
    train(qtbot, shown)
    card = card_of(shown, "dead_units")
    heard = QAccessible.queryAccessibleInterface(card)
    assert heard.text(QAccessible.Text.Name) == "Advice: Many units are dead"
    assert "4 of 6 filters of conv1" in heard.text(QAccessible.Text.Description)
    assert card.evidence.line.accessibleName().endswith("4 of 6 at batch 90")


def test_another_document_begins_with_nothing(qtbot, panel):
    shown = panel(sick(epochs=2))
    train(qtbot, shown)
    shown.session.open(load_template("mlp"), None)
    assert shown.state.text() == NO_RUN
    assert not shown.cards


def finding(code="dead_units", step=50, **more):
    return Finding(code, "advice", step, f"{code} was found.", "Do something.", code, **more)


def epoch(step, accuracy):
    return Epoch(1, step, 1.0, accuracy, 1.0, accuracy, 1.0, 100.0)


class TestCases:
    document = load_template("mlp")

    def case(self, *arguments, rank=1, **more):
        return Case(finding(*arguments, **more), self.document, rank)

    def test_what_stays_away_for_as_long_as_it_took_is_cured(self):
        cases = Cases().changed(0).found(self.case()).after_epoch(epoch(90, 0.1)).changed(90)
        assert not cases.after_epoch(epoch(130, 0.5)).cases[0].cured
        cured = cases.after_epoch(epoch(140, 0.9)).cases[0].cured
        assert cured == "Not found again by batch 140. Validation accuracy 90.0% instead of 10.0%."

    def test_what_is_found_again_is_not(self):
        cases = Cases().found(self.case()).changed(90).found(self.case(step=130))
        (case,) = cases.after_epoch(epoch(300, 0.5)).cases
        assert not case.cured
        assert case.steps == 40

    def test_the_worst_three_are_shown_and_open_ones_before_cured(self):
        cases = Cases()
        for rank, code in enumerate("abcd"):
            cases = cases.found(self.case(code, rank=rank))
        assert [case.finding.code for case in cases.shown] == ["a", "b", "c"]
        cases = cases.changed(50).found(self.case("d", rank=3)).after_epoch(epoch(400, 0.5))
        assert [case.finding.code for case in cases.shown] == ["d", "a", "b"]

    def test_of_an_earlier_run_nothing_is_said_of_layers_as_they_are_now(self):
        cases = Cases().found(self.case("a", badges={"x": "dead"})).changed(90)
        assert cases.badges == {}
        assert cases.found(self.case("a", step=130, badges={"x": "dead"})).badges == {"x": "dead"}

    def test_of_a_layer_the_worst_is_said(self):
        cases = Cases().found(self.case("a", rank=2, badges={"x": "vanishing"}))
        cases = cases.found(self.case("b", rank=1, badges={"x": "dead", "y": "dead"}))
        assert cases.badges == {"x": "dead", "y": "dead"}
