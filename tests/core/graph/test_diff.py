"""What `diff` finds: every edit is reported as what it was, and nothing else is."""

import math
from dataclasses import replace

import pytest

from core.graph.diff import ABSENT, ValueChange, diff
from core.graph.edits import (
    add_layer,
    connect,
    insert_layer,
    move_layers,
    remove_layers,
    rename_layer,
    replace_kind,
    set_config,
    set_name,
    set_optimizer,
    set_outputs,
    set_trainable,
    set_training,
)
from core.graph.values import Block, Document, Graph, Layer, Layout, make_spec
from core.io.templates import load_template, template_names
from tests.drawing import chain, document, layer


@pytest.fixture
def small():
    return chain((8, 8, 3), ("Conv2D", {"filters": 4, "kernel_size": 3}), "ReLU", "Flatten", ("Dense", {"units": 5}))


def names(layers):
    return [found.id for found in layers]


@pytest.mark.parametrize("name", template_names())
def test_a_document_does_not_differ_from_itself(name):
    found = diff(load_template(name), load_template(name))
    assert not found
    assert not found.layers
    assert not found.in_meaning


def test_a_setting_is_told_from_and_to_even_where_its_default_stands_in_no_file(small):
    (change,) = diff(small, set_config(small, "conv1", {"padding": 1, "filters": 6})).layers.changed
    assert change.after.id == "conv1"
    assert change.settings == (ValueChange("filters", 4, 6), ValueChange("padding", 0, 1))
    assert change.inputs is None
    assert not change.kind_replaced


def test_freezing_is_a_setting(small):
    (change,) = diff(small, set_trainable(small, "conv1", False)).layers.changed
    assert change.settings == (ValueChange("trainable", True, False),)


def test_an_inserted_layer_is_added_and_what_it_feeds_is_rewired(small):
    found = diff(small, insert_layer(small, "BatchNorm", before="relu2", id="bn")).layers
    assert names(found.added) == ["bn"]
    assert found.removed == ()
    (change,) = found.changed
    assert (change.after.id, change.inputs) == ("relu2", (("conv1",), ("bn",)))


def test_a_removed_layer_is_removed_and_what_it_fed_is_rewired(small):
    found = diff(small, remove_layers(small, ["relu2"])).layers
    assert (names(found.removed), names(found.added)) == (["relu2"], [])
    (change,) = found.changed
    assert (change.after.id, change.inputs) == ("flat3", (("relu2",), ("conv1",)))


def test_a_replaced_kind_is_not_removed_and_added(small):
    found = diff(small, replace_kind(small, "relu2", "Tanh")).layers
    assert (found.removed, found.added) == ((), ())
    (change,) = found.changed
    assert change.kind_replaced
    assert (change.before.kind, change.after.kind) == ("ReLU", "Tanh")
    assert change.settings == ()


def test_the_settings_of_a_replaced_kind_are_those_of_the_files(small):
    (change,) = diff(small, replace_kind(small, "conv1", "MaxPool2D", {"pool_size": 3})).layers.changed
    assert set(change.settings) == {
        ValueChange("filters", 4, ABSENT),
        ValueChange("kernel_size", 3, ABSENT),
        ValueChange("pool_size", ABSENT, 3),
    }


def test_a_renamed_layer_is_renamed_and_its_neighbours_are_untouched(small):
    found = diff(small, rename_layer(small, "relu2", "bend")).layers
    assert found.renamed == {"relu2": "bend"}
    assert (found.added, found.removed, found.changed) == ((), (), ())


def test_a_chain_in_which_every_layer_was_renamed_is_recognised(small):
    other = small
    for id in ("input", "conv1", "relu2", "flat3", "fc4"):
        other = rename_layer(other, id, f"my_{id}")
    found = diff(small, other)
    assert found.layers.renamed == {id: f"my_{id}" for id in ("input", "conv1", "relu2", "flat3", "fc4")}
    assert not found.layers.changed


def test_a_name_with_other_settings_is_another_layer(small):
    other = set_config(rename_layer(small, "conv1", "wide"), "wide", {"filters": 8})
    found = diff(small, other).layers
    assert (names(found.removed), names(found.added), found.renamed) == (["conv1"], ["wide"], {})


def test_a_name_at_another_place_is_another_layer(small):
    other, _ = add_layer(remove_layers(small, ["relu2"]), "ReLU", source="fc4", id="late")
    found = diff(small, other).layers
    assert (names(found.removed), names(found.added), found.renamed) == (["relu2"], ["late"], {})


def test_equal_branches_are_told_apart_by_the_port_they_feed():
    branches = document(
        layer("input", "Input", shape=(4, 4, 2)),
        layer("left", "ReLU", "input"),
        layer("right", "ReLU", "input"),
        layer("both", "Concat", ("left", "right")),
    )
    other = rename_layer(rename_layer(branches, "right", "b"), "left", "a")
    assert diff(branches, other).layers.renamed == {"left": "a", "right": "b"}


def test_a_wire_is_told_with_the_names_of_afterwards():
    forked = document(
        layer("input", "Input", shape=(4, 4, 2)),
        layer("one", "ReLU", "input"),
        layer("two", "Tanh", "input"),
        layer("sum", "Add", ("one", "two")),
        layer("end", "Sigmoid", "sum"),
    )
    (change,) = diff(forked, connect(rename_layer(forked, "one", "first"), "input", "sum", 1)).layers.changed
    assert (change.after.id, change.inputs) == ("sum", (("first", "two"), ("first", "input")))


def test_outputs_are_told_under_the_names_of_afterwards(small):
    one = set_outputs(small, ("fc4",))
    assert diff(one, rename_layer(one, "fc4", "scores")).layers.ends == ()
    assert diff(small, one).layers.ends == (ValueChange("outputs", None, ("fc4",)),)


def test_training_is_told_setting_by_setting(small):
    other = set_optimizer(set_training(small, {"epochs": 3}), "Adam", {"learning_rate": 0.01})
    found = diff(small, other)
    assert found.training == (ValueChange("epochs", 10, 3), ValueChange("optimizer.learning_rate", 0.001, 0.01))
    assert not found.layers
    assert found.in_meaning


def test_another_optimiser_brings_its_own_settings(small):
    found = {change.name: change for change in diff(small, set_optimizer(small, "SGD", {"momentum": 0.9})).training}
    assert (found["optimizer"].before, found["optimizer"].after) == ("Adam", "SGD")
    assert found["optimizer.momentum"] == ValueChange("optimizer.momentum", ABSENT, 0.9)
    assert found["optimizer.beta1"].after is ABSENT


def test_moving_is_layout_alone(small):
    one = move_layers(small, {"conv1": (0, 0), "relu2": (0, 8)})
    found = diff(one, move_layers(one, {"conv1": (5, 5)}))
    assert found.moved == ("conv1",)
    assert found
    assert not found.in_meaning


def test_renaming_and_adding_move_nothing(small):
    placed = move_layers(small, {"conv1": (0, 0)})
    other, _ = add_layer(rename_layer(placed, "conv1", "filters"), "ReLU", position=(9, 9), source="fc4")
    assert diff(placed, other).moved == ()


def test_frames_and_cards_are_layout(small):
    other = replace(small, layout=Layout(unread={"frames": [{"title": "head"}]}))
    found = diff(small, other)
    assert [change.name for change in found.layout] == ["frames"]
    assert not found.in_meaning


def test_title_and_notes_are_told(small):
    found = diff(small, replace(set_name(small, "Mine"), notes="a b"))
    assert found.about == (ValueChange("name", "", "Mine"), ValueChange("notes", "", "a b"))


def test_the_order_of_layers_is_told_only_for_those_that_both_have(small):
    turned = replace(small, graph=replace(small.graph, layers=small.graph.layers[::-1]))
    assert diff(small, turned).layers.reordered
    assert not diff(small, insert_layer(small, "Tanh", before="relu2")).layers.reordered


def blocks(**config):
    inner = (Layer("conv", make_spec("Conv2D", {"filters": 3, "kernel_size": 3, **config})[0], ("x",)),)
    block = Block(("x",), inner, ("conv",))
    use = layer("stage", "Block", "input", block="body", repeat=2)
    return Document(Graph((layer("input", "Input", shape=(9, 9, 3)), use), None, {"body": block}))


def test_a_change_inside_a_block_is_told_once_and_there():
    found = diff(blocks(), blocks(padding=1))
    assert not found.layers
    (change,) = found.blocks["body"].changed
    assert (change.after.id, change.settings) == ("conv", (ValueChange("padding", 0, 1),))


def test_blocks_come_and_go():
    bare = replace(blocks(), graph=replace(blocks().graph, blocks={}))
    assert diff(bare, blocks()).blocks_added == ("body",)
    assert diff(blocks(), bare).blocks_removed == ("body",)


def test_what_could_not_be_read_is_compared_word_for_word():
    one = document(layer("strange", "Conv9D", (), size=[1, math.nan]))
    assert not diff(one, document(layer("strange", "Conv9D", (), size=[1, math.nan])))
    (change,) = diff(one, document(layer("strange", "Conv9D", (), size=[True, math.nan]))).layers.changed
    assert change.settings[0].name == "size"


def test_a_cured_setting_is_told_without_the_defaults_that_come_with_it():
    wrong = document(layer("conv1", "Conv2D", (), filters="six", kernel_size=3))
    (change,) = diff(wrong, document(layer("conv1", "Conv2D", (), filters=6, kernel_size=3))).layers.changed
    assert change.settings == (ValueChange("filters", "six", 6),)


def test_the_two_directions_tell_the_same(small):
    other = set_config(insert_layer(small, "Tanh", before="fc4"), "conv1", {"stride": 2})
    there, back = diff(small, other).layers, diff(other, small).layers
    assert names(there.added) == names(back.removed)
    assert {c.after.id for c in there.changed} == {c.after.id for c in back.changed}
    for one, two in zip(there.changed, back.changed, strict=True):
        assert one.settings == tuple(ValueChange(v.name, v.after, v.before) for v in two.settings)


def test_the_json_form_leaves_out_what_a_side_does_not_have(small):
    (change,) = diff(small, replace_kind(small, "conv1", "MaxPool2D", {"pool_size": 3})).layers.as_json()["changed"]
    assert change["kind"] == {"from": "Conv2D", "to": "MaxPool2D"}
    assert {"name": "pool_size", "to": 3} in change["settings"]
    assert {"name": "filters", "from": 4} in change["settings"]
