"""The history panel: every step by its name, and a click that goes there."""

import pytest
from PySide6.QtCore import Qt

from core.graph.edits import rename_layer, set_config, set_name
from core.io.templates import load_template
from designer import theme
from designer.history import HistoryPanel
from designer.session import Session

FILTERS = (7, 8, 9, 10)


@pytest.fixture
def session(qapp):
    theme.set_theme("dark")
    made = Session(load_template("lenet5"))
    for n in FILTERS:
        made.edit(f"set filters to {n}", set_config(made.document, "conv1", {"filters": n}))
    return made


@pytest.fixture
def panel(session, qtbot):
    made = HistoryPanel(session)
    qtbot.addWidget(made)
    made.resize(300, 400)
    with qtbot.waitExposed(made):
        made.show()
    return made


def texts(panel):
    return [panel.steps.index(row).data() for row in range(panel.steps.rowCount())]


def described(panel):
    role = Qt.ItemDataRole.AccessibleDescriptionRole
    return [panel.steps.index(row).data(role) for row in range(panel.steps.rowCount())]


def click(panel, qtbot, row):
    at = panel.list.visualRect(panel.steps.index(row)).center()
    qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=at)


def filters(session):
    return next(layer for layer in session.document.graph.layers if layer.id == "conv1").spec.filters


def test_steps_are_named_from_the_start(panel):
    assert texts(panel) == ["As opened", *(f"Set filters to {n}" for n in FILTERS)]
    assert described(panel) == ["done"] * 4 + ["here"]


def test_a_click_goes_back_many_steps_at_once(panel, session, qtbot):
    changes = []
    session.document_changed.connect(changes.append)
    click(panel, qtbot, 1)
    assert filters(session) == 7
    assert len(changes) == 1
    assert session.selection == ("conv1",)
    assert described(panel) == ["done", "here", "not done", "not done", "not done"]
    click(panel, qtbot, 4)
    assert filters(session) == 10
    click(panel, qtbot, 0)
    assert filters(session) == 6
    assert session.undo_label is None


def test_undo_and_redo_move_the_mark(panel, session):
    session.undo()
    assert described(panel)[-2:] == ["here", "not done"]
    session.redo()
    assert described(panel)[-1] == "here"


def test_another_step_takes_the_place_of_what_was_undone(panel, session, qtbot):
    click(panel, qtbot, 2)
    session.edit("rename", rename_layer(session.document, "fc3", "scores"))
    assert texts(panel) == ["As opened", "Set filters to 7", "Set filters to 8", "Rename"]


def test_a_hidden_panel_catches_up_when_it_is_seen(panel, session):
    panel.hide()
    session.edit("name it", set_name(session.document, "Mine"))
    assert texts(panel)[-1] != "Name it"
    panel.show()
    assert texts(panel)[-1] == "Name it"


def test_another_document_has_its_own_history(panel, session):
    session.open(load_template("mlp"), None)
    assert texts(panel) == ["As opened"]


def test_enter_goes_there_too(panel, session, qtbot):
    panel.list.setFocus()
    for _ in range(3):
        qtbot.keyClick(panel.list, Qt.Key.Key_Up)
    qtbot.keyClick(panel.list, Qt.Key.Key_Return)
    assert filters(session) == 7


def test_jumping_to_where_one_is_changes_nothing(session):
    before = session.document
    session.jump(4)
    session.jump(99)
    assert session.document is before
    session.jump(-3)
    assert filters(session) == 6
