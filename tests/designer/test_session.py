"""The session: one announcement per change, selections that follow, and what counts as unsaved."""

import pytest

from core.graph.copying import copied, pasted
from core.graph.edits import move_layers, remove_layers, rename_layer, set_config
from core.graph.folding import fold, unfold
from core.graph.values import layers_by_id
from core.io.templates import load_template
from designer.session import Scope, Session


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


def test_a_block_goes_with_its_last_use_but_not_before(qapp):
    whole = load_template("googlenet")
    uses = [layer.id for layer in whole.graph.layers if layer.kind == "Block"]
    within = layers_by_id(whole.graph)[uses[0]].spec.block
    session = Session(fold(whole, uses[:1]).document)
    names = set(session.document.graph.blocks)
    session.edit("remove", remove_layers(session.document, ["block1"]))
    assert names - set(session.document.graph.blocks) == {"block1", within}
    assert not any(id.startswith("block1/") for id in session.document.layout.positions)
    session.edit("remove", remove_layers(session.document, uses[1:]))
    assert not session.document.graph.blocks
    session.undo()
    session.undo()
    assert set(session.document.graph.blocks) == names


def test_a_block_unfolded_inside_of_another_stays_where_it_is_used_outside(qapp):
    whole = load_template("googlenet")
    uses = [layer for layer in whole.graph.layers if layer.kind == "Block"]
    one = next(layer for layer in uses if [u.spec for u in uses].count(layer.spec) == 1)
    session = Session(pasted(fold(whole, [one.id]).document, copied(whole, [one.id]), (0, 0))[0])
    scope = Scope(session)
    session.enter("block/1/")
    inner = unfold(scope.document, one.id).document
    scope.edit("unfold", inner)
    assert one.spec.block in session.document.graph.blocks
    assert session.report.valid
