"""The session: one announcement per change, selections that follow, and what counts as unsaved."""

import pytest

from core.graph.edits import move_layers, remove_layers, rename_layer, set_config
from core.io.templates import load_template
from designer.session import Session


@pytest.fixture
def session(qapp):
    return Session(load_template("lenet5"))


@pytest.fixture
def changes(session):
    seen = []
    session.document_changed.connect(seen.append)
    return seen


def test_an_edit_is_announced_once_with_everything_in_place(session, changes):
    session.edit("set filters of conv1", set_config(session.document, "conv1", {"filters": 8}))
    (change,) = changes
    assert change.after is session.document
    assert change.report is session.report
    assert session.report.layers["conv1"].shape == (28, 28, 8)


def test_an_edit_that_changes_nothing_is_no_step(session, changes):
    session.edit("set filters of conv1", set_config(session.document, "conv1", {"filters": 6}))
    assert changes == []
    assert session.undo_label is None


def test_layers_about_which_nothing_changed_keep_their_report(session):
    before = session.report.layers["fc3"]
    session.edit("set filters of conv1", set_config(session.document, "conv1", {"filters": 8}))
    assert session.report.layers["fc3"] is before


def test_moving_a_layer_checks_nothing_anew(session, changes):
    before = session.report.layers
    session.edit("move conv1", move_layers(session.document, {"conv1": (8, 16)}))
    assert not changes[0].graph_changed
    assert all(session.report.layers[id] is report for id, report in before.items())


def test_the_selection_loses_what_is_gone_and_undo_brings_it_back(session):
    session.select(["relu1", "conv2"])
    session.edit("delete relu1", remove_layers(session.document, ["relu1"]))
    assert session.selection == ("conv2",)
    session.undo()
    assert session.selection == ("relu1",)


def test_undoing_a_new_name_selects_the_layer_alone(session):
    session.edit("rename conv1", rename_layer(session.document, "conv1", "first"), select=["first"])
    session.undo()
    assert session.selection == ("conv1",)


def test_unsaved_is_what_differs_from_the_file(session, tmp_path):
    assert not session.modified
    session.edit("set filters of conv1", set_config(session.document, "conv1", {"filters": 8}))
    assert session.modified
    session.undo()
    assert not session.modified
    session.redo()
    session.mark_saved(tmp_path / "a.json")
    assert not session.modified
    session.undo()
    assert session.modified


def test_opening_begins_a_new_history(session, changes):
    session.edit("set filters of conv1", set_config(session.document, "conv1", {"filters": 8}))
    session.open(load_template("mlp"), None)
    assert changes[-1].label is None
    assert session.undo_label is None
    assert session.selection == ()
