"""Settings that are one of several kinds, in the form: chosen, set within, taken back, undone."""

import pytest
from PySide6.QtCore import Qt

from core.graph.edits import set_training
from core.learning.losses import CrossEntropy, Hinge, SquaredHinge
from core.learning.schedules import SCHEDULES, Cosine, MultiStep, Step
from core.learning.stopping import EarlyStopping


@pytest.fixture
def choose(qtbot):
    """Open a list and click on one of its entries."""

    def click(row, text):
        index = row.editor.findText(text)
        assert index >= 0
        row.editor.showPopup()
        entries = row.editor.view()
        place = entries.visualRect(entries.model().index(index, 0)).center()
        qtbot.mouseMove(entries.viewport(), place)
        qtbot.wait(1)
        qtbot.mouseClick(entries.viewport(), Qt.MouseButton.LeftButton, pos=place)
        if row.editor.currentText() != text:  # a click right after a list was opened is not taken
            row.editor.hidePopup()
            row.editor.setCurrentIndex(index)
            row.editor.activated.emit(index)
        assert row.editor.currentText() == text

    return click


def settings(session):
    return session.document.training.settings


def test_a_loss_is_chosen_and_its_own_settings_stand_below(opened, small, choose, entered):
    session, inspector = opened(small)
    row = inspector.document_page.training.rows["loss"]
    assert list(row.form.rows) == ["label_smoothing"]
    assert not row.reset.isVisible()
    choose(row, "hinge loss")
    assert settings(session).loss == Hinge()
    assert list(row.form.rows) == ["margin"]
    entered(row.form.rows["margin"].editor, "2.5")
    assert settings(session).loss == Hinge(margin=2.5)
    assert session.document.training.as_json()["loss"] == {"kind": "hinge", "margin": 2.5}
    choose(row, "squared hinge loss")  # what means the same in both stays
    assert settings(session).loss == SquaredHinge(margin=2.5)
    choose(row, "mean squared error")
    assert row.form is None
    row.reset.click()
    assert settings(session).loss == CrossEntropy()
    assert not row.reset.isVisible()


def test_what_is_typed_in_one_visit_is_one_step_to_undo(opened, small, choose, entered):
    session, inspector = opened(set_training(small, {"loss": "hinge"}))
    before = session.document
    row = inspector.document_page.training.rows["loss"]
    entered(row.form.rows["margin"].editor, "1.25")
    assert settings(session).loss == Hinge(margin=1.25)
    assert session.undo_label == "set loss"
    session.undo()
    assert session.document == before
    assert row.form.rows["margin"].editor.text() == "1"


def test_what_turns_out_to_be_no_value_leaves_what_was(opened, small, entered):
    session, inspector = opened(set_training(small, {"loss": {"kind": "hinge", "margin": 3}}))
    before = session.document
    editor = inspector.document_page.training.rows["loss"].form.rows["margin"].editor
    entered(editor, "0.x")
    assert session.document == before
    editor.clearFocus()
    assert editor.text() == "3"


def test_a_schedule_that_must_be_told_something_begins_with_a_value(opened, small, choose, entered, qtbot):
    session, inspector = opened(small)
    row = inspector.document_page.training.rows["schedule"]
    assert (row.editor.currentText(), row.form) == ("none", None)
    choose(row, "MultiStep")
    assert isinstance(settings(session).schedule, MultiStep)
    assert row.form.rows["at"].editor.text() == "5, 8"
    qtbot.waitUntil(row.form.isVisible)
    entered(row.form.rows["at"].editor, "2, 4.5, 6")
    assert settings(session).schedule == MultiStep(at=(2, 4.5, 6))
    entered(row.form.rows["at"].editor, "4, 2")
    assert row.form.rows["at"].message.isVisible()
    assert "larger than the one before" in row.form.rows["at"].message.text()
    choose(row, "none")
    assert settings(session).schedule is None
    assert row.form is None


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule_can_be_chosen(name, opened, small, choose):
    session, inspector = opened(small)
    row = inspector.document_page.training.rows["schedule"]
    choose(row, name)
    assert type(settings(session).schedule) is SCHEDULES[name]
    assert list(row.form.rows)[-2:] == ["warmup", "warmup_start"]
    assert set(row.form.rows) == set(SCHEDULES[name].settings())


def test_a_setting_that_means_something_else_in_another_kind_does_not_go_along(opened, small, choose):
    session, inspector = opened(set_training(small, {"schedule": {"kind": "Step", "factor": 0.5, "warmup": 2}}))
    row = inspector.document_page.training.rows["schedule"]
    choose(row, "Exponential")
    assert session.document.training.as_json()["schedule"] == {"kind": "Exponential", "warmup": 2.0}


def test_early_stopping_is_switched_on_with_what_is_written_out(opened, small, choose, entered):
    session, inspector = opened(small)
    row = inspector.document_page.training.rows["early_stopping"]
    choose(row, "on")
    assert settings(session).early_stopping == EarlyStopping()
    entered(row.form.rows["patience"].editor, "3")
    written = {"monitor": "val_loss", "patience": 3, "min_delta": 0.0}
    assert session.document.training.as_json()["early_stopping"] == written
    choose(row, "none")
    assert settings(session).early_stopping is None


def test_class_weights_are_a_word_or_numbers(opened, small, entered, qtbot):
    session, inspector = opened(small)
    row = inspector.document_page.training.rows["class_weights"]
    entered(row.editor, "balanced")
    assert settings(session).class_weights == "balanced"
    entered(row.editor, "1, 2, 0.5")
    assert settings(session).class_weights == (1, 2, 0.5)
    entered(row.editor, "")
    assert settings(session).class_weights is None


def test_what_cannot_be_read_stands_there_with_its_problem(opened, small, entered, choose):
    wrong = {"loss": {"kind": "hinge", "margin": -1}, "schedule": "Cosin", "early_stopping": 7}
    session, inspector = opened(set_training(small, wrong))
    rows = inspector.document_page.training.rows
    for name in wrong:
        assert rows[name].mark.isVisible(), name
        assert rows[name].editor.property("invalid") is True
    assert rows["schedule"].editor.currentText() == "Cosin"
    assert rows["loss"].form.rows["margin"].editor.text() == "-1"
    entered(rows["loss"].form.rows["margin"].editor, "2")
    choose(rows["schedule"], "Cosine")
    choose(rows["early_stopping"], "on")
    assert settings(session).loss == Hinge(margin=2)
    assert settings(session).schedule == Cosine()
    assert session.report.valid


def test_an_edit_from_elsewhere_is_shown(opened, small):
    session, inspector = opened(small)
    row = inspector.document_page.training.rows["schedule"]
    session.edit("step", set_training(session.document, {"schedule": {"kind": "Step", "every": 3}}))
    assert row.editor.currentText() == "Step"
    assert row.form.rows["every"].editor.text() == "3"
    session.undo()
    assert row.form is None
    session.redo()
    assert settings(session).schedule == Step(every=3)
    assert row.form.rows["every"].editor.text() == "3"
