"""Somebody's own data look wrong: what is found, shown, repaired; then the sanity checks, before the first run."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.graph.edits import choose_dataset, set_training
from core.io.datasets import load_dataset
from designer.problems import DataPanel
from designer.strip import Word
from designer.training import SanityPanel
from designer.views.data import SamplesView
from designer.window.finding import bring_forward
from designer.window.panels import panel_of

PATIENCE = 30_000


@pytest.fixture
def window(make_window, qtbot):
    window = make_window(size=(1600, 1000))
    qtbot.waitUntil(lambda: window.session.readiness is not None, timeout=PATIENCE)
    return window


def use(window, tmp_path, images, labels):
    np.savez(tmp_path / "mine.npz", x=images, y=labels)
    session = window.session
    session.edit("Choose data", choose_dataset(session.document, str(tmp_path / "mine.npz")))
    window.show_workspace("data")
    return panel_of(window.panels, DataPanel)


def card(panel, code):
    return next((card for card in panel.cards if card.finding.code == code), None)


def press(button):
    assert button.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_white_ground_and_a_contradiction_are_found_shown_and_repaired(window, tmp_path, qtbot):
    digits = load_dataset("digits")
    images = (16 - digits.images).astype(np.uint8)
    images[100] = images[5]
    panel = use(window, tmp_path, images, digits.labels)
    qtbot.waitUntil(lambda: card(panel, "inverted") is not None, timeout=PATIENCE)

    press(card(panel, "contradicting_copies").links[0])
    samples = panel_of(window.panels, SamplesView)
    assert sorted(samples.grid.order.tolist()) == [5, 100]

    panel.ensureWidgetVisible(card(panel, "inverted"))
    press(card(panel, "inverted").buttons[0])
    assert window.session.document.training.as_json()["preprocessing"] == ["Invert"]
    qtbot.waitUntil(lambda: card(panel, "inverted") is None, timeout=PATIENCE)
    window.session.undo()
    qtbot.waitUntil(lambda: card(panel, "inverted") is not None, timeout=PATIENCE)


def test_a_label_without_an_output_keeps_from_training_until_it_is_repaired(window, tmp_path, qtbot):
    digits = load_dataset("digits")
    labels = np.where(np.arange(len(digits)) % 11 == 10, 10, digits.labels)
    panel = use(window, tmp_path, digits.images, labels)
    qtbot.waitUntil(lambda: card(panel, "label_range") is not None, timeout=PATIENCE)
    qtbot.waitUntil(lambda: window.session.cannot_train, timeout=PATIENCE)
    window.actions_by_id["train_step"].trigger()  # it leads to the problems
    assert window.run.state == "idle"
    bring_forward(window.docks["checks"])
    press(card(panel, "label_range").buttons[0])
    qtbot.waitUntil(lambda: card(panel, "label_range") is None, timeout=PATIENCE)
    qtbot.waitUntil(lambda: not window.session.cannot_train, timeout=PATIENCE)


def test_what_a_failed_sanity_check_blames_is_said_on_the_strip(window, qtbot):
    session = window.session
    session.edit("Set rate", set_training(session.document, {"optimizer": {"kind": "SGD", "learning_rate": 100.0}}))
    window.show_workspace("train")
    bring_forward(window.docks["sanity"])
    panel = panel_of(window.panels, SanityPanel)
    with qtbot.waitSignal(panel.run.ended, timeout=2 * PATIENCE):
        press(panel.button)
    dead = [id for id, each in window.strip.row.cards.items() if each.word == Word("dead", "warning")]
    assert dead == list(panel.rows["overfits_20_samples"].outcome.layers)
    assert "conv1" in dead
    session.undo()
    assert window.strip.row.cards["conv1"].word != Word("dead", "warning")
