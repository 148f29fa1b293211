"""Why something is taken for a class: the maps of the page are the core's, and follow what is chosen."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from core.inside.passes import Pass
from core.inside.reasons import CLASS_REASONS
from core.inside.subject import Subject
from core.training.evaluating import trial_of
from core.training.predictions import predict
from core.work import outcome_of
from designer.session import Probed
from designer.views.predictions.why_page import WhyPage
from tests.drawing import chain

LEFT = Qt.MouseButton.LeftButton


def make(stage):
    return WhyPage(stage.session, stage.questions)


def explained(qtbot, page):
    qtbot.waitUntil(lambda: not page.asker.is_waiting, timeout=20_000)
    qtbot.waitUntil(lambda: not any(asker.is_waiting for asker in page._askers), timeout=20_000)


@pytest.fixture
def trial(trained):
    run = trained.runs.shown
    return trial_of(run.document, run.standing.weights)


@pytest.fixture
def mistake(trial):
    """The place in the data set of a sample that is taken for another class."""
    said = outcome_of(predict(trial.network, trial.preparation, trial.dataset, trial.samples))
    return int(said.samples[said.worst_mistakes[0]])


def test_the_probe_is_explained_at_once_and_follows(qtbot, trained, show):
    page = show(make)
    explained(qtbot, page)
    assert page.heading.text().startswith("sample 1: is 0, said ")
    trained.session.probe.take_sample(17)
    explained(qtbot, page)
    assert page.heading.text().startswith("sample 18: ")
    assert "run 1" in page.heading.text()
    assert not page.take.isEnabled()  # it is the probe


def test_the_maps_are_those_of_the_said_class_and_then_of_the_right_one(qtbot, trained, trial, mistake, show):
    page = show(make)
    page.explain(Probed(mistake), "validation")
    explained(qtbot, page)
    x = trial.preparation.of(trial.dataset, np.array([mistake]))[0]
    label, said = int(trial.dataset.labels[mistake]), page.said.said
    assert page.label == said != label
    for number in (said, label):
        subject = Subject(trial.network, x, number, np.zeros_like(x))
        for reason, picture in zip(CLASS_REASONS, page.maps, strict=True):
            np.testing.assert_allclose(picture.heat.values, outcome_of(reason.work(subject)).values, atol=1e-5)
            assert picture.note == picture.heat.note == picture.accessibleDescription()
        QTest.mouseClick(page.whose.parts[1], LEFT)
        explained(qtbot, page)
    assert page.label == label
    QTest.mouseClick(page.take, LEFT)  # connected by the panel
    assert page.take.isEnabled()


def test_a_drawing_has_no_right_class(qtbot, trained, show):
    page = show(make)
    trained.session.probe.take_picture(np.ones((8, 8, 1), np.float32), "your drawing")
    explained(qtbot, page)
    assert page.heading.text().startswith("your drawing: said ")
    assert not page.whose.parts[1].isVisible()
    assert all(picture.heat is not None for picture in page.maps)
    assert not page.take.isEnabled()


def test_a_line_says_what_the_chosen_map_does_not_prove(qtbot, trained, show):
    page = show(make)
    explained(qtbot, page)
    for place, reason in enumerate(CLASS_REASONS):
        QTest.mouseClick(page.maps[place], LEFT, pos=QPoint(20, 40))
        assert reason.not_shown in page.limits.text()
        heat = page.maps[place].heat
        assert page.legend.texts[0].startswith("−") == (heat.signed and heat.largest > 0)
    page.maps[0].setFocus()
    QTest.keyClick(page.maps[0], Qt.Key.Key_Return)
    assert page.choice == 0


def test_what_has_no_map_says_why_and_the_others_are_there(qtbot, make_stage):
    stage = make_stage(chain((8, 8, 1), "Flatten", ("Dense", {"units": 10}), "Softmax", dataset="digits"))
    page = make(stage)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: page.is_showing, timeout=20_000)
    explained(qtbot, page)
    notes = {reason.name: picture.note for reason, picture in zip(CLASS_REASONS, page.maps, strict=True)}
    assert "No convolution" in notes["grad-cam"]
    assert "No ReLU" in notes["guided"]
    assert page.maps[0].heat is not None
    assert "random weights" in page.heading.text()


def test_nothing_is_computed_while_nobody_looks(qtbot, trained, show, monkeypatch):
    page = show(make)
    explained(qtbot, page)
    passes = []
    monkeypatch.setattr(Pass, "forward", lambda self: passes.append(self) or iter(()))
    page.hide()
    trained.session.probe.take_sample(3)
    qtbot.wait(200)
    assert passes == []
    assert not any(asker.is_waiting for asker in page._askers)


def test_esc_gives_a_slow_map_up_and_a_click_asks_for_it_again(qtbot, trained, show):
    page = show(make)
    explained(qtbot, page)
    occlusion = next(place for place, reason in enumerate(CLASS_REASONS) if reason.name == "occlusion")
    picture, asker = page.maps[occlusion], page._askers[occlusion]
    page._ask_reason(occlusion)
    picture.show_progress(0.4)  # as a large network would report
    picture.setFocus()
    QTest.keyClick(picture, Qt.Key.Key_Escape)
    assert not asker.is_waiting
    assert picture.heat is None
    assert picture.note == "given up: click to compute it"
    QTest.mouseClick(picture, LEFT, pos=QPoint(20, 40))
    explained(qtbot, page)
    assert picture.heat is not None
