"""A run goes wrong: the doctor says what, cures are tried, one is taken, and the next run shows that it helped."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.graph.edits import set_training
from designer.strip import Word
from designer.training import DoctorPanel
from designer.window.finding import bring_forward
from designer.window.panels import panel_of

PATIENCE = 60_000
SICK = {"dataset": "digits", "epochs": 2, "optimizer": {"kind": "SGD", "learning_rate": 0.07, "momentum": 0.9}}


def press(panel, button):
    panel.ensureWidgetVisible(button)
    assert button.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_from_dead_filters_to_a_run_without(make_window, qtbot):
    window = make_window(size=(1600, 1000))
    session, panel = window.session, panel_of(window.panels, DoctorPanel)
    session.edit("Set rate", set_training(session.document, SICK))
    qtbot.waitUntil(lambda: session.readiness is not None, timeout=PATIENCE)
    window.show_workspace("train")
    assert panel.isVisible()  # it stands in front
    with qtbot.waitSignal(window.run.finished, timeout=PATIENCE):
        window.actions_by_id["train_or_pause"].trigger()
    assert window.docks["doctor"].windowTitle() == "Doctor  2"
    assert window.strip.row.cards["conv1"].word == Word("4 of 6 dead", "warning")
    assert window.canvas.scene.nodes["conv1"].badge == "4 of 6 dead"

    card = next(card for card in panel.cards if card.case.finding.code == "dead_units")
    with qtbot.waitSignal(panel.cures.ended, timeout=2 * PATIENCE):
        press(panel, card.trial_button)
    bring_forward(window.docks["doctor"])
    card = next(card for card in panel.cards if card.case.finding.code == "dead_units")
    press(panel, card.cure_buttons["Divide the learning rate by 3"])
    assert session.document.training.optimizer.learning_rate == 0.0233
    assert session.undo_label == "divide the learning rate by 3"

    with qtbot.waitSignal(window.run.finished, timeout=PATIENCE):
        window.runs.start_over()
    assert {card.kind for card in panel.cards} == {"ok"}
    assert window.strip.row.cards["conv1"].word == Word("28×28×6")
    assert window.canvas.scene.nodes["conv1"].badge == ""
