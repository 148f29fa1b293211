"""What is wrong with the data, in the window: cards with evidence, fixes and a way to the samples."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.io.datasets import Dataset, load_dataset
from core.io.templates import load_template
from designer.problems import DataPanel
from designer.session import Session


@dataclass(frozen=True)
class Read:
    name: str
    stored: Dataset | None
    refusal: str = ""


@pytest.fixture
def session():
    session = Session()
    session.open(load_template("lenet5"), None)
    return session


@pytest.fixture
def panel(qtbot, session):
    panel = DataPanel(session)
    qtbot.addWidget(panel)
    panel.resize(336, 600)
    panel.show()
    return panel


def spoiled():
    """Make digits with a label 10, and a picture that has two labels."""
    digits = load_dataset("digits")
    labels, images = digits.labels.copy(), digits.images.copy()
    labels[100] = 10
    images[5] = images[3]
    return replace(digits, images=images, labels=labels, classes=(*digits.classes, "10"))


def look(qtbot, panel, dataset):
    with qtbot.waitSignal(panel.check.told, timeout=20_000):
        panel.show_loaded(Read(dataset.name, dataset))


def codes(panel):
    return [card.finding.code for card in panel.cards]


def press(button):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_nothing_is_said_of_digits(qtbot, panel):
    look(qtbot, panel, load_dataset("digits"))
    assert panel.cards == []
    assert panel.state.text() == "Nothing looks wrong with the 1,797 samples of digits."
    assert panel.windowTitle() == "Checks"


def test_each_finding_is_a_card_errors_first(qtbot, panel):
    look(qtbot, panel, spoiled())
    assert codes(panel)[:2] == ["label_range", "rare_class"]
    assert "contradicting_copies" in codes(panel)
    assert panel.windowTitle() == f"Checks  {len(panel.cards)}"
    assert panel.state.text().startswith("1 error · ")


def test_a_fix_is_one_step_and_takes_its_card_away(qtbot, session, panel):
    look(qtbot, panel, spoiled())
    (button,) = panel.cards[0].buttons
    others = panel.cards[1:]
    with qtbot.waitSignal(panel.check.told, timeout=20_000):
        press(button)
    assert session.document.graph.layers[-2].config["units"] == 11
    assert "label_range" not in codes(panel)
    assert [card for card in others if card in panel.cards] == panel.cards  # left as they were
    with qtbot.waitSignal(panel.check.told, timeout=20_000):
        session.undo()
    assert codes(panel)[0] == "label_range"


def test_what_a_fix_leads_to_is_said_before_it_is_pressed(qtbot, panel):
    digits = load_dataset("digits")
    look(qtbot, panel, replace(digits, labels=digits.labels + 1, classes=tuple(map(str, range(11)))))
    first = panel.cards[0].buttons[0]
    assert first.text() == "Count labels from 1"
    first.considered.emit(first.fix)
    assert panel.cards[0].outcome.text() == "Solves this; the network stays as it is"


def test_the_samples_can_be_shown(qtbot, panel):
    look(qtbot, panel, spoiled())
    card = next(card for card in panel.cards if card.finding.code == "contradicting_copies")
    (show,) = card.links
    assert show.text() == "Show them"
    with qtbot.waitSignal(panel.samples_chosen) as chosen:
        press(show)
    assert chosen.args == [(3, 5), card.finding.what]


def test_why_nothing_was_read_is_said(panel):
    panel.show_loaded(Read("scans", None, "There is no folder scans."))
    assert panel.state.text() == "scans can't be checked. There is no folder scans."


def test_a_data_set_that_comes_while_another_is_looked_at_is_what_is_told(qtbot, panel):
    rng = np.random.default_rng(0)
    large = Dataset(
        "large",
        rng.integers(0, 256, (20_000, 28, 28, 1), np.uint8),
        np.zeros(20_000, np.int64),
        ("only",),
    )
    panel.show_loaded(Read("large", large))
    qtbot.wait(80)
    look(qtbot, panel, load_dataset("digits"))
    assert "digits" in panel.state.text()


def test_somebody_who_looks_has_the_data_read(qtbot, session):
    panel = DataPanel(session)
    qtbot.addWidget(panel)
    with qtbot.waitSignal(panel.looked_at):
        panel.show()
